/** One family of errors for the three clouds. Act on `kind`, or on the service's own `code`. */
import type { CloudName } from "./cloud-name.js";

/** What went wrong, the same for every cloud. */
export type ErrorKind =
  | "notFound"
  | "alreadyExists"
  | "accessDenied"
  | "unauthenticated"
  | "throttled"
  | "conflict"
  | "preconditionFailed"
  | "invalidInput"
  | "unavailable"
  | "timeout"
  | "aborted"
  | "notImplemented"
  | "internal";

export interface CloudErrorDetails {
  readonly kind: ErrorKind;
  /** The service's own code (`NoSuchKey`, `BlobNotFound`, `notFound`), or ours (`TransportError`). */
  readonly code: string;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly cloud?: CloudName | undefined;
  readonly service?: string | undefined;
  readonly operation?: string | undefined;
  /** Attempts made, the failed ones included. */
  readonly attempts?: number | undefined;
  /** Members of a modelled error, or the parsed error body. */
  readonly body?: unknown;
  readonly cause?: unknown;
}

const BRAND = Symbol.for("trivet.CloudError");

export class CloudError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  cloud: CloudName | undefined;
  service: string | undefined;
  operation: string | undefined;
  attempts: number;
  readonly body: unknown;

  constructor(message: string, details: CloudErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = details.code;
    this.kind = details.kind;
    this.code = details.code;
    this.status = details.status;
    this.requestId = details.requestId;
    this.cloud = details.cloud;
    this.service = details.service;
    this.operation = details.operation;
    this.attempts = details.attempts ?? 0;
    this.body = details.body;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** True for a CloudError of any copy of this package. */
export function isCloudError(value: unknown): value is CloudError {
  return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[BRAND] === true;
}

/** A parameter or setting that is refused before anything is sent. `path` names it: `input.Filters[0].Values`. */
export function invalidInput(message: string, details?: Partial<CloudErrorDetails>): CloudError {
  return new CloudError(message, { kind: "invalidInput", code: "InvalidInput", ...details });
}

/** The kind that an HTTP status says when the code says nothing. */
export function kindOfStatus(status: number): ErrorKind {
  switch (status) {
    case 400:
    case 405:
    case 411:
    case 413:
    case 416:
    case 422:
      return "invalidInput";
    case 401:
      return "unauthenticated";
    case 403:
      return "accessDenied";
    case 404:
    case 410:
      return "notFound";
    case 408:
    case 504:
      return "timeout";
    case 409:
    case 423:
      return "conflict";
    case 412:
    case 304:
      return "preconditionFailed";
    case 429:
      return "throttled";
    case 501:
      return "notImplemented";
    case 502:
    case 503:
      return "unavailable";
    default:
      return status >= 500 ? "internal" : "invalidInput";
  }
}
