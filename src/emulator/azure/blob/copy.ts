/** Copies of blobs within the emulator, done at once; and parts that are taken from another blob's URL. */
import type { Blob } from "../../../gen/azure/blob.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { addressOf } from "./address.js";
import { type Conditions, checkRead } from "./conditions.js";
import { blobError } from "./errors.js";
import { checkSequence, overwrite, pagesOf } from "./pages.js";
import { rangeOf } from "./range.js";
import { headersOf } from "./shown.js";
import { type BlobState, blobStore, entryToWrite, nowOf, touch } from "./store.js";
import { parseTags } from "./tags.js";
import { leaveToSnapshots, newState, openForChange, openForReplace, replace, written } from "./write.js";

interface SourceConditions {
  readonly sourceIfMatch?: string | undefined;
  readonly sourceIfNoneMatch?: string | undefined;
  readonly sourceIfModifiedSince?: Date | undefined;
  readonly sourceIfUnmodifiedSince?: Date | undefined;
}

export const copyHandlers: Handlers<Blob> = {
  copyBlob(input, context) {
    const source = sourceOf(input.copySource, context, input);
    const entry = openForReplace(input, context);
    const state = copied(source, input, context);
    replace(context, entry, state);
    return {
      etag: state.etag,
      lastModified: state.lastModified,
      copyId: state.copy?.id,
      copyStatus: "success" as const,
    };
  },

  copyBlobFromUrl(input, context) {
    const source = sourceOf(input.copySource, context, input);
    const entry = openForReplace(input, context);
    const state = copied(source, input, context);
    replace(context, entry, state);
    return {
      etag: state.etag,
      lastModified: state.lastModified,
      copyId: state.copy?.id,
      copyStatus: "success" as const,
    };
  },

  abortCopyBlob(input, context) {
    openForChange(input, context);
    throw blobError("NoPendingCopyOperation");
  },

  putBlobFromUrl(input, context) {
    const source = sourceOf(input.copySource, context, input);
    const entry = openForReplace(input, context);
    context.memory.reserve(source.bytes.length);
    const state = newState(context, "BlockBlob", source.bytes.slice(0, source.bytes.length), {
      headers: {
        ...(input.copySourceBlobProperties === false ? {} : source.headers),
        ...defined(headersOf(input)),
      },
      metadata: input.metadata ?? source.metadata,
      tags: parseTags(input.blobTagsString),
      tier: input.tier,
    });
    replace(context, entry, state);
    return written(state);
  },

  putBlockFromUrl(input, context) {
    const source = sourceOf(input.sourceUrl, context, input);
    const bytes = part(source.bytes, input.sourceRange);
    const entry = entryToWrite(context, input);
    context.memory.reserve(bytes.length);
    entry.staged.set(input.blockId, { id: input.blockId, bytes });
    return { isServerEncrypted: true };
  },

  putPageFromUrl(input, context) {
    const source = sourceOf(input.sourceUrl, context, input);
    const bytes = part(source.bytes, input.sourceRange);
    const entry = openForChange(input, context);
    const { current } = entry;
    const range = pagesOf(input.range, current);
    checkSequence(input, current);
    if (range.end - range.start !== bytes.length) throw blobError("InvalidPageRange");
    overwrite(context, entry, range, bytes.bytes());
    touch(current, context);
    return { ...written(current), blobSequenceNumber: current.sequenceNumber };
  },

  appendBlockFromUrl(input, context) {
    const source = sourceOf(input.sourceUrl, context, input);
    const bytes = part(source.bytes, input.sourceRange);
    const entry = openForChange(input, context);
    const { current } = entry;
    if (current.type !== "AppendBlob") throw blobError("InvalidBlobType");
    const offset = current.bytes.length;
    leaveToSnapshots(context, entry);
    context.memory.reserve(bytes.length);
    current.bytes = StoredBytes.concat([current.bytes, bytes]);
    current.blocks = [...current.blocks, { id: "", size: bytes.length }];
    touch(current, context);
    return {
      ...written(current),
      blobAppendOffset: String(offset),
      blobCommittedBlockCount: current.blocks.length,
    };
  },
};

function copied(
  source: BlobState,
  input: {
    readonly metadata?: Record<string, string> | undefined;
    readonly blobTagsString?: string | undefined;
    readonly tier?: string | undefined;
    readonly copySource: string;
  },
  context: Context,
): BlobState {
  context.memory.reserve(source.bytes.length);
  const hasMetadata = input.metadata !== undefined && Object.keys(input.metadata).length > 0;
  return newState(context, source.type, source.bytes.slice(0, source.bytes.length), {
    blocks: source.blocks,
    headers: { ...source.headers },
    metadata: hasMetadata ? { ...input.metadata } : { ...source.metadata },
    tags: parseTags(input.blobTagsString),
    tier: input.tier ?? source.tier,
    sequenceNumber: source.sequenceNumber,
    copy: {
      id: crypto.randomUUID(),
      source: input.copySource,
      status: "success",
      bytes: source.bytes.length,
      completedOn: nowOf(context),
    },
  });
}

/** The blob that a URL names, when it is one of the emulator's. Its signature is not looked at: both are in the same hands. */
function sourceOf(url: string, context: Context, conditions: SourceConditions): BlobState {
  if (!URL.canParse(url)) throw blobError("InvalidHeaderValue");
  const { host, pathname, search } = new URL(url);
  const address = addressOf({ host, path: pathname });
  const [, containerName = "", ...rest] = address.path.split("/");
  const blobName = decodeURIComponent(rest.join("/"));
  const container = context
    .store(blobStore)
    .accounts.get(address.account)
    ?.containers.get(decodeURIComponent(containerName));
  if (container === undefined && host !== context.request.host) {
    throw new EmulatorError("NotImplemented", `The emulator does not copy from ${host}`, 501);
  }
  const entry = container?.blobs.get(blobName);
  const snapshot = new URLSearchParams(search).get("snapshot");
  const state = snapshot === null ? entry?.current : entry?.snapshots.get(snapshot);
  if (state === undefined) throw blobError("BlobNotFound");
  checkSource(conditions, state);
  return state;
}

function checkSource(conditions: SourceConditions, state: BlobState): void {
  const renamed: Conditions = {
    ifMatch: conditions.sourceIfMatch,
    ifNoneMatch: conditions.sourceIfNoneMatch,
    ifModifiedSince: conditions.sourceIfModifiedSince,
    ifUnmodifiedSince: conditions.sourceIfUnmodifiedSince,
  };
  try {
    checkRead(renamed, state);
  } catch {
    throw blobError("SourceConditionNotMet");
  }
}

function part(bytes: StoredBytes, range: string | undefined): StoredBytes {
  const { start, end } = rangeOf(range, bytes.length) ?? { start: 0, end: bytes.length };
  return bytes.slice(start, end);
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>;
}
