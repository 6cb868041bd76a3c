/** Blobs: put, get, delete, properties, metadata, tags, tier, snapshots, holds. */
import type { Blob } from "../../../gen/azure/blob.js";
import type { Context, Handlers } from "../../service.js";
import { type Conditions, checkRead, checkWrite } from "./conditions.js";
import { checkCustomerKey, customerKeyOf } from "./customer-key.js";
import { blobError } from "./errors.js";
import { checkLease } from "./lease.js";
import { metadataOf } from "./metadata.js";
import { rangeOf } from "./range.js";
import { headersOf, propertiesShown, tagSet } from "./shown.js";
import { BASE, discard, purge, undelete, versionKey } from "./soft-delete.js";
import {
  accountOf,
  type BlobAddress,
  type BlobEntry,
  type BlobState,
  containerOf,
  dropIfEmpty,
  entryOfCurrent,
  snapshotTime,
  stateOf,
  touch,
} from "./store.js";
import { checkTags, parseTags } from "./tags.js";
import { assertOnline, changeTier, checkTier, tierShown } from "./tier.js";
import { beginVersion, keepVersion } from "./versions.js";
import {
  assertMutable,
  assertReplaceable,
  hashesOf,
  holdsOf,
  newState,
  openForChange,
  openForReplace,
  openForRewrite,
  readUpload,
  replace,
  type WriteInput,
  written,
} from "./write.js";

/** A read tells the hash of so much. */
const HASHED_RANGE_BYTES_MAX = 4 * 1024 * 1024;
const DEFAULT_TYPE = "application/octet-stream";

export const blobHandlers: Handlers<Blob> = {
  async putBlob(input, context) {
    openForReplace(input, context);
    checkTier(input.tier);
    const metadata = metadataOf(input);
    const tags = parseTags(input.blobTagsString);
    const customerKey = customerKeyOf(input);
    const { bytes, md5, crc64 } = await readUpload(
      input.body,
      context,
      input.transactionalContentMD5 ?? input.blobContentMD5,
      input.transactionalContentCrc64,
    );
    // Looked at again: another request may have come first while the body was read.
    const entry = openForReplace(input, context);
    dropStaged(entry, context);
    const headers = headersOf(input);
    const state = newState(context, "BlockBlob", bytes, {
      headers: {
        ...headers,
        contentType: headers.contentType ?? context.request.headers["content-type"] ?? DEFAULT_TYPE,
        contentMD5: headers.contentMD5 ?? md5,
      },
      metadata,
      tags,
      tier: input.tier,
      customerKey,
      ...holdsOf(input),
    });
    replace(context, entry, state);
    return { ...written(state), contentMD5: md5, xMsContentCrc64: crc64 };
  },

  getBlob(input, context) {
    const { state, entry } = openForRead(input, context);
    assertOnline(state);
    checkCustomerKey(state, input);
    if (entry && state.copy?.destinationSnapshot) throw blobError("OperationNotAllowedOnIncrementalCopyBlob");
    const { length } = state.bytes;
    const range = rangeOf(input.range ?? context.request.headers.range, length);
    const shown = { ...propertiesShown(state, entry, context.clock.now()), ...overrides(context) };
    if (range === undefined) {
      return {
        ...shown,
        contentLength: length,
        contentMD5: state.headers.contentMD5,
        body: state.bytes.body(),
      };
    }
    const part = state.bytes.slice(range.start, range.end);
    const wanted = { md5: input.rangeGetContentMD5, crc64: input.rangeGetContentCRC64 };
    if ((wanted.md5 || wanted.crc64) && part.length > HASHED_RANGE_BYTES_MAX)
      throw blobError("InvalidHeaderValue");
    context.responseStatus = 206;
    return {
      ...shown,
      ...hashesOf(part, wanted),
      contentLength: range.end - range.start,
      contentRange: `bytes ${range.start}-${range.end - 1}/${length}`,
      ...(state.headers.contentMD5 && { blobContentMD5: state.headers.contentMD5 }),
      body: part.body(),
    };
  },

  getBlobProperties(input, context) {
    const { state, entry } = openForRead(input, context);
    checkCustomerKey(state, input);
    return {
      ...propertiesShown(state, entry, context.clock.now()),
      ...tierShown(state),
      ...overrides(context),
      contentLength: state.bytes.length,
      contentMD5: state.headers.contentMD5,
    };
  },

  deleteBlob(input, context) {
    const container = containerOf(context, input.containerName);
    const entry = container.blobs.get(input.blobName);
    if (entry === undefined) throw blobError("BlobNotFound");
    if (input.snapshot !== undefined || input.versionId !== undefined) {
      told(context, deleteOne(context, entry, input));
      dropIfEmpty(container, entry);
      return {};
    }
    const { current } = openForChange(input, context);
    assertReplaceable(current, context);
    if (entry.snapshots.size > 0) {
      if (input.deleteSnapshots === undefined) throw blobError("SnapshotsPresent");
      for (const [time, state] of [...entry.snapshots]) {
        entry.snapshots.delete(time);
        discard(context, entry, time, state);
      }
    }
    if (input.deleteSnapshots !== "only") {
      entry.current = undefined;
      const { versioning } = accountOf(context);
      if (versioning) keepVersion(entry, current);
      told(context, versioning || discard(context, entry, BASE, current));
      dropStaged(entry, context);
    }
    dropIfEmpty(container, entry);
    return {};
  },

  undeleteBlob({ containerName, blobName }, context) {
    const container = containerOf(context, containerName);
    purge(context, container);
    const entry = container.blobs.get(blobName);
    const isThere = entry?.current !== undefined || entry?.versions.size || entry?.softDeleted.size;
    if (entry === undefined || !isThere) throw blobError("BlobNotFound");
    undelete(entry);
    return {};
  },

  setBlobProperties(input, context) {
    const { current } = openForRewrite(input, context);
    assertOnline(current);
    current.headers = headersOf(input);
    touch(current, context);
    return { etag: current.etag, lastModified: current.lastModified, ...sequence(current) };
  },

  setBlobMetadata(input, context) {
    const metadata = metadataOf(input);
    const entry = openForChange(input, context);
    assertOnline(entry.current);
    assertReplaceable(entry.current, context);
    checkCustomerKey(entry.current, input);
    beginVersion(context, entry);
    entry.current.metadata = metadata;
    touch(entry.current, context);
    return written(entry.current);
  },

  getBlobTags(input, context) {
    const { state } = openForRead(input, context);
    return { blobTagSet: tagSet(state.tags) };
  },

  setBlobTags(input, context) {
    const tags = checkTags((input.tags?.blobTagSet ?? []).map(({ key, value }) => [key, value]));
    // The model does not know that snapshots have tags of their own.
    const snapshot = new URLSearchParams(context.request.query).get("snapshot") ?? undefined;
    const state = stateOf(context, { ...input, snapshot });
    if (entryOfCurrent(context, input, state)) openForChange(input, context);
    else checkWrite(input, state);
    state.tags = tags;
    return {};
  },

  setBlobTier(input, context) {
    const { state } = openForRead(input, context);
    context.responseStatus = changeTier(state, input.tier, input.rehydratePriority, context) ? 200 : 202;
    return {};
  },

  snapshotBlob(input, context) {
    const entry = containerOf(context, input.containerName).blobs.get(input.blobName);
    if (entry?.current === undefined) throw blobError("BlobNotFound");
    checkLease(entry.lease, input.leaseId, context.clock.now(), "Blob", false);
    checkWrite(input, entry.current);
    checkCustomerKey(entry.current, input);
    const metadata = metadataOf(input);
    const snapshot = snapshotTime(context, entry);
    const copy: BlobState = {
      ...entry.current,
      versionId: undefined,
      ...(Object.keys(metadata).length > 0 && { metadata }),
    };
    entry.snapshots.set(snapshot, copy);
    beginVersion(context, entry as BlobEntry & { current: BlobState });
    return { snapshot, etag: copy.etag, lastModified: copy.lastModified, versionId: entry.current.versionId };
  },

  setBlobLegalHold(input, context) {
    const state = stateOf(context, input);
    state.legalHold = input.legalHold;
    return { legalHold: state.legalHold };
  },

  setBlobImmutabilityPolicy(input, context) {
    const state = stateOf(context, input);
    const until = input.immutabilityPolicyExpiry;
    if (until === undefined) throw blobError("InvalidHeaderValue");
    const mode = input.immutabilityPolicyMode ?? "Unlocked";
    if (state.immutability?.mode === "Locked" && until < state.immutability.until)
      throw blobError("BlobImmutableDueToPolicy");
    state.immutability = { until, mode };
    return { immutabilityPolicyExpiry: until, immutabilityPolicyMode: mode };
  },

  deleteBlobImmutabilityPolicy(input, context) {
    const state = stateOf(context, input);
    if (state.immutability?.mode === "Locked") throw blobError("BlobImmutableDueToPolicy");
    state.immutability = undefined;
    return {};
  },
};

/** The content that is asked for, and its blob where it is the current one. */
export function openForRead(
  input: BlobAddress & Conditions & { readonly leaseId?: string | undefined },
  context: Context,
): { state: BlobState; entry: BlobEntry | undefined } {
  const state = stateOf(context, input);
  const entry = entryOfCurrent(context, input, state);
  if (entry) checkLease(entry.lease, input.leaseId, context.clock.now(), "Blob", false);
  checkRead(input, state);
  return { state, entry };
}

interface DeleteInput extends WriteInput {
  readonly deleteSnapshots?: string | undefined;
}

/** Deletes a snapshot or an earlier version. Returns whether it is kept as a deleted one. */
function deleteOne(context: Context, entry: BlobEntry, input: DeleteInput): boolean {
  if (input.deleteSnapshots !== undefined) throw blobError("InvalidHeaderValue");
  const state = stateOf(context, input);
  if (state === entry.current) throw blobError("OperationNotAllowedOnRootBlob");
  assertMutable(state, context);
  checkWrite(input, state);
  if (input.snapshot !== undefined) {
    entry.snapshots.delete(input.snapshot);
    return discard(context, entry, input.snapshot, state);
  }
  entry.versions.delete(input.versionId ?? "");
  return discard(context, entry, versionKey(input.versionId ?? ""), state);
}

function told({ responseHeaders }: Context, isKept: boolean): void {
  responseHeaders["x-ms-delete-type-permanent"] = String(!isKept);
}

function sequence({ type, sequenceNumber }: BlobState) {
  return type === "PageBlob" ? { blobSequenceNumber: sequenceNumber } : {};
}

function dropStaged(entry: { staged: Map<string, { bytes: { length: number } }> }, context: Context): void {
  for (const { bytes } of entry.staged.values()) context.memory.release(bytes.length);
  entry.staged.clear();
}

/** A shared access signature may say how the answer's headers read: `rscc`, `rscd`, `rsce`, `rscl`, `rsct`. */
function overrides(context: Context): Record<string, string> {
  const query = new URLSearchParams(context.request.query);
  if (!query.has("sig")) return {};
  const members = {
    cacheControl: "rscc",
    contentDisposition: "rscd",
    contentEncoding: "rsce",
    contentLanguage: "rscl",
    contentType: "rsct",
  };
  return Object.fromEntries(
    Object.entries(members).flatMap(([member, name]) => {
      const value = query.get(name);
      return value === null ? [] : [[member, value]];
    }),
  );
}
