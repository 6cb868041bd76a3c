/** rest-json: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
import type { HttpResponse } from "../http/message.js";
import type { OperationModel } from "../model/model.js";
import {
  cleanCode,
  errorShape,
  errorShapeName,
  errorValues,
  foreignError,
  messageOf,
  requestIdOf,
} from "./aws-error.js";
import { decodeJson, encodeJson, jsonObject } from "./codec/json.js";
import { bindingOf, bodyValues, decodeHeaders, encodeHeaders } from "./http-binding.js";
import type {
  DecodedError,
  EncodedResponse,
  ErrorToEncode,
  Protocol,
  ServerProtocol,
  Values,
} from "./protocol.js";
import { type RestFormat, restProtocol, restServer } from "./rest.js";

const format: RestFormat = {
  contentType: "application/json",
  decode: (shape, body) => (body.length === 0 ? undefined : decodeJson(body, shape)),
  encode: encodeJson,
  encodeBody: (_, shape, values) => encodeJson(shape, values),
  encodePayload: (member, value) => encodeJson(member.shape, value),
  absentPayload: "{}",
  typesPayloads: true,
  malformedCode: "SerializationException",
};

export const awsRestJson: Protocol = /* @__PURE__ */ restProtocol(format, decodeError);
export const awsRestJsonServer: ServerProtocol = /* @__PURE__ */ restServer(format, (_, operation, error) =>
  encodeError(operation, error),
);

function decodeError(operation: OperationModel, response: HttpResponse, body: Uint8Array): DecodedError {
  const parsed = jsonObject(body);
  const named = cleanCode(response.headers["x-amzn-errortype"]);
  if (parsed === undefined && named === "") return foreignError(operation, response, body);
  const values = parsed ?? {};
  const code = named || cleanCode(values.code ?? values.Code) || cleanCode(values.__type);
  return {
    code,
    message: messageOf(values),
    requestId: requestIdOf(response.headers),
    body: membersOf(operation, code, response, parsed === undefined ? new Uint8Array(0) : body) ?? parsed,
  };
}

/** Members of a modelled error, those in headers included. */
function membersOf(
  operation: OperationModel,
  code: string,
  response: HttpResponse,
  body: Uint8Array,
): Values | undefined {
  const shape = errorShape(operation, code);
  if (shape === undefined) return undefined;
  const values: Values = {};
  try {
    decodeHeaders(bindingOf(shape), response.headers, values);
    return Object.assign(values, format.decode(shape, body));
  } catch {
    // An error that does not keep to its own model is still told by its code.
    return undefined;
  }
}

function encodeError(operation: OperationModel | undefined, error: ErrorToEncode): EncodedResponse {
  const shape = errorShape(operation, error.code);
  const values = errorValues(shape, error);
  const headers = {
    ...(shape && encodeHeaders(bindingOf(shape), values)),
    "content-type": format.contentType,
    // After the members: some models have one for this header, which is the protocol's own.
    "x-amzn-errortype": errorShapeName(operation, error),
    "x-amzn-requestid": error.requestId,
  };
  if (shape === undefined)
    return { status: error.status, headers, body: JSON.stringify({ message: error.message, ...error.body }) };
  return { status: error.status, headers, body: encodeJson(shape, bodyValues(bindingOf(shape), values)) };
}
