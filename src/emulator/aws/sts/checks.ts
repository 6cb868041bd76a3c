/** How STS refuses durations, names of sessions and tags. */
import { EmulatorError } from "../../service.js";
import { validationError } from "../iam/store.js";

const DURATION_SECONDS_MIN = 900;

export function checkDuration(seconds: number, max: number): number {
  if (seconds >= DURATION_SECONDS_MIN && seconds <= max) return seconds;
  throw durationError(seconds, max);
}

export function durationError(seconds: number, max: number, min = DURATION_SECONDS_MIN): EmulatorError {
  const bound = seconds < min ? `greater than or equal to ${min}` : `less than or equal to ${max}`;
  return validationError(
    `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value ${bound}`,
  );
}

export function checkSessionName(member: string, name: string, max: number): void {
  const constraint =
    name.length > max
      ? `Member must have length less than or equal to ${max}`
      : name.length < 2
        ? "Member must have length greater than or equal to 2"
        : /^[\w+=,.@-]*$/.test(name)
          ? undefined
          : "Member must satisfy regular expression pattern: [\\w+=,.@-]*";
  if (constraint === undefined) return;
  throw validationError(
    `1 validation error detected: Value '${name}' at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}

export function checkTags(
  tags: readonly { readonly Key: string }[],
  transitive: readonly string[] = [],
): void {
  const keys = new Set(tags.map(({ Key }) => Key.toLowerCase()));
  if (keys.size !== tags.length) {
    throw invalidParameter("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  }
  if (transitive.some((key) => !keys.has(key.toLowerCase()))) {
    throw invalidParameter("The specified transitive tag key must be included in the requested tags.");
  }
}

function invalidParameter(message: string): EmulatorError {
  return new EmulatorError("InvalidParameterValue", message, 400);
}
