/** AWS's adaptive retries: the standard rules, and a client that slows down by itself once it was throttled. */
import type { RetryFailure, RetryStrategy } from "../backend.js";
import { sleep } from "../deadline.js";
import { RateLimiter } from "./rate-limiter.js";
import { type AwsRetryOptions, standardRetry } from "./standard.js";

export interface AdaptiveRetryOptions extends AwsRetryOptions {
  /** Seconds, with fractions. */
  /** Shared by the strategies of one client. Default: one of its own. */
  readonly limiter?: RateLimiter | undefined;
  readonly now?: (() => number) | undefined;
  readonly sleep?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
}

export function adaptiveRetry(options: AdaptiveRetryOptions = {}): RetryStrategy {
  const standard = standardRetry(options);
  const limiter = options.limiter ?? new RateLimiter(options.now ?? (() => performance.now() / 1_000));
  const wait = options.sleep ?? sleep;
  return {
    maxAttempts: standard.maxAttempts,
    acquire(signal: AbortSignal | undefined): Promise<void> | void {
      const delayMs = limiter.reserve() * 1_000;
      if (delayMs > 0) return wait(delayMs, signal);
    },
    next(attempt: number, failure: RetryFailure): number | undefined {
      limiter.record(failure.retry === "throttling");
      return standard.next(attempt, failure);
    },
    lastWait: (attempt: number, failure: RetryFailure) => standard.lastWait?.(attempt, failure) ?? 0,
    success(attempt: number, lastFailure?: RetryFailure): void {
      limiter.record(false);
      standard.success(attempt, lastFailure);
    },
  };
}
