/** The emulator on a port: node:http, streaming both ways. Loaded when `listen` is called. */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  validateHeaderName,
  validateHeaderValue,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { HeaderMap } from "../http/message.js";
import { NodeResponseBody } from "../http/node-response.js";
import { openBody } from "../http/request-body.js";
import { Exchanges, refuseTunnel } from "./exchanges.js";
import { ConnectionReset, type PipelineResponse } from "./pipeline.js";
import { EmulatorError, type IncomingRequest } from "./service.js";

export interface Listening {
  /** `http://127.0.0.1:4566` */
  readonly url: string;
  readonly port: number;
  /** Environment variables that point each vendor's tools and SDKs here. */
  readonly env: Readonly<Record<string, string>>;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** `refused` is why the server itself does not take the request: the service only says so in its own form. */
type Answer = (request: IncomingRequest, refused?: EmulatorError) => Promise<PipelineResponse>;

/** Longer than any client's own keep-alive, so that it is never the server that hangs up first. */
const KEEP_ALIVE_MS = 75_000;
/** User metadata, policies in headers and signed URLs are long. */
const HEADER_BYTES_MAX = 128 * 1024;
/** Longest silence in the middle of a request's body. */
const BODY_IDLE_MS = 60_000;

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly bodyIdleMs?: number;
}

export async function serve(
  answer: Answer,
  { host, port, bodyIdleMs = BODY_IDLE_MS }: ServeOptions,
): Promise<RunningServer> {
  const exchanges = new Exchanges();
  const take = (refused?: EmulatorError) => (message: IncomingMessage, response: ServerResponse) => {
    void exchange(answer, message, response, exchanges, refused ?? headless(message));
  };
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
      requestTimeout: 0,
      // Said in the service's own form.
      requireHostHeader: false,
    },
    take(),
  );
  // A client that shuts its side after the request still reads: Node's own default drops what it has not been answered.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on(
    "checkExpectation",
    take(new EmulatorError("ExpectationFailed", "The server meets 100-continue alone.", 417)),
  );
  server.on("clientError", (error, socket) => exchanges.refuse(error, socket as Socket));
  server.on("connect", (_message, socket) => refuseTunnel(socket as Socket));
  server.setTimeout(bodyIdleMs, (socket) => exchanges.onIdle(socket));
  await listening(server, host, port);
  const { port: bound } = server.address() as AddressInfo;
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${name}:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function headless({ headers, httpVersion }: IncomingMessage): EmulatorError | undefined {
  if (headers.host !== undefined || httpVersion === "1.0") return undefined;
  return new EmulatorError("MissingRequiredHeader", "The request has no Host header.", 400);
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function exchange(
  answer: Answer,
  message: IncomingMessage,
  response: ServerResponse,
  exchanges: Exchanges,
  refused: EmulatorError | undefined,
): Promise<void> {
  try {
    await send(await answer(incoming(message, response, exchanges), refused), message, response);
  } catch (error) {
    // Before the head a failure of ours, after it a body that broke: in both the client must see no whole answer.
    if (!(error instanceof ConnectionReset) && !response.headersSent) {
      response.statusCode = 500;
      response.end(error instanceof Error ? error.message : String(error));
    } else message.socket.destroy();
  }
}

function incoming(message: IncomingMessage, response: ServerResponse, exchanges: Exchanges): IncomingRequest {
  const target = message.url ?? "/";
  // Proxies send the whole URL; OPTIONS may send an asterisk.
  const local = target.startsWith("/") ? target : target.replace(/^[a-z]+:\/\/[^/?]*/i, "");
  const url = local.startsWith("/") ? local : `/${local}`;
  const mark = url.indexOf("?");
  const host = (message.headers.host ?? "localhost").toLowerCase();
  // What a handler leaves unread is read away: the client may have to send it all before it reads the answer.
  const body = new NodeResponseBody(message, () => {
    message.removeAllListeners("data");
    message.resume();
  });
  exchanges.begin({ message, response, body });
  return {
    method: message.method ?? "GET",
    origin: `http://${host}`,
    host,
    path: mark === -1 ? url : url.slice(0, mark),
    query: mark === -1 ? "" : url.slice(mark + 1),
    headers: headersOf(message),
    body,
    clientAddress: message.socket.remoteAddress,
  };
}

/** Azure keeps the case of metadata's names. */
const METADATA = "x-ms-meta-";

/** Every repeated header joined, where Node would keep only the first of some; without a space, as AWS signs it. */
function headersOf({ rawHeaders }: IncomingMessage): HeaderMap {
  const headers: HeaderMap = {};
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const sent = rawHeaders[i] as string;
    const lower = sent.toLowerCase();
    const name = lower.startsWith(METADATA) ? METADATA + sent.slice(METADATA.length) : lower;
    // Node reads header bytes as Latin-1; clients send UTF-8.
    const value = utf8(rawHeaders[i + 1] as string);
    headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  return headers;
}

function utf8(value: string): string {
  for (let i = 0; i < value.length; i++) {
    if (value.charCodeAt(i) > 127) return Buffer.from(value, "latin1").toString("utf8");
  }
  return value;
}

async function send(
  { status, headers, body, cutBodyAfterBytes }: PipelineResponse,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const whole = typeof body === "string" ? Buffer.from(body) : body instanceof Uint8Array ? body : undefined;
  const length = body === undefined ? 0 : whole?.length;
  const noBody = message.method === "HEAD" || status === 204 || status === 304;
  const sent: HeaderMap = { ...headers };
  if (length !== undefined && status !== 204 && status !== 304) sent["content-length"] ??= String(length);
  if (status === 204) delete sent["content-length"];
  writeHead(response, status, Object.entries(sent).map(latin1));
  if (noBody) {
    response.end();
  } else if (cutBodyAfterBytes !== undefined) {
    await sendCut(body, cutBodyAfterBytes, response);
    message.socket.destroy();
  } else if (body === undefined || whole !== undefined) {
    response.end(whole);
  } else {
    for await (const chunk of openBody(body)) if (!response.write(chunk)) await drained(response);
    response.end();
  }
}

/** What was stored through JSON may be no header: the rest of the answer is sent without it. */
function writeHead(response: ServerResponse, status: number, headers: readonly [string, string][]): void {
  try {
    response.writeHead(status, headers.flat());
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ERR_INVALID_CHAR" && code !== "ERR_INVALID_HTTP_TOKEN") throw error;
    response.writeHead(status, headers.filter(isHeader).flat());
  }
}

function isHeader([name, value]: readonly [string, string]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

/** Node writes header text as Latin-1: UTF-8 bytes go through it one character a byte. */
function latin1([name, value]: [string, string]): [string, string] {
  return [name, Buffer.from(value, "utf8").toString("latin1")];
}

async function sendCut(
  body: PipelineResponse["body"],
  afterBytes: number,
  response: ServerResponse,
): Promise<void> {
  let left = afterBytes;
  response.flushHeaders();
  for await (const chunk of openBody(body ?? "")) {
    if (left <= 0) break;
    response.write(chunk.subarray(0, left));
    left -= chunk.length;
  }
  // What was written must reach the client before the reset does.
  await new Promise((resolve) => setTimeout(resolve, 20));
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      response.off("drain", settle);
      response.off("close", closed);
      if (error) reject(error);
      else resolve();
    };
    const closed = () => settle(new ConnectionReset());
    response.once("drain", settle);
    response.once("close", closed);
  });
}
