/** What all writes of blobs share: the body read and hashed, the lease and conditions checked, the new state put in place. */
import { createHash } from "node:crypto";
import { createChecksum } from "../../../http/checksum/checksum.js";
import type { Context, IncomingBody } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { type Conditions, checkWrite } from "./conditions.js";
import { blobError } from "./errors.js";
import { checkLease, isLocked, noLease } from "./lease.js";
import { discardOverwritten, makeWay } from "./soft-delete.js";
import {
  type BlobAddress,
  type BlobEntry,
  type BlobState,
  type BlobType,
  containerOf,
  contentsOf,
  entryToWrite,
  nextEtag,
  nowOf,
} from "./store.js";
import { settleTier } from "./tier.js";
import { isKept, keepVersion, nextVersionId } from "./versions.js";

export interface WriteInput extends BlobAddress, Conditions {
  readonly leaseId?: string | undefined;
}

export interface Uploaded {
  readonly bytes: StoredBytes;
  readonly md5: Uint8Array;
  /** Where the request states one. */
  readonly crc64: Uint8Array | undefined;
}

/** @throws `Md5Mismatch`, `Crc64Mismatch` when the body is not what its header says. */
export async function readUpload(
  body: IncomingBody | undefined,
  context: Context,
  statedMd5?: Uint8Array | undefined,
  statedCrc64?: Uint8Array | undefined,
): Promise<Uploaded> {
  const hash = createHash("md5");
  const crc = statedCrc64 && createChecksum("CRC64NVME");
  const bytes =
    body === undefined
      ? new StoredBytes([])
      : await StoredBytes.read(body, context.memory, (chunk) => {
          hash.update(chunk);
          crc?.update(chunk);
        });
  const md5 = new Uint8Array(hash.digest());
  const crc64 = crc && littleEndian(crc.digest());
  const problem = differs(statedMd5, md5) ? "Md5Mismatch" : differs(statedCrc64, crc64) && "Crc64Mismatch";
  if (problem) {
    context.memory.release(bytes.length);
    throw blobError(problem);
  }
  return { bytes, md5, crc64 };
}

function differs(stated: Uint8Array | undefined, actual: Uint8Array | undefined): boolean {
  return stated !== undefined && actual !== undefined && Buffer.compare(stated, actual) !== 0;
}

export interface RangeHashes {
  readonly contentMD5?: Uint8Array;
  readonly contentCrc64?: Uint8Array;
}

/** What a read may ask about the bytes that it gets. */
export function hashesOf(
  { chunks }: StoredBytes,
  { md5, crc64 }: { readonly md5: boolean | undefined; readonly crc64: boolean | undefined },
): RangeHashes {
  const hash = md5 ? createHash("md5") : undefined;
  const crc = crc64 ? createChecksum("CRC64NVME") : undefined;
  for (const chunk of chunks) {
    hash?.update(chunk);
    crc?.update(chunk);
  }
  return {
    ...(hash && { contentMD5: new Uint8Array(hash.digest()) }),
    ...(crc && { contentCrc64: littleEndian(crc.digest()) }),
  };
}

/** Azure's CRC64 is S3's, its bytes the other way round. */
function littleEndian(digest: Uint8Array): Uint8Array {
  return Uint8Array.from(digest).reverse();
}

/** The entry to replace or make, when lease and conditions allow it. Looks before anything is read. */
export function openForReplace(input: WriteInput, context: Context): BlobEntry {
  const container = containerOf(context, input.containerName);
  const known = container.blobs.get(input.blobName);
  checkLease(known?.lease ?? noLease(), input.leaseId, context.clock.now(), "Blob", true);
  if (known?.current !== undefined) assertReplaceable(known.current, context);
  checkWrite(input, known?.current);
  return entryToWrite(context, input);
}

/** An existing blob to change in place. */
export function openForChange(input: WriteInput, context: Context): BlobEntry & { current: BlobState } {
  const entry = containerOf(context, input.containerName).blobs.get(input.blobName);
  if (entry?.current === undefined) throw blobError("BlobNotFound");
  checkLease(entry.lease, input.leaseId, context.clock.now(), "Blob", true);
  checkWrite(input, entry.current);
  settleTier(entry.current, context.clock.now());
  forgetEnded(entry, context);
  return entry as BlobEntry & { current: BlobState };
}

/** An existing blob whose bytes or headers change where they are. */
export function openForRewrite(input: WriteInput, context: Context): BlobEntry & { current: BlobState } {
  const entry = openForChange(input, context);
  assertMutable(entry.current, context);
  return entry;
}

/** What is held may not be lost: where it stays as a version it is not. */
export function assertReplaceable(state: BlobState, context: Context): void {
  if (!isKept(context, state)) assertMutable(state, context);
}

export function assertMutable(state: BlobState, context: Context): void {
  const held =
    state.legalHold ||
    (state.immutability !== undefined && state.immutability.until.getTime() > context.clock.now());
  if (held) throw blobError("BlobImmutableDueToPolicy");
}

/** What a write may say of how long its content is held. */
export interface HoldInput {
  readonly legalHold?: boolean | undefined;
  readonly immutabilityPolicyExpiry?: Date | undefined;
  readonly immutabilityPolicyMode?: string | undefined;
}

export function holdsOf(input: HoldInput): Pick<BlobState, "legalHold" | "immutability"> {
  const { legalHold = false, immutabilityPolicyExpiry: until, immutabilityPolicyMode } = input;
  if (until === undefined && immutabilityPolicyMode !== undefined) throw blobError("InvalidHeaderValue");
  const mode = immutabilityPolicyMode ?? "Unlocked";
  return { legalHold, immutability: until && { until, mode } };
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
    versionId: undefined,
    blocks: [],
    pages: [],
    headers: {},
    metadata: {},
    tags: {},
    tier: undefined,
    tierChangedOn: undefined,
    rehydration: undefined,
    sequenceNumber: 0,
    sealed: false,
    legalHold: false,
    immutability: undefined,
    copy: undefined,
    customerKey: undefined,
    ...rest,
  };
}

/** Before bytes change in place: what a snapshot or version goes on holding is counted for itself. */
export function leaveToOthers(context: Context, entry: BlobEntry): void {
  const { current } = entry;
  const isShared = contentsOf(entry).some((state) => state !== current && state.bytes === current?.bytes);
  if (isShared && current !== undefined) context.memory.reserve(current.bytes.length);
}

/** A write to what was leased, and is no more, ends the lease for good. */
function forgetEnded(entry: BlobEntry, context: Context): void {
  if (entry.lease.id !== undefined && !isLocked(entry.lease, context.clock.now())) entry.lease = noLease();
}

/** Puts a new content in the place of the old one. */
export function replace(context: Context, entry: BlobEntry, state: BlobState): BlobState {
  const old = entry.current;
  forgetEnded(entry, context);
  makeWay(context, entry);
  state.versionId = nextVersionId(context, entry);
  entry.current = state;
  if (old === undefined) return state;
  if (isKept(context, old)) keepVersion(entry, old);
  else if (old.bytes !== state.bytes) discardOverwritten(context, entry, old);
  return state;
}

export function written({ etag, lastModified, versionId, customerKey }: BlobState) {
  return { etag, lastModified, versionId, isServerEncrypted: true, encryptionKeySha256: customerKey };
}
