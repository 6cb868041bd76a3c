/** `Range: bytes=...` on so many bytes. */
import { EmulatorError } from "../../service.js";

export interface ByteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** Undefined: all of it. A range that cannot be read is ignored, one past the end refused. */
export function byteRange(header: string | undefined, length: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const [, from = "", to = ""] = match;
  if (from === "" && to === "") return undefined;
  const start = from === "" ? Math.max(0, length - Number(to)) : Number(from);
  const end = from === "" || to === "" ? length : Math.min(length, Number(to) + 1);
  if (start >= length || start >= end) {
    throw new EmulatorError("requestedRangeNotSatisfiable", "Request range not satisfiable", 416, undefined, {
      "content-range": `bytes */${length}`,
    });
  }
  return { start, end };
}
