/** Blobs: put, get, delete, properties, metadata, tags, tier, snapshots, holds. */
import type { Blob } from "../../../gen/azure/blob.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { checkRead, checkWrite } from "./conditions.js";
import { blobError } from "./errors.js";
import { checkLease } from "./lease.js";
import { rangeOf } from "./range.js";
import { headersOf, propertiesShown, tagSet, tierShown } from "./shown.js";
import { BASE, discard, purge, undelete } from "./soft-delete.js";
import {
  assertNoVersion,
  type BlobState,
  containerOf,
  dropIfEmpty,
  nowOf,
  snapshotTime,
  stateOf,
  touch,
} from "./store.js";
import { parseTags } from "./tags.js";
import {
  assertMutable,
  hashesOf,
  newState,
  openForChange,
  openForReplace,
  readUpload,
  replace,
  written,
} from "./write.js";

const TAGS_MAX = 10;
/** A read tells the hash of so much. */
const HASHED_RANGE_BYTES_MAX = 4 * 1024 * 1024;
const TIERS: ReadonlySet<string> = new Set(["Hot", "Cool", "Cold", "Archive", "Smart"]);

function checkTier(tier: string | undefined): void {
  if (tier !== undefined && !TIERS.has(tier)) throw blobError("InvalidHeaderValue");
}

export const blobHandlers: Handlers<Blob> = {
  async putBlob(input, context) {
    openForReplace(input, context);
    checkTier(input.tier);
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
        contentType: headers.contentType ?? context.request.headers["content-type"],
        contentMD5: headers.contentMD5 ?? md5,
      },
      metadata: input.metadata ?? {},
      tags: parseTags(input.blobTagsString),
      tier: input.tier,
    });
    replace(context, entry, state);
    return { ...written(state), contentMD5: md5, xMsContentCrc64: crc64 };
  },

  getBlob(input, context) {
    const state = stateOf(context, input);
    const entry =
      input.snapshot === undefined
        ? containerOf(context, input.containerName).blobs.get(input.blobName)
        : undefined;
    if (entry) checkLease(entry.lease, input.leaseId, context.clock.now(), "Blob", false);
    checkRead(input, state);
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
    const state = stateOf(context, input);
    const entry =
      input.snapshot === undefined
        ? containerOf(context, input.containerName).blobs.get(input.blobName)
        : undefined;
    if (entry) checkLease(entry.lease, input.leaseId, context.clock.now(), "Blob", false);
    checkRead(input, state);
    return {
      ...propertiesShown(state, entry, context.clock.now()),
      ...tierShown(state),
      contentLength: state.bytes.length,
      contentMD5: state.headers.contentMD5,
    };
  },

  deleteBlob(input, context) {
    const container = containerOf(context, input.containerName);
    const entry = container.blobs.get(input.blobName);
    if (entry === undefined) throw blobError("BlobNotFound");
    assertNoVersion(input);
    if (input.snapshot !== undefined) {
      const state = stateOf(context, input);
      checkWrite(input, state);
      entry.snapshots.delete(input.snapshot);
      discard(context, entry, input.snapshot, state);
      dropIfEmpty(container, entry);
      return {};
    }
    const { current } = openForChange(input, context);
    assertMutable(current, context);
    if (entry.snapshots.size > 0) {
      if (input.deleteSnapshots === undefined) throw blobError("SnapshotsPresent");
      for (const [time, state] of [...entry.snapshots]) {
        entry.snapshots.delete(time);
        discard(context, entry, time, state);
      }
    }
    if (input.deleteSnapshots !== "only") {
      entry.current = undefined;
      discard(context, entry, BASE, current);
      dropStaged(entry, context);
    }
    dropIfEmpty(container, entry);
    return {};
  },

  undeleteBlob({ containerName, blobName }, context) {
    const container = containerOf(context, containerName);
    purge(context, container);
    const entry = container.blobs.get(blobName);
    if (entry === undefined || (entry.current === undefined && entry.softDeleted.size === 0))
      throw blobError("BlobNotFound");
    undelete(entry);
    return {};
  },

  setBlobProperties(input, context) {
    const { current } = openForChange(input, context);
    current.headers = headersOf(input);
    touch(current, context);
    return { etag: current.etag, lastModified: current.lastModified, ...sequence(current) };
  },

  setBlobMetadata(input, context) {
    const { current } = openForChange(input, context);
    current.metadata = input.metadata ?? {};
    touch(current, context);
    return written(current);
  },

  getBlobTags(input, context) {
    const { tags, ...state } = stateOf(context, input);
    checkRead({ ifTags: input.ifTags }, { ...state, tags });
    return { blobTagSet: tagSet(tags) };
  },

  setBlobTags(input, context) {
    const { current } = openForChange(input, context);
    const set = input.tags?.blobTagSet ?? [];
    if (set.length > TAGS_MAX)
      throw new EmulatorError("InvalidTags", `A blob has at most ${TAGS_MAX} tags.`, 400);
    current.tags = Object.fromEntries(set.map(({ key, value }) => [key, value]));
    return {};
  },

  setBlobTier(input, context) {
    const state = stateOf(context, input);
    if (state.type !== "BlockBlob") throw blobError("InvalidBlobType");
    checkTier(input.tier);
    state.tier = input.tier;
    state.tierChangedOn = nowOf(context);
    return {};
  },

  snapshotBlob(input, context) {
    const entry = containerOf(context, input.containerName).blobs.get(input.blobName);
    if (entry?.current === undefined) throw blobError("BlobNotFound");
    checkLease(entry.lease, input.leaseId, context.clock.now(), "Blob", false);
    checkWrite(input, entry.current);
    const snapshot = snapshotTime(context, entry);
    const { metadata } = input;
    const copy: BlobState = {
      ...entry.current,
      ...(metadata && Object.keys(metadata).length > 0 && { metadata }),
    };
    entry.snapshots.set(snapshot, copy);
    return { snapshot, etag: copy.etag, lastModified: copy.lastModified };
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
