/**
 * Signature version 2: parameters of a form or a query, for SimpleDB and Import/Export, which know no later one.
 * https://docs.aws.amazon.com/AmazonSimpleDB/latest/DeveloperGuide/HMACAuth.html
 */
import type { HttpRequest } from "../http/message.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { AwsCredentials } from "./credentials.js";
import { hmacSha256, toBase64 } from "./digest.js";
import { encodeStrict } from "./sigv4-canonical.js";

/** Signs the parameters of the body, or of the query where there is no body. */
export function signV2(request: HttpRequest, credentials: AwsCredentials, at: Date): HttpRequest {
  const { method, origin, path, query, body } = request;
  if (body !== undefined && typeof body !== "string") {
    throw invalidInput("Cannot sign by version 2: the body is not a form");
  }
  const own: [name: string, value: string][] = [
    ["AWSAccessKeyId", credentials.accessKeyId],
    ["SignatureMethod", "HmacSHA256"],
    ["SignatureVersion", "2"],
    ["Timestamp", at.toISOString().replace(/\.\d+Z$/, "Z")],
  ];
  if (credentials.sessionToken !== undefined) own.push(["SecurityToken", credentials.sessionToken]);
  const given = [...new URLSearchParams(body ?? query)];
  const form = [...given, ...own]
    .filter(([name]) => name !== "Signature")
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${encodeStrict(name)}=${encodeStrict(value)}`)
    .join("&");
  const text = `${method}\n${new URL(origin).host}\n${path || "/"}\n${form}`;
  const signature = toBase64(hmacSha256(credentials.secretAccessKey, text));
  const signed = `${form}&Signature=${encodeStrict(signature)}`;
  return body === undefined ? { ...request, query: signed } : { ...request, body: signed };
}
