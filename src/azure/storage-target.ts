/** Where a storage account is and how its requests are signed: shared key, shared access signature, token, or not at all. */
import {
  type AccountSasOptions,
  type BlobSasOptions,
  signAccountSas,
  signServiceSas,
  signUserDelegationSas,
  type UserDelegationKey,
} from "../auth/azure-sas.js";
import { signSharedKey } from "../auth/azure-shared-key.js";
import type { PresignOptions, Target } from "../client/backend.js";
import type { HttpRequest } from "../http/message.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { AzureServiceTraits } from "../model/ir.js";
import { bearerTarget } from "./bearer.js";
import { hostsOf } from "./clouds.js";
import type { AzureClientOptions } from "./options.js";
import type { Session } from "./session.js";
import { isNameless, type StorageAccount, storageAccountOf } from "./storage-account.js";
import { type DelegationEndpoint, requestDelegationKey } from "./user-delegation.js";

export interface StorageTarget extends Target {
  readonly account: string;
  /** A shared access signature for a container or blob: the query to put behind its URL. */
  signSas(options: Omit<BlobSasOptions, "account">): Promise<string>;
  /** The query of a signature for the account. Throws `validation` where the client has no account key. */
  signAccountSas(options: Omit<AccountSasOptions, "account">): Promise<string>;
}

const EXPIRES_IN_SECONDS = 900;
const EXPIRES_IN_SECONDS_MAX = 604_800;
const SKEW_MS = 5 * 60_000;
/** A key that is about to end is not signed with. */
const KEY_MARGIN_MS = 60 * 60_000;

export function storageTarget(
  session: Session,
  traits: AzureServiceTraits,
  options: AzureClientOptions,
  apiVersion: string,
): StorageTarget {
  const account = storageAccountOf(options, session.environment);
  const { accountKey, sasToken } = account;
  const url = storageUrl(account, traits, session.authorityHost);
  const { origin, pathname } = new URL(url);
  const place = { account: account.account, origin, basePath: pathname.replace(/\/+$/, "") };
  if (accountKey !== undefined) return sharedKeyTarget(place, accountKey);
  if (sasToken !== undefined) return sasTarget(place, sasToken);
  if (options.credential === "anonymous") return anonymousTarget(place);
  return delegationTarget(session, place, url, traits, options, apiVersion);
}

interface Place {
  readonly account: string;
  readonly origin: string;
  readonly basePath: string;
}

/** An address without a name in front has the account as the first part of its path: Azurite and its like. */
function storageUrl(
  account: StorageAccount,
  traits: AzureServiceTraits,
  authorityHost: string | undefined,
): string {
  const { endpoint } = account;
  if (endpoint === undefined) {
    const { storageSuffix } = hostsOf(authorityHost);
    return traits.endpoint.replace("{account}", account.account).replace("core.windows.net", storageSuffix);
  }
  const { hostname, pathname, origin } = new URL(endpoint);
  return pathname === "/" && isNameless(hostname) ? `${origin}/${account.account}` : endpoint;
}

function sharedKeyTarget(place: Place, accountKey: string): StorageTarget {
  const { account } = place;
  let skewMs = 0;
  const signSas = async (options: Omit<BlobSasOptions, "account">) =>
    signServiceSas({ ...options, account, accountKey });
  return {
    ...place,
    sign: (request) => signSharedKey(request, { account, accountKey, at: new Date(Date.now() + skewMs) }),
    presign: (request, options) => presign(place, signSas, request, options),
    signSas,
    signAccountSas: async (options) => signAccountSas({ ...options, account, accountKey }),
    /** The service refuses a date that is a quarter of an hour off: a machine whose clock is wrong signs by the service's. */
    onError(error, response) {
      const theirs = Date.parse(response?.headers.date ?? "");
      const offMs = theirs - Date.now();
      if (error.code !== "AuthenticationFailed" || Number.isNaN(theirs)) return false;
      if (Math.abs(offMs - skewMs) < SKEW_MS) return false;
      skewMs = offMs;
      return true;
    },
  };
}

function sasTarget(place: Place, sasToken: string): StorageTarget {
  const withToken = (request: HttpRequest): HttpRequest => ({
    ...request,
    query: joined(request.query, sasToken),
  });
  return {
    ...place,
    sign: withToken,
    /** The signature that the client was given is one already: its own expiry holds. */
    presign: (request) => `${request.origin}${request.path}?${withToken(request).query}`,
    signSas: async () => sasToken,
    signAccountSas: withoutKey,
  };
}

function anonymousTarget(place: Place): StorageTarget {
  return {
    ...place,
    sign: (request) => request,
    async signSas() {
      throw invalidInput("Cannot sign a URL: the client is anonymous");
    },
    signAccountSas: withoutKey,
  };
}

function delegationTarget(
  session: Session,
  place: Place,
  url: string,
  traits: AzureServiceTraits,
  options: AzureClientOptions,
  apiVersion: string,
): StorageTarget {
  const { account } = place;
  const credentials = session.credentialsFor(options.credential);
  const endpoint = {
    ...place,
    apiVersion: options.apiVersion ?? apiVersion,
    transport: options.transport ?? session.transport(),
    token: async () => (await credentials?.get(traits.scopes))?.token ?? "",
  };
  const keys = delegationKeys(session, endpoint);
  const signSas = async (sas: Omit<BlobSasOptions, "account">): Promise<string> =>
    signUserDelegationSas({ ...sas, account, userDelegationKey: await keys(sas.expiresOn) });
  return {
    ...bearerTarget(session, { url, scopes: traits.scopes }, options),
    account,
    presign: (request, presignOptions) => presign(place, signSas, request, presignOptions),
    signSas,
    signAccountSas: withoutKey,
  };
}

/** A user's key signs for one container or blob, and a signature makes no other. */
async function withoutKey(): Promise<never> {
  throw invalidInput("Cannot sign for the account: the client has no accountKey");
}

/** One key for all URLs until it is about to end, or ends before a URL would. */
function delegationKeys(
  session: Session,
  endpoint: DelegationEndpoint,
): (until: Date | undefined) => Promise<UserDelegationKey> {
  let kept: Promise<UserDelegationKey> | undefined;
  const renew = (now: number): Promise<UserDelegationKey> => {
    const flight = requestDelegationKey(endpoint, now);
    kept = flight;
    flight.catch(() => {
      if (kept === flight) kept = undefined;
    });
    return flight;
  };
  return async (until) => {
    const now = session.environment.now();
    const key = await (kept ?? renew(now));
    const ends = key.signedExpiresOn.getTime();
    return ends - now < KEY_MARGIN_MS || ends < (until?.getTime() ?? 0) ? renew(now) : key;
  };
}

/** Letters that a request of this method needs on a blob. */
const PERMISSIONS: Readonly<Record<string, string>> = { GET: "r", HEAD: "r", PUT: "cw", DELETE: "d" };

async function presign(
  { basePath }: Place,
  signSas: StorageTarget["signSas"],
  { method, origin, path, query }: HttpRequest,
  { expiresInSeconds = EXPIRES_IN_SECONDS, at }: PresignOptions,
): Promise<string> {
  if (!(expiresInSeconds > 0 && expiresInSeconds <= EXPIRES_IN_SECONDS_MAX)) {
    throw invalidInput(
      `options.expiresInSeconds must be 1 to ${EXPIRES_IN_SECONDS_MAX}, is ${expiresInSeconds}`,
    );
  }
  const [, containerName = "", ...rest] = path.slice(basePath.length).split("/").map(decodeURIComponent);
  const asked = new URLSearchParams(query);
  const sas = await signSas({
    containerName,
    blobName: rest.join("/"),
    snapshotTime: asked.get("snapshot") ?? undefined,
    versionId: asked.get("versionid") ?? undefined,
    permissions: PERMISSIONS[method] ?? "r",
    startsOn: at,
    expiresOn: new Date((at?.getTime() ?? Date.now()) + expiresInSeconds * 1000),
  });
  return `${origin}${path}?${joined(query, sas)}`;
}

function joined(query: string, more: string): string {
  return query === "" ? more : `${query}&${more}`;
}
