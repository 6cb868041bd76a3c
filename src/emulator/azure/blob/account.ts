/** The account: its properties, statistics, and keys for user delegation signatures. */
import type { Blob } from "../../../gen/azure/blob.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { addressOf } from "./address.js";
import { delegationKey } from "./delegation-key.js";
import { blobError } from "./errors.js";
import { accountOf } from "./store.js";

const INFO = {
  skuName: "Standard_RAGRS",
  accountKind: "StorageV2",
  isHierarchicalNamespaceEnabled: false,
} as const;
const CORS_RULES_MAX = 5;
const DAYS_7_MS = 7 * 86_400_000;

export const accountHandlers: Handlers<Blob> = {
  getAccountInfo: () => INFO,
  getContainerAccountInfo: () => INFO,
  getBlobAccountInfo: () => INFO,

  getServiceProperties(_input, context) {
    return { ...DEFAULTS, ...accountOf(context).properties };
  },
  setServiceProperties({ blobServiceProperties }, context) {
    if ((blobServiceProperties.cors ?? []).length > CORS_RULES_MAX) throw blobError("InvalidXmlDocument");
    const account = accountOf(context);
    account.properties = { ...account.properties, ...blobServiceProperties };
    return {};
  },
  getServiceStats(_input, context) {
    if (!addressOf(context.request).isSecondary) throw blobError("InvalidQueryParameterValue");
    return { geoReplication: { status: "live", lastSyncOn: context.clock.date() } };
  },

  getUserDelegationKey({ keyInfo }, context) {
    const { claims } = context.caller ?? {};
    if (claims === undefined) {
      throw new EmulatorError(
        "AuthenticationFailed",
        "Only Entra credentials can ask for a user delegation key.",
        403,
      );
    }
    const starts = keyInfo.startsOn ?? new Date(context.clock.now()).toISOString();
    const ends = checkedExpiry(keyInfo.expiresOn, context);
    const key = {
      signedObjectId: String(claims.oid),
      signedTenantId: String(claims.tid),
      signedStartsOn: starts,
      signedExpiresOn: ends,
      signedService: "b",
      signedVersion: context.request.headers["x-ms-version"] ?? "",
    };
    return { ...key, value: delegationKey(context, key) };
  },
};

function checkedExpiry(expiresOn: string | undefined, context: Context): string {
  const ms = Date.parse(expiresOn ?? "") - context.clock.now();
  if (!(ms > 0 && ms <= DAYS_7_MS)) {
    throw new EmulatorError(
      "InvalidXmlNodeValue",
      "The key's expiry must be within the next seven days.",
      400,
    );
  }
  return expiresOn as string;
}

const RETENTION = { enabled: false };
const METRICS = { version: "1.0", enabled: false, retentionPolicy: RETENTION };
const DEFAULTS = {
  blobAnalyticsLogging: {
    version: "1.0",
    deleteProperty: false,
    read: false,
    write: false,
    retentionPolicy: RETENTION,
  },
  hourMetrics: METRICS,
  minuteMetrics: METRICS,
  cors: [],
  deleteRetentionPolicy: RETENTION,
  staticWebsite: { enabled: false },
};
