/** Copies of blobs within the emulator, done at once; and parts that are taken from another blob's URL. */
import { Blob } from "../../../gen/azure/blob.js";
import { sharedContext } from "../../batch-parts.js";
import { type Context, EmulatorError, type Handlers, type IncomingRequest } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { addressOf } from "./address.js";
import { authorize } from "./authorize.js";
import { type Conditions, checkRead } from "./conditions.js";
import { checkCustomerKey, customerKeyOf } from "./customer-key.js";
import { blobError } from "./errors.js";
import { metadataOf } from "./metadata.js";
import { checkSequence, overwrite, pagesOf } from "./pages.js";
import { rangeOf } from "./range.js";
import { headersOf, stated } from "./shown.js";
import {
  type BlobState,
  blobStore,
  type CopyState,
  contentOf,
  entryToWrite,
  nowOf,
  snapshotTime,
  touch,
} from "./store.js";
import { parseTags } from "./tags.js";
import { assertOnline, checkTier, settleTier } from "./tier.js";
import {
  type HoldInput,
  holdsOf,
  leaveToOthers,
  newState,
  openForChange,
  openForReplace,
  openForRewrite,
  replace,
  type WriteInput,
  written,
} from "./write.js";

interface SourceInput {
  readonly sourceEncryptionKey?: string | undefined;
  readonly sourceEncryptionKeySha256?: string | undefined;
  readonly sourceEncryptionAlgorithm?: string | undefined;
  readonly copySourceAuthorization?: string | undefined;
  readonly sourceIfMatch?: string | undefined;
  readonly sourceIfNoneMatch?: string | undefined;
  readonly sourceIfModifiedSince?: Date | undefined;
  readonly sourceIfUnmodifiedSince?: Date | undefined;
}

export const copyHandlers: Handlers<Blob> = {
  copyBlob(input, context) {
    return copyWhole(input, parseTags(input.blobTagsString), context);
  },

  copyBlobFromUrl(input, context) {
    const tags = parseTags(input.blobTagsString);
    if (input.copySourceTags?.toUpperCase() !== "COPY") return copyWhole(input, tags, context);
    // The service takes tags from one side alone.
    if (Object.keys(tags).length > 0) throw blobError("InvalidHeaderValue");
    return copyWhole(input, "source", context);
  },

  /** The destination takes the source's snapshot and a snapshot of itself; only its snapshots are read. */
  incrementalCopyBlob(input, context) {
    const source = sourceOf(input.copySource, context, {});
    const isSnapshot = new URL(input.copySource).searchParams.has("snapshot");
    if (source.type !== "PageBlob" || !isSnapshot) throw blobError("InvalidHeaderValue");
    const entry = openForReplace(input, context);
    if (entry.current !== undefined && entry.current.copy?.destinationSnapshot === undefined)
      throw blobError("OperationNotAllowedOnIncrementalCopyBlob");
    const state = copyOf(source, input.copySource, context);
    const snapshot = snapshotTime(context, entry);
    state.copy = { ...(state.copy as CopyState), destinationSnapshot: snapshot };
    replace(context, entry, state);
    entry.snapshots.set(snapshot, { ...state, versionId: undefined });
    const { etag, lastModified, copy } = state;
    return { etag, lastModified, copyId: copy?.id, copyStatus: "success" as const };
  },

  abortCopyBlob(input, context) {
    openForChange(input, context);
    throw blobError("NoPendingCopyOperation");
  },

  putBlobFromUrl(input, context) {
    const source = sourceOf(input.copySource, context, input);
    assertOnline(source);
    checkTier(input.tier);
    const metadata = input.metadata === undefined ? source.metadata : metadataOf(input);
    const isTagged = input.copySourceTags?.toUpperCase() === "COPY";
    const tags = isTagged ? source.tags : parseTags(input.blobTagsString);
    const entry = openForReplace(input, context);
    context.memory.reserve(source.bytes.length);
    const state = newState(context, "BlockBlob", source.bytes.slice(0, source.bytes.length), {
      headers: {
        ...(input.copySourceBlobProperties === false ? {} : source.headers),
        ...stated(headersOf(input)),
      },
      metadata,
      tags,
      tier: input.tier,
      customerKey: customerKeyOf(input),
    });
    replace(context, entry, state);
    return written(state);
  },

  putBlockFromUrl(input, context) {
    const source = sourceOf(input.sourceUrl, context, input);
    const bytes = part(source.bytes, input.sourceRange);
    const entry = entryToWrite(context, input);
    context.memory.reserve(bytes.length);
    entry.staged.set(input.blockId, { id: input.blockId, bytes, customerKey: customerKeyOf(input) });
    return { isServerEncrypted: true, encryptionKeySha256: customerKeyOf(input) };
  },

  putPageFromUrl(input, context) {
    const source = sourceOf(input.sourceUrl, context, input);
    const bytes = part(source.bytes, input.sourceRange);
    const entry = openForRewrite(input, context);
    const { current } = entry;
    const range = pagesOf(input.range, current);
    checkSequence(input, current);
    checkCustomerKey(current, input);
    if (range.end - range.start !== bytes.length) throw blobError("InvalidPageRange");
    overwrite(context, entry, range, bytes.bytes());
    touch(current, context);
    return { ...written(current), blobSequenceNumber: current.sequenceNumber };
  },

  appendBlockFromUrl(input, context) {
    const source = sourceOf(input.sourceUrl, context, input);
    const bytes = part(source.bytes, input.sourceRange);
    const entry = openForRewrite(input, context);
    const { current } = entry;
    if (current.type !== "AppendBlob") throw blobError("InvalidBlobType");
    checkCustomerKey(current, input);
    const offset = current.bytes.length;
    leaveToOthers(context, entry);
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

interface CopyInput extends WriteInput, SourceInput, HoldInput {
  readonly metadata?: Record<string, string> | undefined;
  readonly tier?: string | undefined;
  readonly copySource: string;
}

/** Copies a blob, with tags of its own or those of its source. */
function copyWhole(input: CopyInput, tags: Record<string, string> | "source", context: Context) {
  const source = sourceOf(input.copySource, context, input);
  checkTier(input.tier);
  if (input.tier !== undefined && source.type !== "BlockBlob") throw blobError("InvalidHeaderValue");
  if (input.tier === undefined) assertOnline(source);
  const metadata = metadataOf(input);
  const entry = openForReplace(input, context);
  const state = copyOf(source, input.copySource, context);
  if (Object.keys(metadata).length > 0) state.metadata = metadata;
  state.tags = tags === "source" ? { ...source.tags } : tags;
  state.tier = input.tier ?? source.tier;
  Object.assign(state, holdsOf(input));
  replace(context, entry, state);
  const { etag, lastModified, versionId, copy } = state;
  return { etag, lastModified, versionId, copyId: copy?.id, copyStatus: "success" as const };
}

/** Bytes of their own, with what is said of them. */
function copyOf(source: BlobState, url: string, context: Context): BlobState {
  const { length } = source.bytes;
  context.memory.reserve(length);
  return newState(context, source.type, source.bytes.slice(0, length), {
    blocks: source.blocks,
    pages: source.pages,
    headers: { ...source.headers },
    metadata: { ...source.metadata },
    sequenceNumber: source.sequenceNumber,
    copy: {
      id: crypto.randomUUID(),
      source: url,
      status: "success",
      bytes: length,
      completedOn: nowOf(context),
    },
  });
}

/** The blob that a URL names, when it is one of the emulator's and open to who asks. */
function sourceOf(url: string, context: Context, input: SourceInput): BlobState {
  if (!URL.canParse(url)) throw blobError("InvalidHeaderValue");
  const { origin, host, pathname, search } = new URL(url);
  const query = search.slice(1);
  const address = addressOf({ host, path: pathname, query });
  const [, containerName = "", ...rest] = address.path.split("/").map(decodeURIComponent);
  const { accounts } = context.store(blobStore);
  const container = accounts.get(address.account)?.containers.get(containerName);
  if (container === undefined && host !== context.request.host) {
    throw new EmulatorError("NotImplemented", `The emulator does not copy from ${host}`, 501);
  }
  const { copySourceAuthorization: authorization } = input;
  const isSigned = /(^|&)sig=/.test(query) || authorization !== undefined;
  if (isSigned || address.account !== context.account) {
    const headers = { ...(authorization !== undefined && { authorization }) };
    authorizeSource(
      { ...context.request, method: "GET", origin, host, path: pathname, query, headers },
      context,
    );
  }
  const entry = container?.blobs.get(rest.join("/"));
  const named = new URLSearchParams(query);
  const snapshot = named.get("snapshot") ?? undefined;
  const state = entry && contentOf(entry, { snapshot, versionId: named.get("versionid") ?? undefined });
  if (state === undefined) throw blobError("BlobNotFound");
  settleTier(state, context.clock.now());
  checkSource(input, state);
  checkCustomerKey(state, {
    encryptionKey: input.sourceEncryptionKey,
    encryptionKeySha256: input.sourceEncryptionKeySha256,
    encryptionAlgorithm: input.sourceEncryptionAlgorithm,
  });
  return state;
}

/** Within an account who may write may read; another's blob takes a signature, a token or public access. */
function authorizeSource(request: IncomingRequest, context: Context): void {
  const operation = Blob.serviceModel.operation("getBlob");
  try {
    authorize(request, { ...sharedContext(context), request, operation });
  } catch (error) {
    if (!(error instanceof EmulatorError)) throw error;
    throw new EmulatorError("CannotVerifyCopySource", error.message, error.status, error.body);
  }
}

function checkSource(conditions: SourceInput, state: BlobState): void {
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
