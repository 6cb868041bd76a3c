/**
 * The other side of SigV4: tells whether a request, whoever signed it, carries a good signature. The emulator's gate.
 */
import type { HeaderMap } from "../http/message.js";
import { hmacSha256Hex, sameSignature, sha256Hex } from "./digest.js";
import { type Seed, type SigV4Vendor, signingKey, stringToSign } from "./sigv4.js";
import {
  amzDate,
  canonicalHeaders,
  canonicalPath,
  canonicalQuery,
  canonicalRequest,
  decodeForm,
  parseAmzDate,
  signsPathAsSent,
  UNSIGNED_PAYLOAD,
} from "./sigv4-canonical.js";

/** A request as it arrived. `headers.host` is what the client addressed. */
export interface ReceivedSignature {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<HeaderMap>;
  /** Where it is at hand; without it `payloadHash` of the answer is for the caller to compare. */
  readonly body?: Uint8Array | undefined;
}

export interface VerifyOptions {
  /** Secret of an access key; undefined when there is no such key. A temporary key names its session token. */
  secretOf(accessKeyId: string): KeySecret | undefined;
  readonly now: Date;
  /** How far the client's clock may be off, ms. Default 15 minutes, as AWS allows. */
  readonly skewMs?: number | undefined;
}

export interface KeySecret {
  readonly secretAccessKey: string;
  /** The request must carry it. */
  readonly sessionToken?: string | undefined;
}

/**
 * - `missing`: no signature at all, or no signed `host` or date
 * - `malformed`: a part of it cannot be read
 * - `unknownKey`: `secretOf` does not know the access key
 * - `badToken`: the session token is absent or another one
 * - `expired`: the URL's time is over
 * - `skewed`: signed at a time too far from `now`
 * - `mismatch`: the signature is another one
 * - `payloadMismatch`: the body does not have the hash that was signed
 */
export type SignatureProblem =
  | "missing"
  | "malformed"
  | "unknownKey"
  | "badToken"
  | "expired"
  | "skewed"
  | "mismatch"
  | "payloadMismatch";

export interface GoodSignature {
  readonly ok: true;
  readonly accessKeyId: string;
  /** Of the credential scope; undefined for SigV4a. */
  readonly region: string | undefined;
  readonly service: string;
  readonly signedAt: Date;
  readonly presigned: boolean;
  /** The signed hash in hexadecimal, `UNSIGNED-PAYLOAD`, or a `STREAMING-` name. */
  readonly payloadHash: string;
  /** For the chunks or events that follow; absent for SigV4a. */
  readonly seed?: Seed;
}

export interface BadSignature {
  readonly ok: false;
  readonly problem: SignatureProblem;
  readonly message: string;
  readonly accessKeyId?: string | undefined;
  /** What the service would have signed, for its error's body. No secret is in it. */
  readonly canonicalRequest?: string | undefined;
  readonly stringToSign?: string | undefined;
}

export type Verification = GoodSignature | BadSignature;

const SKEW_MS = 15 * 60_000;
const EXPIRES_SECONDS_MAX = 604_800;

/** What the header or the query says about the signature. */
export interface ParsedSignature {
  readonly vendor: SigV4Vendor;
  readonly algorithm: string;
  readonly presigned: boolean;
  readonly accessKeyId: string;
  /** Between the access key and `aws4_request`: day, [region,] service. */
  readonly scope: readonly string[];
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly date: string;
  readonly signedAt: Date;
  readonly expiresInSeconds: number | undefined;
  readonly token: string | undefined;
  /** Without the signature itself. */
  readonly query: string;
}

export function verifyV4(
  request: ReceivedSignature,
  options: VerifyOptions,
  vendor: SigV4Vendor = "AWS4",
): Verification {
  const parsed = parseSignature(request, `${vendor}-HMAC-SHA256`, 3, vendor);
  if ("ok" in parsed) return parsed;
  const secret = options.secretOf(parsed.accessKeyId);
  const early = secret === undefined ? unknownKey(parsed) : checkTimeAndToken(parsed, secret, options);
  if (early !== undefined || secret === undefined) return early ?? unknownKey(parsed);
  const [day = "", region = "", service = ""] = parsed.scope;
  const payloadHash = payloadHashOf(request, parsed, service);
  const canonical = canonicalOf(request, parsed, service, payloadHash);
  const scope = `${day}/${region}/${service}/${terminatorOf(vendor)}`;
  const text = stringToSign(parsed.date, scope, canonical, vendor);
  const key = signingKey(secret.secretAccessKey, day, region, service, vendor);
  const signature = hmacSha256Hex(key, text);
  if (!sameSignature(signature, parsed.signature)) return mismatch(parsed, canonical, text);
  if (payloadDiffers(request, payloadHash)) return payloadMismatch(parsed);
  return {
    ...good(parsed, region, service, payloadHash),
    seed: { signature, scope, date: parsed.date, key },
  };
}

export function good(
  parsed: ParsedSignature,
  region: string | undefined,
  service: string,
  payloadHash: string,
): GoodSignature {
  const { accessKeyId, signedAt, presigned } = parsed;
  return { ok: true, accessKeyId, region, service, signedAt, presigned, payloadHash };
}

export function canonicalOf(
  request: ReceivedSignature,
  parsed: ParsedSignature,
  service: string,
  payloadHash: string,
): string {
  const headers = canonicalHeaders(parsed.signedHeaders, request.headers, "");
  const path = canonicalPath(request.path, isPathAsSent(parsed, service));
  return canonicalRequest(request, path, canonicalQuery(parsed.query), headers, payloadHash);
}

/** A URL's payload is unsigned on S3; elsewhere, and in headers without a stated hash, it is the body's own. */
export function payloadHashOf(request: ReceivedSignature, parsed: ParsedSignature, service: string): string {
  const name = `${prefixOf(parsed.vendor)}content-sha256`;
  const stated = request.headers[name];
  if (stated !== undefined && (!parsed.presigned || parsed.signedHeaders.includes(name))) return stated;
  if (parsed.presigned && isPathAsSent(parsed, service)) return UNSIGNED_PAYLOAD;
  return sha256Hex(request.body ?? "");
}

/** Cloud Storage signs paths as S3 does, whatever service a signature names. */
function isPathAsSent({ vendor }: ParsedSignature, service: string): boolean {
  return vendor === "GOOG4" || signsPathAsSent(service);
}

/** Of headers; of parameters too, whose case does not matter. */
function prefixOf(vendor: SigV4Vendor): string {
  return vendor === "AWS4" ? "x-amz-" : "x-goog-";
}

/** Ends a credential scope. */
function terminatorOf(vendor: SigV4Vendor): string {
  return `${vendor.toLowerCase()}_request`;
}

export function payloadDiffers(request: ReceivedSignature, payloadHash: string): boolean {
  if (request.body === undefined || !/^[0-9a-f]{64}$/.test(payloadHash)) return false;
  return sha256Hex(request.body) !== payloadHash;
}

/** Reads the signature's parts from the header or the query. */
export function parseSignature(
  request: ReceivedSignature,
  algorithm: string,
  scopeParts: number,
  vendor: SigV4Vendor = "AWS4",
): ParsedSignature | BadSignature {
  const { authorization } = request.headers;
  const prefix = prefixOf(vendor);
  const parts =
    authorization === undefined ? fromQuery(request, prefix) : fromHeader(request, authorization, prefix);
  if (parts === undefined) return bad("missing", "The request is not signed");
  if (parts.algorithm !== algorithm) {
    return bad("malformed", `The request is signed by ${parts.algorithm}, not ${algorithm}`);
  }
  const credential = parts.credential.split("/");
  const terminator = credential.pop();
  const scope = credential.splice(-scopeParts);
  const accessKeyId = credential.join("/");
  if (terminator !== terminatorOf(vendor) || scope.length !== scopeParts || accessKeyId === "") {
    return bad(
      "malformed",
      `Credential must be access key, date, region, service and ${terminatorOf(vendor)}, with slashes between`,
    );
  }
  const signedAt = parseAmzDate(parts.date);
  if (parts.date === "") return bad("missing", "The request has no X-Amz-Date and no Date");
  if (signedAt === undefined) return bad("malformed", "X-Amz-Date must be in the form 20260101T000000Z");
  if (scope[0] !== parts.date.slice(0, 8)) {
    return bad("malformed", `Date of Credential is ${scope[0]}, of the request ${parts.date.slice(0, 8)}`);
  }
  if (parts.signature === "") return bad("malformed", "The signature is empty");
  const signed = parts.signedHeaders.split(";");
  // AWS's JavaScript clients sign what HTTP/2 has in place of Host under its own name.
  const host = request.headers[":authority"] === undefined ? "host" : ":authority";
  if (!signed.includes("host") && !signed.includes(host)) {
    return bad("malformed", "SignedHeaders must have host");
  }
  return { ...parts, vendor, accessKeyId, scope, signedAt, signedHeaders: signed };
}

type Parts = Omit<ParsedSignature, "vendor" | "accessKeyId" | "scope" | "signedAt" | "signedHeaders"> & {
  readonly credential: string;
  readonly signedHeaders: string;
};

function fromHeader(request: ReceivedSignature, authorization: string, prefix: string): Parts | undefined {
  const [algorithm = ""] = authorization.split(" ", 1);
  const fields = new Map<string, string>();
  for (const part of authorization.slice(algorithm.length).split(",")) {
    const at = part.indexOf("=");
    fields.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  const { headers } = request;
  return {
    algorithm,
    presigned: false,
    credential: fields.get("Credential") ?? "",
    signedHeaders: fields.get("SignedHeaders") ?? "",
    signature: fields.get("Signature") ?? "",
    date: headers[`${prefix}date`] ?? dateOf(headers.date),
    expiresInSeconds: undefined,
    token: headers[`${prefix}security-token`] ?? headers["x-amz-s3session-token"],
    query: request.query,
  };
}

/** Old clients sign with `Date` alone. */
function dateOf(date: string | undefined): string {
  if (date === undefined) return "";
  const at = new Date(date);
  return Number.isNaN(at.getTime()) ? date : amzDate(at);
}

function fromQuery(request: ReceivedSignature, prefix: string): Parts | undefined {
  const fields = new Map<string, string>();
  const kept: string[] = [];
  for (const pair of request.query.split("&")) {
    const at = pair.indexOf("=");
    const name = decodeForm(at === -1 ? pair : pair.slice(0, at)).toLowerCase();
    if (name.startsWith(prefix)) fields.set(name, at === -1 ? "" : decodeForm(pair.slice(at + 1)));
    if (name !== `${prefix}signature`) kept.push(pair);
  }
  const algorithm = fields.get(`${prefix}algorithm`);
  if (algorithm === undefined && !fields.has(`${prefix}signature`)) return undefined;
  const expires = fields.get(`${prefix}expires`);
  return {
    algorithm: algorithm ?? "",
    presigned: true,
    credential: fields.get(`${prefix}credential`) ?? "",
    signedHeaders: fields.get(`${prefix}signedheaders`) ?? "",
    signature: fields.get(`${prefix}signature`) ?? "",
    date: fields.get(`${prefix}date`) ?? "",
    expiresInSeconds: expires === undefined ? undefined : Number(expires),
    token: fields.get(`${prefix}security-token`) ?? fields.get("x-amz-s3session-token"),
    query: kept.join("&"),
  };
}

export function checkTimeAndToken(
  parsed: ParsedSignature,
  secret: KeySecret,
  { now, skewMs = SKEW_MS }: VerifyOptions,
): BadSignature | undefined {
  const { accessKeyId, signedAt, expiresInSeconds } = parsed;
  const aheadMs = signedAt.getTime() - now.getTime();
  if (parsed.presigned && expiresInSeconds !== undefined) {
    if (
      !(
        Number.isInteger(expiresInSeconds) &&
        expiresInSeconds >= 0 &&
        expiresInSeconds <= EXPIRES_SECONDS_MAX
      )
    ) {
      return bad("malformed", "X-Amz-Expires must be a whole number of at most 604800 seconds", accessKeyId);
    }
    if (aheadMs > skewMs) return bad("skewed", "The request is not yet valid", accessKeyId);
    if (-aheadMs > 1000 * expiresInSeconds) return bad("expired", "The request has expired", accessKeyId);
  } else if (Math.abs(aheadMs) > skewMs) {
    return bad(
      "skewed",
      "The difference between the request's time and the server's is too large",
      accessKeyId,
    );
  }
  if (secret.sessionToken !== undefined && !sameSignature(secret.sessionToken, parsed.token ?? "")) {
    return bad("badToken", "The session token is not the one of the access key", accessKeyId);
  }
  return undefined;
}

export function unknownKey({ accessKeyId }: ParsedSignature): BadSignature {
  return bad("unknownKey", "The access key does not exist", accessKeyId);
}

export function mismatch({ accessKeyId }: ParsedSignature, canonical: string, text: string): BadSignature {
  const message = "The signature is not the one that the secret key gives for this request";
  return {
    ok: false,
    problem: "mismatch",
    message,
    accessKeyId,
    canonicalRequest: canonical,
    stringToSign: text,
  };
}

export function payloadMismatch({ accessKeyId }: ParsedSignature): BadSignature {
  return bad("payloadMismatch", "The body does not have the SHA-256 that was signed", accessKeyId);
}

function bad(problem: SignatureProblem, message: string, accessKeyId?: string): BadSignature {
  return { ok: false, problem, message, accessKeyId };
}
