/** Bytes that stores hold: chunks in memory, counted against one limit, read back whole or in ranges without a copy. */
import { EmulatorError, type IncomingBody } from "./service.js";

/** Default of `memoryLimitBytes`. */
export const MEMORY_LIMIT_BYTES = 4 * 1024 ** 3;

/** Counts what all stores of one emulator hold. */
export class Memory {
  readonly limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number = MEMORY_LIMIT_BYTES) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  reserve(bytes: number): void {
    if (this.#usedBytes + bytes > this.limitBytes) {
      throw new EmulatorError(
        "InsufficientStorage",
        `Cannot store ${bytes} more bytes: the emulator's memoryLimitBytes of ${this.limitBytes} is reached`,
        507,
      );
    }
    this.#usedBytes += bytes;
  }

  release(bytes: number): void {
    this.#usedBytes = Math.max(0, this.#usedBytes - bytes);
  }

  reset(): void {
    this.#usedBytes = 0;
  }
}

/** Never changes once made. `release` gives the bytes back to the Memory that counted them. */
export class StoredBytes {
  readonly chunks: readonly Uint8Array[];
  readonly length: number;

  constructor(chunks: readonly Uint8Array[]) {
    this.chunks = chunks;
    let length = 0;
    for (const chunk of chunks) length += chunk.length;
    this.length = length;
  }

  /**
   * Reads a request's body to the end. `observe` sees each chunk: hashes. Chunks are copied: a client in this process may go
   * on to change its own.
   */
  static async read(
    body: IncomingBody,
    memory: Memory,
    observe?: (chunk: Uint8Array) => void,
  ): Promise<StoredBytes> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const chunk of body) {
        memory.reserve(chunk.length);
        length += chunk.length;
        observe?.(chunk);
        chunks.push(Uint8Array.from(chunk));
      }
    } catch (error) {
      memory.release(length);
      throw error;
    }
    return new StoredBytes(chunks);
  }

  static of(bytes: Uint8Array, memory: Memory): StoredBytes {
    memory.reserve(bytes.length);
    return new StoredBytes([Uint8Array.from(bytes)]);
  }

  /** All parts one after the other, sharing their chunks. */
  static concat(parts: readonly StoredBytes[]): StoredBytes {
    return new StoredBytes(parts.flatMap((part) => part.chunks));
  }

  /** Bytes from `start` up to but without `end`, sharing chunks. */
  slice(start: number, end: number): StoredBytes {
    const chunks: Uint8Array[] = [];
    let offset = 0;
    for (const chunk of this.chunks) {
      const from = Math.max(start - offset, 0);
      const to = Math.min(end - offset, chunk.length);
      if (from < to) chunks.push(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to));
      offset += chunk.length;
      if (offset >= end) break;
    }
    return new StoredBytes(chunks);
  }

  /** As a response's body: one chunk as it is, more as an iterable. */
  body(): Uint8Array | AsyncIterable<Uint8Array> {
    const { chunks } = this;
    if (chunks.length === 0) return new Uint8Array(0);
    if (chunks.length === 1) return chunks[0] as Uint8Array;
    return (async function* () {
      yield* chunks;
    })();
  }

  /** One array of everything. */
  bytes(): Uint8Array {
    if (this.chunks.length === 1) return this.chunks[0] as Uint8Array;
    const all = new Uint8Array(this.length);
    let offset = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, offset);
      offset += chunk.length;
    }
    return all;
  }
}
