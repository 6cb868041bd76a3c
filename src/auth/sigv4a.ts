/**
 * SigV4a: an ECDSA P-256 signature that several regions can check, in headers and in the query. Its verifier: sigv4a-verify.ts.
 * Node alone: deriving the key needs the public point, which WebCrypto does not compute.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html#how-sigv4-differs-from-sigv4a
 */
import type { KeyObject } from "node:crypto";
import type { HttpRequest } from "../http/message.js";
import { CloudError, invalidInput } from "../internal/cloud-error.js";
import type { AwsCredentials } from "./credentials.js";
import { fromHex, hmacSha256, nodeCrypto, sha256Hex, toBase64Url, toBytes, toHex } from "./digest.js";
import { payloadOf, type SigV4Options } from "./sigv4.js";
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

export const SIGV4A_ALGORITHM = "AWS4-ECDSA-P256-SHA256";

export interface SigV4aOptions extends Omit<SigV4Options, "region"> {
  /** Regions in which the signature is valid: `["*"]`, `["eu-west-1", "eu-central-1"]`. */
  readonly regions: readonly string[];
}

/** The request with its `authorization` header. */
export function signV4a(request: HttpRequest, options: SigV4aOptions): HttpRequest | Promise<HttpRequest> {
  const payload = payloadOf(request, options);
  if (typeof payload === "string") return signPayload(request, options, payload);
  return payload.then((hash) => signPayload(request, options, hash));
}

function signPayload(request: HttpRequest, options: SigV4aOptions, payload: string): HttpRequest {
  const { credentials, service } = options;
  const date = amzDate(options.at ?? new Date());
  const headers = copyHeaders(request.headers);
  headers["x-amz-date"] = date;
  headers["x-amz-region-set"] = options.regions.join(",");
  if (credentials.sessionToken !== undefined) {
    headers[options.tokenHeader ?? "x-amz-security-token"] = credentials.sessionToken;
  }
  if (options.payloadHeader ?? (signsPathAsSent(service) || payload.length !== 64)) {
    headers["x-amz-content-sha256"] = payload;
  }
  const covered = signedHeaders(headers, hostOf(request.origin));
  const path = canonicalPath(request.path, options.pathAsSent ?? signsPathAsSent(service));
  const canonical = canonicalRequest(request, path, canonicalQuery(request.query), covered, payload);
  const scope = `${date.slice(0, 8)}/${service}/aws4_request`;
  headers.authorization =
    `${SIGV4A_ALGORITHM} Credential=${credentials.accessKeyId}/${scope}, ` +
    `SignedHeaders=${covered.names}, Signature=${signText(credentials, stringToSign(date, scope, canonical))}`;
  return { ...request, headers };
}

/** The request with its signature in the query. */
export function presignV4a(
  request: HttpRequest,
  options: SigV4aOptions & { readonly expiresInSeconds: number },
): HttpRequest | Promise<HttpRequest> {
  const { expiresInSeconds, service } = options;
  if (!(Number.isInteger(expiresInSeconds) && expiresInSeconds >= 1 && expiresInSeconds <= 604_800)) {
    throw invalidInput(
      `options.expiresInSeconds must be a whole number from 1 to 604800, is ${expiresInSeconds}`,
    );
  }
  const payload =
    options.payload ?? (signsPathAsSent(service) ? UNSIGNED_PAYLOAD : payloadOf(request, options));
  if (typeof payload === "string") return presignPayload(request, options, payload);
  return payload.then((hash) => presignPayload(request, options, hash));
}

function presignPayload(
  request: HttpRequest,
  options: SigV4aOptions & { readonly expiresInSeconds: number },
  payload: string,
): HttpRequest {
  const { credentials, service } = options;
  const date = amzDate(options.at ?? new Date());
  const scope = `${date.slice(0, 8)}/${service}/aws4_request`;
  const headers = copyHeaders(request.headers);
  delete headers["x-amz-date"];
  const covered = signedHeaders(headers, hostOf(request.origin));
  const parameters = [
    `X-Amz-Algorithm=${SIGV4A_ALGORITHM}`,
    `X-Amz-Credential=${encodeStrict(`${credentials.accessKeyId}/${scope}`)}`,
    `X-Amz-Date=${date}`,
    `X-Amz-Expires=${options.expiresInSeconds}`,
    `X-Amz-SignedHeaders=${encodeStrict(covered.names)}`,
    `X-Amz-Region-Set=${encodeStrict(options.regions.join(","))}`,
  ];
  if (credentials.sessionToken !== undefined) {
    parameters.push(`X-Amz-Security-Token=${encodeStrict(credentials.sessionToken)}`);
  }
  const query = (request.query === "" ? parameters : [request.query, ...parameters]).join("&");
  const path = canonicalPath(request.path, options.pathAsSent ?? signsPathAsSent(service));
  const canonical = canonicalRequest(request, path, canonicalQuery(query), covered, payload);
  const signature = signText(credentials, stringToSign(date, scope, canonical));
  return { ...request, headers, query: `${query}&X-Amz-Signature=${signature}` };
}

export function stringToSign(date: string, scope: string, canonical: string): string {
  return `${SIGV4A_ALGORITHM}\n${date}\n${scope}\n${sha256Hex(canonical)}`;
}

function signText(credentials: AwsCredentials, text: string): string {
  return toHex(needCrypto().sign("sha256", toBytes(text), keyOf(credentials)));
}

/** Order of the P-256 group, less two: a derived candidate above it is drawn again (FIPS 186-4, B.4.2). */
const CANDIDATE_MAX = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n - 2n;
const KEYS_MAX = 64;
const keys = /* @__PURE__ */ new Map<string, KeyObject>();

/** The private key that a secret access key stands for. */
function deriveV4aKey({ accessKeyId, secretAccessKey }: AwsCredentials): Uint8Array {
  for (let counter = 1; counter <= 254; counter++) {
    const input = [
      ...[0, 0, 0, 1],
      ...toBytes(SIGV4A_ALGORITHM),
      0,
      ...toBytes(accessKeyId),
      counter,
      ...[0, 0, 1, 0],
    ];
    const candidate = BigInt(`0x${toHex(hmacSha256(`AWS4A${secretAccessKey}`, Uint8Array.from(input)))}`);
    if (candidate <= CANDIDATE_MAX) {
      return fromHex((candidate + 1n).toString(16).padStart(64, "0")) as Uint8Array;
    }
  }
  throw invalidInput("Cannot derive a SigV4a key: every candidate is out of range");
}

export function keyOf(credentials: AwsCredentials): KeyObject {
  const name = `${credentials.accessKeyId}\n${credentials.secretAccessKey}`;
  let key = keys.get(name);
  if (key === undefined) {
    const crypto = needCrypto();
    const d = deriveV4aKey(credentials);
    const curve = crypto.createECDH("prime256v1");
    curve.setPrivateKey(d);
    const point = curve.getPublicKey();
    const [x, y] = [toBase64Url(point.subarray(1, 33)), toBase64Url(point.subarray(33))];
    const jwk = { kty: "EC", crv: "P-256", d: toBase64Url(d), x, y };
    key = crypto.createPrivateKey({ format: "jwk", key: jwk });
    if (keys.size >= KEYS_MAX) keys.delete(keys.keys().next().value as string);
    keys.set(name, key);
  }
  return key;
}

export function needCrypto(): typeof import("node:crypto") {
  const crypto = nodeCrypto();
  if (crypto !== undefined) return crypto;
  throw new CloudError("Cannot sign by SigV4a: this runtime has no node:crypto", {
    kind: "notImplemented",
    code: "NotImplemented",
  });
}
