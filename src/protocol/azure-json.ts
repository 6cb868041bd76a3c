/** Azure Resource Manager: HTTP binding with JSON bodies, errors as `{"error": {"code", "message", "details", "innererror"}}`. */
import { createBody } from "../http/body.js";
import type { HeaderMap, HttpResponse, RequestBody } from "../http/message.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { Model, OperationModel, Shape } from "../model/model.js";
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
import { blobBytes, decodeBase64, decodeUtf8, encodeBase64 } from "./codec/bytes.js";
import { decodeTimestamp, encodeTimestamp } from "./codec/scalars.js";
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

const JSON_TYPE = "application/json; charset=utf-8";
const DEPTH_MAX = 128;

export const azureJson: Protocol = {
  encodeRequest(operation: OperationModel, input: Values): EncodedRequest {
    const request = encodeHead(operation, input);
    // A resource id starts with the slash that its place in the path has already.
    request.path = request.path.replace(/^\/{2,}/, "/");
    request.headers.accept ??= "application/json";
    const { payload } = planOf(operation).input;
    const value = payload && input[payload.name];
    if (payload === undefined || value === undefined) return request;
    request.headers["content-type"] = JSON_TYPE;
    return { ...request, body: JSON.stringify(encodeValue(payload.shape, value)) };
  },

  async decodeResponse(operation: OperationModel, response: HttpResponse): Promise<Values> {
    const { output } = planOf(operation);
    const values: Values = {};
    decodeHeaders(output, response.headers, values);
    const { payload } = output;
    if (payload !== undefined && isStreaming(payload)) {
      const length = response.headers["content-length"];
      values[payload.name] = createBody(response.body, length === undefined ? undefined : Number(length));
      return values;
    }
    const bytes = await response.body.bytes();
    // 202 and 204 have nothing to say; a poller looks again.
    if (operation.output === undefined || bytes.length === 0) {
      if (operation.output !== undefined && response.status === 200)
        throw badResponse("The response has no body");
      return values;
    }
    const json = parse(bytes);
    if (payload !== undefined) values[payload.name] = decodeValue(payload.shape, json, 0);
    else Object.assign(values, decodeValue(operation.output, json, 0));
    return values;
  },

  decodeError(_operation: OperationModel, response: HttpResponse, body: Uint8Array): DecodedError {
    const requestId = response.headers["x-ms-request-id"];
    const parsed = parseError(body);
    const code = parsed?.code || (response.headers["x-ms-error-code"] ?? "");
    return {
      code,
      message: parsed?.message ?? "",
      requestId,
      ...(parsed && { body: parsed.body }),
      ...(code === "" && parsed === undefined && { foreign: true as const }),
    };
  },
};

export const azureJsonServer: ServerProtocol = {
  route: routeByHttp,

  decodeRequest(operation: OperationModel, request: ReceivedRequest): Values {
    const values = decodeHead(operation, request);
    const { payload } = planOf(operation).input;
    if (payload === undefined || request.body.length === 0) return values;
    let json: unknown;
    try {
      json = JSON.parse(decodeUtf8(request.body));
      values[payload.name] = decodeValue(payload.shape, json, 0);
    } catch (cause) {
      throw invalidInput("The request content was invalid and could not be deserialized", { cause });
    }
    return values;
  },

  encodeResponse(operation: OperationModel, output: Values, requestId: string): EncodedResponse {
    const plan = planOf(operation).output;
    const headers: HeaderMap = { ...encodeHeaders(plan, output), "x-ms-request-id": requestId };
    const status = operation.traits.status ?? 200;
    const { payload } = plan;
    if (payload !== undefined && isStreaming(payload)) {
      return { status, headers, body: output[payload.name] as RequestBody };
    }
    if (operation.output === undefined) return { status, headers };
    const value = payload
      ? encodeValue(payload.shape, output[payload.name])
      : encodeValue(operation.output, output, plan.headers.length > 0);
    return { status, headers: { ...headers, "content-type": JSON_TYPE }, body: JSON.stringify(value) };
  },

  encodeError(_model: Model, _operation: OperationModel | undefined, error: ErrorToEncode): EncodedResponse {
    const { code, message } = error;
    return {
      status: error.status,
      headers: {
        "content-type": JSON_TYPE,
        "x-ms-request-id": error.requestId,
        "x-ms-failure-cause": "gateway",
      },
      body: JSON.stringify({ error: { code, message, ...error.body } }),
    };
  },
};

/** A value as JSON has it. Null is sent: it takes a property away. */
function encodeValue(shape: Shape, value: unknown, bodyOnly = false): unknown {
  if (value === null || value === undefined) return value;
  switch (shape.type) {
    case "structure": {
      const json: Values = {};
      for (const [name, each] of Object.entries(value as Values)) {
        const member = shape.member(name);
        if (bodyOnly && member?.traits.at !== undefined) continue;
        if (each !== undefined)
          json[member?.wireName ?? name] = member ? encodeValue(member.shape, each) : each;
      }
      for (const member of shape.members) {
        if (member.traits.value !== undefined) json[member.wireName] ??= member.traits.value;
      }
      return json;
    }
    case "list": {
      const element = shape.element?.shape as Shape;
      return (value as unknown[]).map((each) => encodeValue(element, each) ?? null);
    }
    case "map": {
      const element = shape.element?.shape as Shape;
      return Object.fromEntries(
        Object.entries(value as Values).map(([key, each]) => [key, encodeValue(element, each)]),
      );
    }
    case "timestamp":
      return encodeTimestampJson(shape, value);
    case "blob": {
      const bytes = blobBytes(value);
      if (bytes === undefined) throw invalidInput("Cannot encode a blob: not bytes or text");
      const text = encodeBase64(bytes);
      return shape.traits.base64url
        ? text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")
        : text;
    }
    default:
      return typeof value === "bigint" ? Number(value) : value;
  }
}

function encodeTimestampJson(shape: Shape, value: unknown): unknown {
  const format = shape.traits.format ?? "iso8601";
  const text = encodeTimestamp(value, format);
  return format === "unixTimestamp" ? Number(text) : text;
}

/** In place: JSON is ours. Members without a model are handed on: a newer service says more. */
function decodeValue(shape: Shape, json: unknown, depth: number): unknown {
  if (json === null || json === undefined) return undefined;
  if (depth > DEPTH_MAX) throw badResponse("Cannot read the response: it nests too deep");
  switch (shape.type) {
    case "structure":
      return decodeStructure(shape, json, depth);
    case "list":
      if (!Array.isArray(json)) throw mismatch("a list", json);
      for (let index = 0; index < json.length; index++) {
        json[index] = decodeValue(shape.element?.shape as Shape, json[index], depth + 1) ?? null;
      }
      return json;
    case "map": {
      if (!isObject(json)) throw mismatch("an object", json);
      for (const key in json)
        setOrDrop(json, key, decodeValue(shape.element?.shape as Shape, json[key], depth + 1));
      return json;
    }
    case "timestamp":
      return decodeTimestamp(String(json));
    case "blob":
      return decodeBase64(String(json).replaceAll("-", "+").replaceAll("_", "/"));
    case "double":
    case "integer":
    case "long":
    case "float":
      return typeof json === "string" && json.trim() !== "" ? Number(json) : json;
    default:
      return json;
  }
}

function decodeStructure(shape: Shape, json: unknown, depth: number): Values {
  if (!isObject(json)) throw mismatch("an object", json);
  for (const name in json) {
    const member = shape.member(name);
    if (member === undefined || json[name] === null) setOrDrop(json, name, json[name] ?? undefined);
    else setOrDrop(json, name, decodeValue(member.shape, json[name], depth + 1));
  }
  return json;
}

function setOrDrop(values: Values, name: string, value: unknown): void {
  if (value === undefined) delete values[name];
  else values[name] = value;
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mismatch(wanted: string, json: unknown) {
  return badResponse(
    `Cannot read the response: ${wanted} is expected, is ${Array.isArray(json) ? "a list" : typeof json}`,
  );
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes).replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw badResponse("Cannot read the response: it is not JSON", cause);
  }
}

/** `{"error": {...}}`; some providers leave the envelope out. */
function parseError(body: Uint8Array): { code: string; message: string; body: Values } | undefined {
  if (body.length === 0) return undefined;
  try {
    const json: unknown = JSON.parse(decodeUtf8(body).replace(/^\uFEFF/, ""));
    if (!isObject(json)) return undefined;
    const error = isObject(json.error) ? json.error : json;
    const code = error.code;
    const message = error.message;
    if (typeof code !== "string" && typeof message !== "string") return undefined;
    return {
      code: typeof code === "string" ? code : "",
      message: typeof message === "string" ? message : "",
      body: error,
    };
  } catch {
    return undefined;
  }
}
