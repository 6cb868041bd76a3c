/** Cross-origin requests, by the account's rules. https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services */
import type { HeaderMap } from "../../../http/message.js";
import type { EncodedResponse } from "../../../protocol/protocol.js";
import { type Context, EmulatorError, type IncomingRequest } from "../../service.js";
import { addressOf } from "./address.js";
import { blobStore } from "./store.js";

interface CorsRule {
  readonly allowedOrigins: string;
  readonly allowedMethods: string;
  readonly allowedHeaders: string;
  readonly exposedHeaders: string;
  readonly maxAgeInSeconds: number;
}

/** Answers a browser's question before the request itself. */
export function preflight(request: IncomingRequest, context: Context): EncodedResponse | undefined {
  if (request.method !== "OPTIONS") return undefined;
  const { origin, "access-control-request-method": method } = request.headers;
  const asked = listOf(request.headers["access-control-request-headers"] ?? "");
  if (origin === undefined || method === undefined) {
    throw new EmulatorError("MissingRequiredHeader", "Origin and the method asked for are required.", 400);
  }
  const rule = ruleFor(request, context, origin, method, asked);
  if (rule === undefined) {
    throw new EmulatorError(
      "CorsPreflightFailure",
      "CORS not enabled or no matching rule found for this request.",
      403,
    );
  }
  return {
    status: 200,
    headers: {
      ...allowed(rule, origin),
      "access-control-allow-methods": method,
      ...(asked.length > 0 && { "access-control-allow-headers": asked.join(",") }),
      "access-control-max-age": String(rule.maxAgeInSeconds),
    },
  };
}

/** Headers that let a browser's page read the response; none where no rule does. */
export function corsHeaders({ request, ...context }: Pick<Context, "request" | "store">): HeaderMap {
  const { origin } = request.headers;
  if (origin === undefined || request.method === "OPTIONS") return {};
  if (rulesOf(request, context).length === 0) return {};
  const rule = ruleFor(request, context, origin, request.method, []);
  if (rule === undefined) return { vary: "Origin" };
  return { ...allowed(rule, origin), "access-control-expose-headers": rule.exposedHeaders, vary: "Origin" };
}

function allowed({ allowedOrigins }: CorsRule, origin: string): HeaderMap {
  if (allowedOrigins === "*") return { "access-control-allow-origin": "*" };
  return { "access-control-allow-origin": origin, "access-control-allow-credentials": "true" };
}

function ruleFor(
  request: IncomingRequest,
  context: Pick<Context, "store">,
  origin: string,
  method: string,
  headers: readonly string[],
): CorsRule | undefined {
  return rulesOf(request, context).find(
    (rule) =>
      listOf(rule.allowedOrigins).some((each) => each === "*" || each === origin) &&
      listOf(rule.allowedMethods).includes(method) &&
      headers.every((header) => listOf(rule.allowedHeaders).some((pattern) => fits(pattern, header))),
  );
}

function rulesOf(request: IncomingRequest, context: Pick<Context, "store">): readonly CorsRule[] {
  const account = context.store(blobStore).accounts.get(addressOf(request).account);
  return (account?.properties.cors ?? []) as readonly CorsRule[];
}

/** A star at the end stands for any rest. */
function fits(pattern: string, header: string): boolean {
  const name = header.toLowerCase();
  const wanted = pattern.toLowerCase();
  return wanted.endsWith("*") ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
}

function listOf(text: string): string[] {
  return text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
}
