/** Tells whether a signed URL or a POST form of Cloud Storage is good. */
import type { HeaderMap } from "../http/message.js";
import { fromBase64, fromHex } from "./digest.js";
import { GCS_ALGORITHM, gcsStringToSign, gcsV2Text, hostWithoutPort } from "./gcs-v4.js";
import { brokenCondition, parsePostPolicy } from "./post-policy.js";
import { rsaVerify } from "./rsa.js";
import { canonicalHeaders, canonicalQuery, decodeForm, parseAmzDate } from "./sigv4-canonical.js";

export interface VerifyGcsOptions {
  /** PEM of the keys of a service account; undefined when there is no such account. */
  publicKeysOf(email: string): readonly string[] | undefined;
  readonly now: Date;
}

/**
 * - `missing`: the request is not signed
 * - `malformed`: a part of the signature cannot be read
 * - `unknownKey`: `publicKeysOf` does not know the service account
 * - `expired`, `notYetValid`
 * - `mismatch`: another key or an altered request
 * - `policy`: the form breaks its policy
 */
export type GcsProblem =
  | "missing"
  | "malformed"
  | "unknownKey"
  | "expired"
  | "notYetValid"
  | "mismatch"
  | "policy";

export type GcsVerification =
  | { readonly ok: true; readonly email: string }
  | {
      readonly ok: false;
      readonly problem: GcsProblem;
      readonly message: string;
      readonly stringToSign?: string;
    };

export interface GcsSignedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** With `host` as the client addressed it. */
  readonly headers: Readonly<HeaderMap>;
}

const SKEW_MS = 15 * 60_000;

/** V4 or V2, whichever the query has. */
export async function verifyGcsUrl(
  request: GcsSignedRequest,
  options: VerifyGcsOptions,
): Promise<GcsVerification> {
  const { fields, rest } = splitQuery(request.query);
  if (fields.has("googleaccessid")) return verifyV2(request, fields, options);
  const signature = fields.get("x-goog-signature");
  if (signature === undefined) return bad("missing", "The request is not signed");
  const date = fields.get("x-goog-date") ?? "";
  const signedAt = parseAmzDate(date);
  const credential = fields.get("x-goog-credential") ?? "";
  const [, email, scope, day] = /^(.+)\/((\d{8})\/[^/]+\/storage\/goog4_request)$/.exec(credential) ?? [];
  const expires = Number(fields.get("x-goog-expires") ?? Number.NaN);
  const names = (fields.get("x-goog-signedheaders") ?? "").split(";");
  const bytes = fromHex(signature);
  if (fields.get("x-goog-algorithm") !== GCS_ALGORITHM)
    return bad("malformed", `X-Goog-Algorithm must be ${GCS_ALGORITHM}`);
  if (signedAt === undefined || email === undefined || scope === undefined || day !== date.slice(0, 8)) {
    return bad("malformed", "X-Goog-Date or X-Goog-Credential cannot be read");
  }
  if (bytes === undefined || !names.includes("host") || !(expires >= 1 && expires <= 604_800)) {
    return bad("malformed", "X-Goog-Signature, X-Goog-SignedHeaders or X-Goog-Expires cannot be read");
  }
  const keys = options.publicKeysOf(email);
  if (keys === undefined) return bad("unknownKey", `There is no service account ${email}`);
  const ageMs = options.now.getTime() - signedAt.getTime();
  if (ageMs < -SKEW_MS) return bad("notYetValid", "The request is not yet valid");
  if (ageMs > 1000 * expires) return bad("expired", "The request has expired");
  const textFor = (host: string) => {
    const headers = { ...request.headers, host };
    const covered = canonicalHeaders(names, headers, "");
    return gcsStringToSign(request, canonicalQuery(rest), covered, headers, date, scope);
  };
  const host = request.headers.host ?? "";
  const text = textFor(hostWithoutPort(host));
  if (await anyVerifies(keys, text, bytes)) return { ok: true, email };
  // Google's Python client signs the port too, where an endpoint of the user's has one.
  if (host !== hostWithoutPort(host) && (await anyVerifies(keys, textFor(host), bytes)))
    return { ok: true, email };
  return mismatch(text);
}

async function verifyV2(
  request: GcsSignedRequest,
  fields: ReadonlyMap<string, string>,
  options: VerifyGcsOptions,
): Promise<GcsVerification> {
  const email = fields.get("googleaccessid") as string;
  const expires = Number(fields.get("expires"));
  const signature = fromBase64((fields.get("signature") ?? "").replaceAll(" ", "+"));
  if (!Number.isInteger(expires) || signature === undefined) {
    return bad("malformed", "Expires or Signature cannot be read");
  }
  const keys = options.publicKeysOf(email);
  if (keys === undefined) return bad("unknownKey", `There is no service account ${email}`);
  if (options.now.getTime() > 1000 * expires) return bad("expired", "The request has expired");
  const text = gcsV2Text(request.method, request.headers, expires, request.path);
  return (await anyVerifies(keys, text, signature)) ? { ok: true, email } : mismatch(text);
}

/** A form's fields, names in lower case, `bucket` among them; `bytes` is the file's length. */
export async function verifyGcsPost(
  fields: Readonly<Record<string, string>>,
  bytes: number,
  options: VerifyGcsOptions,
): Promise<GcsVerification> {
  const { policy: encoded, "x-goog-signature": hex } = fields;
  if (encoded === undefined || hex === undefined) return bad("missing", "The form is not signed");
  const policy = parsePostPolicy(encoded);
  const signature = fromHex(hex);
  const [email = ""] = (fields["x-goog-credential"] ?? "").split("/");
  if (policy === undefined || signature === undefined)
    return bad("malformed", "The policy or signature cannot be read");
  const keys = options.publicKeysOf(email);
  if (keys === undefined) return bad("unknownKey", `There is no service account ${email}`);
  if (!(await anyVerifies(keys, encoded, signature))) return mismatch(encoded);
  if (options.now > policy.expiration) return bad("expired", "The policy has expired");
  const broken = brokenCondition(policy, fields, bytes);
  return broken === undefined ? { ok: true, email } : bad("policy", `The form breaks its policy: ${broken}`);
}

/** Names in lower case; what is left is the query without the signature. */
function splitQuery(query: string): { readonly fields: ReadonlyMap<string, string>; readonly rest: string } {
  const fields = new Map<string, string>();
  const rest: string[] = [];
  for (const pair of query.split("&")) {
    const at = pair.indexOf("=");
    const name = decodeForm(at === -1 ? pair : pair.slice(0, at)).toLowerCase();
    fields.set(name, at === -1 ? "" : decodeForm(pair.slice(at + 1)));
    if (name !== "x-goog-signature") rest.push(pair);
  }
  return { fields, rest: rest.join("&") };
}

async function anyVerifies(keys: readonly string[], text: string, signature: Uint8Array): Promise<boolean> {
  for (const key of keys) if (await rsaVerify(key, text, signature)) return true;
  return false;
}

function mismatch(text: string): GcsVerification {
  return { ...bad("mismatch", "The signature is not by a key of the service account"), stringToSign: text };
}

function bad(problem: GcsProblem, message: string): GcsVerification & { readonly ok: false } {
  return { ok: false, problem, message };
}
