/** Sends by `fetch`: browsers, Deno, Bun, workers. */
import { CloudError } from "../internal/cloud-error.js";
import type {
  HeaderMap,
  HttpRequest,
  HttpResponse,
  RequestBody,
  ResponseBody,
  SendOptions,
  Transport,
} from "./message.js";
import { urlOf } from "./message.js";
import { isBlob, isWebStream, openBody, readStream } from "./request-body.js";
import { bytesBody, collect, usedTwice } from "./response-body.js";
import { abortedError, transportError } from "./transport-error.js";

export interface FetchTransportOptions {
  /** Default: the global one, looked up at each call so that it can be replaced. */
  fetch?: typeof globalThis.fetch;
}

/** Set by the platform from the URL and the body; browsers refuse them. */
const PLATFORM_HEADERS: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "expect",
]);

export function fetchTransport(options: FetchTransportOptions = {}): Transport {
  return {
    async send(request: HttpRequest, sendOptions: SendOptions = {}): Promise<HttpResponse> {
      if (sendOptions.duplex) throw oneWay();
      const fetch = options.fetch ?? globalThis.fetch;
      const idle = new IdleTimer(sendOptions, request.origin);
      try {
        const response = await fetch(urlOf(request), init(request, idle.signal));
        const headers: HeaderMap = {};
        response.headers.forEach((value, name) => {
          headers[name] = value;
        });
        idle.pause();
        return { status: response.status, headers, body: bodyOf(response, request.method, idle) };
      } catch (cause) {
        throw idle.errorOf(cause);
      }
    },
  };
}

/** The platform holds the response back until the whole body is sent: both sides would wait for each other. */
function oneWay(): CloudError {
  return new CloudError("Cannot stream both ways at once: fetch sends the whole request first", {
    kind: "notImplemented",
    code: "NotImplemented",
  });
}

function init(request: HttpRequest, signal: AbortSignal): RequestInit {
  const headers: [string, string][] = [];
  for (const name in request.headers) {
    if (!PLATFORM_HEADERS.has(name)) headers.push([name, request.headers[name] as string]);
  }
  const body = request.body === undefined ? undefined : fetchBody(request.body);
  return {
    method: request.method,
    headers,
    signal,
    redirect: "manual",
    ...(body !== undefined && { body }),
    // Streams are only taken with this, which the DOM's types do not know yet.
    ...(isWebStream(body) && { duplex: "half" }),
  };
}

function fetchBody(body: RequestBody): BodyInit {
  if (typeof body === "string" || body instanceof Uint8Array || isBlob(body)) return body as BodyInit;
  if (isWebStream(body)) return body;
  const chunks = openBody(body)[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}

function bodyOf(response: Response, method: string, idle: IdleTimer): ResponseBody {
  if (response.body === null || method === "HEAD") {
    idle.stop();
    return bytesBody();
  }
  // A platform that decoded the content leaves the length of the encoded one in the header.
  const declared = response.headers.has("content-encoding") ? null : response.headers.get("content-length");
  return new FetchBody(response.body, declared === null ? undefined : Number(declared), idle);
}

class FetchBody implements ResponseBody {
  readonly #stream: ReadableStream<Uint8Array>;
  readonly #length: number | undefined;
  readonly #idle: IdleTimer;
  #used = false;

  constructor(stream: ReadableStream<Uint8Array>, length: number | undefined, idle: IdleTimer) {
    this.#stream = stream;
    this.#length = length;
    this.#idle = idle;
  }

  bytes(limit?: number): Promise<Uint8Array> {
    return collect(this, limit);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#used) throw usedTwice();
    this.#used = true;
    return this.#read();
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    const idle = this.#idle;
    let received = 0;
    try {
      idle.resume();
      for await (const chunk of readStream(this.#stream)) {
        idle.pause();
        received += chunk.length;
        yield chunk;
        idle.resume();
      }
    } catch (cause) {
      throw idle.errorOf(cause, `after ${received} bytes of the response body`);
    } finally {
      idle.stop();
    }
    if (this.#length !== undefined && received !== this.#length) {
      const message = `The response body has ${received} bytes, ${this.#length} were declared`;
      throw transportError(received < this.#length ? "BodyTruncated" : "BodyTooLong", message);
    }
  }

  cancel(): void {
    this.#idle.stop();
    if (this.#used) return;
    this.#used = true;
    this.#stream.cancel().catch(() => undefined);
  }
}

/** One signal for fetch out of two reasons to stop: the caller's, and silence while we wait. */
class IdleTimer {
  readonly #controller = new AbortController();
  readonly #options: SendOptions;
  readonly #origin: string;
  readonly #onAbort = () => this.#controller.abort(this.#options.signal?.reason);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timedOut = false;

  constructor(options: SendOptions, origin: string) {
    this.#options = options;
    this.#origin = origin;
    const { signal } = options;
    if (signal?.aborted) this.#onAbort();
    signal?.addEventListener("abort", this.#onAbort);
    this.resume();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  resume(): void {
    const { idleTimeoutMs } = this.#options;
    if (idleTimeoutMs === undefined) return;
    this.#timer = setTimeout(() => {
      this.#timedOut = true;
      this.#controller.abort();
    }, idleTimeoutMs);
  }

  pause(): void {
    clearTimeout(this.#timer);
  }

  stop(): void {
    this.pause();
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
  }

  /** fetch tells little of what happened; we know whether we stopped it ourselves. */
  errorOf(cause: unknown, when = "before an answer"): Error {
    this.stop();
    if (this.#options.signal?.aborted) return abortedError(this.#options.signal);
    if (this.#timedOut) {
      const message = `No answer from ${this.#origin}: silent for ${this.#options.idleTimeoutMs} ms`;
      return transportError("IdleTimeout", message, cause);
    }
    const reason =
      (cause as { cause?: Error } | null)?.cause?.message ?? (cause as Error | null)?.message ?? cause;
    return transportError(
      "ConnectionFailed",
      `The connection to ${this.#origin} failed ${when}: ${reason}`,
      cause,
    );
  }
}
