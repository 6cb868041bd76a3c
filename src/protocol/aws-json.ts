/** json 1.0 and 1.1: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
import type { HttpResponse } from "../http/message.js";
import type { Model, OperationModel } from "../model/model.js";
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
import { decodeJson, encodeJson, jsonObject } from "./codec/json.js";
import type { BodyFormat } from "./event-body.js";
import type { DecodedError, EncodedResponse, ErrorToEncode, Protocol, ServerProtocol } from "./protocol.js";
import { decodeRpcRequest, decodeRpcResponse, encodeRpcBody } from "./rpc.js";

const format: BodyFormat = {
  contentType: "application/json",
  decode: (shape, body) => (body.length === 0 ? undefined : decodeJson(body, shape)),
  encode: encodeJson,
};

export const awsJson: Protocol = {
  encodeRequest(operation, given) {
    const { service } = operation;
    const input = withTokens(operation, given);
    const { body, type } = encodeRpcBody(format, operation.input, input, "initial-request");
    return {
      method: "POST",
      path: operation.path,
      query: "",
      headers: {
        "content-type": type ?? typeOf(operation.model),
        "x-amz-target": `${service.aws?.targetPrefix}.${operation.name}`,
        ...(isQueryCompatible(operation.model) && { "x-amzn-query-mode": "true" }),
      },
      body: body ?? "{}",
      ...hostPrefixOf(operation, input),
    };
  },
  decodeResponse: (operation, response) => decodeRpcResponse(format, operation.output, response),
  decodeError,
};

export const awsJsonServer: ServerProtocol = {
  route(model, { headers }) {
    const target = headers["x-amz-target"] ?? "";
    const dot = target.lastIndexOf(".");
    return target.slice(0, dot) === model.service.aws?.targetPrefix
      ? model.operation(target.slice(dot + 1))
      : undefined;
  },
  decodeRequest: (operation, request) =>
    decodingRequest("SerializationException", () => decodeRpcRequest(format, operation.input, request.body)),
  encodeResponse(operation, output, requestId) {
    const { body, type } = encodeRpcBody(format, operation.output, output, "initial-response");
    const headers = { "content-type": type ?? typeOf(operation.model), "x-amzn-requestid": requestId };
    return { status: 200, headers, body: body ?? "{}" };
  },
  encodeError,
};

function typeOf(model: Model): string {
  return `application/x-amz-json-${model.service.aws?.jsonVersion ?? "1.0"}`;
}

function decodeError(operation: OperationModel, response: HttpResponse, body: Uint8Array): DecodedError {
  const parsed = jsonObject(body);
  const named = cleanCode(response.headers["x-amzn-errortype"]);
  if (parsed === undefined && named === "") return foreignError(operation, response, body);
  const values = parsed ?? {};
  const type = cleanCode(values.__type) || named || cleanCode(values.code ?? values.Code);
  const shape = errorShape(operation, type);
  return {
    code: queryCode(response.headers) ?? type,
    name: shape?.name,
    message: messageOf(values),
    requestId: requestIdOf(response.headers),
    body: (shape && parsed && membersOf(shape, body)) ?? parsed ?? {},
  };
}

function membersOf(shape: NonNullable<ReturnType<typeof errorShape>>, body: Uint8Array): unknown {
  try {
    return decodeJson(body, shape);
  } catch {
    // An error that does not keep to its own model is still told by its code.
    return undefined;
  }
}

function encodeError(
  model: Model,
  operation: OperationModel | undefined,
  error: ErrorToEncode,
): EncodedResponse {
  const shape = errorShape(operation, error.code);
  const name = errorShapeName(operation, error);
  const values = errorValues(shape, error);
  const members =
    shape === undefined
      ? JSON.stringify({ message: error.message, ...error.body })
      : encodeJson(shape, values);
  const type = JSON.stringify({ __type: name });
  return {
    status: error.status,
    headers: {
      "content-type": typeOf(model),
      "x-amzn-errortype": name,
      "x-amzn-requestid": error.requestId,
      ...(isQueryCompatible(model) && { "x-amzn-query-error": `${error.code};${faultOf(error)}` }),
    },
    body: members === "{}" ? type : `${type.slice(0, -1)},${members.slice(1)}`,
  };
}
