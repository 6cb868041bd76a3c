/**
 * AWS Signature Version 4, in headers and in the query, and the signatures that follow it in a chunked body or an event
 * stream. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
import type { HttpRequest } from "../http/message.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { AwsCredentials } from "./credentials.js";
import {
  bodySha256Hex,
  EMPTY_SHA256,
  hmacSha256,
  hmacSha256Hex,
  sha256Hex,
  useNodeCrypto,
} from "./digest.js";
import {
  amzDate,
  canonicalPath,
  canonicalQuery,
  canonicalRequest,
  copyHeaders,
  encodeStrict,
  hostOf,
  signedHeaders,
  signsPathAsSent,
  UNSIGNED_PAYLOAD,
} from "./sigv4-canonical.js";

export const SIGV4_ALGORITHM = "AWS4-HMAC-SHA256";
export const SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
export const SIGNED_CHUNKS_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
export const UNSIGNED_CHUNKS_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
export const SIGNED_EVENTS = "STREAMING-AWS4-HMAC-SHA256-EVENTS";

export interface SigV4Options {
  readonly credentials: AwsCredentials;
  readonly region: string;
  /** Signing name: `s3`, `execute-api`. */
  readonly service: string;
  /** Time of signing. Default now. */
  readonly at?: Date | undefined;
  /** The path is signed as sent (S3's rule): neither resolved nor encoded again. Default: by the service. */
  readonly pathAsSent?: boolean | undefined;
  /**
   * What stands for the body: its SHA-256 in hexadecimal, `UNSIGNED-PAYLOAD` or one of the `STREAMING-` names. Default: the
   * hash of the body, which must then be text or bytes (a Blob makes the signer asynchronous).
   */
  readonly payload?: string | undefined;
  /** Send `x-amz-content-sha256`. Default: for S3, and where `payload` is not a hash. */
  readonly payloadHeader?: boolean | undefined;
  /** Name of the header that carries the session token. S3 Express: `x-amz-s3session-token`. */
  readonly tokenHeader?: string | undefined;
}

export interface PresignV4Options extends SigV4Options {
  /** 1 to 604,800. */
  readonly expiresInSeconds: number;
}

/** A signature and what the next one in a chunked body or an event stream is chained to. */
export interface Seed {
  readonly signature: string;
  readonly scope: string;
  readonly date: string;
  readonly key: Uint8Array;
}

export interface SignedRequest {
  readonly request: HttpRequest;
  readonly seed: Seed;
}

/** The request with its `authorization` header. */
export function signV4(request: HttpRequest, options: SigV4Options): HttpRequest | Promise<HttpRequest> {
  const payload = payloadOf(request, options);
  if (typeof payload === "string") return signWithSeed(request, { ...options, payload }).request;
  return payload.then((hash) => signWithSeed(request, { ...options, payload: hash }).request);
}

/** As `signV4`, with the seed for the chunks or events to come. `payload` is given. */
export function signWithSeed(
  request: HttpRequest,
  options: SigV4Options & { readonly payload: string },
): SignedRequest {
  const { credentials, service, payload } = options;
  if (request.origin.startsWith("https:")) useNodeCrypto();
  const asSent = options.pathAsSent ?? signsPathAsSent(service);
  const date = amzDate(options.at ?? new Date());
  const headers = copyHeaders(request.headers);
  headers["x-amz-date"] = date;
  if (credentials.sessionToken !== undefined) {
    headers[options.tokenHeader ?? "x-amz-security-token"] = credentials.sessionToken;
  }
  if (options.payloadHeader ?? (signsPathAsSent(service) || !isHash(payload)))
    headers["x-amz-content-sha256"] = payload;
  const covered = signedHeaders(headers, hostOf(request.origin));
  const query = canonicalQuery(request.query);
  const canonical = canonicalRequest(request, canonicalPath(request.path, asSent), query, covered, payload);
  const seed = seedOf(canonical, date, options);
  headers.authorization =
    `${SIGV4_ALGORITHM} Credential=${credentials.accessKeyId}/${seed.scope}, ` +
    `SignedHeaders=${covered.names}, Signature=${seed.signature}`;
  return { request: { ...request, headers }, seed };
}

/** The request with its signature in the query: whoever sends it must send `headers` but needs no credentials. */
export function presignV4(
  request: HttpRequest,
  options: PresignV4Options,
): HttpRequest | Promise<HttpRequest> {
  const { expiresInSeconds } = options;
  if (!(Number.isInteger(expiresInSeconds) && expiresInSeconds >= 1 && expiresInSeconds <= 604_800)) {
    throw invalidInput(
      `options.expiresInSeconds must be a whole number from 1 to 604800, is ${expiresInSeconds}`,
    );
  }
  const payload =
    options.payload ?? (signsPathAsSent(options.service) ? UNSIGNED_PAYLOAD : payloadOf(request, options));
  if (typeof payload === "string") return presignPayload(request, options, payload);
  return payload.then((hash) => presignPayload(request, options, hash));
}

function presignPayload(request: HttpRequest, options: PresignV4Options, payload: string): HttpRequest {
  const { credentials, region, service } = options;
  const asSent = options.pathAsSent ?? signsPathAsSent(service);
  const date = amzDate(options.at ?? new Date());
  const headers = copyHeaders(request.headers);
  // It would have to be sent by whoever uses the URL, and says nothing that the query does not.
  delete headers["x-amz-date"];
  const covered = signedHeaders(headers, hostOf(request.origin));
  const credential = `${credentials.accessKeyId}/${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  const parameters = [
    `X-Amz-Algorithm=${SIGV4_ALGORITHM}`,
    `X-Amz-Credential=${encodeStrict(credential)}`,
    `X-Amz-Date=${date}`,
    `X-Amz-Expires=${options.expiresInSeconds}`,
    `X-Amz-SignedHeaders=${encodeStrict(covered.names)}`,
  ];
  if (credentials.sessionToken !== undefined) {
    const name =
      options.tokenHeader === "x-amz-s3session-token" ? "X-Amz-S3session-Token" : "X-Amz-Security-Token";
    parameters.push(`${name}=${encodeStrict(credentials.sessionToken)}`);
  }
  const query = (request.query === "" ? parameters : [request.query, ...parameters]).join("&");
  const path = canonicalPath(request.path, asSent);
  const canonical = canonicalRequest(request, path, canonicalQuery(query), covered, payload);
  const { signature } = seedOf(canonical, date, options);
  return { ...request, headers, query: `${query}&X-Amz-Signature=${signature}` };
}

function seedOf(canonical: string, date: string, options: SigV4Options): Seed {
  const { credentials, region, service } = options;
  const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  const key = signingKey(credentials.secretAccessKey, date.slice(0, 8), region, service);
  return { signature: hmacSha256Hex(key, stringToSign(date, scope, canonical)), scope, date, key };
}

/** Whose names the parts of a signature have. Google's HMAC keys sign by AWS's rules, under names of their own or AWS's. */
export type SigV4Vendor = "AWS4" | "GOOG4";

export function stringToSign(
  date: string,
  scope: string,
  canonical: string,
  vendor: SigV4Vendor = "AWS4",
): string {
  return `${vendor}-HMAC-SHA256\n${date}\n${scope}\n${sha256Hex(canonical)}`;
}

/** One program signs for few keys, regions and services a day; an emulator's verifier sees more of them. */
const KEYS_MAX = 256;
const keys = /* @__PURE__ */ new Map<string, Uint8Array>();

/** Four digests that stay the same for a day. `day` is `20260101`. */
export function signingKey(
  secret: string,
  day: string,
  region: string,
  service: string,
  vendor: SigV4Vendor = "AWS4",
): Uint8Array {
  const name = `${vendor}${secret}\n${day}\n${region}\n${service}`;
  let key = keys.get(name);
  if (key === undefined) {
    const dayKey = hmacSha256(`${vendor}${secret}`, day);
    key = hmacSha256(hmacSha256(hmacSha256(dayKey, region), service), `${vendor.toLowerCase()}_request`);
    if (keys.size >= KEYS_MAX) keys.delete(keys.keys().next().value as string);
    keys.set(name, key);
  }
  return key;
}

/** Signature of the next chunk of a `STREAMING-AWS4-HMAC-SHA256-PAYLOAD` body. The last chunk is empty. */
export function signChunk(seed: Seed, previous: string, chunk: Uint8Array): string {
  const text = `${SIGV4_ALGORITHM}-PAYLOAD\n${seed.date}\n${seed.scope}\n${previous}\n${EMPTY_SHA256}\n${sha256Hex(chunk)}`;
  return hmacSha256Hex(seed.key, text);
}

/** Signature of the trailing headers, each as `name:value\n`. */
export function signTrailer(seed: Seed, previous: string, trailer: string): string {
  const text = `AWS4-HMAC-SHA256-TRAILER\n${seed.date}\n${seed.scope}\n${previous}\n${sha256Hex(trailer)}`;
  return hmacSha256Hex(seed.key, text);
}

/**
 * Signature of the next event. `headers` are the encoded headers that it covers (`:date`), `payload` the encoded event.
 * https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html
 */
export function signEvent(
  seed: Seed,
  previous: string,
  at: Date,
  headers: Uint8Array,
  payload: Uint8Array,
): string {
  const text =
    `${SIGV4_ALGORITHM}-PAYLOAD\n${amzDate(at)}\n${seed.scope}\n${previous}\n` +
    `${sha256Hex(headers)}\n${sha256Hex(payload)}`;
  return hmacSha256Hex(seed.key, text);
}

/** `:date` of a signed event in the event stream's form: name, type 8 (timestamp), milliseconds. */
export function eventDateHeader(at: Date): Uint8Array {
  const bytes = new Uint8Array(15);
  bytes.set([5, 0x3a, 0x64, 0x61, 0x74, 0x65, 8]);
  new DataView(bytes.buffer).setBigInt64(7, BigInt(at.getTime()));
  return bytes;
}

function isHash(payload: string): boolean {
  return payload.length === 64;
}

/** The body's hash, unless the caller named what stands for it. */
export function payloadOf(
  request: HttpRequest,
  options: Pick<SigV4Options, "payload">,
): string | Promise<string> {
  if (options.payload !== undefined) return options.payload;
  const { body } = request;
  if (body === undefined) return EMPTY_SHA256;
  if (typeof body === "string") return sha256Hex(body);
  if (body instanceof Uint8Array) return bodySha256Hex(body);
  if (body instanceof Blob) return body.arrayBuffer().then((bytes) => bodySha256Hex(new Uint8Array(bytes)));
  throw invalidInput("Cannot sign a streamed body by its hash: it can be read only once");
}
