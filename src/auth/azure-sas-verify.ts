/** Tells whether a request's shared access signature is good, and what it allows. What it is used for, the caller checks. */
import type { HeaderMap } from "../http/message.js";
import { accountSasText, delegationSasText, type SasFields, serviceSasText } from "./azure-sas.js";
import { decode, hmacBase64 } from "./azure-shared-key.js";
import { sameSignature } from "./digest.js";

export interface SasRequest {
  readonly account: string;
  /** Of the request's path, decoded; absent for a request to the service or the account. */
  readonly container?: string | undefined;
  readonly blob?: string | undefined;
  /** As sent. */
  readonly query: string;
  readonly headers: Readonly<HeaderMap>;
  readonly protocol: "https" | "http";
  /** Address of the client where it is known: otherwise a signature bound to addresses passes. */
  readonly clientIp?: string | undefined;
}

/** A stored access policy; each value may stand in the signature instead, not in both. */
export interface StoredPolicy {
  readonly startsOn?: Date | undefined;
  readonly expiresOn?: Date | undefined;
  readonly permissions?: string | undefined;
}

export interface VerifySasOptions {
  /** Keys of the account; undefined when there is no such account. */
  keysOf(account: string): readonly string[] | undefined;
  /** Value of the user delegation key that the fields (`skoid`, `sktid`, `skt`, `ske`, `sks`, `skv`) describe. */
  delegationKeyOf?(fields: SasFields): string | undefined;
  policyOf?(container: string, identifier: string): StoredPolicy | undefined;
  readonly now: Date;
}

/**
 * - `missing`: the query has no `sig`
 * - `malformed`: fields are missing or cannot be read, or contradict the stored policy
 * - `unknownKey`: no such account or delegation key
 * - `unknownPolicy`: no such stored access policy
 * - `mismatch`: another key, another resource, or altered fields
 * - `notYetValid`, `expired`: by the signature's own times, the policy's or the delegation key's
 * - `wrongProtocol`, `wrongAddress`: of the request
 */
export type SasProblem =
  | "missing"
  | "malformed"
  | "unknownKey"
  | "unknownPolicy"
  | "mismatch"
  | "notYetValid"
  | "expired"
  | "wrongProtocol"
  | "wrongAddress";

export type SasVerification =
  | {
      readonly ok: true;
      readonly kind: "account" | "service" | "userDelegation";
      /** Letters, the stored policy's included. */
      readonly permissions: string;
      /** Account: letters of services and resource types. */
      readonly services?: string;
      readonly resourceTypes?: string;
      /** Service and user delegation: `c`, `b`, `bs`, `bv`, `d`. */
      readonly resource?: string;
      /** User delegation: who the key was given to. */
      readonly objectId?: string;
      /** Headers of the answer that the signature sets. */
      readonly overrides: Readonly<HeaderMap>;
    }
  | {
      readonly ok: false;
      readonly problem: SasProblem;
      readonly message: string;
      readonly stringToSign?: string;
    };

const OVERRIDES: Readonly<Record<string, string>> = {
  rscc: "cache-control",
  rscd: "content-disposition",
  rsce: "content-encoding",
  rscl: "content-language",
  rsct: "content-type",
};

export function verifySas(request: SasRequest, options: VerifySasOptions): SasVerification {
  const fields = queryFields(request.query);
  const { sig, sv, ss, srt, sr, skoid } = fields;
  if (sig === undefined) return bad("missing", "The request has no shared access signature");
  if (sv === undefined) return bad("malformed", "sv is missing");
  const kind =
    ss !== undefined && srt !== undefined ? "account" : skoid === undefined ? "service" : "userDelegation";
  if (kind !== "account" && sr === undefined) return bad("malformed", "sr is missing");
  const keys = kind === "userDelegation" ? delegationKeys(fields, options) : options.keysOf(request.account);
  if (keys === undefined) return bad("unknownKey", "There is no such account or user delegation key");
  const text = textOf(kind, fields, request);
  if (text === undefined) return bad("mismatch", "The signature is for another kind of resource");
  // A plus sign that was not encoded arrives as a space from clients that decode forms.
  const signature = sig.replaceAll(" ", "+");
  if (!keys.some((key) => sameSignature(hmacBase64(key, text), signature))) {
    return { ...bad("mismatch", "The signature is not the one that the key gives"), stringToSign: text };
  }
  const policy = policyOf(fields, request, options);
  if (policy === undefined) return bad("unknownPolicy", `There is no stored access policy ${fields.si}`);
  const early =
    checkPolicy(fields, policy) ?? checkTimes(fields, policy, options.now) ?? checkClient(fields, request);
  if (early !== undefined) return early;
  return {
    ok: true,
    kind,
    permissions: fields.sp ?? policy.permissions ?? "",
    ...(kind === "account" && { services: ss ?? "", resourceTypes: srt ?? "" }),
    ...(kind !== "account" && { resource: sr ?? "" }),
    ...(skoid !== undefined && { objectId: skoid }),
    overrides: overridesOf(fields),
  };
}

function queryFields(query: string): Record<string, string | undefined> {
  // Names are the sender's: none of them may reach Object.prototype.
  const fields: Record<string, string | undefined> = Object.create(null);
  for (const pair of query.split("&")) {
    const at = pair.indexOf("=");
    if (at > 0) fields[decode(pair.slice(0, at)).toLowerCase()] = decode(pair.slice(at + 1));
  }
  return fields;
}

function delegationKeys(fields: SasFields, options: VerifySasOptions): string[] | undefined {
  const key = options.delegationKeyOf?.(fields);
  return key === undefined ? undefined : [key];
}

function textOf(kind: string, fields: SasFields, request: SasRequest): string | undefined {
  if (kind === "account") return accountSasText(fields, request.account);
  const resource = resourceOf(fields, request);
  if (resource === undefined) return undefined;
  const timestamp = fields.sr === "bs" ? fields.snapshot : fields.sr === "bv" ? fields.versionid : "";
  if (kind === "service") return serviceSasText(fields, resource, timestamp ?? "");
  const headers = (fields.srh ?? "").split(",").filter((name) => name !== "");
  const queries = (fields.srq ?? "").split(",").filter((name) => name !== "");
  return delegationSasText(
    fields,
    resource,
    timestamp ?? "",
    headers.map((name) => `${name}:${request.headers[name.toLowerCase()] ?? ""}\n`).join(""),
    queries.map((name) => `\n${name}:${fields[name.toLowerCase()] ?? ""}`).join(""),
  );
}

/** What the signature says it is for, as far as the request is about it. */
function resourceOf({ sr, sdd }: SasFields, { account, container, blob }: SasRequest): string | undefined {
  if (container === undefined) return undefined;
  const name = `/blob/${account}/${container}`;
  if (sr === "c") return name;
  if (blob === undefined) return undefined;
  if (sr !== "d") return `${name}/${blob}`;
  return `${name}/${blob.split("/").slice(0, Number(sdd)).join("/")}`;
}

function policyOf(
  { si }: SasFields,
  { container = "" }: SasRequest,
  options: VerifySasOptions,
): StoredPolicy | undefined {
  return si === undefined ? {} : options.policyOf?.(container, si);
}

function checkPolicy(fields: SasFields, policy: StoredPolicy): SasVerification | undefined {
  const twice =
    (fields.sp !== undefined && policy.permissions !== undefined) ||
    (fields.se !== undefined && policy.expiresOn !== undefined) ||
    (fields.st !== undefined && policy.startsOn !== undefined);
  if (twice) return bad("malformed", "A value stands both in the signature and in the stored access policy");
  if (fields.sp === undefined && policy.permissions === undefined) return bad("malformed", "sp is missing");
  if (fields.se === undefined && policy.expiresOn === undefined) return bad("malformed", "se is missing");
  return undefined;
}

function checkTimes(fields: SasFields, policy: StoredPolicy, now: Date): SasVerification | undefined {
  const starts = [timeOf(fields.st), policy.startsOn?.getTime(), timeOf(fields.skt)];
  const ends = [timeOf(fields.se), policy.expiresOn?.getTime(), timeOf(fields.ske)];
  if ([...starts, ...ends].some((each) => Number.isNaN(each)))
    return bad("malformed", "A time cannot be read");
  if (starts.some((each) => each !== undefined && now.getTime() < each)) {
    return bad("notYetValid", "The shared access signature is not yet valid");
  }
  if (ends.some((each) => each !== undefined && now.getTime() >= each)) {
    return bad("expired", "The shared access signature has expired");
  }
  return undefined;
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

function checkClient({ spr, sip }: SasFields, request: SasRequest): SasVerification | undefined {
  if (spr !== undefined && !spr.split(",").includes(request.protocol)) {
    return bad("wrongProtocol", `The shared access signature allows ${spr} alone`);
  }
  if (sip === undefined || request.clientIp === undefined) return undefined;
  const [start = "", end = start] = sip.split("-");
  const at = addressNumber(request.clientIp);
  if (at < addressNumber(start) || at > addressNumber(end) || Number.isNaN(at)) {
    return bad("wrongAddress", "The shared access signature allows other addresses");
  }
  return undefined;
}

function addressNumber(address: string): number {
  const parts = address.replace(/^::ffff:/, "").split(".");
  return parts.length === 4 ? parts.reduce((sum, part) => 256 * sum + Number(part), 0) : Number.NaN;
}

function overridesOf(fields: SasFields): HeaderMap {
  const headers: HeaderMap = {};
  for (const [name, header] of Object.entries(OVERRIDES)) {
    const value = fields[name];
    if (value !== undefined) headers[header] = value;
  }
  return headers;
}

function bad(problem: SasProblem, message: string): SasVerification & { readonly ok: false } {
  return { ok: false, problem, message };
}
