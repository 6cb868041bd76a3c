/** `Range` of one part of an object. */
import { EmulatorError } from "../../service.js";

export interface ByteRange {
  readonly start: number;
  /** Without this byte. */
  readonly end: number;
}

/** Undefined: the whole object, as for a header that is not one byte range. */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = header === undefined ? null : /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  const first = match[1] === "" ? undefined : Number(match[1]);
  const last = match[2] === "" ? undefined : Number(match[2]);
  if (first === undefined) {
    const length = Math.min(last as number, size);
    if (length === 0) throw invalidRange(header as string, size);
    return { start: size - length, end: size };
  }
  if (last !== undefined && last < first) return undefined;
  if (first >= size) throw invalidRange(header as string, size);
  return { start: first, end: last === undefined ? size : Math.min(last + 1, size) };
}

export function contentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`;
}

function invalidRange(header: string, size: number): EmulatorError {
  return new EmulatorError(
    "InvalidRange",
    "The requested range is not satisfiable",
    416,
    { ActualObjectSize: String(size), RangeRequested: header },
    { "content-range": `bytes */${size}` },
  );
}
