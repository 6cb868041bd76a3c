/** Response bodies that do not come from a socket: bytes in memory, and any iterable. */
import type { RequestBody, ResponseBody } from "./message.js";
import { concatBytes, openBody } from "./request-body.js";
import { transportError } from "./transport-error.js";

const NOTHING = new Uint8Array(0);

/** A body that is in memory already. */
export function bytesBody(bytes: Uint8Array = NOTHING): ResponseBody {
  return new BytesBody(bytes);
}

/** A body that is made as it is read. `cancel` runs when the reader leaves before the end. */
export function streamBody(chunks: AsyncIterable<Uint8Array>, cancel?: () => void): ResponseBody {
  return new StreamBody(chunks, cancel);
}

/** What a handler answered, as a client receives it. */
export function responseBodyOf(body: RequestBody | undefined): ResponseBody {
  if (body === undefined) return bytesBody();
  if (typeof body === "string") return bytesBody(new TextEncoder().encode(body));
  if (body instanceof Uint8Array) return bytesBody(body);
  return streamBody(openBody(body));
}

class BytesBody implements ResponseBody {
  #bytes: Uint8Array | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  #take(): Uint8Array {
    const bytes = this.#bytes;
    if (bytes === undefined) throw usedTwice();
    this.#bytes = undefined;
    return bytes;
  }

  async bytes(limit?: number): Promise<Uint8Array> {
    const bytes = this.#take();
    if (limit !== undefined && bytes.length > limit) throw overLimit(limit);
    return bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const bytes = this.#take();
    if (bytes.length > 0) yield bytes;
  }

  cancel(): void {
    this.#bytes = NOTHING;
  }
}

class StreamBody implements ResponseBody {
  readonly #chunks: AsyncIterable<Uint8Array>;
  readonly #onCancel: (() => void) | undefined;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  #used = false;
  #cancelled = false;

  constructor(chunks: AsyncIterable<Uint8Array>, onCancel: (() => void) | undefined) {
    this.#chunks = chunks;
    this.#onCancel = onCancel;
  }

  bytes(limit?: number): Promise<Uint8Array> {
    return collect(this, limit);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#used) throw usedTwice();
    this.#used = true;
    if (this.#cancelled) return bytesBody()[Symbol.asyncIterator]();
    const iterator = this.#chunks[Symbol.asyncIterator]();
    this.#iterator = iterator;
    return {
      next: () => iterator.next(),
      return: async () => {
        this.cancel();
        return { done: true, value: undefined };
      },
    };
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#onCancel?.();
    // A generator that never started has nothing to release; one that did runs its finally blocks.
    const left = (this.#iterator ?? this.#chunks[Symbol.asyncIterator]()).return?.();
    if (left !== undefined) Promise.resolve(left).catch(() => undefined);
  }
}

/** All chunks as one array, refusing more than `limit` bytes. */
export async function collect(
  chunks: AsyncIterable<Uint8Array>,
  limit = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > limit) throw overLimit(limit);
    parts.push(chunk);
  }
  return concatBytes(parts, length);
}

export function usedTwice(): TypeError {
  return new TypeError("Cannot read the body: it was read or cancelled before");
}

export function overLimit(limit: number): Error {
  return transportError("BodyTooLong", `Cannot read the body: it is longer than the limit of ${limit} bytes`);
}
