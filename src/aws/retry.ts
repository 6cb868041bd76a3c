/** The retry strategy of a client: settings are known only once its first call read them. */
import type { RetryFailure, RetryStrategy } from "../client/backend.js";
import type { RetryOptions } from "../client/options.js";
import { adaptiveRetry } from "../client/retry/adaptive.js";
import { legacyRetry } from "../client/retry/legacy.js";
import { standardRetry } from "../client/retry/standard.js";
import type { Settings } from "./config/settings.js";

export function retryOf(service: string, options: RetryOptions = {}, settings: Settings): RetryStrategy {
  const mode = options.mode ?? settings.get("retryMode") ?? "standard";
  const choice = {
    service,
    maxAttempts: options.maxAttempts ?? settings.get("maxAttempts"),
    maxDelayMs: options.maxDelayMs,
  };
  if (mode === "legacy") return legacyRetry(choice);
  return mode === "adaptive" ? adaptiveRetry(choice) : standardRetry(choice);
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
