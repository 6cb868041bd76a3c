/** A clock that follows the service's: signatures are refused when the clocks differ too much. */
import type { HttpResponse } from "../http/message.js";
import type { CloudError } from "../internal/cloud-error.js";

const SKEW_CODES = new Set([
  "AuthFailure",
  "InvalidSignatureException",
  "RequestExpired",
  "RequestInTheFuture",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
]);
/** Signatures live five minutes: a smaller difference is not why one was refused. */
const SKEW_MS_MIN = 4 * 60_000;

export class Clock {
  readonly #now: () => number;
  #skewMs = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  now(): Date {
    return new Date(this.#now() + this.#skewMs);
  }

  /** Follows the response's Date where it explains the error. True: another attempt will be signed for another time. */
  correct(error: CloudError, response: HttpResponse): boolean {
    const date = response.headers.date;
    if (date === undefined || !(SKEW_CODES.has(error.code) || response.status === 403)) return false;
    const skewMs = Date.parse(date) - this.#now();
    if (Number.isNaN(skewMs) || Math.abs(skewMs - this.#skewMs) < SKEW_MS_MIN) return false;
    this.#skewMs = skewMs;
    return true;
  }
}
