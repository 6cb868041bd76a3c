/**
 * query and ec2, which differ in names of parameters, in lists, and in the forms of their responses:
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html and https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
import type { HttpResponse } from "../http/message.js";
import type { Model, OperationModel } from "../model/model.js";
import { decodingRequest, errorShape, faultOf } from "./aws-error.js";
import { hostPrefixOf, withTokens } from "./aws-input.js";
import { decodeXmlError, element, errorElements, xmlMembersOf } from "./aws-xml-error.js";
import { decodeUtf8 } from "./codec/bytes.js";
import { decodeForm, EC2_FORM, encodeForm, type FormDialect, QUERY_FORM } from "./codec/form.js";
import { parseQuery } from "./codec/uri.js";
import { decodeXml, encodeXml, escapeXml } from "./codec/xml.js";
import type {
  EncodedResponse,
  ErrorToEncode,
  Protocol,
  ReceivedRequest,
  ServerProtocol,
  Values,
} from "./protocol.js";

export const awsQuery: Protocol = /* @__PURE__ */ formProtocol(QUERY_FORM);
export const awsQueryServer: ServerProtocol = /* @__PURE__ */ formServer(QUERY_FORM, {
  encodeResponse: encodeQueryResponse,
  encodeError: encodeQueryError,
});

export const awsEc2: Protocol = /* @__PURE__ */ formProtocol(EC2_FORM);
export const awsEc2Server: ServerProtocol = /* @__PURE__ */ formServer(EC2_FORM, {
  encodeResponse: encodeEc2Response,
  encodeError: encodeEc2Error,
});

function formProtocol(dialect: FormDialect): Protocol {
  return {
    encodeRequest(operation, given) {
      const input = withTokens(operation, given);
      const start = `Action=${operation.name}&Version=${operation.service.apiVersion}`;
      return {
        method: operation.method,
        // The action is in the body, whatever the model's path says of it.
        path: "/",
        query: "",
        headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
        body: operation.input === undefined ? start : start + encodeForm(dialect, operation.input, input),
        ...hostPrefixOf(operation, input),
      };
    },
    decodeResponse,
    decodeError: (operation, response, body) => decodeXmlError(operation, response, body, xmlMembersOf),
  };
}

function formServer(
  dialect: FormDialect,
  responses: Pick<ServerProtocol, "encodeResponse" | "encodeError">,
): ServerProtocol {
  return {
    route(model, request) {
      const { Action } = Object.fromEntries(parametersOf(request));
      return Action === undefined ? undefined : model.operation(Action);
    },
    decodeRequest: (operation, request) =>
      decodingRequest("MalformedQueryString", () =>
        operation.input === undefined ? {} : decodeForm(dialect, operation.input, parametersOf(request)),
      ),
    ...responses,
  };
}

/** Of the body, or of the query where an action is asked for by GET. */
function parametersOf({ query, body }: ReceivedRequest): [name: string, value: string][] {
  return [...parseQuery(query), ...parseQuery(decodeUtf8(body))];
}

async function decodeResponse(operation: OperationModel, response: HttpResponse): Promise<Values> {
  const body = await response.body.bytes();
  const { output } = operation;
  if (output === undefined || (output.members.length === 0 && body.length === 0)) return {};
  const { wrapper } = operation.traits.aws ?? {};
  return decodeXml(body, output, { within: wrapper === undefined ? [] : [wrapper] }) as Values;
}

const XML = { "content-type": "text/xml;charset=UTF-8" };

function encodeQueryResponse(operation: OperationModel, output: Values, requestId: string): EncodedResponse {
  const { wrapper } = operation.traits.aws ?? {};
  const { output: shape } = operation;
  const name = wrapper ?? `${operation.name}Result`;
  const result = shape === undefined ? "" : encodeXml(shape, output, { name });
  const inner = wrapper === undefined ? result.slice(name.length + 2, -(name.length + 3)) : result;
  const metadata = `<ResponseMetadata>${element("RequestId", requestId)}</ResponseMetadata>`;
  const body = `<${operation.name}Response${namespaceOf(operation.model)}>${inner}${metadata}</${operation.name}Response>`;
  return { status: 200, headers: { ...XML, "x-amzn-requestid": requestId }, body };
}

function encodeEc2Response(operation: OperationModel, output: Values, requestId: string): EncodedResponse {
  const { output: shape } = operation;
  const name = `${operation.name}Response`;
  const members =
    shape === undefined ? "" : encodeXml(shape, output, { name }).slice(name.length + 2, -(name.length + 3));
  const body = `<${name}${namespaceOf(operation.model)}>${element("requestId", requestId)}${members}</${name}>`;
  return { status: 200, headers: { ...XML, "x-amzn-requestid": requestId }, body };
}

function namespaceOf(model: Model): string {
  const namespace = model.service.aws?.xmlNamespace;
  return namespace === undefined ? "" : ` xmlns="${escapeXml(namespace)}"`;
}

function encodeQueryError(
  model: Model,
  operation: OperationModel | undefined,
  error: ErrorToEncode,
): EncodedResponse {
  const body = `<ErrorResponse${namespaceOf(model)}><Error>${element("Type", faultOf(error))}${errorElements(errorShape(operation, error.code), error)}</Error>${element("RequestId", error.requestId)}</ErrorResponse>`;
  return { status: error.status, headers: { ...XML, "x-amzn-requestid": error.requestId }, body };
}

function encodeEc2Error(
  _: Model,
  operation: OperationModel | undefined,
  error: ErrorToEncode,
): EncodedResponse {
  const body = `<Response><Errors><Error>${errorElements(errorShape(operation, error.code), error)}</Error></Errors>${element("RequestID", error.requestId)}</Response>`;
  return { status: error.status, headers: { ...XML, "x-amzn-requestid": error.requestId }, body };
}
