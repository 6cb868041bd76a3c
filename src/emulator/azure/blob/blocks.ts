/** Block blobs in parts: blocks staged, then committed as a list; append blobs that grow at their end. */
import type { Blob } from "../../../gen/azure/blob.js";
import type { Handlers } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { checkRead } from "./conditions.js";
import { checkCustomerKey, customerKeyOf } from "./customer-key.js";
import { blobError } from "./errors.js";
import { checkLease } from "./lease.js";
import { metadataOf } from "./metadata.js";
import { headersOf, stated } from "./shown.js";
import {
  type BlobEntry,
  containerOf,
  entryToWrite,
  NO_BYTES,
  type StagedBlock,
  stateOf,
  touch,
} from "./store.js";
import { parseTags } from "./tags.js";
import { checkTier } from "./tier.js";
import {
  holdsOf,
  leaveToOthers,
  newState,
  openForReplace,
  openForRewrite,
  readUpload,
  replace,
  written,
} from "./write.js";

const APPEND_BLOCKS_MAX = 50_000;
const BLOCK_ID_BYTES_MAX = 64;

export const blockHandlers: Handlers<Blob> = {
  async putBlock(input, context) {
    checkBlockId(input.blockId);
    const customerKey = customerKeyOf(input);
    const container = containerOf(context, input.containerName);
    const known = container.blobs.get(input.blobName);
    if (known) {
      checkLease(known.lease, input.leaseId, context.clock.now(), "Blob", true);
      checkBlockLength(known, input.blockId);
    }
    if (known?.current !== undefined && known.current.type !== "BlockBlob")
      throw blobError("InvalidBlobType");
    const { bytes, md5, crc64 } = await readUpload(
      input.body,
      context,
      input.transactionalContentMD5,
      input.transactionalContentCrc64,
    );
    if (bytes.length === 0) throw blobError("InvalidHeaderValue");
    const entry = entryToWrite(context, input);
    const old = entry.staged.get(input.blockId);
    if (old) context.memory.release(old.bytes.length);
    entry.staged.set(input.blockId, { id: input.blockId, bytes, customerKey });
    return {
      contentMD5: md5,
      xMsContentCrc64: crc64,
      isServerEncrypted: true,
      encryptionKeySha256: customerKey,
    };
  },

  putBlockList(input, context) {
    const metadata = metadataOf(input);
    const tags = parseTags(input.blobTagsString);
    checkTier(input.tier);
    const entry = openForReplace(input, context);
    const wanted = orderedBlocks(input.blocks);
    const blocks = wanted.map(({ id, from }) => findBlock(entry, id, from));
    for (const block of blocks) checkCustomerKey(block, input);
    const used = new Set(blocks);
    for (const block of entry.staged.values())
      if (!used.has(block)) context.memory.release(block.bytes.length);
    const old = entry.current;
    // Committed blocks that are taken over are the old content's bytes: counted anew, as the old content is given back whole.
    for (const block of blocks)
      if (entry.staged.get(block.id) !== block) context.memory.reserve(block.bytes.length);
    entry.staged.clear();
    const headers = headersOf(input);
    const state = newState(context, "BlockBlob", StoredBytes.concat(blocks.map(({ bytes }) => bytes)), {
      blocks: blocks.map(({ id, bytes }) => ({ id, size: bytes.length })),
      headers: { ...headers, contentType: headers.contentType ?? "application/octet-stream" },
      metadata,
      tags,
      tier: input.tier,
      customerKey: customerKeyOf(input),
      ...holdsOf(input),
      ...(old && { createdOn: old.createdOn }),
    });
    replace(context, entry, state);
    return written(state);
  },

  getBlockList({ listType = "committed", ...input }, context) {
    const entry = containerOf(context, input.containerName).blobs.get(input.blobName);
    if (entry === undefined || (entry.current === undefined && entry.staged.size === 0))
      throw blobError("BlobNotFound");
    const state = entry.current === undefined ? undefined : stateOf(context, input);
    if (state) checkRead({ ifTags: input.ifTags }, state);
    const committed = state?.blocks.map(({ id, size }) => ({ name: id, size })) ?? [];
    const uncommitted = [...entry.staged.values()].map(({ id, bytes }) => ({ name: id, size: bytes.length }));
    return {
      ...(state && {
        etag: state.etag,
        lastModified: state.lastModified,
        blobContentLength: state.bytes.length,
      }),
      ...(listType !== "uncommitted" && { committedBlocks: committed }),
      ...(listType !== "committed" && { uncommittedBlocks: uncommitted }),
    };
  },

  createAppendBlob(input, context) {
    const entry = openForReplace(input, context);
    const state = newState(context, "AppendBlob", NO_BYTES, {
      headers: { contentType: "application/octet-stream", ...stated(headersOf(input)) },
      metadata: metadataOf(input),
      tags: parseTags(input.blobTagsString),
      customerKey: customerKeyOf(input),
      ...holdsOf(input),
    });
    replace(context, entry, state);
    return written(state);
  },

  async appendBlock(input, context) {
    const before = openForRewrite(input, context).current;
    assertAppendable(before, input);
    checkCustomerKey(before, input);
    const { bytes, md5, crc64 } = await readUpload(
      input.body,
      context,
      input.transactionalContentMD5,
      input.transactionalContentCrc64,
    );
    if (bytes.length === 0) throw blobError("InvalidHeaderValue");
    const entry = openForRewrite(input, context);
    const { current } = entry;
    assertAppendable(current, input);
    if (input.maxSize !== undefined && current.bytes.length + bytes.length > input.maxSize) {
      context.memory.release(bytes.length);
      throw blobError("MaxBlobSizeConditionNotMet");
    }
    const offset = current.bytes.length;
    leaveToOthers(context, entry);
    current.bytes = StoredBytes.concat([current.bytes, bytes]);
    current.blocks = [...current.blocks, { id: "", size: bytes.length }];
    touch(current, context);
    return {
      ...written(current),
      contentMD5: md5,
      xMsContentCrc64: crc64,
      blobAppendOffset: String(offset),
      blobCommittedBlockCount: current.blocks.length,
    };
  },

  sealAppendBlob(input, context) {
    const { current } = openForRewrite(input, context);
    if (current.type !== "AppendBlob") throw blobError("InvalidBlobType");
    if (input.appendPosition !== undefined && input.appendPosition !== current.bytes.length) {
      throw blobError("AppendPositionConditionNotMet");
    }
    current.sealed = true;
    touch(current, context);
    return { etag: current.etag, lastModified: current.lastModified, isSealed: true };
  },
};

interface Appendable {
  readonly type: string;
  readonly sealed: boolean;
  readonly bytes: StoredBytes;
  readonly blocks: readonly unknown[];
}

function assertAppendable(
  state: Appendable,
  { appendPosition }: { readonly appendPosition?: number | undefined },
): void {
  if (state.type !== "AppendBlob") throw blobError("InvalidBlobType");
  if (state.sealed) throw blobError("BlobIsSealed");
  if (appendPosition !== undefined && appendPosition !== state.bytes.length)
    throw blobError("AppendPositionConditionNotMet");
  if (state.blocks.length >= APPEND_BLOCKS_MAX) throw blobError("InvalidBlockList");
}

function checkBlockId(id: string): void {
  const bytes = Buffer.from(id, "base64");
  if (id === "" || bytes.length > BLOCK_ID_BYTES_MAX || bytes.toString("base64") !== id)
    throw blobError("InvalidBlockId");
}

/** The ids of a blob's uncommitted blocks are of one length. */
function checkBlockLength({ staged }: BlobEntry, id: string): void {
  for (const { length } of staged.keys()) if (length !== id.length) throw blobError("InvalidBlobOrBlock");
}

interface BlockLists {
  readonly committed?: readonly string[] | undefined;
  readonly uncommitted?: readonly string[] | undefined;
  readonly latest?: readonly string[] | undefined;
}

interface WantedBlock {
  readonly id: string;
  readonly from: keyof BlockLists;
}

/** The three lists one after the other: their order among each other is lost in the model, and clients use one of them. */
function orderedBlocks(blocks: BlockLists): WantedBlock[] {
  return (["committed", "uncommitted", "latest"] as const).flatMap((from) =>
    (blocks[from] ?? []).map((id) => ({ id, from })),
  );
}

function findBlock(entry: BlobEntry, id: string, from: keyof BlockLists): StagedBlock {
  const staged = from === "committed" ? undefined : entry.staged.get(id);
  if (staged !== undefined) return staged;
  const committed = from === "uncommitted" ? undefined : committedBlock(entry, id);
  if (committed === undefined) throw blobError("InvalidBlockList");
  return committed;
}

function committedBlock({ current }: BlobEntry, id: string): StagedBlock | undefined {
  if (current === undefined) return undefined;
  let offset = 0;
  for (const block of current.blocks) {
    if (block.id === id) {
      const { bytes, customerKey } = current;
      return { id, bytes: bytes.slice(offset, offset + block.size), customerKey };
    }
    offset += block.size;
  }
  return undefined;
}
