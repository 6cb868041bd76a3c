/** What Google's errors mean: kinds, and which of them pass. */
import type { Classification } from "../client/backend.js";
import type { HttpResponse } from "../http/message.js";
import { type ErrorKind, kindOfStatus } from "../internal/cloud-error.js";
import type { DecodedError, Values } from "../protocol/protocol.js";

/** Canonical codes. https://cloud.google.com/apis/design/errors#handling_errors */
const KIND_OF_STATUS: Readonly<Record<string, ErrorKind>> = {
  CANCELLED: "aborted",
  INVALID_ARGUMENT: "invalidInput",
  DEADLINE_EXCEEDED: "timeout",
  NOT_FOUND: "notFound",
  ALREADY_EXISTS: "alreadyExists",
  PERMISSION_DENIED: "accessDenied",
  UNAUTHENTICATED: "unauthenticated",
  RESOURCE_EXHAUSTED: "throttled",
  FAILED_PRECONDITION: "conflict",
  ABORTED: "conflict",
  OUT_OF_RANGE: "invalidInput",
  UNIMPLEMENTED: "notImplemented",
  INTERNAL: "internal",
  UNAVAILABLE: "unavailable",
};

/** Reasons of the older APIs that say more than the HTTP status. */
const KIND_OF_REASON: Readonly<Record<string, ErrorKind>> = {
  rateLimitExceeded: "throttled",
  userRateLimitExceeded: "throttled",
  quotaExceeded: "throttled",
  dailyLimitExceeded: "throttled",
  alreadyExists: "alreadyExists",
  duplicate: "alreadyExists",
  conditionNotMet: "preconditionFailed",
  resourceNotReady: "conflict",
  resourceInUseByAnotherResource: "conflict",
};

/** A quota of a day is not over in seconds. */
const LONG_QUOTAS = new Set(["quotaExceeded", "dailyLimitExceeded"]);
const TRANSIENT = new Set([408, 500, 502, 503, 504]);

export function classify(error: DecodedError, response: HttpResponse): Classification {
  const { status } = response;
  const body = typeof error.body === "object" && error.body !== null ? (error.body as Values) : {};
  const canonical = KIND_OF_STATUS[String(body.status)];
  const kind = kindOf(error.code, status, canonical);
  const retryAfterMs = retryAfter(response) ?? retryInfo(body);
  const retry =
    kind === "throttled" && !LONG_QUOTAS.has(error.code)
      ? "throttling"
      : TRANSIENT.has(status)
        ? "transient"
        : false;
  return { kind, retry, ...(error.code === "" && { code: codeOf(kind, status) }), retryAfterMs };
}

function kindOf(code: string, status: number, canonical: ErrorKind | undefined): ErrorKind {
  const byReason = KIND_OF_REASON[code];
  if (byReason !== undefined) return byReason;
  // HTTP says more where the canonical code is FAILED_PRECONDITION: 412 is a condition of the request.
  if (status === 412 || status === 304) return "preconditionFailed";
  if (canonical !== undefined) return canonical;
  // Storage's word for a name that is taken is `conflict`.
  return status === 409 && code === "conflict" ? "alreadyExists" : kindOfStatus(status);
}

/** For answers that state no code: a page of a proxy, a download's plain text. */
function codeOf(kind: ErrorKind, status: number): string {
  return status === 404 ? "notFound" : status === 412 ? "conditionNotMet" : kind;
}

function retryAfter({ headers }: HttpResponse): number | undefined {
  const value = headers["retry-after"];
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return seconds * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** `google.rpc.RetryInfo` among the details. */
function retryInfo(body: Values): number | undefined {
  const details = Array.isArray(body.details) ? (body.details as unknown[]) : [];
  for (const detail of details) {
    const delay = (detail as Values | null)?.retryDelay;
    if (typeof delay === "string" && delay.endsWith("s")) return Number(delay.slice(0, -1)) * 1000;
  }
  return undefined;
}
