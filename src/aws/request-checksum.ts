/**
 * Checksums of requests: which algorithm, in a header or after a streamed body.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-dataintegrity.html
 */
import { UNSIGNED_CHUNKS_TRAILER } from "../auth/sigv4.js";
import { UNSIGNED_PAYLOAD } from "../auth/sigv4-canonical.js";
import type { Call } from "../client/backend.js";
import { type ChecksumAlgorithm, checksumBase64 } from "../http/checksum/checksum.js";
import { chunkedLength, chunkedWithTrailer } from "../http/checksum/trailer.js";
import type { HeaderMap } from "../http/message.js";
import { bodyLength, isBlob, isReplayable } from "../http/request-body.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { EncodedRequest } from "../protocol/protocol.js";
import type { Settings } from "./config/settings.js";
import { hasStreamingPayload } from "./payload.js";

const DEFAULT_ALGORITHM = "CRC32";
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
  const name = algorithm === "MD5" ? "content-md5" : `x-amz-checksum-${algorithm.toLowerCase()}`;
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
  const { headers } = request;
  const body = request.body as NonNullable<EncodedRequest["body"]>;
  const length = bodyLength(body) ?? lengthOf(headers["content-length"]);
  delete headers["content-length"];
  headers["content-encoding"] = headers["content-encoding"]
    ? `${headers["content-encoding"]},aws-chunked`
    : "aws-chunked";
  headers["x-amz-trailer"] = name;
  headers["x-amz-content-sha256"] = UNSIGNED_CHUNKS_TRAILER;
  const options = { algorithm, name };
  if (length !== undefined) {
    headers["x-amz-decoded-content-length"] = String(length);
    headers["content-length"] = String(chunkedLength(length, options));
  }
  return { ...request, body: chunkedWithTrailer(body, options) };
}

function lengthOf(header: string | undefined): number | undefined {
  return header === undefined ? undefined : Number(header);
}

/**
 * S3's `payload_signing_enabled`, where it is set: whether the signature covers the body, whatever guards it otherwise. A stream
 * stays what it is, for it can be read only once.
 */
export function signPayload({ headers, body }: EncodedRequest, settings: Settings): void {
  const isWanted = settings.get("s3PayloadSigningEnabled");
  if (isWanted === undefined || headers["x-amz-trailer"] !== undefined) return;
  if (!isWanted) headers["x-amz-content-sha256"] = UNSIGNED_PAYLOAD;
  else if (body === undefined || isReplayable(body)) delete headers["x-amz-content-sha256"];
}

/** One that the caller gave. Algorithm, type and mode are told in headers that begin alike. */
function hasChecksum({ headers }: EncodedRequest): boolean {
  if (headers["content-md5"] !== undefined) return true;
  for (const name in headers) {
    if (name.startsWith("x-amz-checksum-") && !/-(algorithm|mode|type)$/.test(name)) return true;
  }
  return false;
}
