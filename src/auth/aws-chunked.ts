/**
 * The `aws-chunked` content encoding, both directions: chunks with or without signatures, and trailing headers.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
import type { HttpRequest, RequestBody } from "../http/message.js";
import { concatBytes, openBody } from "../http/request-body.js";
import { CloudError, invalidInput } from "../internal/cloud-error.js";
import { sameSignature, toBytes } from "./digest.js";
import {
  type Seed,
  SIGNED_CHUNKS,
  SIGNED_CHUNKS_TRAILER,
  type SigV4Options,
  signChunk,
  signTrailer,
  signWithSeed,
  UNSIGNED_CHUNKS_TRAILER,
} from "./sigv4.js";

/** S3 takes no chunk but the last below 8 KiB. */
const CHUNK_BYTES = 64 * 1024;
const LINE_BYTES_MAX = 16 * 1024;
/** A signed chunk is held until its signature is checked. */
const SIGNED_CHUNK_BYTES_MAX = 64 * 1024 * 1024;
const SIGNATURE_CHARS = 64;

/** A header that is known only when the body has gone: a checksum. */
export interface Trailer {
  readonly name: string;
  /** Length of the value: Content-Length counts it. */
  readonly valueLength: number;
  /** Called once, after the last byte. */
  value(): string | Promise<string>;
}

export interface ChunkedOptions extends Omit<SigV4Options, "payload"> {
  /** Bytes of the body before encoding. */
  readonly decodedLength: number;
  readonly trailer?: Trailer | undefined;
  /** Sign each chunk. Without it a trailer is needed, and the connection should be TLS. */
  readonly signChunks: boolean;
}

/** Signs a request whose body travels in chunks. The body is read once, as it is sent. */
export function signChunked(request: HttpRequest, options: ChunkedOptions): HttpRequest {
  const { decodedLength, trailer, signChunks } = options;
  if (request.body === undefined) throw invalidInput("Cannot sign a body in chunks: the request has none");
  if (!signChunks && trailer === undefined) throw invalidInput("Unsigned chunks need a trailer");
  const payload = !signChunks
    ? UNSIGNED_CHUNKS_TRAILER
    : trailer === undefined
      ? SIGNED_CHUNKS
      : SIGNED_CHUNKS_TRAILER;
  const encoding = request.headers["content-encoding"];
  const headers = {
    ...request.headers,
    "content-encoding": encoding === undefined ? "aws-chunked" : `aws-chunked,${encoding}`,
    "content-length": String(encodedLength(decodedLength, signChunks, trailer)),
    "x-amz-decoded-content-length": String(decodedLength),
  };
  const named = trailer === undefined ? headers : { ...headers, "x-amz-trailer": trailer.name };
  const { request: signed, seed } = signWithSeed({ ...request, headers: named }, { ...options, payload });
  return { ...signed, body: encodeChunks(request.body, trailer, signChunks ? seed : undefined) };
}

function encodedLength(length: number, signed: boolean, trailer: Trailer | undefined): number {
  const line = (bytes: number) =>
    bytes.toString(16).length + 2 + (signed ? ";chunk-signature=".length + SIGNATURE_CHARS : 0);
  const whole = Math.floor(length / CHUNK_BYTES);
  const rest = length % CHUNK_BYTES;
  let total = whole * (line(CHUNK_BYTES) + CHUNK_BYTES + 2) + line(0) + 2;
  if (rest > 0) total += line(rest) + rest + 2;
  if (trailer !== undefined) total += trailer.name.length + 1 + trailer.valueLength + 2;
  if (trailer !== undefined && signed) total += "x-amz-trailer-signature:".length + SIGNATURE_CHARS + 2;
  return total;
}

/** The encoded body. Signed when there is a seed. */
export async function* encodeChunks(
  body: RequestBody,
  trailer: Trailer | undefined,
  seed: Seed | undefined,
): AsyncGenerator<Uint8Array> {
  let previous = seed?.signature ?? "";
  const lineOf = (chunk: Uint8Array): Uint8Array => {
    const size = chunk.length.toString(16);
    if (seed === undefined) return toBytes(`${size}\r\n`);
    previous = signChunk(seed, previous, chunk);
    return toBytes(`${size};chunk-signature=${previous}\r\n`);
  };
  const newline = toBytes("\r\n");
  for await (const chunk of equalChunks(body)) {
    yield lineOf(chunk);
    yield chunk;
    yield newline;
  }
  yield lineOf(new Uint8Array(0));
  if (trailer !== undefined) {
    const value = await trailer.value();
    yield toBytes(`${trailer.name}:${value}\r\n`);
    if (seed !== undefined) {
      const signature = signTrailer(seed, previous, `${trailer.name}:${value}\n`);
      yield toBytes(`x-amz-trailer-signature:${signature}\r\n`);
    }
  }
  yield newline;
}

/** Pieces of any size become chunks of CHUNK_BYTES, the last one the rest. */
async function* equalChunks(body: RequestBody): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = [];
  let length = 0;
  for await (const piece of openBody(body)) {
    let rest = piece;
    while (length + rest.length >= CHUNK_BYTES) {
      const part = rest.subarray(0, CHUNK_BYTES - length);
      rest = rest.subarray(part.length);
      yield pending.length === 0 ? part : concat([...pending, part]);
      pending = [];
      length = 0;
    }
    if (rest.length > 0) pending.push(rest);
    length += rest.length;
  }
  if (length > 0) yield concat(pending);
}

/** What an `aws-chunked` body holds. Trailing headers are complete when the iteration has ended. */
export interface DecodedChunks extends AsyncIterable<Uint8Array> {
  readonly trailers: Readonly<Record<string, string>>;
}

export interface DecodeOptions {
  /** Of the verified head: every chunk must then be signed in turn. */
  readonly seed?: Seed | undefined;
  /** `x-amz-decoded-content-length`. */
  readonly decodedLength?: number | undefined;
}

/**
 * Decodes a body as it arrives: a signed chunk is checked before it is handed on, an unsigned one passes piece by piece.
 *
 * Fails with a CloudError: `SignatureDoesNotMatch` for a bad chunk or trailer, `IncompleteBody` for one that ends early or
 * has another length, `InvalidChunk` for one that cannot be read.
 */
export function decodeChunks(body: AsyncIterable<Uint8Array>, options: DecodeOptions = {}): DecodedChunks {
  const trailers: Record<string, string> = {};
  return { trailers, [Symbol.asyncIterator]: () => decode(new Reader(body), options, trailers) };
}

async function* decode(
  reader: Reader,
  { seed, decodedLength }: DecodeOptions,
  trailers: Record<string, string>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let previous = seed?.signature ?? "";
  let total = 0;
  for (;;) {
    const match = /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(await reader.line());
    const size = match === null ? -1 : Number.parseInt(match[1] as string, 16);
    if (size < 0) throw refused("InvalidChunk", "a chunk's size cannot be read");
    if (seed === undefined) {
      yield* reader.pieces(size);
    } else {
      if (size > SIGNED_CHUNK_BYTES_MAX) throw refused("InvalidChunk", "a signed chunk is too long");
      const chunk = await reader.take(size);
      previous = signChunk(seed, previous, chunk);
      if (!sameSignature(previous, match?.[2] ?? "")) {
        throw refused("SignatureDoesNotMatch", "a chunk was altered");
      }
      if (size > 0) yield chunk;
    }
    if (size === 0) break;
    total += size;
    if ((await reader.line()) !== "") throw refused("InvalidChunk", "a chunk is longer than its size");
  }
  await readTrailers(reader, seed, previous, trailers);
  if (decodedLength !== undefined && decodedLength !== total) {
    throw refused("IncompleteBody", `it has ${total} bytes instead of ${decodedLength}`);
  }
}

async function readTrailers(
  reader: Reader,
  seed: Seed | undefined,
  previous: string,
  trailers: Record<string, string>,
): Promise<void> {
  let text = "";
  let signature: string | undefined;
  for (let line = await reader.line(true); line !== ""; line = await reader.line(true)) {
    const at = line.indexOf(":");
    if (at < 1) throw refused("InvalidChunk", "a trailing header cannot be read");
    const name = line.slice(0, at).toLowerCase();
    const value = line.slice(at + 1).trim();
    if (name === "x-amz-trailer-signature") {
      signature = value;
    } else {
      trailers[name] = value;
      text += `${name}:${value}\n`;
    }
  }
  if (seed === undefined || text === "") return;
  if (!sameSignature(signTrailer(seed, previous, text), signature ?? "")) {
    throw refused("SignatureDoesNotMatch", "the trailing headers were altered");
  }
}

/** Takes lines and runs of bytes from pieces of any size. */
class Reader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Up to the next line end. The body's end counts as an empty line where the caller allows it. */
  async line(mayEnd = false): Promise<string> {
    let end = this.#rest.indexOf(10);
    while (end === -1) {
      if (this.#rest.length > LINE_BYTES_MAX) throw refused("InvalidChunk", "a line is too long");
      const { done, value } = await this.#source.next();
      if (done) {
        if (mayEnd && this.#rest.length === 0) return "";
        throw refused("IncompleteBody", "it ends early");
      }
      this.#rest = this.#rest.length === 0 ? value : concat([this.#rest, value]);
      end = this.#rest.indexOf(10);
    }
    const line = new TextDecoder().decode(this.#rest.subarray(0, end));
    this.#rest = this.#rest.subarray(end + 1);
    return line.endsWith("\r") ? line.slice(0, -1) : line;
  }

  /** So many bytes, as they come. */
  async *pieces(size: number): AsyncGenerator<Uint8Array, void, undefined> {
    let left = size;
    while (left > 0) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#source.next();
        if (done) throw refused("IncompleteBody", "it ends early");
        this.#rest = value;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      if (piece.length > 0) yield piece;
    }
  }

  async take(size: number): Promise<Uint8Array> {
    const parts = [this.#rest];
    let length = this.#rest.length;
    while (length < size) {
      const { done, value } = await this.#source.next();
      if (done) throw refused("IncompleteBody", "it ends early");
      parts.push(value);
      length += value.length;
    }
    const all = parts.length === 1 ? this.#rest : concat(parts);
    this.#rest = all.subarray(size);
    return all.subarray(0, size);
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    parts,
    parts.reduce((sum, part) => sum + part.length, 0),
  );
}

function refused(
  code: "SignatureDoesNotMatch" | "IncompleteBody" | "InvalidChunk",
  reason: string,
): CloudError {
  const kind = code === "SignatureDoesNotMatch" ? "accessDenied" : "invalidInput";
  return new CloudError(`Cannot read the aws-chunked body: ${reason}`, { kind, code });
}
