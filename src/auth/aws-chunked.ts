/**
 * The `aws-chunked` content encoding, read: chunks with or without signatures, and trailing headers. `http/checksum/trailer.ts`
 * writes it. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
import { concatBytes } from "../http/request-body.js";
import { CloudError } from "../internal/cloud-error.js";
import { sameSignature } from "./digest.js";
import { type Seed, signChunk, signTrailer } from "./sigv4.js";

/** S3 takes no chunk but the last below 8 KiB. */
const CHUNK_BYTES_MIN = 8 * 1024;
const LINE_BYTES_MAX = 16 * 1024;
/** A signed chunk is held until its signature is checked. */
const SIGNED_CHUNK_BYTES_MAX = 64 * 1024 * 1024;

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
 * has another length, `InvalidChunk` for one that cannot be read, `InvalidChunkSizeError` for a chunk below 8 KiB that is not the
 * last, `MalformedTrailerError` for a trailing header that cannot be read.
 */
export function decodeChunks(body: AsyncIterable<Uint8Array>, options: DecodeOptions = {}): DecodedChunks {
  const trailers: Record<string, string> = {};
  return { trailers, [Symbol.asyncIterator]: () => decode(new Reader(body), options, trailers) };
}

/** A body that is refused in the middle is let go of: its sender may be waiting to send the rest. */
async function* decode(
  reader: Reader,
  options: DecodeOptions,
  trailers: Record<string, string>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunksOf(reader, options, trailers);
  } finally {
    await reader.close();
  }
}

async function* chunksOf(
  reader: Reader,
  { seed, decodedLength }: DecodeOptions,
  trailers: Record<string, string>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let previous = seed?.signature ?? "";
  let total = 0;
  let shortChunk = false;
  for (;;) {
    const match = /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(await reader.line());
    const size = match === null ? -1 : Number.parseInt(match[1] as string, 16);
    if (size < 0) throw refused("InvalidChunk", "a chunk's size cannot be read");
    if (size > 0 && shortChunk) {
      throw refused("InvalidChunkSizeError", `only the last chunk may be below ${CHUNK_BYTES_MIN} bytes`);
    }
    shortChunk = size < CHUNK_BYTES_MIN;
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
  let endsApart = true;
  for (;;) {
    const line = await reader.line(true);
    if (line === "") {
      // Between the headers and their signature minio-go has an empty line, as AWS's page shows it: `value\n\r\n`.
      if (seed === undefined || text === "" || signature !== undefined || !endsApart) break;
      endsApart = false;
      continue;
    }
    const at = line.indexOf(":");
    if (at < 1) throw refused("MalformedTrailerError", "a trailing header cannot be read");
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

  async close(): Promise<void> {
    await this.#source.return?.();
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
  code:
    | "SignatureDoesNotMatch"
    | "IncompleteBody"
    | "InvalidChunk"
    | "InvalidChunkSizeError"
    | "MalformedTrailerError",
  reason: string,
): CloudError {
  const kind = code === "SignatureDoesNotMatch" ? "accessDenied" : "invalidInput";
  return new CloudError(`Cannot read the aws-chunked body: ${reason}`, { kind, code });
}
