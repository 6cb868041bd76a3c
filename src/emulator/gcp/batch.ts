/**
 * Batches: requests in the parts of a multipart body, their answers in another's.
 * https://cloud.google.com/storage/docs/batch
 */
import { bytesBody } from "../../http/response-body.js";
import { isCloudError } from "../../internal/cloud-error.js";
import { memberPath } from "../../model/names.js";
import { decodeMultipart, type Part } from "../../protocol/gcp-multipart.js";
import { gcpRestServer } from "../../protocol/gcp-rest.js";
import type { EncodedResponse, Values } from "../../protocol/protocol.js";
import { type BatchedService, encodeBatch, encodeHttp, parsePart, sharedContext } from "../batch-parts.js";
import { type Context, EmulatorError, type IncomingRequest } from "../service.js";

const BATCH_BYTES_MAX = 10 * 1024 * 1024;
const CALLS_MAX = 1000;

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
  const answers: string[] = [];
  for (const part of parts) {
    const response = await answerPart(service, part, request, context);
    answers.push(await encodePart(part, response));
  }
  return encodeBatch(200, `batch_${context.requestId}`, answers);
}

async function answerPart(
  { model, handlers }: BatchedService,
  part: Part,
  outer: IncomingRequest,
  context: Context,
): Promise<EncodedResponse> {
  const { method, path, query, headers, body } = parsePart(part.body, outer.host);
  const operation = gcpRestServer.route(model, { method, path, query, headers, body });
  const inner: Context = {
    ...sharedContext(context),
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
    const input = gcpRestServer.decodeRequest(operation, { method, path, query, headers, body });
    const output = ((await handler(input, inner)) ?? {}) as Values;
    return gcpRestServer.encodeResponse(operation, output, context.requestId);
  } catch (error) {
    const { code, message, status } = failureOf(error);
    return gcpRestServer.encodeError(model, operation, {
      code,
      message,
      status,
      requestId: context.requestId,
    });
  }
}

function failureOf(error: unknown): Pick<EmulatorError, "code" | "message" | "status"> {
  if (error instanceof EmulatorError) return error;
  if (isCloudError(error) && error.kind === "invalidInput")
    return { code: "invalid", message: error.message, status: 400 };
  throw error;
}

async function encodePart({ headers }: Part, response: EncodedResponse): Promise<string> {
  // `<id+1>` is answered as `<response-id+1>`.
  const id = headers["content-id"]?.replace(/^<?/, "<response-").replace(/>?$/, ">");
  const head = `content-type: application/http\r\n${id === undefined ? "" : `content-id: ${id}\r\n`}`;
  return `${head}\r\n${await encodeHttp(response)}`;
}
