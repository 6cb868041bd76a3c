/** A transport without a network: a function answers. The emulator and stubs are reached this way. */
import type { HttpRequest, HttpResponse, ResponseBody, SendOptions, Transport } from "./message.js";
import { collect } from "./response-body.js";
import { abortedError } from "./transport-error.js";

export type Handler = (request: HttpRequest) => Promise<HttpResponse>;

export function inProcessTransport(handler: Handler): Transport {
  return {
    async send(request: HttpRequest, options?: SendOptions): Promise<HttpResponse> {
      const signal = options?.signal;
      if (signal === undefined) return handler(request);
      if (signal.aborted) throw abortedError(signal);
      const response = await untilAborted(handler(request), signal, (late) => late.body.cancel());
      return { ...response, body: new AbortableBody(response.body, signal) };
    },
  };
}

/** The caller stops waiting at once; what the handler answers later is let go. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal, drop: (late: T) => void): Promise<T> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(abortedError(signal));
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    if (signal.aborted) work.then(drop, () => undefined);
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort as () => void);
  }
}

class AbortableBody implements ResponseBody {
  readonly #source: ResponseBody;
  readonly #signal: AbortSignal;

  constructor(source: ResponseBody, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  bytes(limit?: number): Promise<Uint8Array> {
    return collect(this, limit);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const iterator = this.#source[Symbol.asyncIterator]();
    try {
      for (;;) {
        if (this.#signal.aborted) throw abortedError(this.#signal);
        const { done, value } = await untilAborted(iterator.next(), this.#signal, () => undefined);
        if (done) return;
        yield value;
      }
    } finally {
      this.cancel();
    }
  }

  cancel(): void {
    this.#source.cancel();
  }
}
