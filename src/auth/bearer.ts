/** A token in the `authorization` header: Entra's, Google's, and AWS services that take bearer tokens. */
import type { HttpRequest } from "../http/message.js";
import { CloudError } from "../internal/cloud-error.js";

/** The request with its `authorization` header. A token over a connection that anyone can read would be given away. */
export function signBearer(request: HttpRequest, token: string): HttpRequest {
  if (!request.origin.startsWith("https:") && !isLoopback(request.origin)) {
    throw new CloudError(`Cannot send a bearer token: ${request.origin} is not https`, {
      kind: "invalidInput",
      code: "InsecureTransport",
    });
  }
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
}

/** The token that a request carries, or undefined. */
export function bearerOf(headers: Readonly<Record<string, string>>): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
}

/** Emulators, and the metadata-like proxies that run beside a program. */
function isLoopback(origin: string): boolean {
  return /^http:\/\/(localhost|[a-z0-9-]+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(origin);
}
