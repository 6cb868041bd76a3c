/** Requests and responses as the parts of a batch's body carry them: `application/http`. */
import type { HeaderMap } from "../http/message.js";
import { readBody } from "../http/request-body.js";
import type { Model } from "../model/model.js";
import type { EncodedResponse } from "../protocol/protocol.js";
import { type AnyHandler, type Context, EmulatorError } from "./service.js";

/** A service whose operations can be called in a batch. */
export interface BatchedService {
  readonly model: Model;
  readonly handlers: Readonly<Record<string, AnyHandler>>;
}

/** The members that a call of a batch has in common with the batch. */
export function sharedContext(context: Context): Omit<Context, "request" | "operation"> {
  const { cloud, service, requestId, verify, authorize, clock, memory, caller, account, region } = context;
  return {
    cloud,
    service,
    requestId,
    verify,
    authorize,
    clock,
    memory,
    caller,
    account,
    region,
    store: (key) => context.store(key),
    responseHeaders: {},
    responseStatus: undefined,
  };
}

export interface PartRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
}

/** `PATCH /storage/v1/b/x HTTP/1.1`, headers, an empty line, the body. The host may be part of the URL. */
export function parsePart(bytes: Uint8Array, host: string): PartRequest {
  const text = new TextDecoder("latin1").decode(bytes);
  const [, blank] = /^[\s\S]*?\r?\n(\r?\n)/.exec(text) ?? [];
  const end = blank === undefined ? text.length : text.search(/\r?\n\r?\n/);
  const [line = "", ...lines] = text.slice(0, end).split(/\r?\n/);
  const [, method, target] = /^(\S+) (\S+)(?: HTTP\/\S+)?$/.exec(line.trim()) ?? [];
  if (method === undefined || target === undefined) {
    throw new EmulatorError("badRequest", "A part of the batch has no request line.", 400);
  }
  const headers: HeaderMap = { host };
  for (const each of lines) {
    const colon = each.indexOf(":");
    if (colon > 0) headers[each.slice(0, colon).trim().toLowerCase()] = each.slice(colon + 1).trim();
  }
  const address = target.replace(/^https?:\/\/[^/]+/, "");
  const mark = address.indexOf("?");
  const start =
    blank === undefined ? bytes.length : end + (text.slice(end).match(/^\r?\n\r?\n/)?.[0].length ?? 0);
  return {
    method,
    path: mark === -1 ? address : address.slice(0, mark),
    query: mark === -1 ? "" : address.slice(mark + 1),
    headers,
    body: trimEnd(bytes.subarray(start)),
  };
}

/** Clients end the part with a line end of their own. */
function trimEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
  return bytes.subarray(0, end);
}

/** The answers, each a part's headers, an empty line and the response, as one multipart body. */
export function encodeBatch(status: number, boundary: string, parts: readonly string[]): EncodedResponse {
  return {
    status,
    headers: { "content-type": `multipart/mixed; boundary=${boundary}` },
    body: `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join("")}--${boundary}--\r\n`,
  };
}

/** `HTTP/1.1 200 OK`, headers, an empty line, the body. */
export async function encodeHttp({ status, headers, body }: EncodedResponse): Promise<string> {
  const text = new TextDecoder().decode(await readBody(body));
  const all = { ...headers, "content-length": String(new TextEncoder().encode(text).length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 ${status} ${REASONS[status] ?? "Status"}\r\n${lines.join("\r\n")}\r\n\r\n${text}`;
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  202: "Accepted",
  204: "No Content",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  412: "Precondition Failed",
  501: "Not Implemented",
};
