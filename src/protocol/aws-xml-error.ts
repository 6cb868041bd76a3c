/** Errors in XML, as the rest-xml, query and ec2 protocols write them. */
import type { HttpResponse } from "../http/message.js";
import type { OperationModel, Shape } from "../model/model.js";
import { errorShape, errorValues, foreignError, requestIdOf } from "./aws-error.js";
import { decodeXml, encodeXml, escapeXml, parseXml } from "./codec/xml.js";
import type { DecodedError, ErrorToEncode, Values } from "./protocol.js";

/** Decodes the members of a modelled error found below the root at `within`. */
type MembersOf = (shape: Shape, body: Uint8Array, within: readonly string[]) => unknown;

export const xmlMembersOf: MembersOf = (shape, body, within) => decodeXml(body, shape, { within });

export function decodeXmlError(
  operation: OperationModel,
  response: HttpResponse,
  body: Uint8Array,
  membersOf: MembersOf,
): DecodedError {
  const parsed = parsedError(body);
  if (parsed === undefined) return foreignError(operation, response, body);
  const { error, requestId, within } = parsed;
  const code = textOf(error.Code);
  return {
    code,
    message: textOf(error.Message ?? error.message),
    requestId: requestId || requestIdOf(response.headers),
    body: modelledMembers(errorShape(operation, code), body, within, membersOf) ?? error,
  };
}

function modelledMembers(
  shape: Shape | undefined,
  body: Uint8Array,
  within: readonly string[],
  membersOf: MembersOf,
): unknown {
  try {
    return shape && membersOf(shape, body, within);
  } catch {
    // An error that does not keep to its own model is still told by its code.
    return undefined;
  }
}

/** `<ErrorResponse><Error>` mostly, `<Response><Errors><Error>` of ec2, `<Error>` alone of S3. */
function parsedError(
  body: Uint8Array,
): { error: Values; requestId: string; within: readonly string[] } | undefined {
  if (body.length === 0) return undefined;
  try {
    const { name, value: root } = parseXml(body);
    if (typeof root === "string") return undefined;
    const requestId = textOf(root.RequestId ?? root.RequestID ?? root.requestId);
    if (name === "Error") return { error: root, requestId, within: [] };
    const outer = isValues(root.Errors) ? root.Errors : root;
    const error = Array.isArray(outer.Error) ? outer.Error[0] : outer.Error;
    if (!isValues(error)) return undefined;
    return { error, requestId, within: outer === root ? ["Error"] : ["Errors", "Error"] };
  } catch {
    return undefined;
  }
}

function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Code, message and members of an error for the emulator; `only` says which members stand in the body. */
export function errorElements(
  shape: Shape | undefined,
  error: ErrorToEncode,
  only: (shape: Shape, values: Values) => Values = (_, values) => values,
): string {
  const start = element("Code", error.code) + element("Message", error.message);
  if (shape === undefined) return start + plainElements(error.body);
  const { Message: _, message: __, Code: ___, ...others } = only(shape, errorValues(shape, error));
  return start + encodeXml(shape, others, { name: "Error" }).slice("<Error>".length, -"</Error>".length);
}

function plainElements(body: Values | undefined): string {
  return Object.entries(body ?? {})
    .filter(
      ([, value]) => typeof value === "string" || typeof value === "number" || typeof value === "boolean",
    )
    .map(([name, value]) => element(name, String(value)))
    .join("");
}

export function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}
