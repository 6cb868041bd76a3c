/**
 * `aws-chunked` content encoding with the checksum in a trailer, unsigned: STREAMING-UNSIGNED-PAYLOAD-TRAILER. The body is
 * read once and its checksum follows it. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */

import type { RequestBody } from "../message.js";
import { concatBytes, openBody } from "../request-body.js";
import { type ChecksumAlgorithm, createChecksum, toBase64 } from "./checksum.js";

/** Chunks but the last must have at least 8 KiB on S3. */
const CHUNK_BYTES = 64 * 1024;

export interface TrailerOptions {
  readonly algorithm: ChecksumAlgorithm;
  /** `x-amz-checksum-crc32` */
  readonly name: string;
}

/** The encoded body. Opened anew for each attempt where `body` can be. */
export async function* chunkedWithTrailer(
  body: RequestBody,
  options: TrailerOptions,
): AsyncGenerator<Uint8Array> {
  const text = new TextEncoder();
  const checksum = createChecksum(options.algorithm);
  for await (const chunk of chunksOf(openBody(body))) {
    checksum.update(chunk);
    yield text.encode(`${chunk.length.toString(16)}\r\n`);
    yield chunk;
    yield text.encode("\r\n");
  }
  yield text.encode(`0\r\n${options.name}:${toBase64(checksum.digest())}\r\n\r\n`);
}

/** Length of the encoded form of a body of `length` bytes. */
export function chunkedLength(length: number, { algorithm, name }: TrailerOptions): number {
  const whole = Math.floor(length / CHUNK_BYTES);
  const rest = length % CHUNK_BYTES;
  const framed = (bytes: number) => bytes.toString(16).length + 2 + bytes + 2;
  const digestBytes = createChecksum(algorithm).digest().length;
  const trailer = name.length + 1 + 4 * Math.ceil(digestBytes / 3) + 2;
  return whole * framed(CHUNK_BYTES) + (rest > 0 ? framed(rest) : 0) + 3 + trailer + 2;
}

/** Chunks of exactly CHUNK_BYTES but for the last, so that the encoded length is known beforehand. */
async function* chunksOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const bytes of source) {
    let rest = bytes;
    while (pendingBytes + rest.length >= CHUNK_BYTES) {
      const taken = rest.subarray(0, CHUNK_BYTES - pendingBytes);
      rest = rest.subarray(taken.length);
      yield pending.length === 0 ? taken : concatBytes([...pending, taken], CHUNK_BYTES);
      pending = [];
      pendingBytes = 0;
    }
    if (rest.length > 0) {
      pending.push(rest);
      pendingBytes += rest.length;
    }
  }
  if (pendingBytes > 0) yield concatBytes(pending, pendingBytes);
}
