/** Reads an uploaded body once: stored, hashed, and checked against all that the request states about it. */
import { createHash } from "node:crypto";
import type { HeaderMap } from "../../../http/message.js";
import { type Context, EmulatorError, type IncomingBody } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { ChunkedBody } from "../chunked-body.js";
import {
  algorithmNamed,
  base64,
  type ChecksumAlgorithm,
  type Checksums,
  checkChecksums,
  checksumsOf,
  startChecksum,
  statedChecksums,
  trailingChecksums,
} from "./checksums.js";
import { badDigest, invalidArgument } from "./errors.js";

/** What S3 takes in one request. */
const PUT_BYTES_MAX = 5 * 1024 ** 3;

export interface Uploaded {
  readonly bytes: StoredBytes;
  /** With its quotes. */
  readonly etag: string;
  readonly checksums: Checksums;
}

export interface UploadInput extends Checksums {
  readonly Body?: IncomingBody | undefined;
  readonly ContentMD5?: string | undefined;
  readonly ChecksumAlgorithm?: string | undefined;
}

export interface UploadOptions {
  /** Headers that tell of the body. Default: the request's. */
  readonly headers?: Readonly<HeaderMap> | undefined;
  /** Computed whether the request states it or not. */
  readonly algorithm?: string | undefined;
}

export async function readUpload(
  input: UploadInput,
  context: Context,
  options: UploadOptions = {},
): Promise<Uploaded> {
  const { headers = context.request.headers } = options;
  const stated = statedChecksums(input);
  const algorithms = new Set<ChecksumAlgorithm>(stated.keys());
  const trailer = headers["x-amz-trailer"]?.split(",").map((name) => name.trim().toLowerCase()) ?? [];
  for (const name of trailer) {
    if (name.startsWith("x-amz-checksum-")) add(algorithms, name.slice("x-amz-checksum-".length));
  }
  add(algorithms, input.ChecksumAlgorithm);
  add(algorithms, options.algorithm);
  const digests = Array.from(algorithms, (name) => [name, startChecksum(name)] as const);
  const md5 = createHash("md5");
  const bytes = await readBody(input.Body, context, headers, (chunk) => {
    md5.update(chunk);
    for (const [, digest] of digests) digest.update(chunk);
  });
  try {
    const md5Bytes = md5.digest();
    const computed = new Map(digests.map(([name, digest]) => [name, base64(digest.digest())]));
    checkLength(bytes, headers);
    checkMd5(input.ContentMD5, md5Bytes);
    checkChecksums(stated, computed);
    if (input.Body instanceof ChunkedBody) checkChecksums(trailingChecksums(input.Body.trailers), computed);
    return { bytes, etag: `"${md5Bytes.toString("hex")}"`, checksums: checksumsOf(computed) };
  } catch (error) {
    context.memory.release(bytes.length);
    throw error;
  }
}

function add(algorithms: Set<ChecksumAlgorithm>, name: string | undefined): void {
  const algorithm = algorithmNamed(name);
  if (algorithm !== undefined) algorithms.add(algorithm);
}

async function readBody(
  body: IncomingBody | undefined,
  context: Context,
  headers: Readonly<HeaderMap>,
  observe: (chunk: Uint8Array) => void,
): Promise<StoredBytes> {
  const length = Number(headers["content-length"] ?? 0);
  if (length > PUT_BYTES_MAX) {
    throw new EmulatorError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400, {
      ProposedSize: String(length),
      MaxSizeAllowed: String(PUT_BYTES_MAX),
    });
  }
  return body === undefined ? new StoredBytes([]) : StoredBytes.read(body, context.memory, observe);
}

function checkLength(bytes: StoredBytes, headers: Readonly<Record<string, string>>): void {
  const decoded = headers["x-amz-decoded-content-length"];
  if (decoded === undefined || Number(decoded) === bytes.length) return;
  throw new EmulatorError(
    "IncompleteBody",
    "You did not provide the number of bytes specified by the Content-Length HTTP header",
    400,
  );
}

function checkMd5(stated: string | undefined, actual: Buffer): void {
  if (stated === undefined) return;
  if (Buffer.from(stated, "base64").length !== 16) {
    throw new EmulatorError("InvalidDigest", "The Content-MD5 you specified was invalid.", 400, {
      "Content-MD5": stated,
    });
  }
  if (actual.toString("base64") !== stated) throw badDigest();
}

/** Tags of an `x-amz-tagging` header: a query string. */
export function parseTagging(header: string | undefined): { Key: string; Value: string }[] {
  if (header === undefined || header === "") return [];
  const tags = Array.from(new URLSearchParams(header), ([Key, Value]) => ({ Key, Value }));
  if (tags.length > 10)
    throw invalidArgument("Object tags cannot be greater than 10", "x-amz-tagging", header);
  return tags;
}
