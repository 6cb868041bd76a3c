/** Makes objects: of uploaded bytes, of other objects. */

import type { Object as ObjectResource } from "../../../gen/gcp/storage.js";
import { createChecksum, toBase64 } from "../../../http/checksum/checksum.js";
import type { Context } from "../../service.js";
import { EmulatorError } from "../../service.js";
import type { StoredBytes } from "../../stored-bytes.js";
import { isUniform, uploaderOf } from "./acl-entry.js";
import { checkPublic } from "./bucket-settings.js";
import { type Conditions, checkConditions } from "./conditions.js";
import { timedContexts } from "./contexts.js";
import { objectRoles, predefinedRoles, statedRoles } from "./initial-roles.js";
import { checkedRetention, checkHolds, retain } from "./retention.js";
import { type Draft, type StoredBucket, type StoredObject, storageStore } from "./store.js";

/** What a caller may set on a new object. */
const SETTABLE = [
  "cacheControl",
  "contentDisposition",
  "contentEncoding",
  "contentLanguage",
  "contentType",
  "customTime",
  "eventBasedHold",
  "temporaryHold",
  "metadata",
  "retention",
  "storageClass",
] as const;

export interface NewObject {
  readonly bucket: StoredBucket;
  readonly name: string;
  readonly bytes: StoredBytes;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly conditions: Conditions;
  readonly componentCount?: number;
  /** Default: what the metadata states, or else the bucket's default. */
  readonly predefinedAcl?: string | undefined;
  /** Base64 of the key's SHA-256, where the customer brought one. */
  readonly keySha256?: string | undefined;
  /** Of Cloud KMS. Default: the bucket's. */
  readonly kmsKeyName?: string | undefined;
}

/** An object names the version of the key that encrypted it. */
function versioned(kmsKeyName: string): string {
  return kmsKeyName.includes("/cryptoKeyVersions/") ? kmsKeyName : `${kmsKeyName}/cryptoKeyVersions/1`;
}

/** Checks conditions and hashes, and puts the object into its bucket. */
export function writeObject(
  context: Context,
  { bucket, name, bytes, metadata, conditions, ...rest }: NewObject,
): StoredObject {
  if (name === "" || Buffer.byteLength(name) > 1024) {
    throw new EmulatorError("invalid", "The object's name must have 1 to 1024 bytes of UTF-8.", 400);
  }
  checkConditions(bucket.find(name), conditions);
  checkHolds(bucket.find(name), context.clock.now());
  const hashes = hashesOf(bytes);
  checkHashes(metadata, hashes);
  const owner = uploaderOf(context);
  const store = context.store(storageStore);
  const now = store.now();
  const generation = store.nextGeneration();
  const resource: Draft<ObjectResource> = {
    kind: "storage#object",
    ...identityOf(context, bucket.name, name, generation),
    name,
    bucket: bucket.name,
    generation,
    // An object that nobody gave a type is served as bytes, but a composed one does not say so.
    ...(rest.componentCount === undefined && { contentType: "application/octet-stream" }),
    storageClass: bucket.resource.storageClass,
    size: String(bytes.length),
    crc32c: hashes.crc32c,
    // A composed object has no MD5: nobody read it whole.
    ...(rest.componentCount === undefined
      ? { md5Hash: hashes.md5Hash }
      : { componentCount: rest.componentCount }),
    timeCreated: now,
    updated: now,
    timeStorageClassUpdated: now,
    timeFinalized: now,
  };
  for (const key of SETTABLE)
    if (metadata[key] !== undefined && metadata[key] !== null)
      Object.assign(resource, { [key]: metadata[key] });
  if (bucket.resource.defaultEventBasedHold && resource.eventBasedHold === undefined)
    resource.eventBasedHold = true;
  const stated = metadata as Draft<ObjectResource>;
  resource.contexts = timedContexts(stated.contexts, undefined, now);
  resource.retention = checkedRetention(resource, {}, false);
  retain(resource, bucket.resource.retentionPolicy?.retentionPeriod);
  const key = rest.kmsKeyName ?? bucket.resource.encryption?.defaultKmsKeyName;
  if (rest.keySha256 === undefined && key !== undefined) resource.kmsKeyName = versioned(key);
  if (rest.keySha256 !== undefined) {
    resource.customerEncryption = { encryptionAlgorithm: "AES256", keySha256: rest.keySha256 };
  }
  const object: StoredObject = {
    resource,
    bytes,
    generation,
    metageneration: 1,
    owner,
    acl: objectRoles(
      owner,
      initialObjectRoles(bucket, rest.predefinedAcl, metadata.acl) ?? bucket.defaultObjectAcl,
    ),
  };
  refresh(object);
  bucket.put(name, object, context.memory, now);
  return object;
}

/** The list that a request gives an object by name or entry by entry; undefined when it gives none. */
export function initialObjectRoles(bucket: StoredBucket, predefinedAcl: string | undefined, acl: unknown) {
  const stated = predefinedAcl === undefined ? statedRoles(acl) : predefinedRoles(predefinedAcl);
  if (stated !== undefined && isUniform(bucket)) {
    throw new EmulatorError(
      "invalid",
      "Cannot insert legacy ACL for an object when uniform bucket-level access is enabled. Read more at https://cloud.google.com/storage/docs/uniform-bucket-level-access",
      400,
    );
  }
  const roles = stated && new Map(stated);
  checkPublic(bucket, roles?.keys() ?? []);
  return roles;
}

/** Members that follow from others. */
export function refresh(object: StoredObject): void {
  object.resource.metageneration = String(object.metageneration);
  object.resource.etag = etagOf(object.generation, object.metageneration);
}

export function etagOf(generation: string, metageneration: number): string {
  return Buffer.from(`${generation}/${metageneration}`).toString("base64").replace(/=+$/, "=");
}

export function identityOf(
  context: Context,
  bucket: string,
  name: string,
  generation: string,
): Draft<ObjectResource> {
  const { origin } = context.request;
  const path = `storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;
  return {
    id: `${bucket}/${name}/${generation}`,
    selfLink: `${origin}/${path}`,
    mediaLink: `${origin}/download/${path}?generation=${generation}&alt=media`,
  };
}

export interface Hashes {
  readonly crc32c: string;
  readonly md5Hash: string;
}

export function hashesOf(bytes: StoredBytes): Hashes {
  const crc = createChecksum("CRC32C");
  const md5 = createChecksum("MD5");
  for (const chunk of bytes.chunks) {
    crc.update(chunk);
    md5.update(chunk);
  }
  return { crc32c: toBase64(crc.digest()), md5Hash: toBase64(md5.digest()) };
}

function checkHashes(stated: Readonly<Record<string, unknown>>, { crc32c, md5Hash }: Hashes): void {
  if (typeof stated.crc32c === "string" && stated.crc32c !== crc32c)
    throw mismatch("CRC32C", stated.crc32c, crc32c);
  if (typeof stated.md5Hash === "string" && stated.md5Hash !== md5Hash)
    throw mismatch("MD5", stated.md5Hash, md5Hash);
}

function mismatch(name: string, stated: string, actual: string): EmulatorError {
  return new EmulatorError(
    "invalid",
    `Provided ${name} hash "${stated}" doesn't match calculated ${name} hash "${actual}".`,
    400,
  );
}

/** SHA-256 of the customer's key in the request's headers, checked; undefined when it brings none. */
export function customerKey(
  headers: Readonly<Record<string, string>>,
  prefix = "x-goog-encryption",
): string | undefined {
  const key = headers[`${prefix}-key`];
  if (key === undefined) return undefined;
  const bytes = Buffer.from(key, "base64");
  const sha256 = process.getBuiltinModule("node:crypto").createHash("sha256").update(bytes).digest("base64");
  if (
    bytes.length !== 32 ||
    headers[`${prefix}-key-sha256`] !== sha256 ||
    headers[`${prefix}-algorithm`] !== "AES256"
  ) {
    throw new EmulatorError(
      "customerEncryptionKeyFormatIsInvalid",
      "Missing or malformed customer-supplied encryption key.",
      400,
    );
  }
  return sha256;
}

/** An object under a customer's key is read with that key alone. */
export function checkKey(object: StoredObject, keySha256: string | undefined): void {
  const wanted = object.resource.customerEncryption?.keySha256;
  if (wanted === keySha256) return;
  if (wanted === undefined) {
    throw new EmulatorError(
      "resourceNotEncryptedWithCustomerEncryptionKey",
      "The target object is not encrypted by a customer-supplied encryption key.",
      400,
    );
  }
  if (keySha256 === undefined) {
    throw new EmulatorError(
      "resourceIsEncryptedWithCustomerEncryptionKey",
      "The target object is encrypted by a customer-supplied encryption key.",
      400,
    );
  }
  throw new EmulatorError(
    "customerEncryptionKeyIsIncorrect",
    "The provided encryption key is incorrect.",
    400,
  );
}
