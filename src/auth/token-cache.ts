/** Keeps a value that expires and renews it in time: one renewal in flight, however many calls need it. */

export interface RefreshPolicy<T> {
  /** Undefined: never expires. */
  expiresAt(value: T): Date | undefined;
  /** Where the issuer names the time to renew; otherwise `advisoryMs` before expiry. */
  refreshAt?(value: T): Date | undefined;
  /** From so long before expiry a call starts a renewal and goes on with the old value, ms. */
  readonly advisoryMs: number;
  /** From so long before expiry calls wait for the renewal, ms. */
  readonly mandatoryMs: number;
}

/** botocore's windows. */
export const ADVISORY_REFRESH_MS = 15 * 60_000;
export const MANDATORY_REFRESH_MS = 10 * 60_000;
/** After a failed renewal the still valid value serves for so long before the next try. */
const RETRY_AFTER_FAILURE_MS = 30_000;

export class TokenCache<T> {
  readonly #load: () => Promise<T>;
  readonly #policy: RefreshPolicy<T>;
  readonly #now: () => number;
  #value: T | undefined;
  #loadedAt = 0;
  #flight: Promise<T> | undefined;
  #notBefore = 0;

  constructor(load: () => Promise<T>, policy: RefreshPolicy<T>, now: () => number = Date.now) {
    this.#load = load;
    this.#policy = policy;
    this.#now = now;
  }

  /**
   * The value, renewed where it is due. A caller's `signal` ends that caller's wait alone: the renewal goes on for the others.
   * A renewal that fails while the old value is still valid is tried again later; after expiry its error is thrown.
   */
  get(signal?: AbortSignal): Promise<T> | T {
    const value = this.#value;
    if (value === undefined) return abortable(this.#renew(), signal);
    const expiry = this.#policy.expiresAt(value)?.getTime();
    if (expiry === undefined) return value;
    const now = this.#now();
    // A value that lives shorter than the windows would otherwise be renewed on every call.
    const lifetime = expiry - this.#loadedAt;
    const advisoryMs = Math.min(this.#policy.advisoryMs, lifetime / 2);
    const mandatoryMs = Math.min(this.#policy.mandatoryMs, lifetime / 4);
    const due = this.#policy.refreshAt?.(value)?.getTime() ?? expiry - advisoryMs;
    if (now < due) return value;
    if (now < expiry && now < this.#notBefore) return value;
    if (now < expiry - mandatoryMs) {
      // Nobody waits for this one: its failure is told to the call that comes when the value must be renewed.
      this.#renew().catch(() => undefined);
      return value;
    }
    const renewal = this.#renew();
    return abortable(now < expiry ? renewal.catch(() => value) : renewal, signal);
  }

  /** Forgets the value: the service refused it. */
  invalidate(): void {
    this.#value = undefined;
  }

  #renew(): Promise<T> {
    this.#flight ??= this.#load().then(
      (value) => {
        this.#value = value;
        this.#loadedAt = this.#now();
        this.#flight = undefined;
        return value;
      },
      (error: unknown) => {
        this.#flight = undefined;
        this.#notBefore = this.#now() + RETRY_AFTER_FAILURE_MS;
        throw error;
      },
    );
    return this.#flight;
  }
}

/** Caches by key (scopes, audience, role), the least recently used dropped beyond `limit`. */
export class KeyedTokenCache<T> {
  readonly #caches = new Map<string, TokenCache<T>>();
  readonly #policy: RefreshPolicy<T>;
  readonly #limit: number;
  readonly #now: () => number;

  constructor(policy: RefreshPolicy<T>, limit = 1000, now: () => number = Date.now) {
    this.#policy = policy;
    this.#limit = limit;
    this.#now = now;
  }

  get(key: string, load: () => Promise<T>, signal?: AbortSignal): Promise<T> | T {
    let cache = this.#caches.get(key);
    if (cache === undefined) {
      cache = new TokenCache(load, this.#policy, this.#now);
      if (this.#caches.size >= this.#limit) this.#caches.delete(this.#caches.keys().next().value as string);
    } else {
      this.#caches.delete(key);
    }
    this.#caches.set(key, cache);
    return cache.get(signal);
  }

  invalidate(key: string): void {
    this.#caches.get(key)?.invalidate();
  }
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
