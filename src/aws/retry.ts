/** The retry strategy of a client: settings are known only once its first call read them. */
import type { RetryFailure, RetryStrategy } from "../client/backend.js";
import type { RetryOptions } from "../client/options.js";
import { adaptiveRetry } from "../client/retry/adaptive.js";
import { legacyRetry } from "../client/retry/legacy.js";
import { RetryQuota } from "../client/retry/quota.js";
import { RateLimiter } from "../client/retry/rate-limiter.js";
import { standardRetry } from "../client/retry/standard.js";
import type { Settings } from "./config/settings.js";

/** What all strategies of one client share: a call with retry options of its own must not multiply a failing service's load. */
export class RetryShare {
  readonly quota = new RetryQuota();
  #limiter: RateLimiter | undefined;

  get limiter(): RateLimiter {
    this.#limiter ??= new RateLimiter(() => performance.now() / 1_000);
    return this.#limiter;
  }
}

export function retryOf(
  service: string,
  options: RetryOptions = {},
  settings: Settings,
  share: RetryShare,
): RetryStrategy {
  const mode = options.mode ?? settings.get("retryMode") ?? "standard";
  const choice = {
    service,
    maxAttempts: options.maxAttempts ?? settings.get("maxAttempts"),
    maxDelayMs: options.maxDelayMs,
    quota: share.quota,
  };
  if (mode === "legacy") return legacyRetry(choice);
  return mode === "adaptive" ? adaptiveRetry({ ...choice, limiter: share.limiter }) : standardRetry(choice);
}

/** Made when it is first asked: by then the call has resolved its endpoint, and with it the settings. */
export class DeferredRetry implements RetryStrategy {
  readonly #make: () => RetryStrategy;
  #strategy: RetryStrategy | undefined;

  constructor(make: () => RetryStrategy) {
    this.#make = make;
  }

  get #made(): RetryStrategy {
    this.#strategy ??= this.#make();
    return this.#strategy;
  }

  get maxAttempts(): number {
    return this.#made.maxAttempts;
  }

  acquire(signal: AbortSignal | undefined): Promise<void> | void {
    return this.#made.acquire?.(signal);
  }

  next(attempt: number, failure: RetryFailure): number | undefined {
    return this.#made.next(attempt, failure);
  }

  success(attempt: number, lastFailure?: RetryFailure): void {
    this.#made.success(attempt, lastFailure);
  }

  lastWait(attempt: number, failure: RetryFailure): number {
    return this.#made.lastWait?.(attempt, failure) ?? 0;
  }
}
