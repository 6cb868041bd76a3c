/** What S3 holds: buckets, and in them every version of every object. */
import type { StoreKey } from "../../service.js";
import type { Memory, StoredBytes } from "../../stored-bytes.js";
import type { ChecksumAlgorithm, Checksums, ChecksumType } from "./checksums.js";
import { noSuchBucket } from "./errors.js";
import type { ObjectTemplate } from "./object-version.js";

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** Headers that come back as they were given. */
export interface ObjectHeaders {
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly ContentType?: string | undefined;
  readonly Expires?: string | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
}

export interface Encryption {
  readonly ServerSideEncryption?: string | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly BucketKeyEnabled?: boolean | undefined;
  readonly SSECustomerAlgorithm?: string | undefined;
  readonly SSECustomerKeyMD5?: string | undefined;
}

export interface ObjectPart {
  readonly number: number;
  readonly size: number;
  readonly checksums: Checksums;
}

export interface ObjectLock {
  mode?: string | undefined;
  retainUntil?: Date | undefined;
  legalHold?: string | undefined;
}

/** One version of one key: an object, or a delete marker. */
export interface ObjectVersion {
  readonly key: string;
  /** `null` for one put while versioning was not enabled. */
  readonly versionId: string;
  readonly deleteMarker: boolean;
  readonly lastModified: Date;
  /** With its quotes. */
  readonly etag: string;
  readonly bytes: StoredBytes;
  readonly headers: ObjectHeaders;
  readonly metadata: Readonly<Record<string, string>>;
  readonly storageClass: string;
  readonly encryption: Encryption;
  readonly checksums: Checksums;
  readonly checksumType: ChecksumType | undefined;
  readonly parts: readonly ObjectPart[] | undefined;
  readonly lock: ObjectLock;
  readonly owner: string;
  tags: readonly Tag[];
  acl: Acl;
  /** Of an archived object: when its restored copy goes. */
  restoredUntil?: Date;
}

export interface Grant {
  readonly Grantee: {
    readonly Type: string;
    readonly ID?: string;
    readonly URI?: string;
    readonly DisplayName?: string;
  };
  readonly Permission: string;
}

export interface Acl {
  readonly owner: string;
  readonly grants: readonly Grant[];
}

export interface UploadedPart {
  readonly number: number;
  readonly etag: string;
  readonly bytes: StoredBytes;
  readonly checksums: Checksums;
  readonly lastModified: Date;
}

/** A multipart upload that is not completed yet. */
export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly initiated: Date;
  /** All that the object is to have but its bytes. */
  readonly template: ObjectTemplate;
  readonly checksumAlgorithm: ChecksumAlgorithm | undefined;
  readonly checksumType: ChecksumType | undefined;
  readonly parts: Map<number, UploadedPart>;
}

export interface CompletedUpload {
  /** The list of parts as it was asked for. */
  readonly parts: string;
  readonly version: ObjectVersion;
  readonly output: object;
}

export interface Bucket {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** Where a directory bucket is: `use1-az4`. */
  readonly zone: string | undefined;
  readonly created: Date;
  objectLock: boolean;
  versioning: "Enabled" | "Suspended" | undefined;
  acl: Acl;
  readonly objects: Objects;
  readonly uploads: Map<string, Upload>;
  /** The last ones that were completed, whose completion may be asked for again. */
  readonly completed: Map<string, CompletedUpload>;
  /** Stored settings by name: `cors`, `policy`, `lifecycle`. */
  readonly settings: Map<string, unknown>;
}

export class S3Store {
  readonly buckets = new Map<string, Bucket>();

  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) throw noSuchBucket(name);
    return bucket;
  }
}

export const s3Store: StoreKey<S3Store> = { name: "aws.s3", create: () => new S3Store() };

/** Versions by key, newest first, and the keys in S3's order. */
export class Objects {
  readonly #memory: Memory;
  readonly #versions = new Map<string, ObjectVersion[]>();
  /** Sorted; undefined after a key came or went. */
  #keys: string[] | undefined;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  get size(): number {
    return this.#versions.size;
  }

  /** Newest first; empty for a key that is not there. */
  versions(key: string): readonly ObjectVersion[] {
    return this.#versions.get(key) ?? [];
  }

  current(key: string): ObjectVersion | undefined {
    return this.#versions.get(key)?.[0];
  }

  version(key: string, versionId: string): ObjectVersion | undefined {
    return this.#versions.get(key)?.find((each) => each.versionId === versionId);
  }

  /** Puts a version on top. One with the same id (`null`) goes. */
  add(version: ObjectVersion): void {
    const versions = this.#versions.get(version.key);
    if (versions === undefined) {
      this.#versions.set(version.key, [version]);
      this.#keys = undefined;
      return;
    }
    const same = versions.findIndex((each) => each.versionId === version.versionId);
    if (same >= 0) this.#release(versions.splice(same, 1)[0] as ObjectVersion);
    versions.unshift(version);
  }

  remove(version: ObjectVersion): void {
    const versions = this.#versions.get(version.key);
    const index = versions?.indexOf(version) ?? -1;
    if (versions === undefined || index < 0) return;
    versions.splice(index, 1);
    this.#release(version);
    if (versions.length > 0) return;
    this.#versions.delete(version.key);
    this.#keys = undefined;
  }

  /** Gives a version another key. What had that key goes. */
  move(version: ObjectVersion, key: string): void {
    if (version.key === key) return;
    const replaced = this.current(key);
    if (replaced !== undefined) this.remove(replaced);
    this.#versions.delete(version.key);
    this.#versions.set(key, [{ ...version, key }]);
    this.#keys = undefined;
  }

  /** All keys by the bytes of their UTF-8. */
  keys(): readonly string[] {
    this.#keys ??= [...this.#versions.keys()].sort(compareUtf8);
    return this.#keys;
  }

  #release(version: ObjectVersion): void {
    this.#memory.release(version.bytes.length);
  }
}

/** Order of the UTF-8 bytes: that of code points, where JavaScript's own is that of UTF-16 units. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Version ids of S3 are 32 characters that say nothing. */
export function newVersionId(): string {
  return randomText(32);
}

export function newUploadId(): string {
  return randomText(64);
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => ALPHABET[byte & 63]).join("");
}

/** The canonical user id that S3 gives an account: 64 hex digits. */
export function canonicalId(account: string): string {
  return account.replace(/\D/g, "").padStart(12, "0").repeat(6).slice(0, 64);
}
