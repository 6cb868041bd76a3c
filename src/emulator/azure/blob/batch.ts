/** Batches of deletions or of tier changes, each call signed for itself. https://learn.microsoft.com/rest/api/storageservices/blob-batch */
import { bytesBody } from "../../../http/response-body.js";
import { isCloudError } from "../../../internal/cloud-error.js";
import { memberPath } from "../../../model/names.js";
import { azureXmlServer } from "../../../protocol/azure-xml.js";
import { decodeMultipart, type Part } from "../../../protocol/gcp-multipart.js";
import type { EncodedResponse, Values } from "../../../protocol/protocol.js";
import { type BatchedService, encodeBatch, encodeHttp, parsePart, sharedContext } from "../../batch-parts.js";
import { type Context, EmulatorError, type IncomingRequest } from "../../service.js";
import { addressOf } from "./address.js";
import { authorize } from "./authorize.js";

const BATCH_BYTES_MAX = 4 * 1024 * 1024;
const CALLS_MAX = 256;
const BATCHED: ReadonlySet<string> = new Set(["deleteBlob", "setBlobTier"]);

/** Answers a batch; undefined for other requests. */
export async function answerBatch(
  service: BatchedService,
  request: IncomingRequest,
  context: Context,
): Promise<EncodedResponse | undefined> {
  if (request.method !== "POST" || !/(^|&)comp=batch(&|$)/.test(request.query)) return undefined;
  const bytes = await request.body.bytes(BATCH_BYTES_MAX);
  const answers: string[] = [];
  for (const part of partsOf(request, bytes)) {
    const response = await answerPart(service, part, request, context);
    const id = part.headers["content-id"];
    const head = `Content-Type: application/http\r\n${id === undefined ? "" : `Content-ID: ${id}\r\n`}`;
    answers.push(`${head}\r\n${await encodeHttp(response)}`);
  }
  return encodeBatch(202, `batchresponse_${context.requestId}`, answers);
}

function partsOf({ headers }: IncomingRequest, bytes: Uint8Array): Part[] {
  let parts: Part[];
  try {
    parts = decodeMultipart(headers["content-type"] ?? "", bytes);
  } catch (error) {
    if (!isCloudError(error)) throw error;
    throw new EmulatorError("InvalidInput", "One of the request inputs is not valid.", 400);
  }
  if (parts.length >= 1 && parts.length <= CALLS_MAX) return parts;
  throw new EmulatorError("ExceedsMaxBatchRequestCount", `A batch has 1 to ${CALLS_MAX} calls.`, 400);
}

async function answerPart(
  { model, handlers }: BatchedService,
  part: Part,
  outer: IncomingRequest,
  context: Context,
): Promise<EncodedResponse> {
  const { method, path, query, headers, body } = parsePart(part.body, outer.host);
  const request = { ...outer, method, path, query, headers, body: bytesBody(body) };
  const head = { method, path: addressOf(request).path, query, headers, body };
  const operation = azureXmlServer.route(model, head);
  const inner: Context = { ...sharedContext(context), request, operation };
  try {
    const { caller, account = "" } = authorize(request, inner);
    const handler = operation && handlers[memberPath(operation.name).join(".")];
    if (operation === undefined || handler === undefined || !BATCHED.has(operation.name)) {
      throw new EmulatorError("InvalidInput", "A batch takes Delete Blob and Set Blob Tier alone.", 400);
    }
    const input = await azureXmlServer.decodeRequest(operation, head);
    const output = ((await handler(input, { ...inner, caller, account })) ?? {}) as Values;
    return azureXmlServer.encodeResponse(operation, output, context.requestId);
  } catch (error) {
    const { code, message, status } = failureOf(error);
    return azureXmlServer.encodeError(model, operation, {
      code,
      message,
      status,
      requestId: context.requestId,
    });
  }
}

function failureOf(error: unknown): Pick<EmulatorError, "code" | "message" | "status"> {
  if (error instanceof EmulatorError) return error;
  if (!isCloudError(error)) throw error;
  return { code: "InvalidInput", message: error.message, status: 400 };
}
