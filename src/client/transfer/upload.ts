/** Uploads in parts, whatever the cloud calls them: parts, blocks, components. */

import { isCloudError } from "../../internal/cloud-error.js";
import {
  adoptState,
  clearState,
  DEFAULT_CONCURRENCY,
  DEFAULT_PART_BYTES,
  DEFAULT_THRESHOLD_BYTES,
  type TransferOptions,
  type TransferState,
} from "./options.js";
import { Pace } from "./pace.js";
import { inParallel } from "./parallel.js";
import { fittingPartBytes, type PartLimits } from "./parts.js";
import type { LoadedPart, TransferSource } from "./source.js";

/** One cloud's requests. Each is retried by the client itself. */
export interface UploadTarget<T> {
  /** Where it goes, so that a state is not resumed into something else. */
  readonly name?: string;
  readonly limits: PartLimits;
  /** All in one request. */
  whole(bytes: Uint8Array, signal: AbortSignal | undefined): Promise<T>;
  /** Starts an upload in parts and names it. */
  begin(signal: AbortSignal | undefined): Promise<string>;
  /** Sends a part; what it returns is kept, as JSON, for `complete`. */
  part(id: string, part: LoadedPart, signal: AbortSignal | undefined): Promise<unknown>;
  /** Makes the whole out of the parts, in their order. */
  complete(
    id: string,
    parts: readonly UploadedPart[],
    size: number,
    signal: AbortSignal | undefined,
  ): Promise<T>;
  /** Removes what was sent of it. */
  abandon(id: string): Promise<unknown>;
}

export interface UploadedPart {
  readonly number: number;
  readonly result: unknown;
}

export async function upload<T>(
  source: TransferSource,
  target: UploadTarget<T>,
  options: TransferOptions,
): Promise<T> {
  const { thresholdBytes = DEFAULT_THRESHOLD_BYTES, signal } = options;
  const { size } = source;
  const pace = new Pace(options, size);
  if (size !== undefined && (size === 0 || size < thresholdBytes)) {
    const bytes = await first(source.parts(Math.max(size, 1)));
    return uploadWhole(bytes?.bytes ?? new Uint8Array(0), target, pace, signal);
  }
  const partBytes = fittingPartBytes(options.partBytes ?? DEFAULT_PART_BYTES, size, target.limits);
  if (size !== undefined) return uploadParts(source, target, options, partBytes, pace);
  return uploadStream(source, target, options, partBytes, pace);
}

/** A stream that ends within its first part goes in one request. */
async function uploadStream<T>(
  source: TransferSource,
  target: UploadTarget<T>,
  options: TransferOptions,
  partBytes: number,
  pace: Pace,
): Promise<T> {
  const parts = source.parts(partBytes)[Symbol.asyncIterator]();
  const head = await parts.next();
  if (head.done || head.value.length < partBytes) {
    return uploadWhole(head.done ? new Uint8Array(0) : head.value.bytes, target, pace, options.signal);
  }
  let pending: LoadedPart | undefined = head.value;
  const rest: AsyncIterable<LoadedPart> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const value = pending;
        pending = undefined;
        return value === undefined ? parts.next() : { done: false, value };
      },
      return: async () => {
        await parts.return?.();
        return { done: true, value: undefined };
      },
    }),
  };
  const again: TransferSource = { ...source, parts: () => rest };
  return uploadParts(again, target, options, partBytes, pace);
}

async function uploadWhole<T>(
  bytes: Uint8Array,
  target: UploadTarget<T>,
  pace: Pace,
  signal: AbortSignal | undefined,
): Promise<T> {
  await pace.admit(bytes.length, signal);
  const result = await target.whole(bytes, signal);
  pace.count(bytes.length);
  return result;
}

async function uploadParts<T>(
  source: TransferSource,
  target: UploadTarget<T>,
  options: TransferOptions,
  partBytes: number,
  pace: Pace,
): Promise<T> {
  const { signal, concurrency = DEFAULT_CONCURRENCY } = options;
  // Only what can be read again can be resumed.
  const resumable = options.state !== undefined && source.version !== undefined;
  const state: TransferState = resumable ? (options.state as TransferState) : {};
  const resumed = adoptState(state, `${source.version} ${target.name ?? ""}`, partBytes);
  const id = resumed ? (state.id as string) : await target.begin(signal);
  state.id = id;
  const done = state.parts as Record<number, unknown>;
  let size = 0;
  if (resumed)
    for (const number in done) pace.count(lengthOf(Number(number), partBytes, source.size as number));
  try {
    const skip = (number: number) => number in done;
    await inParallel(source.parts(partBytes, skip), concurrency, signal, async (part, inner) => {
      await pace.admit(part.length, inner);
      done[part.number] = await target.part(id, part, inner);
      size += part.length;
      pace.count(part.length);
      source.release?.(part);
    });
    const parts = Object.entries(done).map(([number, result]) => ({ number: Number(number), result }));
    parts.sort((a, b) => a.number - b.number);
    await source.verify?.();
    const result = await target.complete(id, parts, source.size ?? size, signal);
    clearState(state);
    return result;
  } catch (error) {
    // The failure is what the caller has to hear of; a clean-up that fails too would hide it.
    if (!resumable) await target.abandon(id).catch(() => undefined);
    // An unfinished upload that the service has forgotten cannot be gone on with: the next attempt starts anew.
    else if (isCloudError(error) && error.kind === "notFound") clearState(state);
    throw error;
  }
}

function lengthOf(number: number, partBytes: number, size: number): number {
  return Math.min(partBytes, size - (number - 1) * partBytes);
}

async function first<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}
