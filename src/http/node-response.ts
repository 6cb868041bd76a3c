/** The body of a response of node:http, read lazily: nothing is taken from the socket until a reader asks. */
import type { IncomingMessage } from "node:http";
import type { CloudError } from "../internal/cloud-error.js";
import type { HeaderMap, ResponseBody } from "./message.js";
import { overLimit, usedTwice } from "./response-body.js";
import { transportError } from "./transport-error.js";

/** A reader that falls behind by so many bytes stops the socket. */
const BUFFERED_BYTES_MAX = 64 * 1024;
/** Left of a cancelled body: so much is cheaper to read away than a new connection is to make. */
const DRAINED_BYTES_MAX = 64 * 1024;
/**
 * From here on a declared length is set aside at once, which halves the peak; a shorter body is put together at its end: memory
 * that lives through a whole download is promoted, and then costs a full collection.
 */
const PREALLOCATED_BYTES_MIN = 16 * 1024 * 1024;
/** Up to here a declared length is believed. */
const PREALLOCATED_BYTES_MAX = 64 * 1024 * 1024;

type State = "unread" | "reading" | "ended" | "failed" | "cancelled";

export class NodeResponseBody implements ResponseBody {
  readonly #message: IncomingMessage;
  readonly #length: number | undefined;
  readonly #abandon: () => void;
  #state: State = "unread";
  #failure: CloudError | undefined;
  /** Called at the end, at a failure and at a chunk while somebody waits. */
  #wake: (() => void) | undefined;
  #received = 0;
  /** Silence was the reader's own doing; the socket's timer has to be started again. */
  #timerSpent = false;

  /** `abandon` gives up a message that is not read to its end. Default: its connection with it. */
  constructor(message: IncomingMessage, abandon: () => void = () => void message.destroy()) {
    this.#message = message;
    this.#abandon = abandon;
    const length = message.headers["content-length"];
    this.#length = length === undefined ? undefined : Number(length);
  }

  /** The exchange failed: the reader, now or later, fails with this. */
  fail(error: CloudError): void {
    if (this.#state === "ended" || this.#state === "failed" || this.#state === "cancelled") return;
    this.#state = "failed";
    this.#failure = error;
    this.#abandon();
    this.#notify();
  }

  /** The socket was silent for the idle timeout. False: only because the reader let it wait. */
  onIdle(): boolean {
    if (this.#state !== "reading" || this.#wake !== undefined || !this.#message.isPaused()) return true;
    this.#timerSpent = true;
    return false;
  }

  async bytes(limit?: number): Promise<Uint8Array> {
    this.#begin();
    const length = this.#length;
    if (limit !== undefined && length !== undefined && length > limit) {
      this.cancel();
      throw overLimit(limit);
    }
    const whole = new Collector(length);
    const message = this.#message;
    message.on("data", (chunk: Buffer) => {
      this.#received += chunk.length;
      if (limit !== undefined && this.#received > limit) this.fail(overLimit(limit) as CloudError);
      else whole.add(chunk);
    });
    await this.#settled();
    if (this.#failure !== undefined) throw this.#failure;
    return whole.take();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    this.#begin();
    const message = this.#message;
    const queue: Buffer[] = [];
    let queuedBytes = 0;
    message.on("data", (chunk: Buffer) => {
      this.#received += chunk.length;
      queuedBytes += chunk.length;
      queue.push(chunk);
      if (queuedBytes >= BUFFERED_BYTES_MAX) message.pause();
      this.#notify();
    });
    this.#watchEnd();
    try {
      for (;;) {
        for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) {
          queuedBytes -= chunk.length;
          yield chunk;
        }
        // Bytes that came before a failure are handed on first, then the failure: never a quiet end.
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#state !== "reading") return;
        const waiting = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        if (message.isPaused()) this.#resume();
        await waiting;
      }
    } finally {
      this.cancel();
    }
  }

  cancel(): void {
    if (this.#state === "ended" || this.#state === "failed" || this.#state === "cancelled") return;
    const message = this.#message;
    this.#state = "cancelled";
    this.#notify();
    if (
      message.complete ||
      (this.#length !== undefined && this.#length - this.#received <= DRAINED_BYTES_MAX)
    ) {
      message.removeAllListeners("data");
      message.resume();
    } else {
      this.#abandon();
    }
  }

  #begin(): void {
    if (this.#state === "failed") throw this.#failure;
    if (this.#state !== "unread") throw usedTwice();
    this.#state = "reading";
    if (this.#message.destroyed && !this.#message.readableEnded) {
      this.#failure = this.#truncated();
      this.#state = "failed";
      throw this.#failure;
    }
  }

  #resume(): void {
    if (this.#timerSpent) {
      this.#timerSpent = false;
      this.#message.socket.setTimeout(this.#message.socket.timeout ?? 0);
    }
    this.#message.resume();
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#watchEnd();
    });
  }

  #watchEnd(): void {
    const message = this.#message;
    message.on("end", () => {
      if (this.#state !== "reading") return;
      this.#state = "ended";
      this.#notify();
    });
    const cut = () => {
      if (this.#state === "reading") this.fail(this.#truncated());
    };
    message.on("error", cut);
    message.on("close", cut);
  }

  #truncated(): CloudError {
    const expected = this.#length === undefined ? "" : ` of ${this.#length}`;
    return transportError(
      "BodyTruncated",
      `The response body was cut: the connection closed after ${this.#received}${expected} bytes`,
    );
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/** Chunks into one array, copied once; a body of one chunk is not copied at all. */
class Collector {
  readonly #length: number | undefined;
  readonly #parts: Uint8Array[] = [];
  #whole: Uint8Array | undefined;
  #offset = 0;

  constructor(length: number | undefined) {
    this.#length = length;
  }

  add(chunk: Uint8Array): void {
    const length = this.#length;
    if (
      this.#whole === undefined &&
      length !== undefined &&
      length >= PREALLOCATED_BYTES_MIN &&
      length <= PREALLOCATED_BYTES_MAX &&
      chunk.length < length
    ) {
      this.#whole = Buffer.allocUnsafeSlow(length);
    }
    if (this.#whole === undefined) this.#parts.push(chunk);
    else this.#whole.set(chunk, this.#offset);
    this.#offset += chunk.length;
  }

  take(): Uint8Array {
    if (this.#whole !== undefined) return this.#whole;
    const [only] = this.#parts;
    if (only !== undefined && this.#parts.length === 1) return only;
    const whole = Buffer.allocUnsafeSlow(this.#offset);
    let offset = 0;
    for (const part of this.#parts) {
      whole.set(part, offset);
      offset += part.length;
    }
    return whole;
  }
}

/** Node joins repeated headers itself, but for Set-Cookie. */
export function headersOf(message: IncomingMessage): HeaderMap {
  const headers = message.headers;
  const cookies = headers["set-cookie"];
  if (cookies !== undefined)
    (headers as Record<string, string | string[]>)["set-cookie"] = cookies.join(", ");
  return headers as HeaderMap;
}
