import { CloudError } from "../../internal/cloud-error.js";

/** A body that is not what the protocol says. Retryable as any other failure of the way between. */
export function badResponse(message: string, cause?: unknown): CloudError {
  return new CloudError(message, { kind: "unavailable", code: "BadResponse", cause });
}
