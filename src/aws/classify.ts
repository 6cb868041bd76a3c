/** What kind of failure an AWS error code is, and whether another attempt may do. */
import type { Classification } from "../client/backend.js";
import type { HttpResponse } from "../http/message.js";
import { type ErrorKind, kindOfStatus } from "../internal/cloud-error.js";
import type { OperationModel } from "../model/model.js";
import type { DecodedError } from "../protocol/protocol.js";

/** The SDKs' common list. https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const THROTTLING = new Set([
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "LimitExceededException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "TransactionInProgressException",
]);

const TRANSIENT_CODES = new Set(["InternalError", "RequestTimeout", "RequestTimeoutException"]);
const TRANSIENT_STATUSES = new Set([500, 502, 503, 504]);

/** Codes whose status would say something else. */
const KINDS: ReadonlyMap<string, ErrorKind> = new Map<string, ErrorKind>([
  ...kinds("accessDenied", "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"),
  ...kinds("accessDenied", "AuthorizationError", "AuthorizationErrorException", "InvalidAccessException"),
  ...kinds("unauthenticated", "AuthFailure", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature"),
  ...kinds(
    "unauthenticated",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "MissingAuthenticationToken",
  ),
  ...kinds("unauthenticated", "RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch"),
  ...kinds(
    "unauthenticated",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
  ),
  ...kinds(
    "notFound",
    "ResourceNotFoundException",
    "NoSuchEntity",
    "NoSuchBucket",
    "NoSuchKey",
    "NoSuchUpload",
  ),
  ...kinds(
    "notFound",
    "NotFoundException",
    "QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
    "NotFound",
  ),
  ...kinds("alreadyExists", "EntityAlreadyExists", "BucketAlreadyExists", "BucketAlreadyOwnedByYou"),
  ...kinds(
    "alreadyExists",
    "ResourceAlreadyExistsException",
    "ResourceInUseException",
    "AlreadyExistsException",
  ),
  ...kinds("preconditionFailed", "PreconditionFailed", "ConditionalCheckFailedException", "NotModified"),
  ...kinds(
    "conflict",
    "ConflictException",
    "OperationAborted",
    "DeleteConflict",
    "ConditionalRequestConflict",
  ),
  ...kinds("conflict", "IncorrectInstanceState", "IncorrectState", "DependencyViolation", "BucketNotEmpty"),
  ...kinds("unavailable", "ServiceUnavailable", "ServiceUnavailableException", "Unavailable"),
  ...kinds("timeout", "RequestTimeout", "RequestTimeoutException"),
  ...kinds("notImplemented", "NotImplemented", "UnsupportedOperation"),
  ...kinds("invalidInput", "ValidationException", "ValidationError", "DryRunOperation"),
]);

function kinds(kind: ErrorKind, ...codes: string[]): [string, ErrorKind][] {
  return codes.map((code) => [code, kind]);
}

export function classify(
  operation: OperationModel,
  error: DecodedError,
  response: Pick<HttpResponse, "status" | "headers">,
): Classification {
  const { code } = error;
  const modelled = code === "" ? undefined : operation.errors.find((shape) => isCode(shape, code));
  const retry = retryOf(code, response.status, modelled?.traits.retryable);
  return { kind: kindOf(code, response.status, retry), retry, retryAfterMs: retryAfterMs(response) };
}

function isCode(shape: OperationModel["errors"][number], code: string): boolean {
  return shape.name === code || shape.traits.error?.code === code;
}

function retryOf(
  code: string,
  status: number,
  modelled: "transient" | "throttling" | undefined,
): Classification["retry"] {
  if (THROTTLING.has(code) || status === 429) return "throttling";
  if (modelled !== undefined) return modelled;
  return TRANSIENT_CODES.has(code) || TRANSIENT_STATUSES.has(status) ? "transient" : false;
}

function kindOf(code: string, status: number, retry: Classification["retry"]): ErrorKind {
  if (retry === "throttling") return "throttled";
  const known = KINDS.get(code);
  if (known !== undefined) return known;
  // EC2 names what is missing and what is there already: InvalidInstanceID.NotFound, InvalidGroup.Duplicate.
  if (/NotFound(Exception|Fault)?$|^NoSuch/.test(code)) return "notFound";
  if (/\.Duplicate$|AlreadyExists(Exception|Fault)?$/.test(code)) return "alreadyExists";
  return status < 300 ? "internal" : kindOfStatus(status);
}

/** `x-amz-retry-after` is in ms, `Retry-After` in seconds. */
function retryAfterMs({ headers }: Pick<HttpResponse, "headers">): number | undefined {
  const ms = Number(headers["x-amz-retry-after"]);
  if (ms > 0) return ms;
  const seconds = Number(headers["retry-after"]);
  return seconds > 0 ? seconds * 1000 : undefined;
}
