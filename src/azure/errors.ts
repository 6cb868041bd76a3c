/** Azure's error codes and statuses as kinds, and what may be tried again. */
import type { Classification } from "../client/backend.js";
import type { HeaderMap, HttpResponse } from "../http/message.js";
import { type ErrorKind, kindOfStatus } from "../internal/cloud-error.js";
import type { DecodedError } from "../protocol/protocol.js";

/** Codes whose status alone would mislead. https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes and https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors */
const KINDS: Readonly<Record<string, ErrorKind>> = {
  AuthenticationFailed: "unauthenticated",
  InvalidAuthenticationInfo: "unauthenticated",
  NoAuthenticationInformation: "unauthenticated",
  InvalidAuthenticationToken: "unauthenticated",
  ExpiredAuthenticationToken: "unauthenticated",
  AuthorizationFailed: "accessDenied",
  PublicAccessNotPermitted: "accessDenied",
  OperationTimedOut: "timeout",
  ServerBusy: "throttled",
  TooManyRequests: "throttled",
  ServerTimeout: "unavailable",
  ConditionNotMet: "preconditionFailed",
  LeaseIdMissing: "preconditionFailed",
  MissingSubscription: "notFound",
  ResourceGroupBeingDeleted: "conflict",
};

export function classify(error: DecodedError, { status, headers }: HttpResponse): Classification {
  const { code } = error;
  const kind = kindOf(code, status);
  return { kind, retry: retryOf(kind, code, status), retryAfterMs: retryAfterMs(headers) };
}

function kindOf(code: string, status: number): ErrorKind {
  const known = KINDS[code];
  if (known !== undefined) return known;
  if (/NotFound$/.test(code) && status >= 400 && status < 500) return "notFound";
  if (/AlreadyExists$/.test(code)) return "alreadyExists";
  return kindOfStatus(status);
}

function retryOf(kind: ErrorKind, code: string, status: number): Classification["retry"] {
  if (kind === "throttled") return "throttling";
  if (code === "OperationTimedOut" || code === "RetryableError") return "transient";
  return status === 408 || status === 500 || status === 502 || status === 503 || status === 504
    ? "transient"
    : false;
}

/** `retry-after` is seconds or a date; some services say milliseconds. */
export function retryAfterMs(headers: Readonly<HeaderMap>, now: number = Date.now()): number | undefined {
  const ms = Number(headers["retry-after-ms"] ?? headers["x-ms-retry-after-ms"]);
  if (ms >= 0) return ms;
  const text = headers["retry-after"];
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (seconds >= 0) return seconds * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
