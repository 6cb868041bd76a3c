/** Versions of blobs, where the account keeps them. https://learn.microsoft.com/azure/storage/blobs/versioning-overview */
import type { Context } from "../../service.js";
import { accountOf, type BlobEntry, type BlobState } from "./store.js";

/** Whether the blob's content, once it is written over or deleted, stays as a version. Those of a time when versions were kept do. */
export function isKept(context: Context, { versionId }: BlobState): boolean {
  return versionId !== undefined || accountOf(context).versioning;
}

export function keepVersion(entry: BlobEntry, state: BlobState): void {
  const id = state.versionId ?? uniqueTime(entry, state.lastModified);
  state.versionId = id;
  entry.versions.set(id, state);
}

/** What the account calls a content that is written now. */
export function nextVersionId(context: Context, entry: BlobEntry): string | undefined {
  return accountOf(context).versioning ? uniqueTime(entry, context.clock.date()) : undefined;
}

/** The content so far stays as a version, and the blob goes on as another. */
export function beginVersion(context: Context, entry: BlobEntry & { current: BlobState }): void {
  const { current } = entry;
  if (!isKept(context, current)) return;
  keepVersion(entry, { ...current });
  current.versionId = nextVersionId(context, entry);
  // What holds one version does not hold the next.
  current.legalHold = false;
  current.immutability = undefined;
}

function uniqueTime({ current, versions, softDeleted }: BlobEntry, date: Date): string {
  const taken = new Set([current?.versionId, ...versions.keys()]);
  for (const { state } of softDeleted.values()) taken.add(state.versionId);
  for (let ticks = 0; ; ticks++) {
    const time = date.toISOString().replace("Z", `${String(ticks).padStart(4, "0")}Z`);
    if (!taken.has(time)) return time;
  }
}
