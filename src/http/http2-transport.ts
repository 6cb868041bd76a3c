/**
 * HTTP/2: one connection an origin, many streams on it. For services whose requests and responses stream at the same time:
 * the response is there as soon as its head is, while the request's body is still being sent.
 */
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import type { CloudError } from "../internal/cloud-error.js";
import type {
  HeaderMap,
  HttpRequest,
  HttpResponse,
  ResponseBody,
  SendOptions,
  Transport,
} from "./message.js";
import { DEFAULT_CONNECT_TIMEOUT_MS, DEFAULT_IDLE_TIMEOUT_MS } from "./node-transport.js";
import { openBody } from "./request-body.js";
import { collect, usedTwice } from "./response-body.js";
import { abortedError, fromSystemError, transportError } from "./transport-error.js";

export interface Http2TransportOptions {
  /** PEM certificate authorities to trust instead of Node's own. */
  ca?: string | undefined;
}

/** Of HTTP/1.1 connections; HTTP/2 refuses them. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "transfer-encoding",
  "expect",
  "keep-alive",
]);

export function http2Transport(options: Http2TransportOptions = {}): Transport {
  return new Http2Transport(options);
}

class Http2Transport implements Transport {
  readonly #options: Http2TransportOptions;
  readonly #sessions = new Map<string, ClientHttp2Session>();

  constructor(options: Http2TransportOptions) {
    this.#options = options;
  }

  async send(request: HttpRequest, options: SendOptions = {}): Promise<HttpResponse> {
    const { signal } = options;
    if (signal?.aborted) throw abortedError(signal);
    const session = this.#session(request.origin, options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS);
    return new Promise((resolve, reject) => exchange(session, request, options, resolve, reject));
  }

  close(): void {
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
  }

  #session(origin: string, connectTimeoutMs: number): ClientHttp2Session {
    const known = this.#sessions.get(origin);
    if (known !== undefined && !known.closed && !known.destroyed) return known;
    const { connect } = process.getBuiltinModule("node:http2");
    const session = connect(origin, this.#options.ca === undefined ? {} : { ca: this.#options.ca });
    this.#sessions.set(origin, session);
    const timer = setTimeout(() => {
      const message = `Cannot reach ${origin}: no connection within ${connectTimeoutMs} ms`;
      session.destroy(transportError("ConnectTimeout", message));
    }, connectTimeoutMs);
    session.once("connect", () => {
      clearTimeout(timer);
      // Idle connections must not keep the process alive; streams hold it while they run.
      session.unref();
    });
    const forget = () => {
      clearTimeout(timer);
      if (this.#sessions.get(origin) === session) this.#sessions.delete(origin);
    };
    session.once("close", forget);
    session.once("goaway", forget);
    // Streams report the failure to whoever waits for them.
    session.on("error", forget);
    return session;
  }
}

function exchange(
  session: ClientHttp2Session,
  request: HttpRequest,
  options: SendOptions,
  resolve: (response: HttpResponse) => void,
  reject: (error: unknown) => void,
): void {
  const { signal, idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS } = options;
  const { origin, body } = request;
  const stream = session.request(headersOf(request), { endStream: body === undefined });
  session.ref();
  const response = new Http2Body(stream);
  const fail = (error: CloudError) => {
    response.fail(error);
    reject(error);
    stream.destroy();
  };
  const onAbort = () => fail(abortedError(signal));
  signal?.addEventListener("abort", onAbort);
  stream.on("response", (headers) => resolve(answer(headers, response)));
  stream.on("error", (error) => fail(fromSystemError(rootOf(error), origin)));
  stream.setTimeout(idleTimeoutMs, () => {
    fail(transportError("IdleTimeout", `No answer from ${origin}: silent for ${idleTimeoutMs} ms`));
  });
  stream.on("close", () => {
    signal?.removeEventListener("abort", onAbort);
    session.unref();
    // Settled already when the response came; a stream that closes without one has failed.
    reject(fromSystemError(resetError(stream), origin));
  });
  if (body !== undefined) void pump(stream, openBody(body), fail);
}

/** A stream is cancelled when its connection fails; what happened to the connection is the cause. */
function rootOf(error: Error & { code?: string }): unknown {
  return error.code === "ERR_HTTP2_STREAM_CANCEL" ? (error.cause ?? error) : error;
}

function resetError(stream: ClientHttp2Stream): Error {
  return Object.assign(new Error(`the stream was closed with code ${stream.rstCode}`), {
    code: "ECONNRESET",
  });
}

function headersOf(request: HttpRequest): Record<string, string> {
  const headers: Record<string, string> = {
    ":method": request.method,
    ":path": request.query === "" ? request.path : `${request.path}?${request.query}`,
  };
  // The authority is what the signature covers as Host.
  if (request.headers.host !== undefined) headers[":authority"] = request.headers.host;
  for (const name in request.headers) {
    if (!CONNECTION_HEADERS.has(name)) headers[name] = request.headers[name] as string;
  }
  return headers;
}

function answer(
  received: IncomingHttpHeaders & { ":status"?: number | undefined },
  body: ResponseBody,
): HttpResponse {
  const headers: HeaderMap = {};
  for (const [name, value] of Object.entries(received)) {
    if (!name.startsWith(":")) headers[name] = Array.isArray(value) ? value.join(", ") : String(value);
  }
  return { status: received[":status"] ?? 0, headers, body };
}

async function pump(
  stream: ClientHttp2Stream,
  chunks: AsyncIterable<Uint8Array>,
  fail: (error: CloudError) => void,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (stream.destroyed || stream.closed) return;
      if (!stream.write(chunk)) await drained(stream);
    }
    stream.end();
  } catch (error) {
    fail(
      transportError(
        "RequestBodyFailed",
        `Cannot send the request body: ${(error as Error)?.message ?? error}`,
        error,
      ),
    );
  }
}

function drained(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
  });
}

class Http2Body implements ResponseBody {
  readonly #stream: ClientHttp2Stream;
  #failure: CloudError | undefined;
  #used = false;

  constructor(stream: ClientHttp2Stream) {
    this.#stream = stream;
  }

  fail(error: CloudError): void {
    this.#failure ??= error;
  }

  bytes(limit?: number): Promise<Uint8Array> {
    return collect(this, limit);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.#used) throw usedTwice();
    this.#used = true;
    try {
      for await (const chunk of this.#stream) yield chunk as Uint8Array;
    } catch (error) {
      throw this.#failure ?? fromSystemError(error, "the service");
    }
    // A reset without an error ends the readable side as if all were there.
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#stream.rstCode !== 0) {
      throw transportError(
        "BodyTruncated",
        `The response body was cut: stream reset with code ${this.#stream.rstCode}`,
      );
    }
  }

  cancel(): void {
    this.#used = true;
    const { constants } = process.getBuiltinModule("node:http2");
    if (!this.#stream.closed) this.#stream.close(constants.NGHTTP2_CANCEL);
  }
}
