/**
 * Batches: requests in the parts of a multipart body, their answers in another's.
 * https://cloud.google.com/storage/docs/batch
 */
import type { HeaderMap } from "../../http/message.js";
import { readBody } from "../../http/request-body.js";
import { bytesBody } from "../../http/response-body.js";
import { isCloudError } from "../../internal/cloud-error.js";
import type { Model } from "../../model/model.js";
import { memberPath } from "../../model/names.js";
import { decodeMultipart, type Part } from "../../protocol/gcp-multipart.js";
import { gcpRest } from "../../protocol/gcp-rest.js";
import type { EncodedResponse, Values } from "../../protocol/protocol.js";
import { type AnyHandler, type Context, EmulatorError, type IncomingRequest } from "../service.js";

const BATCH_BYTES_MAX = 10 * 1024 * 1024;
const CALLS_MAX = 1000;

export interface BatchedService {
  readonly model: Model;
  readonly handlers: Readonly<Record<string, AnyHandler>>;
}

/** Answers a batch; undefined for other requests. Its calls are the caller's of the whole. */
export async function answerBatch(
  service: BatchedService,
  request: IncomingRequest,
  context: Context,
): Promise<EncodedResponse | undefined> {
  if (request.method !== "POST" || !/^\/batch(\/|$)/.test(request.path)) return undefined;
  const parts = decodeMultipart(
    request.headers["content-type"] ?? "",
    await request.body.bytes(BATCH_BYTES_MAX),
  );
  if (parts.length > CALLS_MAX) {
    throw new EmulatorError("badRequest", `A batch has at most ${CALLS_MAX} calls.`, 400);
  }
  const boundary = `batch_${context.requestId}`;
  let body = "";
  for (const part of parts) {
    const response = await answerPart(service, part, request, context);
    body += `--${boundary}\r\n${await encodePart(part, response)}\r\n`;
  }
  return {
    status: 200,
    headers: { "content-type": `multipart/mixed; boundary=${boundary}` },
    body: `${body}--${boundary}--\r\n`,
  };
}

async function answerPart(
  { model, handlers }: BatchedService,
  part: Part,
  outer: IncomingRequest,
  context: Context,
): Promise<EncodedResponse> {
  const { method, path, query, headers, body } = parseRequest(part.body, outer);
  const operation = gcpRest.route(model, { method, path, query, headers, body });
  const inner: Context = {
    ...contextOf(context),
    request: { ...outer, method, path, query, headers, body: bytesBody(body) },
    operation,
  };
  try {
    const handler = operation && handlers[memberPath(operation.name).join(".")];
    if (operation === undefined || handler === undefined) {
      const name = operation?.name ?? `${method} ${path}`;
      throw new EmulatorError(
        "NotImplemented",
        `The emulator does not implement ${model.service.id} ${name}`,
        501,
      );
    }
    const input = gcpRest.decodeRequest(operation, { method, path, query, headers, body });
    const output = ((await handler(input, inner)) ?? {}) as Values;
    return gcpRest.encodeResponse(operation, output, context.requestId);
  } catch (error) {
    const { code, message, status } = failureOf(error);
    return gcpRest.encodeError(model, operation, { code, message, status, requestId: context.requestId });
  }
}

function failureOf(error: unknown): Pick<EmulatorError, "code" | "message" | "status"> {
  if (error instanceof EmulatorError) return error;
  if (isCloudError(error) && error.kind === "invalidInput")
    return { code: "invalid", message: error.message, status: 400 };
  throw error;
}

/** The members that a call of a batch has in common with the batch. */
function contextOf(context: Context): Omit<Context, "request" | "operation"> {
  const { cloud, service, requestId, verify, clock, memory, caller, account, region } = context;
  return {
    cloud,
    service,
    requestId,
    verify,
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

interface PartRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
}

/** `PATCH /storage/v1/b/x HTTP/1.1`, headers, an empty line, the body. The host may be part of the URL. */
function parseRequest(bytes: Uint8Array, outer: IncomingRequest): PartRequest {
  const text = new TextDecoder("latin1").decode(bytes);
  const [, blank] = /^[\s\S]*?\r?\n(\r?\n)/.exec(text) ?? [];
  const end = blank === undefined ? text.length : text.search(/\r?\n\r?\n/);
  const [line = "", ...lines] = text.slice(0, end).split(/\r?\n/);
  const [, method, target] = /^(\S+) (\S+)(?: HTTP\/\S+)?$/.exec(line.trim()) ?? [];
  if (method === undefined || target === undefined) {
    throw new EmulatorError("badRequest", "A part of the batch has no request line.", 400);
  }
  const headers: HeaderMap = { host: outer.host };
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

async function encodePart({ headers }: Part, response: EncodedResponse): Promise<string> {
  const body = new TextDecoder().decode(await readBody(response.body));
  // `<id+1>` is answered as `<response-id+1>`.
  const id = headers["content-id"]?.replace(/^<?/, "<response-").replace(/>?$/, ">");
  const all = { ...response.headers, "content-length": String(new TextEncoder().encode(body).length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const head = `content-type: application/http\r\n${id === undefined ? "" : `content-id: ${id}\r\n`}`;
  return `${head}\r\nHTTP/1.1 ${response.status} ${REASONS[response.status] ?? "Status"}\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  204: "No Content",
  400: "Bad Request",
  404: "Not Found",
  409: "Conflict",
  412: "Precondition Failed",
  501: "Not Implemented",
};
