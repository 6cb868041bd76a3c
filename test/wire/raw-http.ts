/** HTTP/1.1 byte by byte: what no client library would send, and answers read strictly, as RFC 9112 frames them. */
import { connect, type Socket } from "node:net";

export interface RawResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface RawAnswer {
  /** Final responses in order; interim ones (100) are left out. */
  readonly responses: readonly RawResponse[];
  /** Bytes after the last whole response: an answer that was cut. */
  readonly rest: string;
  readonly closed: boolean;
}

export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

export function serialize({ method, target, headers, body }: RawRequest): Uint8Array {
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${head}\r\n`, "latin1"), body]);
}

export interface ExchangeOptions {
  readonly port: number;
  /** Methods of the requests that the bytes hold: a HEAD has no body in its answer. */
  readonly methods: readonly string[];
  /** Shuts the writing side once all is written. Default true. */
  readonly end?: boolean;
  /** Longest wait for the answers. */
  readonly waitMs?: number;
}

/** Sends the pieces one after the other, each in a packet of its own, and reads until every request is answered or the socket ends. */
export async function exchange(
  pieces: readonly Uint8Array[],
  { port, methods, end = true, waitMs = 10_000 }: ExchangeOptions,
): Promise<RawAnswer> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let received = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`No whole answer after ${waitMs} ms: ${JSON.stringify(received.slice(0, 300))}`));
    }, waitMs);
    const finish = (closed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ...readResponses(received, methods, closed), closed });
    };
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (readResponses(received, methods, false).responses.length >= methods.length) finish(false);
    });
    socket.on("end", () => finish(true));
    socket.on("close", () => finish(true));
    // A server that has answered may reset what is still being sent.
    socket.on("error", () => undefined);
    socket.once("connect", () => void write(socket, pieces, end));
  });
}

async function write(socket: Socket, pieces: readonly Uint8Array[], end: boolean): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    await new Promise((sent) => socket.write(piece, sent));
    if (pieces.length > 1) await new Promise((later) => setImmediate(later));
  }
  if (end && !socket.destroyed) socket.end();
}

function readResponses(
  text: string,
  methods: readonly string[],
  closed: boolean,
): Pick<RawAnswer, "responses" | "rest"> {
  const responses: RawResponse[] = [];
  let at = 0;
  while (at < text.length) {
    const read = readResponse(text, at, methods[responses.length] ?? "GET", closed);
    if (read === undefined) break;
    at = read.end;
    if (read.response.status >= 200) responses.push(read.response);
  }
  return { responses, rest: text.slice(at) };
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) [^\r\n]*$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([^\r\n]*)$/;

/** Undefined: not all of it is there. Throws where it can never become a response. */
function readResponse(
  text: string,
  from: number,
  method: string,
  closed: boolean,
): { response: RawResponse; end: number } | undefined {
  const headEnd = text.indexOf("\r\n\r\n", from);
  if (headEnd === -1) return undefined;
  const [first = "", ...lines] = text.slice(from, headEnd).split("\r\n");
  const status = Number(STATUS_LINE.exec(first)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) throw new Error(`Not a status line: ${JSON.stringify(first)}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ""] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined) throw new Error(`Not a header: ${JSON.stringify(line)}`);
    headers.set(name.toLowerCase(), value);
  }
  const start = headEnd + 4;
  const bare = status < 200 || status === 204 || status === 304 || method === "HEAD";
  if (bare) return { response: { status, headers, body: "" }, end: start };
  if (headers.get("transfer-encoding") === "chunked") return readChunked(text, start, status, headers);
  const length = headers.get("content-length");
  if (length === undefined) {
    return closed ? { response: { status, headers, body: text.slice(start) }, end: text.length } : undefined;
  }
  const end = start + Number(length);
  if (text.length < end) return undefined;
  return { response: { status, headers, body: text.slice(start, end) }, end };
}

function readChunked(text: string, from: number, status: number, headers: ReadonlyMap<string, string>) {
  let body = "";
  for (let at = from; ; ) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    const start = lineEnd + 2;
    if (text.length < start + size + 2) return undefined;
    if (size === 0) return { response: { status, headers, body }, end: start + 2 };
    body += text.slice(start, start + size);
    at = start + size + 2;
  }
}
