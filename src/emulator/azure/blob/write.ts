/** What all writes of blobs share: the body read and hashed, the lease and conditions checked, the new state put in place. */
import { createHash } from "node:crypto";
import type { Context, IncomingBody } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { type Conditions, checkWrite } from "./conditions.js";
import { blobError } from "./errors.js";
import { checkLease, noLease } from "./lease.js";
import {
  type BlobAddress,
  type BlobEntry,
  type BlobState,
  type BlobType,
  containerOf,
  entryToWrite,
  nextEtag,
  nowOf,
  release,
} from "./store.js";

export interface WriteInput extends BlobAddress, Conditions {
  readonly leaseId?: string | undefined;
}

export interface Uploaded {
  readonly bytes: StoredBytes;
  readonly md5: Uint8Array;
}

/** @throws `Md5Mismatch` when the body is not what its header says. */
export async function readUpload(
  body: IncomingBody | undefined,
  context: Context,
  stated?: Uint8Array | undefined,
): Promise<Uploaded> {
  if (body === undefined) return { bytes: new StoredBytes([]), md5: createHash("md5").digest() };
  const hash = createHash("md5");
  const bytes = await StoredBytes.read(body, context.memory, (chunk) => hash.update(chunk));
  const md5 = hash.digest();
  if (stated !== undefined && Buffer.compare(stated, md5) !== 0) {
    context.memory.release(bytes.length);
    throw blobError("Md5Mismatch");
  }
  return { bytes, md5: new Uint8Array(md5) };
}

/** The entry to replace or make, when lease and conditions allow it. Looks before anything is read. */
export function openForReplace(input: WriteInput, context: Context): BlobEntry {
  const container = containerOf(context, input.containerName);
  const known = container.blobs.get(input.blobName);
  checkLease(known?.lease ?? noLease(), input.leaseId, context.clock.now(), "Blob", true);
  if (known?.current !== undefined) assertMutable(known.current, context);
  checkWrite(input, known?.current);
  return entryToWrite(context, input);
}

/** An existing blob to change in place. */
export function openForChange(input: WriteInput, context: Context): BlobEntry & { current: BlobState } {
  const entry = containerOf(context, input.containerName).blobs.get(input.blobName);
  if (entry?.current === undefined) throw blobError("BlobNotFound");
  checkLease(entry.lease, input.leaseId, context.clock.now(), "Blob", true);
  checkWrite(input, entry.current);
  return entry as BlobEntry & { current: BlobState };
}

export function assertMutable(state: BlobState, context: Context): void {
  const held =
    state.legalHold ||
    (state.immutability !== undefined && state.immutability.until.getTime() > context.clock.now());
  if (held) throw blobError("BlobImmutableDueToPolicy");
}

export function newState(
  context: Context,
  type: BlobType,
  bytes: StoredBytes,
  rest: Partial<BlobState>,
): BlobState {
  const now = nowOf(context);
  return {
    type,
    bytes,
    createdOn: now,
    lastModified: now,
    etag: nextEtag(context),
    blocks: [],
    headers: {},
    metadata: {},
    tags: {},
    tier: undefined,
    tierChangedOn: undefined,
    sequenceNumber: 0,
    sealed: false,
    legalHold: false,
    immutability: undefined,
    copy: undefined,
    ...rest,
  };
}

/** Before bytes change in place: what a snapshot goes on holding is counted for itself. */
export function leaveToSnapshots(context: Context, { current, snapshots }: BlobEntry): void {
  const shared = [...snapshots.values()].some(({ bytes }) => bytes === current?.bytes);
  if (shared && current !== undefined) context.memory.reserve(current.bytes.length);
}

/** Puts a new content in the place of the old one. */
export function replace(context: Context, entry: BlobEntry, state: BlobState): BlobState {
  const old = entry.current;
  entry.current = state;
  if (old !== undefined && old.bytes !== state.bytes) release(context, entry, old.bytes);
  return state;
}

export function written({ etag, lastModified }: BlobState) {
  return { etag, lastModified, isServerEncrypted: true };
}
