/**
 * Azure Storage's shared access signatures of the three kinds. What is signed is a list of the query's own fields, in the
 * order that the version (`sv`) sets: one function makes it for who signs and for who verifies.
 * https://learn.microsoft.com/rest/api/storageservices/delegate-access-with-shared-access-signature
 */
import { invalidInput } from "../internal/cloud-error.js";
import { hmacBase64 } from "./azure-shared-key.js";
import { encodeStrict } from "./sigv4-canonical.js";

const SAS_VERSION = "2026-04-06";

/** Fields as they stand in the query, decoded: `sv`, `se`, `sp`... */
export type SasFields = Readonly<Record<string, string | undefined>>;

/** What every kind has. */
export interface SasOptions {
  readonly account: string;
  /** Letters in any order: `rw`. May be left to the stored policy. */
  readonly permissions?: string | undefined;
  readonly startsOn?: Date | undefined;
  /** May be left to the stored policy. */
  readonly expiresOn?: Date | undefined;
  readonly ipRange?: { readonly start: string; readonly end?: string | undefined } | undefined;
  /** Default both. */
  readonly protocol?: "https" | "https,http" | undefined;
  readonly encryptionScope?: string | undefined;
  /** Default 2026-04-06. */
  readonly version?: string | undefined;
}

export interface BlobSasOptions extends SasOptions {
  readonly containerName: string;
  /** Absent: the whole container. */
  readonly blobName?: string | undefined;
  readonly snapshotTime?: string | undefined;
  readonly versionId?: string | undefined;
  /** A stored access policy of the container. */
  readonly identifier?: string | undefined;
  /** Headers that the answer shall have instead of the blob's. */
  readonly cacheControl?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentLanguage?: string | undefined;
  readonly contentType?: string | undefined;
}

export interface AccountSasOptions extends SasOptions {
  /** Letters of blob, queue, table, file: `bq`. */
  readonly services: string;
  /** Letters of service, container, object: `sco`. */
  readonly resourceTypes: string;
}

/** Answer of `Get User Delegation Key`. */
export interface UserDelegationKey {
  readonly signedObjectId: string;
  readonly signedTenantId: string;
  readonly signedStartsOn: Date;
  readonly signedExpiresOn: Date;
  readonly signedService: string;
  readonly signedVersion: string;
  /** Base64. */
  readonly value: string;
}

/** The query to put behind the URL of the container or blob, signed by the account's key. */
export function signServiceSas(options: BlobSasOptions & { readonly accountKey: string }): string {
  if (
    options.identifier === undefined &&
    (options.permissions === undefined || options.expiresOn === undefined)
  ) {
    throw invalidInput(
      "options.permissions and options.expiresOn are needed where options.identifier is not given",
    );
  }
  const fields = blobFields(options);
  const text = serviceSasText(fields, resourceName(options), timestampOf(options));
  return sasQuery(fields, hmacBase64(options.accountKey, text));
}

/** Signed by a key that Entra ID's token was exchanged for: valid while the key is, and as far as its user may go. */
export function signUserDelegationSas(
  options: BlobSasOptions & { readonly userDelegationKey: UserDelegationKey },
): string {
  if (options.permissions === undefined || options.expiresOn === undefined) {
    throw invalidInput("options.permissions and options.expiresOn are needed in a user delegation SAS");
  }
  const { userDelegationKey: key, identifier: _none, ...others } = options;
  const fields: SasFields = {
    ...blobFields(others),
    skoid: key.signedObjectId,
    sktid: key.signedTenantId,
    skt: isoSeconds(key.signedStartsOn),
    ske: isoSeconds(key.signedExpiresOn),
    sks: key.signedService,
    skv: key.signedVersion,
  };
  const text = delegationSasText(fields, resourceName(options), timestampOf(options), "", "");
  return sasQuery(fields, hmacBase64(key.value, text));
}

/** For every container and blob of the account, within services, resource types and permissions. */
export function signAccountSas(options: AccountSasOptions & { readonly accountKey: string }): string {
  if (options.permissions === undefined || options.expiresOn === undefined) {
    throw invalidInput("options.permissions and options.expiresOn are needed in an account SAS");
  }
  const fields: SasFields = {
    ...commonFields(options),
    sp: inOrder(options.permissions, "rwdxftlacupiy"),
    ss: inOrder(options.services, "btqf"),
    srt: inOrder(options.resourceTypes, "sco"),
  };
  return sasQuery(fields, hmacBase64(options.accountKey, accountSasText(fields, options.account)));
}

function commonFields(options: SasOptions): SasFields {
  const { ipRange, startsOn, expiresOn } = options;
  return {
    sv: options.version ?? SAS_VERSION,
    spr: options.protocol,
    st: startsOn && isoSeconds(startsOn),
    se: expiresOn && isoSeconds(expiresOn),
    sip: ipRange && (ipRange.end === undefined ? ipRange.start : `${ipRange.start}-${ipRange.end}`),
    ses: options.encryptionScope,
  };
}

function blobFields(options: BlobSasOptions): SasFields {
  return {
    ...commonFields(options),
    sp: options.permissions && inOrder(options.permissions, "racwdxltmeopiyf"),
    si: options.identifier,
    sr: resourceType(options),
    rscc: options.cacheControl,
    rscd: options.contentDisposition,
    rsce: options.contentEncoding,
    rscl: options.contentLanguage,
    rsct: options.contentType,
  };
}

function resourceType({ blobName, snapshotTime, versionId }: BlobSasOptions): string {
  if (blobName === undefined) return "c";
  if (snapshotTime !== undefined) return "bs";
  return versionId === undefined ? "b" : "bv";
}

function timestampOf({ snapshotTime, versionId }: BlobSasOptions): string {
  return snapshotTime ?? versionId ?? "";
}

function resourceName({ account, containerName, blobName }: BlobSasOptions): string {
  const container = `/blob/${account}/${containerName}`;
  return blobName === undefined ? container : `${container}/${blobName}`;
}

/** The service wants the letters in its own order. */
function inOrder(letters: string, order: string): string {
  const unknown = [...letters].find((letter) => !order.includes(letter));
  if (unknown !== undefined) throw invalidInput(`Letter ${unknown} of ${letters} must be one of ${order}`);
  return [...order].filter((letter) => letters.includes(letter)).join("");
}

function isoSeconds(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

const OVERRIDES = ["rscc", "rscd", "rsce", "rscl", "rsct"];

/** `resource` is `/blob/account/container/blob`; `timestamp` the snapshot's or version's. */
export function serviceSasText(fields: SasFields, resource: string, timestamp: string): string {
  const { sv = "", sr } = fields;
  const values = [fields.sp, fields.st, fields.se, resource, fields.si, fields.sip, fields.spr, sv];
  if (sv >= "2018-11-09") values.push(sr, timestamp);
  if (sv >= "2020-12-06") values.push(fields.ses);
  values.push(...OVERRIDES.map((name) => fields[name]));
  return join(values);
}

/** `headers` and `query` are the values that `srh` and `srq` bind: `name:value\n`, `\nname:value`. */
export function delegationSasText(
  fields: SasFields,
  resource: string,
  timestamp: string,
  headers: string,
  query: string,
): string {
  const { sv = "" } = fields;
  const values = [fields.sp, fields.st, fields.se, resource];
  values.push(fields.skoid, fields.sktid, fields.skt, fields.ske, fields.sks, fields.skv);
  if (sv >= "2020-02-10") values.push(fields.saoid, fields.suoid, fields.scid);
  if (sv >= "2025-07-05") values.push(fields.skdutid, fields.sduoid);
  values.push(fields.sip, fields.spr, sv, fields.sr, timestamp);
  if (sv >= "2020-12-06") values.push(fields.ses);
  if (sv >= "2026-04-06") values.push(headers, query);
  values.push(...OVERRIDES.map((name) => fields[name]));
  return join(values);
}

export function accountSasText(fields: SasFields, account: string): string {
  const { sv = "" } = fields;
  const values = [
    account,
    fields.sp,
    fields.ss,
    fields.srt,
    fields.st,
    fields.se,
    fields.sip,
    fields.spr,
    sv,
  ];
  if (sv >= "2020-12-06") values.push(fields.ses);
  return `${join(values)}\n`;
}

function join(values: readonly (string | undefined)[]): string {
  return values.map((value) => value ?? "").join("\n");
}

/** Order of the official SDKs. */
const QUERY_ORDER = (
  "sv ss srt spr st se sip si ses skoid sktid skt ske sks skv sr sp rscc rscd rsce rscl rsct " +
  "saoid scid sduoid skdutid srh srq"
).split(" ");

function sasQuery(fields: SasFields, signature: string): string {
  const pairs = QUERY_ORDER.flatMap((name) => {
    const value = fields[name];
    return value === undefined || value === "" ? [] : [`${name}=${encodeStrict(value)}`];
  });
  return [...pairs, `sig=${encodeStrict(signature)}`].join("&");
}
