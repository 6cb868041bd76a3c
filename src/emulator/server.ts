/** The emulator on a port: node:http, streaming both ways. Loaded when `listen` is called. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { HeaderMap } from "../http/message.js";
import { NodeResponseBody } from "../http/node-response.js";
import { openBody } from "../http/request-body.js";
import { transportError } from "../http/transport-error.js";
import { ConnectionReset, type PipelineResponse } from "./pipeline.js";
import type { IncomingRequest } from "./service.js";

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

type Answer = (request: IncomingRequest) => Promise<PipelineResponse>;

/** Longer than any client's own keep-alive, so that it is never the server that hangs up first. */
const KEEP_ALIVE_MS = 75_000;
/** User metadata, policies in headers and signed URLs are long. */
const HEADER_BYTES_MAX = 128 * 1024;

export async function serve(answer: Answer, host: string, port: number): Promise<RunningServer> {
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: HEADER_BYTES_MAX, requestTimeout: 0 },
    (message, response) => {
      void exchange(answer, message, response);
    },
  );
  // TRACE and CONNECT have no business here; a client error closes its own socket only.
  server.on("clientError", (_error, socket) => socket.destroy());
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

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function exchange(answer: Answer, message: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await send(await answer(incoming(message)), message, response);
  } catch (error) {
    // Before the head a failure of ours, after it a body that broke: in both the client must see no whole answer.
    if (!(error instanceof ConnectionReset) && !response.headersSent) {
      response.statusCode = 500;
      response.end(error instanceof Error ? error.message : String(error));
    } else message.socket.destroy();
  }
}

function incoming(message: IncomingMessage): IncomingRequest {
  const target = message.url ?? "/";
  // Proxies send the whole URL.
  const url = target.startsWith("/") ? target : target.replace(/^[a-z]+:\/\/[^/]*/i, "");
  const mark = url.indexOf("?");
  const host = (message.headers.host ?? "localhost").toLowerCase();
  const body = new NodeResponseBody(message);
  // A client that goes away in the middle of its body: who reads it must not wait for ever.
  message.once("close", () => {
    if (!message.complete) body.fail(transportError("BodyTruncated", "The client closed the connection"));
  });
  return {
    method: message.method ?? "GET",
    origin: `http://${host}`,
    host,
    path: mark === -1 ? url : url.slice(0, mark),
    query: mark === -1 ? "" : url.slice(mark + 1),
    headers: headersOf(message),
    body,
  };
}

/** Every repeated header joined, where Node would keep only the first of some. */
function headersOf({ rawHeaders }: IncomingMessage): HeaderMap {
  const headers: HeaderMap = {};
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    // Node reads header bytes as Latin-1; clients send UTF-8.
    const value = utf8(rawHeaders[i + 1] as string);
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
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
  response.writeHead(status, Object.entries(sent).flatMap(latin1));
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
