/**
 * The `aws-chunked` content encoding: a body in chunks, the checksum behind it, each chunk signed where there is a signer. The
 * body is read once. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */

import type { RequestBody } from "../message.js";
import { concatBytes, openBody } from "../request-body.js";
import { type ChecksumAlgorithm, createChecksum, toBase64 } from "./checksum.js";

/** Chunks but the last must have at least 8 KiB on S3. */
const CHUNK_BYTES = 64 * 1024;
const SIGNATURE_CHARS = 64;

export interface TrailerOptions {
  readonly algorithm: ChecksumAlgorithm;
  /** `x-amz-checksum-crc32` */
  readonly name: string;
}

/** Signs what goes by, in hexadecimal, each piece chained to the one before. */
export interface ChunkSigner {
  chunk(bytes: Uint8Array): string;
  /** `name:value\n` */
  trailer(text: string): string;
}

/** The encoded body. */
export async function* inChunks(
  body: RequestBody,
  trailer: TrailerOptions | undefined,
  signer?: ChunkSigner,
): AsyncGenerator<Uint8Array> {
  const text = new TextEncoder();
  const checksum = trailer && createChecksum(trailer.algorithm);
  const head = (chunk: Uint8Array): string =>
    `${chunk.length.toString(16)}${signer ? `;chunk-signature=${signer.chunk(chunk)}` : ""}\r\n`;
  for await (const chunk of chunksOf(openBody(body))) {
    checksum?.update(chunk);
    yield text.encode(head(chunk));
    yield chunk;
    yield text.encode("\r\n");
  }
  let end = head(new Uint8Array(0));
  if (checksum !== undefined) {
    const line = `${trailer?.name}:${toBase64(checksum.digest())}`;
    end += `${line}\r\n`;
    if (signer) end += `x-amz-trailer-signature:${signer.trailer(`${line}\n`)}\r\n`;
  }
  yield text.encode(`${end}\r\n`);
}

/** Length of the encoded form of a body of `length` bytes. */
export function chunkedLength(length: number, trailer: TrailerOptions | undefined, signed = false): number {
  const whole = Math.floor(length / CHUNK_BYTES);
  const rest = length % CHUNK_BYTES;
  const head = (bytes: number) =>
    bytes.toString(16).length + 2 + (signed ? ";chunk-signature=".length + SIGNATURE_CHARS : 0);
  const framed = (bytes: number) => head(bytes) + bytes + 2;
  const chunks = whole * framed(CHUNK_BYTES) + (rest > 0 ? framed(rest) : 0) + head(0) + 2;
  if (trailer === undefined) return chunks;
  const digestBytes = createChecksum(trailer.algorithm).digest().length;
  const line = trailer.name.length + 1 + 4 * Math.ceil(digestBytes / 3) + 2;
  return chunks + line + (signed ? "x-amz-trailer-signature:".length + SIGNATURE_CHARS + 2 : 0);
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
