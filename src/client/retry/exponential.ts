/** Waits that double from one attempt to the next, with jitter and the service's own Retry-After: Azure's and Google's way. */
import type { RetryFailure, RetryStrategy } from "../backend.js";

export interface ExponentialRetryOptions {
  /** Attempts in total, the first included. */
  readonly maxAttempts: number;
  /** Wait after the first attempt, before jitter, ms. */
  readonly baseDelayMs: number;
  /** Longest wait of our own, ms. */
  readonly maxDelayMs: number;
  /** `full`: anywhere between 0 and the wait; `equal`: between half of it and the whole. */
  readonly jitter: "full" | "equal";
  /** A service that asks for more than this is not waited for: the call fails at once. Default: no limit. */
  readonly retryAfterMaxMs?: number;
  readonly random?: () => number;
}

export function exponentialRetry(options: ExponentialRetryOptions): RetryStrategy {
  const {
    maxAttempts,
    baseDelayMs,
    maxDelayMs,
    jitter,
    retryAfterMaxMs = Number.POSITIVE_INFINITY,
  } = options;
  const random = options.random ?? Math.random;
  return {
    maxAttempts,
    next(attempt: number, failure: RetryFailure): number | undefined {
      if (attempt >= maxAttempts) return undefined;
      const { retryAfterMs } = failure;
      if (retryAfterMs !== undefined) return retryAfterMs > retryAfterMaxMs ? undefined : retryAfterMs;
      const delayMs = Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1));
      return jitter === "full" ? random() * delayMs : delayMs * (0.5 + random() / 2);
    },
    success() {},
  };
}
