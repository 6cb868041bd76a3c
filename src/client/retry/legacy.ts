/** AWS's first retry rules, botocore's default until 2026: five attempts, no shared quota. */
import type { RetryFailure, RetryStrategy } from "../backend.js";
import type { AwsRetryOptions } from "./standard.js";

export function legacyRetry(options: AwsRetryOptions = {}): RetryStrategy {
  const dynamodb = options.service === "dynamodb";
  const maxAttempts = options.maxAttempts ?? (dynamodb ? 10 : 5);
  const random = options.random ?? Math.random;
  const maxDelayMs = options.maxDelayMs ?? Number.POSITIVE_INFINITY;
  return {
    maxAttempts,
    next(attempt: number, _failure: RetryFailure): number | undefined {
      if (attempt >= maxAttempts) return undefined;
      // DynamoDB's waits are short and without jitter.
      const baseMs = dynamodb ? 50 : random() * 1_000;
      return Math.min(maxDelayMs, baseMs * 2 ** (attempt - 1));
    },
    success() {},
  };
}
