/** Progress and bandwidth of one transfer. */
import { sleep } from "../deadline.js";
import type { TransferOptions } from "./options.js";

/** Counts bytes for `onProgress`, and holds them back where a limit is set. */
export class Pace {
  readonly #options: Pick<TransferOptions, "bytesPerSecond" | "onProgress">;
  readonly #now: () => number;
  readonly #totalBytes: number | undefined;
  #transferredBytes = 0;
  /** When the bytes let through so far are paid for, ms. */
  #freeAtMs = 0;

  constructor(
    options: Pick<TransferOptions, "bytesPerSecond" | "onProgress">,
    totalBytes: number | undefined,
    now: () => number = () => performance.now(),
  ) {
    this.#options = options;
    this.#totalBytes = totalBytes;
    this.#now = now;
  }

  get limited(): boolean {
    return this.#options.bytesPerSecond !== undefined;
  }

  /** Waits until so many bytes may go. */
  async admit(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    const { bytesPerSecond } = this.#options;
    if (bytesPerSecond === undefined) return;
    const now = this.#now();
    const startMs = Math.max(now, this.#freeAtMs);
    this.#freeAtMs = startMs + (bytes / bytesPerSecond) * 1_000;
    if (startMs > now) await sleep(startMs - now, signal);
  }

  /** Bytes that have arrived; negative for those that turned out not to have. */
  count(bytes: number): void {
    this.#transferredBytes += bytes;
    this.#options.onProgress?.({ transferredBytes: this.#transferredBytes, totalBytes: this.#totalBytes });
  }
}
