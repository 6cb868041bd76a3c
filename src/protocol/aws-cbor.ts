/** smithy-rpc-v2-cbor: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html */
import type { HttpResponse } from "../http/message.js";
import type { Model, OperationModel, Shape } from "../model/model.js";
import {
  cleanCode,
  decodingRequest,
  errorShape,
  errorShapeName,
  errorValues,
  faultOf,
  foreignError,
  isQueryCompatible,
  messageOf,
  queryCode,
  requestIdOf,
} from "./aws-error.js";
import { hostPrefixOf, withTokens } from "./aws-input.js";
import { decodeCbor, encodeCbor, encodeCborPlain } from "./codec/cbor.js";
import { decodeValue } from "./codec/json.js";
import { type BodyFormat, EVENT_STREAM_TYPE, streamMember } from "./event-body.js";
import type {
  DecodedError,
  EncodedResponse,
  ErrorToEncode,
  Protocol,
  ServerProtocol,
  Values,
} from "./protocol.js";
import { decodeRpcRequest, decodeRpcResponse, encodeRpcBody } from "./rpc.js";

const TYPE = "application/cbor";
const PROTOCOL = "rpc-v2-cbor";

const format: BodyFormat = {
  contentType: TYPE,
  decode(shape, body) {
    if (body.length === 0) return undefined;
    const value = decodeCbor(body);
    return value === null ? undefined : decodeValue(shape, value);
  },
  encode: encodeCbor,
};

export const awsCbor: Protocol = {
  encodeRequest(operation, given) {
    const input = withTokens(operation, given);
    const { body, type = TYPE } = encodeRpcBody(format, operation.input, input, "initial-request");
    return {
      method: "POST",
      path: `/service/${operation.service.aws?.targetPrefix}/operation/${operation.name}`,
      query: "",
      headers: {
        "smithy-protocol": PROTOCOL,
        accept: streamMember(operation.output) === undefined ? TYPE : EVENT_STREAM_TYPE,
        ...(body !== undefined && { "content-type": type }),
        ...(isQueryCompatible(operation.model) && { "x-amzn-query-mode": "true" }),
      },
      ...(body !== undefined && { body }),
      ...hostPrefixOf(operation, input),
    };
  },
  decodeResponse: (operation, response) => decodeRpcResponse(format, operation.output, response),
  decodeError,
};

export const awsCborServer: ServerProtocol = {
  route(model, { path }) {
    const [, service, name] = /\/service\/([^/]+)\/operation\/([^/]+)$/.exec(path) ?? [];
    return name !== undefined && service === model.service.aws?.targetPrefix
      ? model.operation(name)
      : undefined;
  },
  decodeRequest: (operation, request) =>
    decodingRequest("SerializationException", () => decodeRpcRequest(format, operation.input, request.body)),
  encodeResponse(operation, output, requestId) {
    const { body, type = TYPE } = encodeRpcBody(format, operation.output, output, "initial-response");
    const headers = { "smithy-protocol": PROTOCOL, "x-amzn-requestid": requestId };
    if (body === undefined) return { status: 200, headers };
    return { status: 200, headers: { ...headers, "content-type": type }, body };
  },
  encodeError,
};

function decodeError(operation: OperationModel, response: HttpResponse, body: Uint8Array): DecodedError {
  const parsed = parsedBody(body);
  if (parsed === undefined) return foreignError(operation, response, body);
  const type = cleanCode(parsed.__type);
  const shape = errorShape(operation, type);
  return {
    code: queryCode(response.headers) ?? type,
    name: shape?.name,
    message: messageOf(parsed),
    requestId: requestIdOf(response.headers),
    body: (shape && membersOf(shape, parsed)) ?? parsed,
  };
}

function membersOf(shape: Shape, parsed: Values): unknown {
  try {
    return decodeValue(shape, parsed);
  } catch {
    // An error that does not keep to its own model is still told by its code.
    return undefined;
  }
}

function parsedBody(body: Uint8Array): Values | undefined {
  try {
    const value = decodeCbor(body);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Values)
      : undefined;
  } catch {
    return undefined;
  }
}

function encodeError(
  model: Model,
  operation: OperationModel | undefined,
  error: ErrorToEncode,
): EncodedResponse {
  const shape = errorShape(operation, error.code);
  const values = shape === undefined ? { message: error.message, ...error.body } : errorValues(shape, error);
  return {
    status: error.status,
    headers: {
      "smithy-protocol": PROTOCOL,
      "content-type": TYPE,
      "x-amzn-requestid": error.requestId,
      ...(isQueryCompatible(model) && { "x-amzn-query-error": `${error.code};${faultOf(error)}` }),
    },
    body: encodeCborPlain({ __type: errorShapeName(operation, error) }, shape, values),
  };
}
