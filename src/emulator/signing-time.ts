/** By which clock a signature is young enough. */
import { parseAmzDate } from "../auth/sigv4-canonical.js";
import type { Clock } from "./clock.js";
import type { IncomingRequest } from "./service.js";

/** So much later than now by the machine's clock, a request was signed by another: the emulator's. */
const AHEAD_MS = 2000;

/**
 * The time that a signature is held against. Other programs sign by the machine's clock, which a test does not move, sessions
 * of the emulator by the emulator's: a signature in headers must be fresh by either. A signed URL ages by the emulator's,
 * counted from the moment at which it was signed.
 */
export function signingTime({ headers, query }: IncomingRequest, clock: Clock): Date {
  const machine = Date.now();
  const text = /(?:^|&)X-(?:Amz|Goog)-Date=([^&]+)/i.exec(query)?.[1];
  const signedAt = parseAmzDate(
    text === undefined ? (headers["x-amz-date"] ?? headers["x-goog-date"] ?? "") : decodeURIComponent(text),
  )?.getTime();
  if (signedAt === undefined) return new Date(machine);
  if (text === undefined) {
    const byMachine = Math.abs(signedAt - machine) <= Math.abs(signedAt - clock.now());
    return new Date(byMachine ? machine : clock.now());
  }
  if (signedAt > machine + AHEAD_MS) return clock.date();
  return new Date(signedAt + (clock.now() - clock.at(signedAt)));
}
