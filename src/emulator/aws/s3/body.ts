/** Reads an uploaded body once: stored, hashed, and checked against all that the request states about it. */
import { createHash } from "node:crypto";
import type { HeaderMap } from "../../../http/message.js";
import { ChunkedBody } from "../../chunked-body.js";
import { type Context, EmulatorError, type IncomingBody } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import {
  algorithmNamed,
  base64,
  type ChecksumAlgorithm,
  type Checksums,
  checkChecksums,
  checksumsOf,
  invalidHeader,
  manyChecksums,
  startChecksum,
  statedChecksums,
  trailingChecksums,
} from "./checksums.js";
import { checkMd5, invalidArgument, invalidRequest } from "./errors.js";
import { OBJECT_TAGS_MAX } from "./tags.js";

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
  readonly algorithm?: ChecksumAlgorithm | undefined;
  /** Computed where the request states none: S3 gives every object a checksum. */
  readonly preset?: ChecksumAlgorithm;
}

export async function readUpload(
  input: UploadInput,
  context: Context,
  options: UploadOptions = {},
): Promise<Uploaded> {
  const { headers = context.request.headers } = options;
  const stated = statedChecksums(input);
  const named = statedAlgorithm(input, headers);
  const algorithms = new Set([named, options.algorithm].filter((each) => each !== undefined));
  if (algorithms.size === 0 && options.preset !== undefined) algorithms.add(options.preset);
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
    if (input.Body instanceof ChunkedBody) {
      checkChecksums(trailingChecksums(input.Body.trailers), computed, "trailing header");
    }
    return { bytes, etag: `"${md5Bytes.toString("hex")}"`, checksums: checksumsOf(computed) };
  } catch (error) {
    context.memory.release(bytes.length);
    throw error;
  }
}

/** The one algorithm whose value a header states, or a trailing header will. */
export function statedAlgorithm(
  input: UploadInput,
  headers: Readonly<HeaderMap>,
): ChecksumAlgorithm | undefined {
  const trailing = (headers["x-amz-trailer"] ?? "")
    .split(",")
    .map((name) => /^x-amz-checksum-(.+)$/.exec(name.trim().toLowerCase())?.[1]);
  const all = [...statedChecksums(input).keys(), ...trailing.map(algorithmNamed)].filter(
    (each) => each !== undefined,
  );
  if (all.length > 1) throw manyChecksums();
  const [stated] = all;
  const unknown = Object.keys(input).find((member) => member.startsWith("ChecksumXXHASH"));
  if (unknown !== undefined) {
    throw new EmulatorError("NotImplemented", `The emulator does not know ${unknown}`, 501);
  }
  const named = algorithmNamed(input.ChecksumAlgorithm);
  if (named === undefined || named === stated) return stated;
  if (stated !== undefined) throw invalidHeader("x-amz-sdk-checksum-algorithm");
  throw invalidRequest(
    "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
  );
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

/** Tags of an `x-amz-tagging` header: a query string. */
export function parseTagging(header: string | undefined): { Key: string; Value: string }[] {
  if (header === undefined || header === "") return [];
  const pairs = header.split("&").filter((pair) => pair !== "");
  const tags = Array.from(new URLSearchParams(header), ([Key, Value]) => ({ Key, Value }));
  if (tags.length > OBJECT_TAGS_MAX)
    throw invalidArgument(`Object tags cannot be greater than ${OBJECT_TAGS_MAX}`, "x-amz-tagging", header);
  const names = new Set(tags.map(({ Key }) => Key));
  const wellFormed =
    pairs.every((pair) => /^[^=]+(=[^=]*)?$/.test(pair) && !/%(?![\da-f]{2})/i.test(pair)) &&
    names.size === pairs.length;
  if (wellFormed) return tags;
  throw invalidArgument(
    "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    "x-amz-tagging",
    header,
  );
}
