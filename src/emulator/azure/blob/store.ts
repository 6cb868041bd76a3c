/** State of the Blob service: accounts, containers, blobs with their snapshots and uncommitted blocks. */
import type { Context, StoreKey } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import type { DeletedContainer } from "./deleted-containers.js";
import { blobError } from "./errors.js";
import { type Lease, noLease } from "./lease.js";
import type { PageRange } from "./page-ranges.js";
import type { SoftDeleted } from "./soft-delete.js";
import { type Rehydration, settleTier } from "./tier.js";

export type BlobType = "BlockBlob" | "PageBlob" | "AppendBlob";

export interface ContentHeaders {
  contentType?: string | undefined;
  contentEncoding?: string | undefined;
  contentLanguage?: string | undefined;
  contentDisposition?: string | undefined;
  cacheControl?: string | undefined;
  contentMD5?: Uint8Array | undefined;
}

export interface CopyState {
  readonly id: string;
  readonly source: string;
  readonly status: "success" | "aborted";
  readonly bytes: number;
  readonly completedOn: Date;
  /** Of an incremental copy: the snapshot of the destination that the last one made. */
  readonly destinationSnapshot?: string | undefined;
}

export interface CommittedBlock {
  readonly id: string;
  readonly size: number;
}

/** One content of a blob: its current one, or that of a snapshot or an earlier version. */
export interface BlobState {
  readonly type: BlobType;
  /** Undefined where the account kept no versions when it was written. */
  versionId: string | undefined;
  readonly createdOn: Date;
  bytes: StoredBytes;
  blocks: readonly CommittedBlock[];
  /** Of a page blob: those that were written. */
  pages: readonly PageRange[];
  headers: ContentHeaders;
  metadata: Record<string, string>;
  tags: Record<string, string>;
  etag: string;
  lastModified: Date;
  tier: string | undefined;
  tierChangedOn: Date | undefined;
  rehydration: Rehydration | undefined;
  sequenceNumber: number;
  sealed: boolean;
  legalHold: boolean;
  immutability: { readonly until: Date; readonly mode: string } | undefined;
  copy: CopyState | undefined;
  /** The hash of the key that its client keeps. */
  readonly customerKey: string | undefined;
}

export interface StagedBlock {
  readonly id: string;
  readonly bytes: StoredBytes;
  readonly customerKey: string | undefined;
}

export interface BlobEntry {
  readonly name: string;
  /** Undefined while blocks are staged and none is committed. */
  current: BlobState | undefined;
  /** By snapshot time. */
  readonly snapshots: Map<string, BlobState>;
  /** The earlier ones, by version id. */
  readonly versions: Map<string, BlobState>;
  readonly staged: Map<string, StagedBlock>;
  /** Snapshots by time, versions by what `versionKey` makes of their id; the blob itself by none. */
  readonly softDeleted: Map<string, SoftDeleted>;
  lease: Lease;
}

export interface AccessPolicy {
  readonly id: string;
  readonly accessPolicy?: {
    readonly startsOn?: string;
    readonly expiresOn?: string;
    readonly permissions?: string;
  };
}

export interface Container {
  readonly name: string;
  etag: string;
  lastModified: Date;
  metadata: Record<string, string>;
  publicAccess: string | undefined;
  policies: readonly AccessPolicy[];
  lease: Lease;
  readonly blobs: Map<string, BlobEntry>;
}

export interface Account {
  readonly name: string;
  readonly containers: Map<string, Container>;
  properties: Record<string, unknown>;
  /** Whether versions of blobs are kept. */
  versioning: boolean;
  /** How long deleted containers are kept; undefined: not at all. */
  containerRetentionDays: number | undefined;
  deletedContainers: DeletedContainer[];
}

export interface BlobStore {
  readonly accounts: Map<string, Account>;
  /** Of accounts that are named for the first time. */
  readonly versioning: boolean;
  /** Makes each ETag another, as the service's count of ticks does. */
  changes: number;
}

export const blobStore: StoreKey<BlobStore> = {
  name: "azure blob",
  create: ({ blobVersioning }) => ({ accounts: new Map(), versioning: blobVersioning, changes: 0 }),
};

/** The account that the request addresses. Any name is one. */
export function accountOf(context: Context): Account {
  return accountNamed(context, context.account);
}

export function accountNamed(context: Context, name: string): Account {
  const { accounts, versioning } = context.store(blobStore);
  let account = accounts.get(name);
  if (account === undefined) {
    account = {
      name,
      containers: new Map(),
      properties: {},
      versioning,
      containerRetentionDays: undefined,
      deletedContainers: [],
    };
    accounts.set(name, account);
  }
  return account;
}

export function containerOf(context: Context, name: string): Container {
  const container = accountOf(context).containers.get(name);
  if (container === undefined) throw blobError("ContainerNotFound");
  return container;
}

export interface BlobAddress {
  readonly containerName: string;
  readonly blobName: string;
  readonly snapshot?: string | undefined;
  readonly versionId?: string | undefined;
}

/** The entry of a blob that exists. */
export function entryOf(
  context: Context,
  { containerName, blobName }: BlobAddress,
): BlobEntry & { current: BlobState } {
  const entry = containerOf(context, containerName).blobs.get(blobName);
  if (entry?.current === undefined) throw blobError("BlobNotFound");
  return entry as BlobEntry & { current: BlobState };
}

/** The current content, or that of the snapshot or version named. */
export function stateOf(context: Context, address: BlobAddress): BlobState {
  const entry = containerOf(context, address.containerName).blobs.get(address.blobName);
  const state = entry && contentOf(entry, address);
  if (state === undefined) throw blobError("BlobNotFound");
  settleTier(state, context.clock.now());
  return state;
}

/** @throws `InvalidQueryParameterValue` when both a snapshot and a version are named. */
export function contentOf(
  { current, snapshots, versions }: BlobEntry,
  { snapshot, versionId }: Pick<BlobAddress, "snapshot" | "versionId">,
): BlobState | undefined {
  if (snapshot !== undefined && versionId !== undefined) throw blobError("InvalidQueryParameterValue");
  if (snapshot !== undefined) return snapshots.get(snapshot);
  if (versionId === undefined || versionId === current?.versionId) return current;
  return versions.get(versionId);
}

/** The blob whose current content this is. */
export function entryOfCurrent(
  context: Context,
  { containerName, blobName }: BlobAddress,
  state: BlobState,
): BlobEntry | undefined {
  const entry = containerOf(context, containerName).blobs.get(blobName);
  return entry?.current === state ? entry : undefined;
}

export function entryToWrite(context: Context, { containerName, blobName }: BlobAddress): BlobEntry {
  const container = containerOf(context, containerName);
  let entry = container.blobs.get(blobName);
  if (entry === undefined) {
    entry = {
      name: blobName,
      current: undefined,
      snapshots: new Map(),
      versions: new Map(),
      staged: new Map(),
      softDeleted: new Map(),
      lease: noLease(),
    };
    container.blobs.set(blobName, entry);
  }
  return entry;
}

/** Dates travel to the second. */
export function nowOf(context: Context): Date {
  return new Date(Math.floor(context.clock.now() / 1000) * 1000);
}

export function nextEtag(context: Context): string {
  const store = context.store(blobStore);
  store.changes++;
  return `"0x8D${(context.clock.now() * 1000 + store.changes).toString(16).toUpperCase().padStart(13, "0")}"`;
}

/** Marks a change. */
export function touch(target: { etag: string; lastModified: Date }, context: Context): void {
  target.etag = nextEtag(context);
  target.lastModified = nowOf(context);
}

/** `2026-11-24T19:00:00.1234567Z`, later than any snapshot that the blob has. */
export function snapshotTime(context: Context, entry: BlobEntry): string {
  for (let ticks = 0; ; ticks++) {
    const time = context.clock
      .date()
      .toISOString()
      .replace("Z", `${String(ticks).padStart(4, "0")}Z`);
    if (!entry.snapshots.has(time) && !entry.softDeleted.has(time)) return time;
  }
}

/** Gives up an entry that holds nothing any more. */
export function dropIfEmpty(container: Container, entry: BlobEntry): void {
  const held = entry.snapshots.size + entry.versions.size + entry.staged.size + entry.softDeleted.size;
  if (entry.current === undefined && held === 0) container.blobs.delete(entry.name);
}

/** Bytes are counted once, and snapshots share them: given back when no content of the blob holds them any more. */
export function release(context: Context, entry: BlobEntry, bytes: StoredBytes): void {
  if (!contentsOf(entry).some((state) => state.bytes === bytes)) context.memory.release(bytes.length);
}

/** All that a blob holds: the current content, snapshots, versions and what is deleted and kept. */
export function contentsOf({ current, snapshots, versions, softDeleted }: BlobEntry): BlobState[] {
  const deleted = [...softDeleted.values()].map(({ state }) => state);
  return [...(current ? [current] : []), ...snapshots.values(), ...versions.values(), ...deleted];
}

export const NO_BYTES = new StoredBytes([]);
