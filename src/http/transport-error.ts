/** Errors of the transport: what happened to a connection, in the words of one closed list of codes. */
import { CloudError, type ErrorKind } from "../internal/cloud-error.js";

export type TransportErrorCode =
  | "HostNotFound"
  | "ConnectionRefused"
  | "NetworkUnreachable"
  | "ConnectionReset"
  | "ConnectionFailed"
  | "TlsFailed"
  | "ProxyFailed"
  | "ConnectTimeout"
  | "IdleTimeout"
  | "Aborted"
  | "BodyTruncated"
  | "BodyTooLong"
  | "BadResponse"
  /** The stream that the caller gave as a request body failed. */
  | "RequestBodyFailed";

const KINDS: Readonly<Record<TransportErrorCode, ErrorKind>> = {
  HostNotFound: "unavailable",
  ConnectionRefused: "unavailable",
  NetworkUnreachable: "unavailable",
  ConnectionReset: "unavailable",
  ConnectionFailed: "unavailable",
  TlsFailed: "unavailable",
  ProxyFailed: "unavailable",
  ConnectTimeout: "timeout",
  IdleTimeout: "timeout",
  Aborted: "aborted",
  BodyTruncated: "unavailable",
  BodyTooLong: "unavailable",
  BadResponse: "unavailable",
  RequestBodyFailed: "invalidInput",
};

/** Another attempt would meet the same certificate, the same decision of the caller, the same broken stream. */
const NEVER_RETRIED: ReadonlySet<string> = new Set(["TlsFailed", "Aborted", "RequestBodyFailed"]);

export function transportError(code: TransportErrorCode, message: string, cause?: unknown): CloudError {
  return new CloudError(message, { kind: KINDS[code], code, cause });
}

/** Whether another attempt may go better. The caller still has to know that its request may be repeated. */
export function isTransientTransportError(error: CloudError): boolean {
  return error.status === undefined && error.code in KINDS && !NEVER_RETRIED.has(error.code);
}

export function abortedError(signal?: AbortSignal): CloudError {
  const reason: unknown = signal?.reason;
  // A deadline set by AbortSignal.timeout() is a timeout to everyone but the event target.
  if (reason instanceof Error && reason.name === "TimeoutError") {
    return new CloudError("The call timed out", { kind: "timeout", code: "Timeout", cause: reason });
  }
  // The signal's owner may have said which CloudError its abort stands for.
  if (reason instanceof CloudError) return reason;
  return transportError("Aborted", "The call was aborted", reason);
}

const CODES_OF_SYSTEM_ERRORS: Readonly<Record<string, TransportErrorCode>> = {
  ENOTFOUND: "HostNotFound",
  EAI_AGAIN: "HostNotFound",
  EAI_NODATA: "HostNotFound",
  ECONNREFUSED: "ConnectionRefused",
  ENETUNREACH: "NetworkUnreachable",
  EHOSTUNREACH: "NetworkUnreachable",
  EADDRNOTAVAIL: "NetworkUnreachable",
  ENETDOWN: "NetworkUnreachable",
  ECONNRESET: "ConnectionReset",
  EPIPE: "ConnectionReset",
  ECONNABORTED: "ConnectionReset",
  ETIMEDOUT: "ConnectTimeout",
};

const REASONS: Partial<Record<TransportErrorCode, string>> = {
  HostNotFound: "host not found",
  ConnectionRefused: "connection refused",
  NetworkUnreachable: "network unreachable",
  ConnectionReset: "connection reset",
  ConnectTimeout: "connection timed out",
  TlsFailed: "TLS failed",
  BadResponse: "not an HTTP response",
};

/** What Node threw, as one of ours. `origin` names the peer. */
export function fromSystemError(error: unknown, origin: string): CloudError {
  if (error instanceof CloudError) return error;
  const cause = firstOf(error);
  const systemCode = String((cause as { code?: unknown } | null)?.code ?? "");
  const code = codeOf(systemCode);
  const detail = systemCode === "" ? String((cause as Error | null)?.message ?? cause) : systemCode;
  return transportError(
    code,
    `Cannot reach ${origin}: ${REASONS[code] ?? "connection failed"} (${detail})`,
    error,
  );
}

function codeOf(systemCode: string): TransportErrorCode {
  const known = CODES_OF_SYSTEM_ERRORS[systemCode];
  if (known !== undefined) return known;
  if (systemCode.startsWith("HPE_")) return "BadResponse";
  // OpenSSL and X.509 codes are many; their names share these beginnings and parts.
  if (/^ERR_(SSL|TLS|OSSL)|CERT|SELF_SIGNED|UNABLE_TO|^EPROTO$/.test(systemCode)) return "TlsFailed";
  return "ConnectionFailed";
}

/** Happy eyeballs fails with one error for all addresses; the first says it as well as any. */
function firstOf(error: unknown): unknown {
  const errors = (error as { errors?: unknown } | null)?.errors;
  return Array.isArray(errors) && errors.length > 0 ? errors[0] : error;
}
