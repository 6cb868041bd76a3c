/** Settings of a transfer in parts, the same for the three clouds. */
import type { RetryOptions } from "../options.js";

export interface TransferProgress {
  readonly transferredBytes: number;
  /** Undefined while only the end of a stream will tell. */
  readonly totalBytes: number | undefined;
}

export interface TransferOptions {
  /** Stops the transfer and cleans up what it left, or, with `state`, pauses it. */
  signal?: AbortSignal | undefined;
  /** Smaller than this goes in one request, bytes. Default 8 MiB. */
  thresholdBytes?: number | undefined;
  /** Default 8 MiB; made larger where the service limits the number of parts. */
  partBytes?: number | undefined;
  /** Parts in flight. Default 10. Memory needed: this times `partBytes`; over plain http, where AWS has parts hashed, up to twice that. */
  concurrency?: number | undefined;
  /** Average limit, bytes a second. Default: none. */
  bytesPerSecond?: number | undefined;
  /** Downloads: how often a part is taken up again where its body broke off. Default 5 attempts. */
  bodyAttempts?: number | undefined;
  /** Called as bytes are known to have arrived. */
  onProgress?: ((progress: TransferProgress) => void) | undefined;
  /**
   * Makes the transfer resumable: filled as parts arrive, plain JSON. A transfer that fails or is aborted leaves its parts in
   * place; the same call with the same state goes on from there. Emptied when the transfer is complete.
   */
  state?: TransferState | undefined;
  /** Of each request. */
  retry?: RetryOptions | undefined;
}

/** Start with `{}`. What it holds is the transfer's own business. */
export interface TransferState {
  /** What is transferred, by size and version: a state is not applied to something else. */
  source?: string;
  partBytes?: number;
  /** Name of the unfinished thing: an upload id, a temporary file. */
  id?: string;
  /** Parts that have arrived, by number, each with what the service wants to hear of it at the end. */
  parts?: Record<number, unknown>;
}

export const MIB = 1024 * 1024;
export const DEFAULT_THRESHOLD_BYTES = 8 * MIB;
export const DEFAULT_PART_BYTES = 8 * MIB;
export const DEFAULT_CONCURRENCY = 10;
export const DEFAULT_BODY_ATTEMPTS = 5;

/** Readies a state for this source: keeps what fits, drops what belongs to another. True when there is something to resume. */
export function adoptState(state: TransferState, source: string, partBytes: number): boolean {
  const fits = state.source === source && state.partBytes === partBytes && state.id !== undefined;
  if (!fits) {
    clearState(state);
    state.source = source;
    state.partBytes = partBytes;
  }
  state.parts ??= {};
  return fits;
}

export function clearState(state: TransferState): void {
  delete state.source;
  delete state.partBytes;
  delete state.id;
  delete state.parts;
}
