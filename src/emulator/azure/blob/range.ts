import { blobError } from "./errors.js";

/** `bytes=0-499`, `bytes=500-`: start and end, the end not in it. Undefined: all. */
export function rangeOf(
  header: string | undefined,
  length: number,
): { start: number; end: number } | undefined {
  const parsed = /^bytes=(\d+)-(\d*)$/.exec(header?.trim() ?? "");
  if (parsed === null) return undefined;
  const start = Number(parsed[1]);
  const last = parsed[2] === "" ? length - 1 : Number(parsed[2]);
  if (last < start && parsed[2] !== "") return undefined;
  if (start >= length) throw blobError("InvalidRange");
  return { start, end: Math.min(last + 1, length) };
}
