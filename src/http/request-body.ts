/** Any request body as one thing: how long it is, whether it can be sent again, and its bytes. */
import { invalidInput } from "../internal/cloud-error.js";
import type { RequestBody } from "./message.js";

/** Chunks of text are sent as UTF-8. */
export function openBody(body: RequestBody): AsyncIterable<Uint8Array> {
  if (typeof body === "string") return once(new TextEncoder().encode(body));
  if (body instanceof Uint8Array) return once(body);
  if (isBlob(body)) return readStream(body.stream() as ReadableStream<Uint8Array>);
  if (isWebStream(body)) return readStream(body);
  if (Symbol.asyncIterator in body) return readChunks(body);
  throw invalidInput("The request body must be text, bytes, a Blob, a stream or an async iterable");
}

/** Bytes that will be sent, or undefined when only the end of the stream will tell. */
export function bodyLength(body: RequestBody | undefined): number | undefined {
  if (body === undefined) return 0;
  if (typeof body === "string") return utf8Length(body);
  if (body instanceof Uint8Array) return body.byteLength;
  return isBlob(body) ? body.size : undefined;
}

/** True when the body can be opened more than once. */
export function isReplayable(body: RequestBody | undefined): boolean {
  return body === undefined || typeof body === "string" || body instanceof Uint8Array || isBlob(body);
}

/** All bytes of a body. In memory already: no copy. */
export async function readBody(body: RequestBody | undefined): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array(0);
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (body instanceof Uint8Array) return body;
  if (isBlob(body)) return new Uint8Array(await body.arrayBuffer());
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of openBody(body)) {
    parts.push(chunk);
    length += chunk.length;
  }
  return concatBytes(parts, length);
}

/** One array of all parts; a single part is handed on as it is. */
export function concatBytes(parts: readonly Uint8Array[], length: number): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const all = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

export function isBlob(value: unknown): value is Blob {
  return typeof Blob === "function" && value instanceof Blob;
}

export function isWebStream(value: unknown): value is ReadableStream<Uint8Array> {
  return typeof (value as { getReader?: unknown } | null)?.getReader === "function";
}

function utf8Length(text: string): number {
  if (typeof Buffer === "function") return Buffer.byteLength(text);
  return new TextEncoder().encode(text).byteLength;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

/** Not `for await`: ReadableStream is not async iterable everywhere. Leaving early cancels the stream. */
export async function* readStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let finished = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield toBytes(value);
    }
    finished = true;
  } finally {
    if (!finished) reader.cancel().catch(() => undefined);
    reader.releaseLock();
  }
}

async function* readChunks(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield toBytes(chunk);
}

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === "string") return new TextEncoder().encode(chunk);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw invalidInput(
    `A chunk of the request body must be bytes or text, is ${chunk === null ? "null" : typeof chunk}`,
  );
}
