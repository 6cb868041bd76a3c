/** Sends requests by node:http and node:https, as close to the bare modules as can be. */
import type { ClientRequest, IncomingMessage } from "node:http";
import { invalidInput, isCloudError } from "../internal/cloud-error.js";
import { allowListeners } from "./abort-listeners.js";
import {
  DEFAULT_IDLE_TIMEOUT_MS,
  type HttpRequest,
  type HttpResponse,
  type SendOptions,
  type Transport,
} from "./message.js";
import { NodeAgents, type NodeTransportOptions, type Route } from "./node-agents.js";
import { headersOf, NodeResponseBody } from "./node-response.js";
import { bodyLength, isReplayable, openBody } from "./request-body.js";
import { abortedError, fromSystemError, transportError } from "./transport-error.js";

export type { NodeTransportOptions };

export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** A peer that does not know Expect: 100-continue says nothing; after so long the body is sent all the same. */
const CONTINUE_TIMEOUT_MS = 1_000;
const NO_OPTIONS: SendOptions = {};

export function nodeTransport(options: NodeTransportOptions = {}): Transport {
  return new NodeTransport(options);
}

class NodeTransport implements Transport {
  readonly #agents: NodeAgents;
  readonly #options: NodeTransportOptions;
  #duplex: Promise<Transport> | undefined;

  constructor(options: NodeTransportOptions) {
    this.#options = options;
    this.#agents = new NodeAgents(options, DEFAULT_IDLE_TIMEOUT_MS);
  }

  send(request: HttpRequest, options: SendOptions = NO_OPTIONS): Promise<HttpResponse> {
    if (options.duplex) return this.#sendDuplex(request, options);
    return new Promise((resolve, reject) => {
      const { signal } = options;
      if (signal?.aborted) return reject(abortedError(signal));
      try {
        new Exchange(this.#agents, request, options, resolve, reject).start();
      } catch (error) {
        // node:http refuses characters that would break out of a header or the request line.
        reject(
          isCloudError(error)
            ? error
            : invalidInput(`Cannot send the request: ${(error as Error).message}`, { cause: error }),
        );
      }
    });
  }

  close(): void {
    this.#agents.close();
    void this.#duplex?.then((transport) => transport.close?.());
  }

  /** HTTP/2, loaded when the first such request is sent: few programs send any. */
  async #sendDuplex(request: HttpRequest, options: SendOptions): Promise<HttpResponse> {
    this.#duplex ??= import("./http2-transport.js").then(({ http2Transport }) =>
      http2Transport(this.#options),
    );
    return (await this.#duplex).send(request, options);
  }
}

/** One request and its response, on one connection; on a second one when a kept connection turned out to be closed. */
class Exchange {
  readonly #agents: NodeAgents;
  readonly #request: HttpRequest;
  readonly #options: SendOptions;
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: unknown) => void;
  readonly #route: Route;
  #client: ClientRequest | undefined;
  #body: NodeResponseBody | undefined;
  #onAbort: (() => void) | undefined;
  #restarted = false;
  #settled = false;
  /** No more of the request's body is wanted. */
  #stopSending = false;

  constructor(
    agents: NodeAgents,
    request: HttpRequest,
    options: SendOptions,
    resolve: (response: HttpResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.#agents = agents;
    this.#request = request;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#route = agents.route(request.origin);
  }

  start(): void {
    const { method, body } = this.#request;
    const route = this.#route;
    const length = bodyLength(body);
    const idleTimeoutMs = this.#options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS;
    const client = route.module.request({
      host: route.host,
      port: route.port,
      method,
      path: route.pathPrefix + target(this.#request),
      headers: rawHeaders(this.#request, route, length),
      agent: route.agent,
      timeout: idleTimeoutMs,
      connectTimeoutMs: this.#options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    } as import("node:http").RequestOptions);
    this.#client = client;
    client.on("response", (message) => this.#onResponse(message));
    client.on("error", (error) => this.#onError(error));
    client.on("timeout", () => this.#onIdle(idleTimeoutMs));
    this.#watchSignal(client);
    if (body === undefined) client.end();
    else if (this.#request.headers.expect === "100-continue") this.#sendAfterContinue(client);
    else this.#sendBody(client);
  }

  #sendAfterContinue(client: ClientRequest): void {
    client.flushHeaders();
    let waiting = true;
    const proceed = () => {
      if (!waiting) return;
      waiting = false;
      clearTimeout(timer);
      if (!this.#stopSending) this.#sendBody(client);
    };
    const timer = setTimeout(proceed, CONTINUE_TIMEOUT_MS);
    client.on("continue", proceed);
    client.on("close", () => clearTimeout(timer));
  }

  #sendBody(client: ClientRequest): void {
    const body = this.#request.body as NonNullable<HttpRequest["body"]>;
    if (typeof body === "string" || body instanceof Uint8Array) client.end(body);
    else void this.#pump(client, openBody(body));
  }

  /** Writes a stream as fast as the connection takes it, and holds it to the declared length. */
  async #pump(client: ClientRequest, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const declared = this.#request.headers["content-length"];
    const length = declared === undefined ? bodyLength(this.#request.body) : Number(declared);
    let sent = 0;
    try {
      for await (const chunk of chunks) {
        if (client.destroyed || this.#stopSending) return;
        sent += chunk.length;
        if (length !== undefined && sent > length) throw wrongLength(length, `has more`);
        if (!client.write(chunk)) await drained(client);
      }
      if (length !== undefined && sent < length) throw wrongLength(length, `ended after ${sent}`);
      client.end();
    } catch (error) {
      this.#fail(
        transportError(
          "RequestBodyFailed",
          `Cannot send the request body: ${(error as Error)?.message ?? error}`,
          error,
        ),
      );
    }
  }

  #onResponse(message: IncomingMessage): void {
    const client = this.#client as ClientRequest;
    const body = new NodeResponseBody(message);
    this.#body = body;
    this.#settled = true;
    const status = message.statusCode as number;
    if (!client.writableEnded && status >= 300) {
      // The answer came before the whole request: no point in sending the rest, and the connection cannot be kept.
      this.#stopSending = true;
      message.on("close", () => client.destroy());
    }
    this.#resolve({ status, headers: headersOf(message), body });
  }

  #onError(error: Error & { code?: string }): void {
    const client = this.#client as ClientRequest;
    if (this.#body !== undefined) {
      this.#body.fail(fromLateError(error, this.#request.origin));
      return;
    }
    const stale = client.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
    if (stale && !this.#restarted && !this.#settled && isReplayable(this.#request.body)) {
      // The peer closed a kept connection while this request was on its way: it has not seen it.
      this.#restarted = true;
      this.#agents.dropIdle(this.#route);
      this.start();
      return;
    }
    this.#fail(fromSystemError(error, this.#request.origin));
  }

  #onIdle(idleTimeoutMs: number): void {
    if (this.#body !== undefined && !this.#body.onIdle()) return;
    this.#fail(
      transportError("IdleTimeout", `No answer from ${this.#request.origin}: silent for ${idleTimeoutMs} ms`),
    );
  }

  /** Ends the exchange, whichever half of it is under way. */
  #fail(error: ReturnType<typeof transportError>): void {
    this.#stopSending = true;
    if (this.#body !== undefined) {
      this.#body.fail(error);
    } else if (!this.#settled) {
      this.#settled = true;
      this.#reject(error);
    }
    this.#client?.destroy();
  }

  #watchSignal(client: ClientRequest): void {
    const { signal } = this.#options;
    if (signal === undefined) return;
    if (this.#onAbort === undefined) {
      this.#onAbort = () => this.#fail(abortedError(signal));
      allowListeners(signal);
      signal.addEventListener("abort", this.#onAbort);
    }
    // `close` comes when the response is read to its end, and in every failure.
    client.on("close", () => {
      if (this.#client === client) signal.removeEventListener("abort", this.#onAbort as () => void);
    });
  }
}

function target(request: HttpRequest): string {
  return request.query === "" ? request.path : `${request.path}?${request.query}`;
}

/** Name, value, name, value: the form that node:http writes without a look at each. It then adds no Host or length itself. */
function rawHeaders(request: HttpRequest, route: Route, length: number | undefined): string[] {
  const { headers, method } = request;
  const raw: string[] = headers.host === undefined ? ["host", route.hostHeader] : [];
  for (const name in headers) raw.push(name, headers[name] as string);
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) {
    const bodiless =
      request.body === undefined && (method === "GET" || method === "HEAD" || method === "DELETE");
    if (length === undefined) raw.push("transfer-encoding", "chunked");
    else if (!bodiless) raw.push("content-length", String(length));
  }
  if (route.extraHeaders.length > 0) raw.push(...route.extraHeaders);
  return raw;
}

/** After a response head, bytes that do not parse are bytes beyond the declared length. */
function fromLateError(error: Error & { code?: string }, origin: string): ReturnType<typeof transportError> {
  if (error.code?.startsWith("HPE_")) {
    return transportError(
      "BodyTooLong",
      `The response of ${origin} is longer than declared, or malformed`,
      error,
    );
  }
  return fromSystemError(error, origin);
}

function wrongLength(length: number, fact: string): Error {
  return new Error(`its length was declared as ${length} bytes but it ${fact}`);
}

function drained(client: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      client.off("drain", done);
      client.off("close", done);
      resolve();
    };
    client.on("drain", done);
    client.on("close", done);
  });
}
