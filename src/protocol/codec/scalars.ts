/** Scalars that every text-based protocol reads and writes alike. */
import { invalidInput } from "../../internal/cloud-error.js";
import type { TimestampFormat } from "../../model/ir.js";
import { badResponse } from "./bad-response.js";
import { dateOf, formatIso8601, formatRfc822, formatUnix, instantOf, parseTimestamp } from "./timestamp.js";

const HYPHEN = 45;

/** A number, a bigint outside the safe integers, undefined for empty text. */
export function decodeInteger(text: string): number | bigint | undefined {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value === 0 && text.trim() === "" ? undefined : value;
  if (/^\s*[+-]?\d+\s*$/.test(text)) return BigInt(text.trim().replace(/^\+/, ""));
  // Some services write integers as `1.0E7`.
  if (Number.isFinite(value)) return value;
  throw badResponse(`Cannot read the response: "${text.slice(0, 40)}" is not an integer`);
}

/** `NaN`, `Infinity` and `-Infinity` are numbers on the wire. Undefined for empty text. */
export function decodeNumber(text: string): number | undefined {
  const value = Number(text);
  if (value === 0 && text.trim() === "") return undefined;
  if (Number.isNaN(value) && text.trim() !== "NaN") {
    throw badResponse(`Cannot read the response: "${text.slice(0, 40)}" is not a number`);
  }
  return value;
}

/** In any format: services do not always keep to the one of their model, and none can be taken for another. Undefined for empty text. */
export function decodeTimestamp(text: string): Date | undefined {
  if (text.charCodeAt(4) === HYPHEN && text.endsWith("Z")) {
    // The usual form, which the engine itself reads several times as fast.
    const date = new Date(text);
    if (!Number.isNaN(date.getTime())) return date;
  }
  const instant = parseTimestamp(text) ?? parseTimestamp(text.trim());
  if (instant !== undefined) return dateOf(instant);
  if (text.trim() === "") return undefined;
  throw badResponse(`Cannot read the response: "${text.slice(0, 40)}" is not a timestamp`);
}

export function encodeTimestamp(value: unknown, format: TimestampFormat): string {
  const instant = instantOf(value);
  if (format === "rfc822") return formatRfc822(instant);
  if (format === "unixTimestamp") return formatUnix(instant);
  const text = formatIso8601(instant);
  return format === "date" ? text.slice(0, 10) : text;
}

/** Text of a number, boolean or string. */
export function encodeScalar(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    default:
      throw invalidInput(`Cannot encode a scalar: is ${value === null ? "null" : `a ${typeof value}`}`);
  }
}
