/** Cross-origin requests, by the bucket's own rules. https://cloud.google.com/storage/docs/cross-origin */
import type { HeaderMap } from "../../../http/message.js";
import type { EncodedResponse } from "../../../protocol/protocol.js";
import type { Context, IncomingRequest } from "../../service.js";
import { isXml } from "./paths.js";
import { storageStore } from "./store.js";

interface CorsRule {
  readonly origin?: readonly string[];
  readonly method?: readonly string[];
  readonly responseHeader?: readonly string[];
  readonly maxAgeSeconds?: number;
}

/** A question that no rule fits is answered without the headers that a browser wants. */
export function preflight(request: IncomingRequest, context: Context): EncodedResponse | undefined {
  if (request.method !== "OPTIONS") return undefined;
  const { origin, "access-control-request-method": method } = request.headers;
  const rule = origin && method ? ruleFor(request, context, origin, method) : undefined;
  if (rule === undefined) return { status: 200, headers: { "content-length": "0" } };
  const headers: HeaderMap = {
    ...allowed(rule, origin as string),
    "access-control-allow-methods": method as string,
  };
  if (rule.responseHeader?.length) headers["access-control-allow-headers"] = rule.responseHeader.join(",");
  if (rule.maxAgeSeconds !== undefined) headers["access-control-max-age"] = String(rule.maxAgeSeconds);
  return { status: 200, headers };
}

export function corsHeaders(context: Context): HeaderMap {
  const { request } = context;
  const { origin } = request.headers;
  if (origin === undefined || request.method === "OPTIONS") return {};
  const rule = ruleFor(request, context, origin, request.method);
  if (rule === undefined) return {};
  return {
    ...allowed(rule, origin),
    "access-control-expose-headers": (rule.responseHeader ?? []).join(", "),
  };
}

/** The JSON API answers every page; the XML API asks the bucket. */
const ANYONE: CorsRule = { origin: ["*"], method: [], responseHeader: ["*"], maxAgeSeconds: 3600 };

function ruleFor(
  request: IncomingRequest,
  context: Context,
  origin: string,
  method: string,
): CorsRule | undefined {
  if (!isXml(request)) return ANYONE;
  const ownHost = /^(.+)\.storage\.googleapis\.com(:\d+)?$/.exec(request.host)?.[1];
  const name = ownHost ?? /^\/([^/]+)/.exec(request.path)?.[1] ?? "";
  const rules = (context.store(storageStore).buckets.get(name)?.resource.cors ?? []) as readonly CorsRule[];
  return rules.find(
    (rule) =>
      rule.origin?.some((each) => each === "*" || each === origin) &&
      rule.method?.some((each) => each === "*" || each === method),
  );
}

function allowed(rule: CorsRule, origin: string): HeaderMap {
  return { "access-control-allow-origin": rule.origin?.includes("*") ? "*" : origin, vary: "Origin" };
}
