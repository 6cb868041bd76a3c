/** rest-xml: https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html */
import type { HttpResponse } from "../http/message.js";
import type { Model, OperationModel } from "../model/model.js";
import { errorShape, errorValues, faultOf } from "./aws-error.js";
import { decodeXmlError, element, errorElements } from "./aws-xml-error.js";
import { decodeXml, encodeXml } from "./codec/xml.js";
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
  contentType: "application/xml",
  decode: (shape, body) => (body.length === 0 ? undefined : decodeXml(body, shape)),
  encode: (shape, value, name) => encodeXml(shape, value, { name: shape.traits.xmlName ?? name }),
  encodeBody(operation, shape, values) {
    if (Object.keys(values).length === 0) return undefined;
    const { aws = {} } = operation.traits;
    const isInput = shape === operation.input;
    const name = (isInput ? aws.inputName : undefined) ?? shape.traits.xmlName ?? shape.name;
    const namespace =
      (isInput ? aws.inputNamespace : undefined) ??
      shape.traits.xmlNamespace ??
      operation.service.aws?.xmlNamespace;
    return encodeXml(shape, values, { name, namespace });
  },
  encodePayload({ shape, traits, wireName }, value) {
    const name = traits.name ?? shape.traits.xmlName ?? (shape.name || wireName);
    const namespace = traits.xmlNamespace ?? shape.traits.xmlNamespace;
    return encodeXml(shape, value, { name, namespace, prefix: traits.xmlPrefix });
  },
  absentPayload: undefined,
  typesPayloads: false,
  malformedCode: "MalformedXML",
};

export const awsRestXml: Protocol = /* @__PURE__ */ restProtocol(format, decodeError);
export const awsRestXmlServer: ServerProtocol = /* @__PURE__ */ restServer(format, encodeError);

function decodeError(operation: OperationModel, response: HttpResponse, body: Uint8Array): DecodedError {
  return decodeXmlError(operation, response, body, (shape, bytes, within) => {
    const values: Values = {};
    decodeHeaders(bindingOf(shape), response.headers, values);
    return Object.assign(values, decodeXml(bytes, shape, { within }));
  });
}

function encodeError(
  model: Model,
  operation: OperationModel | undefined,
  error: ErrorToEncode,
): EncodedResponse {
  const shape = errorShape(operation, error.code);
  const values = errorValues(shape, error);
  const headers = {
    "content-type": "application/xml",
    "x-amzn-requestid": error.requestId,
    "x-amz-request-id": error.requestId,
    ...(shape && encodeHeaders(bindingOf(shape), values)),
  };
  if (operation?.method === "HEAD") return { status: error.status, headers };
  const text = errorElements(shape, error, (known, all) => bodyValues(bindingOf(known), all));
  // S3's errors stand without a wrapper: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
  const body =
    model.service.aws?.serviceId === "S3"
      ? `<Error>${text}${element("RequestId", error.requestId)}</Error>`
      : `<ErrorResponse><Error>${element("Type", faultOf(error))}${text}</Error>${element("RequestId", error.requestId)}</ErrorResponse>`;
  return { status: error.status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` };
}
