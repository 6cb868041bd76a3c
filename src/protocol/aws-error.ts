/** Errors as every AWS protocol tells them: codes, their shapes, request ids. */

import type { HeaderMap, HttpResponse } from "../http/message.js";
import { CloudError, isCloudError } from "../internal/cloud-error.js";
import type { Model, OperationModel, Shape } from "../model/model.js";
import type { DecodedError, ErrorToEncode, Values } from "./protocol.js";

/** `aws.protocoltests#FooError:http://internal/` -> `FooError` */
export function cleanCode(code: unknown): string {
  if (typeof code !== "string") return "";
  const name = code.split(":", 1)[0] ?? "";
  return name.slice(name.lastIndexOf("#") + 1);
}

/** Shape of the error that the operation's model has under that code or name. */
export function errorShape(operation: OperationModel | undefined, code: string): Shape | undefined {
  if (operation === undefined || code === "") return undefined;
  const { errors } = operation;
  return errors.find(({ traits }) => traits.error?.code === code) ?? errors.find(({ name }) => name === code);
}

export function requestIdOf(headers: HeaderMap): string | undefined {
  return headers["x-amzn-requestid"] ?? headers["x-amz-request-id"] ?? headers["x-amz-requestid"];
}

/** Services that once spoke the query protocol keep its codes in a header: `AWS.SimpleQueueService.NonExistentQueue;Sender`. */
export function queryCode(headers: HeaderMap): string | undefined {
  const [code, fault] = headers["x-amzn-query-error"]?.split(";") ?? [];
  return code === undefined || code === "" || fault === undefined ? undefined : code;
}

export function messageOf(body: unknown): string {
  if (typeof body !== "object" || body === null) return "";
  // OAuth 2 has a name of its own for it, which SSO's tokens keep to.
  const { message, Message, errorMessage, error_description: oauth } = body as Values;
  const found = message ?? Message ?? errorMessage ?? oauth;
  return typeof found === "string" ? found : "";
}

/**
 * An error response that is not in the protocol's form. Where a response to HEAD or one of a status below 500 has no body
 * (304, 412), there is no other form: its status is its code, as with boto3.
 */
export function foreignError(
  operation: OperationModel,
  { status, headers }: HttpResponse,
  body: Uint8Array,
): DecodedError {
  const requestId = requestIdOf(headers);
  if (body.length === 0 && (operation.method === "HEAD" || status < 500)) {
    return { code: String(status), message: "", requestId };
  }
  return { code: "", message: "", requestId, foreign: true };
}

/** Members of a modelled error for the emulator to encode, its message among them. */
export function errorValues(shape: Shape | undefined, { body, message }: ErrorToEncode): Values {
  const member = shape?.members.find(({ name }) => name.toLowerCase() === "message");
  return { ...(member !== undefined && { [member.name]: message }), ...body };
}

export function errorShapeName(operation: OperationModel | undefined, { code }: ErrorToEncode): string {
  return errorShape(operation, code)?.name ?? code;
}

export function isQueryCompatible(model: Model): boolean {
  return model.service.aws?.queryCompatible === true;
}

export function faultOf(error: ErrorToEncode): "Sender" | "Receiver" {
  return (error.fault ?? (error.status >= 500 ? "server" : "client")) === "server" ? "Receiver" : "Sender";
}

/** Decodes a request for the emulator: what a client would call a bad response is a bad request here. */
export function decodingRequest<T>(code: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (!isCloudError(cause) || cause.code !== "BadResponse") throw cause;
    throw new CloudError(cause.message, { kind: "invalidInput", code, status: 400, cause });
  }
}
