/** One signal for a call, or an attempt of it, out of the signal over it and its timeout; and waits that end with it. */
import type { ResponseBody } from "../http/message.js";
import { abortedError } from "../http/transport-error.js";
import { CloudError } from "../internal/cloud-error.js";

export interface Deadline {
  /** Undefined when there is neither signal nor timeout. */
  readonly signal: AbortSignal | undefined;
  /** The body of the call's response, to be read through what this returns: its end lets go of the user's signal. */
  watch(body: ResponseBody): ResponseBody;
  /** Stops the timeout; the user's own signal stays linked while a watched body is in flight. */
  settle(): void;
}

export function startDeadline(
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
  code = "Timeout",
): Deadline {
  return timeoutMs === undefined ? new OwnSignal(signal) : new LinkedSignal(signal, timeoutMs, code);
}

/** Without a timeout the transport listens to the user's signal itself. */
class OwnSignal implements Deadline {
  readonly signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.signal = signal;
  }

  watch(body: ResponseBody): ResponseBody {
    return body;
  }

  settle(): void {}
}

class LinkedSignal implements Deadline {
  readonly #controller = new AbortController();
  readonly #users: AbortSignal | undefined;
  readonly #timer: ReturnType<typeof setTimeout>;
  #body: WatchedBody | undefined;
  #settled = false;

  constructor(users: AbortSignal | undefined, timeoutMs: number, code: string) {
    this.#users = users;
    this.#timer = setTimeout(() => this.#controller.abort(timeoutError(timeoutMs, code)), timeoutMs);
    if (users?.aborted) this.#abort();
    else users?.addEventListener("abort", this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly #abort = (): void => this.#controller.abort(this.#users?.reason);

  watch(body: ResponseBody): ResponseBody {
    if (this.#users === undefined) return body;
    // A failed attempt's body ends before the call does: only after that is the link of no use.
    this.#body = new WatchedBody(body, () => {
      if (this.#settled) this.#unlink();
    });
    return this.#body;
  }

  settle(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    if (this.#body === undefined || this.#body.ended) this.#unlink();
  }

  #unlink(): void {
    this.#users?.removeEventListener("abort", this.#abort);
  }
}

/** A body that says when it ended: read, failed, left or cancelled. */
class WatchedBody implements ResponseBody {
  readonly #body: ResponseBody;
  readonly #onEnd: () => void;
  ended = false;

  constructor(body: ResponseBody, onEnd: () => void) {
    this.#body = body;
    this.#onEnd = onEnd;
  }

  async bytes(limit?: number): Promise<Uint8Array> {
    try {
      return await this.#body.bytes(limit);
    } finally {
      this.#end();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#body;
    } finally {
      this.#end();
    }
  }

  cancel(): void {
    this.#body.cancel();
    this.#end();
  }

  #end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#onEnd();
  }
}

function timeoutError(timeoutMs: number, code: string): CloudError {
  return new CloudError(`No answer within ${timeoutMs} ms`, { kind: "timeout", code });
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedError(signal);
}

/** The promise's outcome, or the abort, whichever is first. For work that takes no signal itself. */
export function abortable<T>(work: Promise<T> | T, signal: AbortSignal | undefined): Promise<T> | T {
  if (signal === undefined || !(work instanceof Promise)) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(abortedError(signal));
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Resolves after `ms`, fails at once when the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortedError(signal));
    const abort = () => {
      clearTimeout(timer);
      reject(abortedError(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
