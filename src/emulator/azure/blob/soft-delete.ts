/** What is deleted while the account keeps deletions: hidden, listed on demand, given back by Undelete. https://learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview */
import type { Context } from "../../service.js";
import {
  accountOf,
  type BlobEntry,
  type BlobState,
  type Container,
  dropIfEmpty,
  release,
  snapshotTime,
} from "./store.js";

export interface SoftDeleted {
  readonly state: BlobState;
  readonly deletedAt: number;
  readonly days: number;
}

/** Of the blob itself in `softDeleted`, where snapshots have their times. */
export const BASE = "";
const VERSION = "version ";

/** Of a version in `softDeleted`. */
export function versionKey(versionId: string): string {
  return VERSION + versionId;
}

export function isVersionKey(key: string): boolean {
  return key.startsWith(VERSION);
}
const DAY_MS = 86_400_000;

interface RetentionPolicy {
  readonly enabled: boolean;
  readonly days?: number;
}

/** Keeps the state for the account's days, or gives its bytes back where it keeps none. Returns whether it is kept. */
export function discard(context: Context, entry: BlobEntry, key: string, state: BlobState): boolean {
  const policy = accountOf(context).properties.deleteRetentionPolicy as RetentionPolicy | undefined;
  if (policy?.enabled && policy.days !== undefined) {
    entry.softDeleted.set(key, { state, deletedAt: context.clock.now(), days: policy.days });
    return true;
  }
  release(context, entry, state.bytes);
  return false;
}

/** A new content takes the name of a deleted one, which stays as a deleted snapshot. */
export function makeWay(context: Context, entry: BlobEntry): void {
  const deleted = entry.softDeleted.get(BASE);
  if (deleted === undefined) return;
  entry.softDeleted.delete(BASE);
  entry.softDeleted.set(snapshotTime(context, entry), deleted);
}

/** An overwritten content is kept as a deleted snapshot, where deletions are kept. */
export function discardOverwritten(context: Context, entry: BlobEntry, state: BlobState): void {
  discard(context, entry, snapshotTime(context, entry), state);
}

export function undelete(entry: BlobEntry): void {
  for (const [key, { state }] of entry.softDeleted) {
    if (isVersionKey(key)) entry.versions.set(state.versionId ?? "", state);
    else if (key !== BASE) entry.snapshots.set(key, state);
    else entry.current ??= state;
  }
  entry.softDeleted.clear();
}

/** Lets go of what was kept for long enough. */
export function purge(context: Context, container: Container): void {
  const now = context.clock.now();
  for (const entry of container.blobs.values()) {
    for (const [key, { state, deletedAt, days }] of entry.softDeleted) {
      if (now < deletedAt + days * DAY_MS) continue;
      entry.softDeleted.delete(key);
      release(context, entry, state.bytes);
    }
    dropIfEmpty(container, entry);
  }
}

export function deletedShown({ deletedAt, days }: SoftDeleted, now: number) {
  return {
    deletedOn: new Date(Math.floor(deletedAt / 1000) * 1000),
    remainingRetentionDays: Math.max(0, Math.ceil(days - (now - deletedAt) / DAY_MS)),
  };
}
