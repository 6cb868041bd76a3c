/**
 * How fast a client may send, learned from throttling: a token bucket whose rate falls with each throttled answer and grows
 * back along a cubic curve, as TCP CUBIC's window does. Times are seconds, rates are requests a second.
 */
const MIN_RATE = 0.5;
const MIN_CAPACITY = 1;
const CUBIC_SCALE = 0.4;
/** What is left of the rate after a throttled answer. */
const CUBIC_BETA = 0.7;
/** Growth is held to so many times what is really sent. */
const MEASURED_RATE_FACTOR_MAX = 2;

export class RateLimiter {
  readonly #now: () => number;
  readonly #measured: RateMeter;
  /** Off until the first throttled answer: an unthrottled client is never slowed. */
  #enabled = false;
  #rateBeforeFailure = 0;
  #failedAt: number;
  #rate = MIN_RATE;
  #capacity = MIN_CAPACITY;
  /** Below zero: tokens promised to callers that wait for them. */
  #tokens = 0;
  #filledAt: number;

  constructor(now: () => number) {
    this.#now = now;
    const time = now();
    this.#measured = new RateMeter(time);
    this.#failedAt = time;
    this.#filledAt = time;
  }

  get rate(): number {
    return this.#rate;
  }

  /** Takes a token, perhaps one of the future: seconds to wait until it is there. */
  reserve(): number {
    if (!this.#enabled) return 0;
    this.#fill();
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : -this.#tokens / this.#rate;
  }

  /** Told of each answer. */
  record(throttled: boolean): void {
    const time = this.#now();
    const measured = this.#measured.record(time);
    let rate: number;
    if (throttled) {
      rate = this.#enabled ? Math.min(measured, this.#rate) : measured;
      this.#rateBeforeFailure = rate;
      this.#failedAt = time;
      rate *= CUBIC_BETA;
      this.#enabled = true;
    } else {
      const growth = time - this.#failedAt - this.#secondsToRecover();
      rate = CUBIC_SCALE * growth ** 3 + this.#rateBeforeFailure;
    }
    this.#setRate(Math.min(rate, MEASURED_RATE_FACTOR_MAX * measured));
  }

  #secondsToRecover(): number {
    return Math.cbrt((this.#rateBeforeFailure * (1 - CUBIC_BETA)) / CUBIC_SCALE);
  }

  #setRate(rate: number): void {
    this.#fill();
    this.#rate = Math.max(rate, MIN_RATE);
    this.#capacity = Math.max(rate, MIN_CAPACITY);
    this.#tokens = Math.min(this.#tokens, this.#capacity);
  }

  #fill(): void {
    const time = this.#now();
    this.#tokens = Math.min(this.#capacity, this.#tokens + (time - this.#filledAt) * this.#rate);
    this.#filledAt = time;
  }
}

/** Requests a second, smoothed over half-second slots. */
class RateMeter {
  static readonly #SLOT_SECONDS = 0.5;
  static readonly #SMOOTHING = 0.8;
  #slot: number;
  #count = 0;
  #rate = 0;

  constructor(time: number) {
    this.#slot = Math.floor(time);
  }

  record(time: number): number {
    const slot = Math.floor(time / RateMeter.#SLOT_SECONDS) * RateMeter.#SLOT_SECONDS;
    this.#count += 1;
    if (slot > this.#slot) {
      const current = this.#count / (slot - this.#slot);
      this.#rate = current * RateMeter.#SMOOTHING + this.#rate * (1 - RateMeter.#SMOOTHING);
      this.#count = 0;
      this.#slot = slot;
    }
    return this.#rate;
  }
}
