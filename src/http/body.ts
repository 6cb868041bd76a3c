/** The body of a streamed output as users get it. */
import type { ResponseBody } from "./message.js";
import { usedTwice } from "./response-body.js";

/**
 * A body in flight. Use one of its readers, once. Left unread it is dropped, and its connection let go, when it is
 * garbage or after the idle timeout; `cancel()` does it at once.
 */
export interface Body extends AsyncIterable<Uint8Array> {
  /** Content-Length, where the response has one. */
  readonly contentLength: number | undefined;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** UTF-8. */
  text(): Promise<string>;
  json(): Promise<unknown>;
  /** Pipes through what the platform has: `new DecompressionStream("gzip")`. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
  nodeStream(): import("node:stream").Readable;
  /** Into a web WritableStream or a Node Writable; resolves when all is written. */
  pipeTo(destination: WritableStream<Uint8Array> | NodeJS.WritableStream): Promise<void>;
  cancel(): void;
}

export function createBody(source: ResponseBody, contentLength?: number): Body {
  return new StreamedBody(source, contentLength);
}

/** The source must not lead back to its Body, or the Body would never be garbage. */
const abandoned = /* @__PURE__ */ new FinalizationRegistry<ResponseBody>((source) => source.cancel());
/**
 * Made in this turn of the event loop, and watched if nobody reads them within it. Nearly all are read at once, and entries of
 * a registry are dear: with one for each body V8 collects its whole heap every few megabytes.
 */
const unwatched: StreamedBody[] = [];

function watchLater(body: StreamedBody): void {
  if (unwatched.push(body) > 1) return;
  const watchAll = () => {
    for (const each of unwatched.splice(0)) each.watch();
  };
  if (typeof setImmediate === "function") setImmediate(watchAll);
  else setTimeout(watchAll);
}

class StreamedBody implements Body {
  readonly contentLength: number | undefined;
  readonly #source: ResponseBody;
  #used = false;

  constructor(source: ResponseBody, contentLength: number | undefined) {
    this.#source = source;
    this.contentLength = contentLength;
    watchLater(this);
  }

  /** Lets the connection go once nobody can read the body any more. */
  watch(): void {
    if (!this.#used) abandoned.register(this, this.#source, this);
  }

  #take(): ResponseBody {
    if (this.#used) throw usedTwice();
    this.#used = true;
    abandoned.unregister(this);
    return this.#source;
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = (await this.#take().bytes()) as Uint8Array<ArrayBuffer>;
    // A Buffer is a Uint8Array of other manners (slice shares, toString decodes): users get the plain one.
    return bytes.constructor === Uint8Array
      ? bytes
      : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.#take().bytes());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#take()[Symbol.asyncIterator]();
  }

  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const source = this.#take();
    // Nothing that we receive lies in shared memory; the platform's streams and Blob ask for that to be said.
    const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array<ArrayBuffer>>;
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        async pull(controller) {
          const { done, value } = await iterator.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: () => source.cancel(),
      },
      { highWaterMark: 0 },
    );
  }

  nodeStream(): import("node:stream").Readable {
    const { Readable } = process.getBuiltinModule("node:stream");
    return Readable.from(this.#take(), { objectMode: false });
  }

  async pipeTo(destination: WritableStream<Uint8Array> | NodeJS.WritableStream): Promise<void> {
    if ("getWriter" in destination) return this.stream().pipeTo(destination);
    const { pipeline } = process.getBuiltinModule("node:stream/promises");
    await pipeline(this.#take(), destination as NodeJS.WritableStream);
  }

  cancel(): void {
    this.#used = true;
    abandoned.unregister(this);
    this.#source.cancel();
  }
}
