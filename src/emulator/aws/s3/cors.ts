/** Cross-origin requests, by the bucket's own rules. See https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html */
import type { HeaderMap } from "../../../http/message.js";
import type { EncodedResponse } from "../../../protocol/protocol.js";
import { type Context, EmulatorError, type IncomingRequest } from "../../service.js";
import { localize } from "./address.js";
import { CORS_METHODS, isHeaderName } from "./settings-checks.js";
import { s3Store } from "./store.js";

interface CorsRule {
  readonly AllowedOrigins: readonly string[];
  readonly AllowedMethods: readonly string[];
  readonly AllowedHeaders?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  readonly MaxAgeSeconds?: number;
}

/** Answers a browser's question before the request itself. */
export function preflight(request: IncomingRequest, context: Context): EncodedResponse | undefined {
  if (request.method !== "OPTIONS") return undefined;
  const {
    origin,
    "access-control-request-method": method,
    "access-control-request-headers": asked,
  } = request.headers;
  if (!origin || !method) {
    throw new EmulatorError("BadRequest", "Insufficient information. Origin request header needed.", 400);
  }
  if (!CORS_METHODS.has(method)) {
    throw new EmulatorError("BadRequest", `Invalid Access-Control-Request-Method: ${method}`, 400);
  }
  const [, name = ""] = localize(request).path.split("/");
  context.store(s3Store).bucket(decodeURIComponent(name));
  const unreadable = asked?.split(",").find((each) => !isHeaderName(each.trim()));
  if (unreadable !== undefined && asked !== "") {
    throw new EmulatorError("BadRequest", `Invalid Access-Control-Request-Headers: ${unreadable}`, 400);
  }
  const headers = asked?.split(",").map((each) => each.trim().toLowerCase()) ?? [];
  const rule = ruleFor(context, origin, method, headers);
  if (rule === undefined) {
    throw new EmulatorError(
      "AccessForbidden",
      "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
      403,
      { Method: method, ResourceType: "BUCKET" },
    );
  }
  return {
    status: 200,
    headers: {
      ...headersOf(rule, origin),
      ...(asked !== undefined && { "access-control-allow-headers": headers.join(", ") }),
      ...(rule.MaxAgeSeconds !== undefined && { "access-control-max-age": String(rule.MaxAgeSeconds) }),
    },
  };
}

/** Headers that let a browser's page read the response; undefined where no rule does. */
export function corsHeaders(context: Context): HeaderMap | undefined {
  const { method, headers } = context.request;
  const { origin } = headers;
  if (origin === undefined || method === "OPTIONS") return undefined;
  const rule = ruleFor(context, origin, method, []);
  return rule && headersOf(rule, origin);
}

function ruleFor(
  context: Context,
  origin: string,
  method: string,
  headers: readonly string[],
): CorsRule | undefined {
  const [, name = ""] = localize(context.request).path.split("/");
  const bucket = context.store(s3Store).buckets.get(name);
  const settings = bucket?.settings.get("cors") as { CORSRules?: readonly CorsRule[] } | undefined;
  return settings?.CORSRules?.find(
    (rule) =>
      rule.AllowedMethods.includes(method) &&
      rule.AllowedOrigins.some((pattern) => fits(pattern, origin)) &&
      headers.every((header) => rule.AllowedHeaders?.some((pattern) => fits(pattern.toLowerCase(), header))),
  );
}

/** At most one `*` stands for any text. */
function fits(pattern: string, text: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === text;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
}

function headersOf(rule: CorsRule, origin: string): HeaderMap {
  const any = rule.AllowedOrigins.includes("*");
  return {
    "access-control-allow-origin": any ? "*" : origin,
    "access-control-allow-methods": rule.AllowedMethods.join(", "),
    ...(rule.ExposeHeaders !== undefined && {
      "access-control-expose-headers": rule.ExposeHeaders.join(", "),
    }),
    ...(!any && { "access-control-allow-credentials": "true" }),
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
}
