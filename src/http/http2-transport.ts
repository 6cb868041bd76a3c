/**
 * HTTP/2: one connection an origin, many streams on it. For services whose requests and responses stream at the same time:
 * the response is there as soon as its head is, while the request's body is still being sent.
 */
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import type { Duplex } from "node:stream";
import { type CloudError, isCloudError } from "../internal/cloud-error.js";
import { allowListeners } from "./abort-listeners.js";
import {
  DEFAULT_IDLE_TIMEOUT_MS,
  type HeaderMap,
  type HttpRequest,
  type HttpResponse,
  type ResponseBody,
  type SendOptions,
  type Transport,
} from "./message.js";
import { trustedAuthorities } from "./node-agents.js";
import { DEFAULT_CONNECT_TIMEOUT_MS, type NodeTransportOptions } from "./node-transport.js";
import { openTunnel, portOf, proxyOf } from "./proxy.js";
import { openBody } from "./request-body.js";
import { collect, usedTwice } from "./response-body.js";
import { abortedError, fromSystemError, transportError } from "./transport-error.js";

export type Http2TransportOptions = Pick<NodeTransportOptions, "ca" | "caFile" | "env">;

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

/** A connection and the streams that run on it. Idle ones do not keep the process alive. */
interface Connection {
  readonly session: ClientHttp2Session;
  streams: number;
}

class Http2Transport implements Transport {
  readonly #options: Http2TransportOptions;
  readonly #connections = new Map<string, Connection>();

  constructor(options: Http2TransportOptions) {
    this.#options = options;
  }

  async send(request: HttpRequest, options: SendOptions = {}): Promise<HttpResponse> {
    const { signal } = options;
    if (signal?.aborted) throw abortedError(signal);
    const connection = this.#known(request.origin) ?? (await this.#open(request.origin, options));
    if (signal?.aborted) throw abortedError(signal);
    return new Promise((resolve, reject) => exchange(connection, request, options, resolve, reject));
  }

  close(): void {
    for (const { session } of this.#connections.values()) session.close();
    this.#connections.clear();
  }

  #known(origin: string): Connection | undefined {
    const known = this.#connections.get(origin);
    return known === undefined || known.session.closed || known.session.destroyed ? undefined : known;
  }

  async #open(
    origin: string,
    { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS }: SendOptions,
  ): Promise<Connection> {
    const url = new URL(origin);
    const ca = trustedAuthorities(this.#options);
    const proxy = proxyOf(url, this.#options.env ?? process.env);
    const tunnel = proxy && (await tunnelTo(url, proxy, ca));
    const { connect } = process.getBuiltinModule("node:http2");
    const session = connect(origin, {
      ...(ca !== undefined && { ca }),
      ...(tunnel !== undefined && { createConnection: () => tunnel }),
    });
    const connection: Connection = { session, streams: 0 };
    this.#connections.set(origin, connection);
    const timer = setTimeout(() => {
      const message = `Cannot reach ${origin}: no connection within ${connectTimeoutMs} ms`;
      session.destroy(transportError("ConnectTimeout", message));
    }, connectTimeoutMs);
    session.once("connect", () => clearTimeout(timer));
    const forget = () => {
      clearTimeout(timer);
      if (this.#connections.get(origin) === connection) this.#connections.delete(origin);
    };
    session.once("close", forget);
    session.once("goaway", forget);
    // Streams report the failure to whoever waits for them.
    session.on("error", forget);
    return connection;
  }
}

async function tunnelTo(url: URL, proxy: URL, ca: string[] | undefined): Promise<Duplex> {
  const socket = await openTunnel(proxy, `${url.hostname}:${portOf(url)}`);
  if (url.protocol === "http:") return socket;
  const { connect } = process.getBuiltinModule("node:tls");
  return connect({
    socket,
    servername: url.hostname,
    ALPNProtocols: ["h2"],
    ...(ca !== undefined && { ca }),
  });
}

function exchange(
  connection: Connection,
  request: HttpRequest,
  options: SendOptions,
  resolve: (response: HttpResponse) => void,
  reject: (error: unknown) => void,
): void {
  const { signal, idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS } = options;
  const { origin, body } = request;
  const { session } = connection;
  const stream = session.request(headersOf(request), { endStream: body === undefined });
  if (connection.streams++ === 0) session.ref();
  const response = new Http2Body(stream);
  const fail = (error: CloudError) => {
    response.fail(error);
    reject(error);
    stream.close(process.getBuiltinModule("node:http2").constants.NGHTTP2_CANCEL);
    stream.destroy();
  };
  const onAbort = () => fail(abortedError(signal));
  if (signal !== undefined) allowListeners(signal);
  signal?.addEventListener("abort", onAbort);
  stream.on("response", (headers) => resolve(answer(headers, response)));
  stream.on("error", (error) => fail(fromSystemError(rootOf(error), origin)));
  stream.setTimeout(idleTimeoutMs, () => {
    fail(transportError("IdleTimeout", `No answer from ${origin}: silent for ${idleTimeoutMs} ms`));
  });
  stream.on("close", () => {
    signal?.removeEventListener("abort", onAbort);
    if (--connection.streams === 0) session.unref();
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
    // What the signature covers as Host; left to itself, Node would write a default port too.
    ":authority": request.headers.host ?? new URL(request.origin).host,
  };
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
    fail(isCloudError(error) ? error : bodyFailed(error));
  }
}

function bodyFailed(cause: unknown): CloudError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return transportError("RequestBodyFailed", `Cannot send the request body: ${reason}`, cause);
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
