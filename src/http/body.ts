/** The body of a streamed output as users get it. */
import type { ResponseBody } from "./message.js";

/**
 * A body in flight. Use one of its readers, once. Left unread it is dropped, and its connection let go, when it is
 * garbage or after the idle timeout; `cancel()` does it at once.
 */
export interface Body extends AsyncIterable<Uint8Array> {
  /** Content-Length, where the response has one. */
  readonly contentLength: number | undefined;
  bytes(): Promise<Uint8Array>;
  /** UTF-8. */
  text(): Promise<string>;
  json(): Promise<unknown>;
  stream(): ReadableStream<Uint8Array>;
  nodeStream(): import("node:stream").Readable;
  /** Into a web WritableStream or a Node Writable; resolves when all is written. */
  pipeTo(destination: WritableStream<Uint8Array> | NodeJS.WritableStream): Promise<void>;
  cancel(): void;
}

export declare function createBody(source: ResponseBody, contentLength?: number): Body;
