/** The rest protocols: an operation is a method and a path; its members travel in path, query, headers and body. */
import { createBody } from "../http/body.js";
import type { HttpResponse, RequestBody } from "../http/message.js";
import type { Member, OperationModel, Shape } from "../model/model.js";
import { decodingRequest } from "./aws-error.js";
import { hostPrefixOf, withTokens } from "./aws-input.js";
import { decodeUtf8 } from "./codec/bytes.js";
import { type BodyFormat, EVENT_STREAM_TYPE, eventCodec, eventFrames, receivedEvents } from "./event-body.js";
import {
  bindingOf,
  bodyValues,
  decodeHeaders,
  decodeParts,
  encodeHeaders,
  encodeParts,
  type HttpBinding,
} from "./http-binding.js";
import type {
  EncodedRequest,
  EncodedResponse,
  Protocol,
  ReceivedRequest,
  ServerProtocol,
  Values,
} from "./protocol.js";
import { routeByPath } from "./route.js";

/** What tells rest-json and rest-xml apart. */
export interface RestFormat extends BodyFormat {
  /** Body of a structure whose members in the body are these; undefined for none at all. */
  encodeBody(operation: OperationModel, shape: Shape, values: Values): string | undefined;
  /** Body of the member that is the whole body. */
  encodePayload(member: Member, value: unknown): string;
  /** Body sent where a structure that would be the whole body is absent. */
  readonly absentPayload: string | undefined;
  /** Whether a payload of text or bytes names its type. */
  readonly typesPayloads: boolean;
  /** Code of the error that tells of a request that cannot be decoded. */
  readonly malformedCode: string;
}

export function restProtocol(format: RestFormat, decodeError: Protocol["decodeError"]): Protocol {
  return {
    encodeRequest: (operation, input) => encodeRequest(format, operation, input),
    decodeResponse: (operation, response) => decodeResponse(format, operation, response),
    decodeError,
  };
}

export function restServer(format: RestFormat, encodeError: ServerProtocol["encodeError"]): ServerProtocol {
  return {
    route: routeByPath,
    decodeRequest: (operation, request) =>
      decodingRequest(format.malformedCode, () => decodeRequest(format, operation, request)),
    encodeResponse: (operation, output, requestId) => encodeResponse(format, operation, output, requestId),
    encodeError,
  };
}

function encodeRequest(format: RestFormat, operation: OperationModel, given: Values): EncodedRequest {
  const input = withTokens(operation, given);
  const request: EncodedRequest = { ...encodeParts(operation, input), ...hostPrefixOf(operation, input) };
  if (operation.input === undefined) return request;
  const encoded = encodeBody(format, operation, operation.input, bindingOf(operation.input), input);
  if (encoded.body !== undefined) request.body = encoded.body;
  if (encoded.type !== undefined) request.headers["content-type"] ??= encoded.type;
  return request;
}

interface TypedBody {
  readonly body?: RequestBody | undefined;
  readonly type?: string | undefined;
}

function encodeBody(
  format: RestFormat,
  operation: OperationModel,
  shape: Shape,
  binding: HttpBinding,
  values: Values,
): TypedBody {
  const { payload } = binding;
  if (payload !== undefined) return encodePayload(format, payload, values[payload.name]);
  if (binding.bodyNames.size === 0) return {};
  const body = format.encodeBody(operation, shape, bodyValues(binding, values));
  return body === undefined ? {} : { body, type: format.contentType };
}

function encodePayload(format: RestFormat, member: Member, value: unknown): TypedBody {
  const { shape } = member;
  const absent = value === undefined || value === null;
  if (shape.traits.eventStream) {
    if (absent) return { type: EVENT_STREAM_TYPE };
    return { body: eventFrames(shape, value as AsyncIterable<unknown>, format), type: EVENT_STREAM_TYPE };
  }
  if (shape.type === "blob" || shape.type === "string") {
    if (absent) return {};
    const type = shape.type === "blob" ? "application/octet-stream" : "text/plain";
    // S3 keeps an object's type as sent, and has a default of its own where none is: bytes go out without.
    return {
      body: value as RequestBody,
      type: format.typesPayloads || shape.type === "string" ? type : undefined,
    };
  }
  if (!absent) return { body: format.encodePayload(member, value), type: format.contentType };
  if (format.absentPayload === undefined || shape.type !== "structure" || shape.traits.union) return {};
  return { body: format.absentPayload, type: format.contentType };
}

async function decodeResponse(
  format: RestFormat,
  operation: OperationModel,
  response: HttpResponse,
): Promise<Values> {
  const { output } = operation;
  const values: Values = {};
  if (output === undefined) {
    // Read to its end all the same: a connection with bytes left in it cannot be used again.
    await response.body.bytes();
    return values;
  }
  const binding = bindingOf(output);
  decodeHeaders(binding, response.headers, values);
  if (binding.status !== undefined) values[binding.status.name] = response.status;
  const { payload } = binding;
  if (payload?.shape.traits.eventStream) {
    const { decodeEventBody } = await eventCodec();
    values[payload.name] = decodeEventBody(payload.shape, response.body, format);
  } else if (payload !== undefined && isStreaming(payload)) {
    values[payload.name] = createBody(response.body, contentLength(response));
  } else {
    decodeBody(format, output, payload, await response.body.bytes(), values);
  }
  return values;
}

function decodeBody(
  format: RestFormat,
  shape: Shape,
  payload: Member | undefined,
  body: Uint8Array,
  values: Values,
): void {
  if (payload === undefined) {
    if (bindingOf(shape).hasResponseBody) Object.assign(values, format.decode(shape, body));
    return;
  }
  if (body.length === 0) {
    const empty = emptyPayload(payload.shape);
    if (empty !== undefined) values[payload.name] = empty;
    return;
  }
  const value =
    payload.shape.type === "blob"
      ? plainBytes(body)
      : payload.shape.type === "string"
        ? decodeUtf8(body)
        : format.decode(payload.shape, body);
  if (value !== undefined) values[payload.name] = value;
}

/** An empty body is an empty payload, as in botocore; a blob is absent then (Smithy's HttpPayloadTraitsWithNoBlobBody). */
function emptyPayload({ type, traits }: Shape): unknown {
  if (type === "string") return "";
  return type === "structure" && !traits.union ? {} : undefined;
}

function isStreaming({ shape, traits }: Member): boolean {
  return shape.type === "blob" && (traits.streaming ?? shape.traits.streaming) === true;
}

/** A Buffer is a Uint8Array of other manners: users get the plain one. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function contentLength({ headers }: HttpResponse): number | undefined {
  const text = headers["content-length"];
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}

function decodeRequest(format: RestFormat, operation: OperationModel, request: ReceivedRequest): Values {
  const values = decodeParts(operation, request);
  if (operation.input === undefined) return values;
  const { payload } = bindingOf(operation.input);
  if (payload?.shape.traits.eventStream) {
    values[payload.name] = receivedEvents(payload.shape, request.body, format);
  } else if (request.body.length > 0) {
    decodeBody(format, operation.input, payload, request.body, values);
  }
  return values;
}

function encodeResponse(
  format: RestFormat,
  operation: OperationModel,
  output: Values,
  requestId: string,
): EncodedResponse {
  const { output: shape } = operation;
  const status = operation.traits.status ?? 200;
  const headers = { "x-amzn-requestid": requestId, "x-amz-request-id": requestId };
  if (shape === undefined) return { status, headers };
  const binding = bindingOf(shape);
  const { body, type } = encodeBody(format, operation, shape, binding, output);
  const own = encodeHeaders(binding, output);
  const stated = binding.status && output[binding.status.name];
  return {
    status: typeof stated === "number" ? stated : status,
    headers: { ...headers, ...(type !== undefined && { "content-type": type }), ...own },
    ...(body !== undefined && { body }),
  };
}
