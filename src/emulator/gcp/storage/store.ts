/** The state of Cloud Storage: buckets, and in them objects with their generations. */

import type {
  Bucket,
  GoogleLongrunningOperation,
  HmacKeyMetadata,
  Notification,
  Object as ObjectResource,
  Policy,
} from "../../../gen/gcp/storage.js";
import type { Clock } from "../../clock.js";
import { EmulatorError, type StoreKey } from "../../service.js";
import type { Memory, StoredBytes } from "../../stored-bytes.js";
import { SoftDeleted } from "./soft-deleted.js";

/** A resource while it is changed here. */
export type Draft<T> = { -readonly [K in keyof T]?: T[K] | undefined };

export interface StoredObject {
  readonly resource: Draft<ObjectResource>;
  readonly bytes: StoredBytes;
  readonly generation: string;
  metageneration: number;
  /** Roles by entity. */
  acl: Map<string, string>;
  /** E-mail of who wrote it. */
  readonly owner: string;
}

export interface StoredFolder {
  readonly createTime: string;
  readonly updateTime: string;
  readonly metageneration: number;
}

export interface StoredManagedFolder {
  readonly name: string;
  readonly createTime: string;
  updateTime: string;
  metageneration: number;
  policy: Policy | undefined;
}

export class StoredBucket {
  resource: Draft<Bucket>;
  metageneration = 1;
  policy: Draft<Policy> | undefined;
  /** Roles by entity. */
  acl = new Map<string, string>();
  defaultObjectAcl = new Map<string, string>();
  readonly notifications = new Map<string, Notification>();
  readonly softDeleted = new SoftDeleted();
  /** By name, with the slash at its end; of a bucket with a hierarchical namespace. */
  readonly folders = new Map<string, StoredFolder>();
  readonly managedFolders = new Map<string, StoredManagedFolder>();
  /** By id. */
  readonly operations = new Map<string, GoogleLongrunningOperation>();
  /** Live objects by name. */
  readonly #live = new Map<string, StoredObject>();
  /** Generations that are not live, by name, oldest first. */
  readonly #noncurrent = new Map<string, StoredObject[]>();
  #sortedNames: string[] | undefined;

  constructor(resource: Draft<Bucket>) {
    this.resource = resource;
  }

  get name(): string {
    return this.resource.name as string;
  }

  get isVersioned(): boolean {
    return this.resource.versioning?.enabled === true;
  }

  get isHierarchical(): boolean {
    return this.resource.hierarchicalNamespace?.enabled === true;
  }

  get isEmpty(): boolean {
    return this.#live.size === 0 && this.#noncurrent.size === 0;
  }

  find(name: string, generation?: string): StoredObject | undefined {
    const live = this.#live.get(name);
    if (generation === undefined) return live;
    if (live?.generation === generation) return live;
    return this.#noncurrent.get(name)?.find((each) => each.generation === generation);
  }

  put(name: string, object: StoredObject, memory: Memory, now: string): void {
    this.#retire(name, memory, now);
    if (this.isHierarchical) this.addFolders(name, now);
    if (!this.#live.has(name)) this.#sortedNames = undefined;
    this.#live.set(name, object);
  }

  /** Makes the folders of a name that are not there yet. */
  addFolders(name: string, now: string): void {
    for (let at = name.indexOf("/"); at !== -1; at = name.indexOf("/", at + 1)) {
      const folder = name.slice(0, at + 1);
      if (this.folders.has(folder)) continue;
      this.folders.set(folder, { createTime: now, updateTime: now, metageneration: 1 });
    }
  }

  /** Gives a live object another name. */
  rename(from: string, to: string): StoredObject {
    const object = this.#live.get(from) as StoredObject;
    this.#live.delete(from);
    this.#live.set(to, object);
    this.#sortedNames = undefined;
    return object;
  }

  /** Without a generation the live object goes, and stays as a noncurrent one where the bucket keeps versions. */
  remove(name: string, generation: string | undefined, memory: Memory, now: string): boolean {
    const live = this.#live.get(name);
    if (generation === undefined) {
      if (live === undefined) return false;
      this.#retire(name, memory, now);
      this.#live.delete(name);
      this.#sortedNames = undefined;
      return true;
    }
    if (live?.generation === generation) {
      this.#letGo(name, live, memory, now);
      this.#live.delete(name);
      this.#sortedNames = undefined;
      return true;
    }
    const versions = this.#noncurrent.get(name) ?? [];
    const at = versions.findIndex((each) => each.generation === generation);
    if (at === -1) return false;
    this.#letGo(name, versions.splice(at, 1)[0] as StoredObject, memory, now);
    if (versions.length === 0) this.#noncurrent.delete(name);
    this.#sortedNames = undefined;
    return true;
  }

  /** Names in the order of their UTF-8 bytes, noncurrent ones too. */
  names(): readonly string[] {
    this.#sortedNames ??= [...new Set([...this.#live.keys(), ...this.#noncurrent.keys()])].sort(byUtf8);
    return this.#sortedNames;
  }

  /** All generations of a name, oldest first. */
  versions(name: string): StoredObject[] {
    const live = this.#live.get(name);
    return [...(this.#noncurrent.get(name) ?? []), ...(live ? [live] : [])];
  }

  #letGo(name: string, object: StoredObject, memory: Memory, now: string): void {
    const seconds = Number(this.resource.softDeletePolicy?.retentionDurationSeconds ?? 0);
    this.softDeleted.add(name, object, seconds, now, memory);
  }

  #retire(name: string, memory: Memory, now: string): void {
    const old = this.#live.get(name);
    if (old === undefined) return;
    if (!this.isVersioned) return this.#letGo(name, old, memory, now);
    old.resource.timeDeleted = now;
    const versions = this.#noncurrent.get(name);
    if (versions) versions.push(old);
    else {
      this.#noncurrent.set(name, [old]);
      this.#sortedNames = undefined;
    }
  }
}

/** An upload that was begun and is not complete. */
export interface UploadSession {
  readonly bucket: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly chunks: StoredBytes[];
  received: number;
  /** Set once it is complete: asked again, it answers the object. */
  done?: object;
}

/** A multipart upload of the XML API. */
export interface PartsUpload {
  readonly bucket: string;
  readonly name: string;
  /** The object's metadata, as the request that began it stated it. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly kmsKeyName: string | undefined;
  readonly predefinedAcl: string | undefined;
  readonly parts: Map<number, StoredBytes>;
}

/** Its secret is shown once, when it is made. */
export interface HmacKey {
  readonly metadata: Draft<HmacKeyMetadata>;
  readonly secret: string;
}

export class StorageStore {
  readonly buckets = new Map<string, StoredBucket>();
  /** Deleted ones that can be restored, oldest first. Their soft-deleted objects go with them. */
  #deleted: StoredBucket[] = [];
  readonly uploads = new Map<string, UploadSession>();
  readonly parts = new Map<string, PartsUpload>();
  readonly rewrites = new Map<string, { readonly generation: string; rewritten: number }>();
  readonly hmacKeys = new Map<string, HmacKey>();
  readonly #clock: Clock;
  #lastGeneration = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  bucket(name: string): StoredBucket {
    const bucket = this.buckets.get(name);
    if (bucket === undefined)
      throw new EmulatorError("notFound", "The specified bucket does not exist.", 404);
    return bucket;
  }

  /** Takes a bucket away; it can be restored for as long as its soft delete policy says. */
  delete(bucket: StoredBucket): void {
    this.buckets.delete(bucket.name);
    const seconds = Number(bucket.resource.softDeletePolicy?.retentionDurationSeconds ?? 0);
    if (!(seconds > 0)) return;
    const now = this.#clock.now();
    bucket.resource.softDeleteTime = new Date(now).toISOString();
    bucket.resource.hardDeleteTime = new Date(now + seconds * 1000).toISOString();
    this.#deleted.push(bucket);
  }

  deletedBuckets(): readonly StoredBucket[] {
    const now = this.now();
    this.#deleted = this.#deleted.filter(({ resource }) => (resource.hardDeleteTime ?? "") > now);
    return this.#deleted;
  }

  deletedBucket(name: string, generation: string): StoredBucket {
    const found = this.deletedBuckets().find(
      (bucket) => bucket.name === name && bucket.resource.generation === generation,
    );
    if (found === undefined) throw new EmulatorError("notFound", "The specified bucket does not exist.", 404);
    return found;
  }

  restore(bucket: StoredBucket): void {
    this.#deleted = this.#deleted.filter((each) => each !== bucket);
    delete bucket.resource.softDeleteTime;
    delete bucket.resource.hardDeleteTime;
    this.buckets.set(bucket.name, bucket);
  }

  /** Microseconds since 1970, never the same twice. */
  nextGeneration(): string {
    this.#lastGeneration = Math.max(this.#clock.now() * 1000, this.#lastGeneration + 1);
    return String(this.#lastGeneration);
  }

  now(): string {
    return this.#clock.date().toISOString();
  }
}

export const storageStore: StoreKey<StorageStore> = {
  name: "gcp/storage",
  create: ({ clock }) => new StorageStore(clock),
};

export function noSuchObject(bucket: string, name: string): EmulatorError {
  return new EmulatorError("notFound", `No such object: ${bucket}/${name}`, 404);
}

/** UTF-16 order differs from UTF-8's where surrogates are. */
export function byUtf8(a: string, b: string): number {
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const SURROGATE = /[\ud800-\udfff]/;
