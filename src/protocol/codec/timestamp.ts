/**
 * Timestamps in the formats of the wire. Parsed and formatted to the nanosecond as an Instant, which is what the vectors
 * measure; users get a Date, which holds milliseconds.
 */
import { invalidInput } from "../../internal/cloud-error.js";

export interface Instant {
  /** Whole seconds since 1970, rounded down. */
  readonly seconds: number;
  /** 0 to 999,999,999, counted up from `seconds`. */
  readonly nanos: number;
}

export function dateOf({ seconds, nanos }: Instant): Date {
  return new Date(seconds * 1000 + Math.trunc(nanos / 1e6));
}

/** What an input member may hold: Date, seconds since 1970, or text in any of the formats. */
export function instantOf(value: unknown): Instant {
  if (value instanceof Date) {
    const ms = value.getTime();
    const seconds = Math.floor(ms / 1000);
    if (!Number.isNaN(ms)) return { seconds, nanos: (ms - seconds * 1000) * 1e6 };
  } else if (typeof value === "number" && Number.isFinite(value)) {
    return fromSeconds(value);
  } else if (typeof value === "string") {
    const instant = parseTimestamp(value);
    if (instant !== undefined) return instant;
  }
  throw invalidInput(`Cannot encode a timestamp: not a valid Date, number of seconds or ISO 8601 text`);
}

/** Text of any format: services do not always keep to the one that their model names. Undefined when it is none. */
export function parseTimestamp(text: string): Instant | undefined {
  const first = text.charCodeAt(0);
  if (first > 57) return parseRfc822(text);
  return text.charCodeAt(4) === 45 && first !== 45 ? parseIso8601(text) : parseUnix(text);
}

/** `2016-03-04T05:06:07.89Z`, with offsets as well. */
export function parseIso8601(text: string): Instant | undefined {
  const days = daysSince1970(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2));
  if (text.length === 10 && !Number.isNaN(days)) return { seconds: days * 86_400, nanos: 0 };
  const separator = text.charCodeAt(10);
  if (separator !== 84 && separator !== 116 && separator !== 32) return undefined;
  let seconds = days * 86_400 + digits(text, 11, 2) * 3600 + digits(text, 14, 2) * 60 + digits(text, 17, 2);
  let position = 19;
  let nanos = 0;
  if (text.charCodeAt(position) === 46) {
    let unit = 100_000_000;
    for (let code = text.charCodeAt(++position); isDigit(code); code = text.charCodeAt(++position)) {
      nanos += (code - 48) * Math.trunc(unit);
      unit /= 10;
    }
  }
  const zone = text.charCodeAt(position);
  if (zone === 43 || zone === 45) {
    const colon = text.charCodeAt(position + 3) === 58 ? 1 : 0;
    const offset = digits(text, position + 1, 2) * 3600 + digits(text, position + 3 + colon, 2) * 60;
    seconds -= zone === 43 ? offset : -offset;
    position += 5 + colon;
  } else if (zone === 90 || zone === 122) {
    position++;
  }
  return position === text.length && !Number.isNaN(seconds) ? { seconds, nanos } : undefined;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Tue, 29 Apr 2014 18:30:38 GMT`, with a fraction as well; RFC 850's and asctime's forms through Date. */
export function parseRfc822(text: string): Instant | undefined {
  const parts = /^\w{3}, (\d\d?) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d+))? (?:GMT|UTC|[+-]0000)$/.exec(
    text,
  );
  if (parts === null) {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? undefined : fromSeconds(ms / 1000);
  }
  const [, day, month, year, hour, minute, second, fraction = ""] = parts;
  const days = daysSince1970(Number(year), MONTHS.indexOf(month ?? "") + 1, Number(day));
  const seconds = days * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return !Number.isNaN(seconds) ? { seconds, nanos: fractionNanos(fraction) } : undefined;
}

/**
 * `1398796238.5`, exponents as well. The fraction counts up from the whole seconds, below zero too: so the vectors have it
 * (`-176506.0001` is a moment after -176506), and so services that are made with smithy-rs write it as text.
 */
export function parseUnix(text: string): Instant | undefined {
  const parts = /^(-?\d+)(?:\.(\d+))?$/.exec(text);
  if (parts !== null) return { seconds: Number(parts[1]), nanos: fractionNanos(parts[2] ?? "") };
  const number = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(number) ? fromSeconds(number) : undefined;
}

/** To the microsecond, as far as it has one. */
export function formatIso8601(instant: Instant): string {
  const whole = dateInRange(instant).toISOString();
  return `${whole.slice(0, 19)}${fractionText(instant.nanos)}Z`;
}

/** To the second: HTTP knows no fraction. */
export function formatRfc822(instant: Instant): string {
  return dateInRange(instant).toUTCString();
}

/** Text, to the microsecond, as far as it has one; the fraction as `parseUnix` reads it. */
export function formatUnix({ seconds, nanos }: Instant): string {
  return `${seconds}${fractionText(nanos)}`;
}

/** The number, to the microsecond. */
export function unixNumber({ seconds, nanos }: Instant): number {
  const micros = Math.trunc(nanos / 1000);
  return micros === 0 ? seconds : (seconds * 1e6 + micros) / 1e6;
}

function fromSeconds(value: number): Instant {
  // Through microseconds: a double of today's seconds holds no more, and its noise must not reach the milliseconds.
  const seconds = Math.floor(value);
  const micros = Math.round((value - seconds) * 1e6);
  return micros === 1e6 ? { seconds: seconds + 1, nanos: 0 } : { seconds, nanos: micros * 1000 };
}

function dateInRange({ seconds }: Instant): Date {
  const date = new Date(seconds * 1000);
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) {
    throw invalidInput(`Cannot encode a timestamp: its year is not within 0000 to 9999`);
  }
  return date;
}

function fractionText(nanos: number): string {
  const micros = Math.trunc(nanos / 1000);
  return micros === 0 ? "" : `.${String(micros).padStart(6, "0").replace(/0+$/, "")}`;
}

function fractionNanos(fraction: string): number {
  return fraction === "" ? 0 : Number(fraction.slice(0, 9).padEnd(9, "0"));
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** The number that so many digits make, NaN when one is none. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return Number.NaN;
    value = value * 10 + code - 48;
  }
  return value;
}

/** Days of the proleptic Gregorian calendar; Date.UTC takes the years below 100 for the 1900s. NaN when there is no such day. */
function daysSince1970(year: number, month: number, day: number): number {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31)) return Number.NaN;
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
