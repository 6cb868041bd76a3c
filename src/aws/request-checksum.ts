/**
 * Checksums of requests: which algorithm, in a header or after a streamed body.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-dataintegrity.html
 */
import { SIGNED_CHUNKS, SIGNED_CHUNKS_TRAILER, UNSIGNED_CHUNKS_TRAILER } from "../auth/sigv4.js";
import { UNSIGNED_PAYLOAD } from "../auth/sigv4-canonical.js";
import type { Call } from "../client/backend.js";
import { type ChecksumAlgorithm, checksumBase64 } from "../http/checksum/checksum.js";
import { chunkedLength, type TrailerOptions } from "../http/checksum/trailer.js";
import type { HeaderMap } from "../http/message.js";
import { bodyLength, isBlob, isReplayable } from "../http/request-body.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { EncodedRequest } from "../protocol/protocol.js";
import type { Settings } from "./config/settings.js";
import { hasStreamingPayload } from "./payload.js";

const DEFAULT_ALGORITHM = "CRC32";
const CHECKSUM = "x-amz-checksum-";
const ALGORITHMS: ReadonlySet<string> = new Set(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "MD5"]);

/**
 * The request with the checksum that its model and the settings ask for. `tls` says whether the connection itself guards the
 * body: then a checksum makes hashing it for the signature needless.
 */
export function withChecksum(
  call: Call,
  request: EncodedRequest,
  settings: Settings,
  tls: boolean,
): EncodedRequest {
  const { checksum, md5 } = call.operation.traits.aws ?? {};
  if ((checksum === undefined && md5 === undefined) || call.presign || hasChecksum(request)) return request;
  const member = checksum?.requestMember;
  const chosen = member === undefined ? undefined : call.input[member];
  const required = md5 === true || checksum?.requestRequired === true;
  const supported = member !== undefined && settings.get("requestChecksumCalculation") === "when_supported";
  if (chosen === undefined && !required && !supported) return request;
  const algorithm = algorithmOf(chosen ?? DEFAULT_ALGORITHM);
  const headers = { ...request.headers };
  const declared =
    member === undefined ? undefined : call.operation.input?.member(member)?.wireName.toLowerCase();
  if (chosen === undefined && declared !== undefined) headers[declared] = algorithm;
  return carried({ ...request, headers }, algorithm, hasStreamingPayload(call.operation.input), tls);
}

function algorithmOf(value: unknown): ChecksumAlgorithm {
  const name = String(value).toUpperCase();
  if (ALGORITHMS.has(name)) return name as ChecksumAlgorithm;
  throw invalidInput(`Cannot make a checksum by ${name}: this package has ${[...ALGORITHMS].join(", ")}`);
}

function carried(
  request: EncodedRequest & { headers: HeaderMap },
  algorithm: ChecksumAlgorithm,
  streaming: boolean,
  tls: boolean,
): EncodedRequest {
  const { body, headers } = request;
  const name = algorithm === "MD5" ? "content-md5" : CHECKSUM + algorithm.toLowerCase();
  if (body !== undefined && (isBlob(body) || !isReplayable(body))) return trailing(request, algorithm, name);
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : (body as Uint8Array | undefined);
  headers[name] = checksumBase64(algorithm, bytes ?? new Uint8Array(0));
  if (streaming && tls) headers["x-amz-content-sha256"] ??= UNSIGNED_PAYLOAD;
  return request;
}

/** `aws-chunked`: the checksum follows the body that it is of. */
function trailing(
  request: EncodedRequest & { headers: HeaderMap },
  algorithm: ChecksumAlgorithm,
  name: string,
): EncodedRequest {
  request.headers["x-amz-trailer"] = name;
  goInChunks(request, { algorithm, name }, UNSIGNED_CHUNKS_TRAILER);
  return request;
}

/** What the head says of a body in chunks. The body is put into them as it is signed, anew for each attempt. */
function goInChunks(
  { headers, body }: EncodedRequest,
  trailer: TrailerOptions | undefined,
  payload: string,
): void {
  const length = headers["x-amz-decoded-content-length"] ?? bodyLength(body) ?? headers["content-length"];
  delete headers["content-length"];
  if (headers["x-amz-content-sha256"] !== UNSIGNED_CHUNKS_TRAILER) {
    const encoding = headers["content-encoding"];
    headers["content-encoding"] = encoding ? `${encoding},aws-chunked` : "aws-chunked";
  }
  headers["x-amz-content-sha256"] = payload;
  if (length === undefined) return;
  headers["x-amz-decoded-content-length"] = String(length);
  const signed = payload !== UNSIGNED_CHUNKS_TRAILER;
  headers["content-length"] = String(chunkedLength(Number(length), trailer, signed));
}

/** What follows the chunks, by its name in the head. */
export function trailerOf({ "x-amz-trailer": name }: Readonly<HeaderMap>): TrailerOptions | undefined {
  if (name === undefined) return undefined;
  return { name, algorithm: algorithmOf(name.replace(/.*-/, "")) };
}

/**
 * S3's `payload_signing_enabled`, where it is set: whether the signature covers the body, whatever guards it otherwise. A stream
 * can be read only once: it is signed chunk by chunk.
 */
export function signPayload(request: EncodedRequest, settings: Settings, scheme: string): void {
  const isWanted = settings.get("s3PayloadSigningEnabled");
  if (isWanted === undefined) return;
  const { headers, body } = request;
  const trailer = trailerOf(headers);
  if (!isWanted) {
    if (trailer === undefined) headers["x-amz-content-sha256"] = UNSIGNED_PAYLOAD;
  } else if (trailer === undefined && isReplayable(body)) {
    delete headers["x-amz-content-sha256"];
  } else if (scheme === "sigv4" || scheme === "sigv4-s3express") {
    goInChunks(request, trailer, trailer === undefined ? SIGNED_CHUNKS : SIGNED_CHUNKS_TRAILER);
  }
}

/** One that the caller gave. Algorithm, type and mode are told in headers that begin alike. */
function hasChecksum({ headers }: EncodedRequest): boolean {
  if (headers["content-md5"] !== undefined) return true;
  for (const name in headers) {
    if (name.startsWith(CHECKSUM) && !/-(algorithm|mode|type)$/.test(name)) return true;
  }
  return false;
}
