/** Azure's storage services: HTTP binding with XML bodies, errors in `x-ms-error-code` and an Error element. */
import { createBody } from "../http/body.js";
import type { HeaderMap, HttpResponse, RequestBody } from "../http/message.js";
import { invalidInput, isCloudError } from "../internal/cloud-error.js";
import type { Member, Model, OperationModel, Shape } from "../model/model.js";
import {
  decodeHead,
  decodeHeaders,
  encodeHead,
  encodeHeaders,
  isStreaming,
  planOf,
  routeByHttp,
} from "./azure-http.js";
import { badResponse } from "./codec/bad-response.js";
import { decodeXml, encodeXml, escapeXml, parseXml } from "./codec/xml.js";
import type {
  DecodedError,
  EncodedRequest,
  EncodedResponse,
  ErrorToEncode,
  Protocol,
  ReceivedRequest,
  ServerProtocol,
  Values,
} from "./protocol.js";

const DECLARATION = '<?xml version="1.0" encoding="utf-8"?>';
const MAPS = { maps: "names" } as const;

export const azureXml: Protocol = {
  encodeRequest(operation: OperationModel, input: Values): EncodedRequest {
    const request = encodeHead(operation, input);
    const { payload } = planOf(operation).input;
    if (payload === undefined) return request;
    const value = input[payload.name];
    if (value === undefined || value === null) return request;
    if (isStreaming(payload)) {
      request.headers["content-type"] ??= "application/octet-stream";
      return { ...request, body: value as RequestBody };
    }
    request.headers["content-type"] = "application/xml";
    return { ...request, body: DECLARATION + encodePayload(payload, value) };
  },

  async decodeResponse(operation: OperationModel, response: HttpResponse): Promise<Values> {
    const { output } = planOf(operation);
    const values: Values = {};
    decodeHeaders(output, response.headers, values);
    const { payload } = output;
    assertFromService(operation, response);
    if (payload !== undefined && isStreaming(payload)) {
      const length = response.headers["content-length"];
      values[payload.name] = createBody(response.body, length === undefined ? undefined : Number(length));
      return values;
    }
    if (payload === undefined && !output.hasBody) {
      await response.body.bytes();
      return values;
    }
    const bytes = await response.body.bytes();
    if (payload !== undefined) values[payload.name] = decodeXml(bytes, payload.shape, MAPS);
    else Object.assign(values, decodeXml(bytes, operation.output as Shape, MAPS));
    return values;
  },

  decodeError(_operation: OperationModel, response: HttpResponse, body: Uint8Array): DecodedError {
    const requestId = response.headers["x-ms-request-id"];
    const headerCode = response.headers["x-ms-error-code"];
    const parsed = parseError(body);
    const code = headerCode ?? parsed?.code ?? "";
    return {
      code,
      message: parsed?.message ?? "",
      requestId,
      ...(parsed && { body: parsed.body }),
      ...(code === "" && parsed === undefined && { foreign: true as const }),
    };
  },
};

export const azureXmlServer: ServerProtocol = {
  route: routeByHttp,

  decodeRequest(operation: OperationModel, request: ReceivedRequest): Values {
    const values = decodeHead(operation, request);
    const { payload } = planOf(operation).input;
    if (payload === undefined || request.body.length === 0) return values;
    values[payload.name] = isStreaming(payload) ? request.body : decodeReceived(request.body, payload.shape);
    return values;
  },

  encodeResponse(operation: OperationModel, output: Values, requestId: string): EncodedResponse {
    const plan = planOf(operation).output;
    const headers: HeaderMap = { ...encodeHeaders(plan, output), "x-ms-request-id": requestId };
    const status = operation.traits.status ?? 200;
    const { payload } = plan;
    if (payload !== undefined && isStreaming(payload)) {
      headers["content-type"] ??= "application/octet-stream";
      return {
        status,
        headers,
        ...(output[payload.name] !== undefined && { body: output[payload.name] as RequestBody }),
      };
    }
    const body =
      payload !== undefined
        ? encodePayload(payload, output[payload.name] ?? (payload.shape.type === "list" ? [] : {}))
        : plan.hasBody
          ? encodeXml(operation.output as Shape, output, { name: rootOf(operation.output as Shape), ...MAPS })
          : undefined;
    if (body === undefined) return { status, headers };
    return { status, headers: { ...headers, "content-type": "application/xml" }, body: DECLARATION + body };
  },

  encodeError(_model: Model, _operation: OperationModel | undefined, error: ErrorToEncode): EncodedResponse {
    const details = Object.entries(error.body ?? {})
      .filter(([, value]) => typeof value === "string")
      .map(([name, value]) => `<${name}>${escapeXml(value as string)}</${name}>`);
    const message = `${error.message}\nRequestId:${error.requestId}`;
    return {
      status: error.status,
      headers: {
        "content-type": "application/xml",
        "x-ms-error-code": error.code,
        "x-ms-request-id": error.requestId,
      },
      body: `${DECLARATION}<Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(message)}</Message>${details.join("")}</Error>`,
    };
  },
};

/**
 * What the service answers says so, if only in headers that browsers let through. A proxy's page of status 200 would otherwise
 * pass for a blob, or for a write that was done.
 */
function assertFromService(operation: OperationModel, { status, headers }: HttpResponse): void {
  if (headers["x-ms-request-id"] !== undefined || headers["last-modified"] !== undefined) return;
  const { payload, hasBody } = planOf(operation).output;
  // A body that is to be parsed tells by itself.
  if (hasBody || (payload !== undefined && !isStreaming(payload))) return;
  if (payload === undefined && status === (operation.traits.status ?? 200) && status !== 200) return;
  throw badResponse("Cannot read the response: it is not the storage service's");
}

function encodePayload(payload: Member, value: unknown): string {
  return encodeXml(payload.shape, value, { name: payload.traits.name ?? rootOf(payload.shape), ...MAPS });
}

function rootOf(shape: Shape): string {
  return shape.traits.xmlName ?? shape.name;
}

function decodeReceived(body: Uint8Array, shape: Shape): unknown {
  try {
    return decodeXml(body, shape, MAPS);
  } catch (error) {
    throw invalidInput(
      "XML specified is not syntactically valid.",
      isCloudError(error) ? { cause: error } : {},
    );
  }
}

/** `<Error><Code>..</Code><Message>..\nRequestId:..\nTime:..</Message>..</Error>` */
function parseError(body: Uint8Array): { code: string; message: string; body: Values } | undefined {
  if (body.length === 0) return undefined;
  try {
    const { name, value } = parseXml(body);
    if (name !== "Error" || typeof value === "string") return undefined;
    const code = typeof value.Code === "string" ? value.Code : "";
    const message = typeof value.Message === "string" ? value.Message : "";
    return { code, message: message.split("\nRequestId:")[0] as string, body: value };
  } catch {
    return undefined;
  }
}
