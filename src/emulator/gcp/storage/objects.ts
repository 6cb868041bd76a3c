/** Objects: read, listed, changed, copied, composed, deleted. */
import type { Object as ObjectResource, Storage } from "../../../gen/gcp/storage.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { objectShown } from "./acl-entry.js";
import { type Conditions, checkConditions, checkHttpConditions, sourceConditions } from "./conditions.js";
import { timedContexts } from "./contexts.js";
import { objectRoles } from "./initial-roles.js";
import { listObjects } from "./listing.js";
import { patched } from "./patch.js";
import { byteRange } from "./range.js";
import { checkedRetention, checkHolds } from "./retention.js";
import { type Draft, noSuchObject, type StoredBucket, type StoredObject, storageStore } from "./store.js";
import { checkKey, customerKey, identityOf, initialObjectRoles, refresh, writeObject } from "./write.js";

/** What a caller cannot change by an update. */
const FIXED = [
  "kind",
  "id",
  "selfLink",
  "mediaLink",
  "name",
  "bucket",
  "generation",
  "size",
  "crc32c",
  "md5Hash",
  "componentCount",
  "timeCreated",
  "timeFinalized",
  "timeDeleted",
  "timeStorageClassUpdated",
  "storageClass",
  "customerEncryption",
  "kmsKeyName",
  "retentionExpirationTime",
] as const;

const COMPOSE_SOURCES_MAX = 32;
/** A rewrite across locations goes on over several calls, so many bytes in each unless the caller says otherwise. */
const REWRITE_BYTES_PER_CALL = 1024 ** 3;

interface Selector extends Conditions {
  readonly bucket: string;
  readonly object: string;
  readonly generation?: string | undefined;
}

/** The object that a request names, its conditions checked. */
export function select(
  context: Context,
  selector: Selector,
  isRead = false,
): { bucket: StoredBucket; object: StoredObject } {
  const bucket = context.store(storageStore).bucket(selector.bucket);
  const object = bucket.find(selector.object, selector.generation);
  if (object === undefined) throw noSuchObject(selector.bucket, selector.object);
  checkConditions(object, selector, isRead);
  if (isRead) checkHttpConditions(object.resource, context.request.headers);
  return { bucket, object };
}

export const objectHandlers: Handlers<Storage> = {
  "objects.get"(input, context) {
    if (input.softDeleted) return findSoftDeleted(input, context).resource;
    const { bucket, object } = select(context, input, true);
    return objectShown(context, bucket, object, input.projection);
  },

  "objects.getMedia"(input, context) {
    const { object } = select(context, input, true);
    checkKey(object, customerKey(context.request.headers));
    return download(object, input.range, context);
  },

  "objects.list"(input, context) {
    const bucket = context.store(storageStore).bucket(input.bucket);
    bucket.softDeleted.purge(context.clock.now(), context.memory);
    const { objects, prefixes, nextPageToken } = listObjects(bucket, input);
    const shown = (object: StoredObject) => objectShown(context, bucket, object, input.projection);
    return {
      kind: "storage#objects",
      ...(objects.length > 0 && { items: objects.map(shown) }),
      ...(prefixes.length > 0 && { prefixes }),
      nextPageToken,
    };
  },

  "objects.insert"(input, context) {
    const { body = {}, media } = input as typeof input & { media?: Uint8Array };
    const bucket = context.store(storageStore).bucket(input.bucket);
    const bytes = StoredBytes.of(media ?? new Uint8Array(0), context.memory);
    return inserted(context, bucket, input, body, bytes);
  },

  "objects.patch"({ body = {}, ...input }, context) {
    const { bucket, object } = select(context, input);
    setAcl(bucket, object, input.predefinedAcl, body.acl);
    const next = patched(object.resource, body) as Draft<ObjectResource>;
    change(object, next, input.overrideUnlockedRetention === true, context);
    return objectShown(context, bucket, object, input.projection ?? "full");
  },

  "objects.update"({ body = {}, ...input }, context) {
    const { bucket, object } = select(context, input);
    setAcl(bucket, object, input.predefinedAcl, body.acl);
    const next = patched({}, body) as Draft<ObjectResource>;
    change(object, next, input.overrideUnlockedRetention === true, context);
    return objectShown(context, bucket, object, input.projection ?? "full");
  },

  "objects.delete"(input, context) {
    const { bucket, object } = select(context, input);
    checkHolds(object, context.clock.now());
    bucket.remove(input.object, input.generation, context.memory, context.store(storageStore).now());
    return {};
  },

  "objects.restore"({ copySourceAcl, ...input }, context) {
    const deleted = findSoftDeleted(input, context);
    const bucket = context.store(storageStore).bucket(input.bucket);
    const store = context.store(storageStore);
    checkConditions(bucket.find(input.object), input);
    checkHolds(bucket.find(input.object), context.clock.now());
    bucket.softDeleted.take(deleted);
    const { softDeleteTime: _, hardDeleteTime: __, timeDeleted: ___, ...resource } = deleted.resource;
    const generation = store.nextGeneration();
    const restored = {
      ...deleted,
      resource: { ...resource, ...identityOf(context, input.bucket, input.object, generation), generation },
      generation,
      metageneration: 1,
      acl: copySourceAcl ? new Map(deleted.acl) : objectRoles(deleted.owner, bucket.defaultObjectAcl),
    };
    refresh(restored);
    bucket.put(input.object, restored, context.memory, store.now());
    return restored.resource;
  },

  "objects.compose"({ destinationBucket, destinationObject, body = {}, ...input }, context) {
    const bucket = context.store(storageStore).bucket(destinationBucket);
    const sources = body.sourceObjects ?? [];
    if (sources.length === 0 || sources.length > COMPOSE_SOURCES_MAX) {
      throw new EmulatorError(
        "invalid",
        sources.length === 0
          ? "You must provide at least one source component."
          : `The number of source components provided (${sources.length}) exceeds the maximum (${COMPOSE_SOURCES_MAX})`,
        400,
      );
    }
    const keySha256 = customerKey(context.request.headers);
    const parts = sources.map(({ name = "", generation, objectPreconditions }) => {
      // Python's client says null for what it does not say, and numbers for what Google answers as text.
      const source = bucket.find(name, textOf(generation));
      if (source === undefined) throw noSuchObject(destinationBucket, name);
      checkConditions(source, { ifGenerationMatch: textOf(objectPreconditions?.ifGenerationMatch) });
      checkKey(source, keySha256);
      return source;
    });
    const bytes = StoredBytes.concat(parts.map((part) => part.bytes));
    context.memory.reserve(bytes.length);
    const componentCount = parts.reduce((sum, part) => sum + (part.resource.componentCount ?? 1), 0);
    // A destination that was read before says the hashes of what it was.
    const metadata = { ...body.destination, crc32c: undefined, md5Hash: undefined };
    const { resource } = writeObject(context, {
      bucket,
      name: destinationObject,
      bytes,
      metadata,
      conditions: input,
      componentCount,
      predefinedAcl: input.destinationPredefinedAcl,
      keySha256,
      kmsKeyName: input.kmsKeyName,
    });
    if (body.deleteSourceObjects) {
      const now = context.store(storageStore).now();
      // Of a versioned bucket too: the generations that were composed are gone.
      for (const part of parts) bucket.remove(part.resource.name ?? "", part.generation, context.memory, now);
    }
    return resource;
  },

  "objects.copy"(input, context) {
    return copy(context, input).resource;
  },

  "objects.rewrite"(input, context) {
    const source = sourceOf(context, input);
    const total = source.bytes.length;
    const perCall = Number(input.maxBytesRewrittenPerCall ?? REWRITE_BYTES_PER_CALL);
    const { rewrites } = context.store(storageStore);
    const known = input.rewriteToken === undefined ? undefined : rewrites.get(input.rewriteToken);
    if (input.rewriteToken !== undefined && known?.generation !== source.generation) {
      throw new EmulatorError("invalid", "The rewriteToken is not valid for this request.", 400);
    }
    const rewritten = Math.min(total, (known?.rewritten ?? 0) + perCall);
    if (input.rewriteToken !== undefined) rewrites.delete(input.rewriteToken);
    const progress = {
      kind: "storage#rewriteResponse",
      objectSize: String(total),
      totalBytesRewritten: String(rewritten),
    };
    if (rewritten < total) {
      const rewriteToken = globalThis.crypto.randomUUID();
      rewrites.set(rewriteToken, { generation: source.generation, rewritten });
      return { ...progress, done: false, rewriteToken };
    }
    return { ...progress, done: true, resource: copy(context, input).resource };
  },

  "objects.move"({ bucket: name, sourceObject, destinationObject, ...input }, context) {
    const copied = copy(context, {
      ...input,
      sourceBucket: name,
      sourceObject,
      destinationBucket: name,
      destinationObject,
    });
    context
      .store(storageStore)
      .bucket(name)
      .remove(sourceObject, undefined, context.memory, context.store(storageStore).now());
    return copied.resource;
  },

  "objects.testIamPermissions"({ permissions, ...input }, context) {
    select(context, input);
    return { kind: "storage#testIamPermissionsResponse", permissions };
  },
};

/** A deletion leaves a name with many generations: one must be named. */
function findSoftDeleted(input: Selector, context: Context): StoredObject {
  const bucket = context.store(storageStore).bucket(input.bucket);
  if (input.generation === undefined)
    throw new EmulatorError("required", "Required parameter: generation", 400);
  bucket.softDeleted.purge(context.clock.now(), context.memory);
  const object = bucket.softDeleted.find(input.object, input.generation);
  if (object === undefined) throw noSuchObject(input.bucket, input.object);
  return object;
}

function textOf(value: string | number | null | undefined): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}

/** Bytes of an object as a response: all of them or a range. */
export function download(object: StoredObject, range: string | undefined, context: Context) {
  const { resource, bytes } = object;
  const headers = {
    contentType: resource.contentType ?? "application/octet-stream",
    contentEncoding: resource.contentEncoding,
    contentDisposition: resource.contentDisposition,
    contentLanguage: resource.contentLanguage,
    cacheControl: resource.cacheControl,
    etag: resource.etag,
    lastModified: new Date(resource.updated as string).toUTCString(),
    generation: object.generation,
    metageneration: String(object.metageneration),
    storageClass: resource.storageClass,
    hash: [`crc32c=${resource.crc32c}`, ...(resource.md5Hash ? [`md5=${resource.md5Hash}`] : [])].join(","),
    storedContentEncoding: resource.contentEncoding ?? "identity",
    storedContentLength: String(bytes.length),
  };
  context.responseHeaders["accept-ranges"] = "bytes";
  const wanted = byteRange(range, bytes.length);
  const part = wanted === undefined ? bytes : bytes.slice(wanted.start, wanted.end);
  context.responseHeaders["content-length"] = String(part.length);
  const contentRange = wanted && `bytes ${wanted.start}-${wanted.end - 1}/${bytes.length}`;
  return { ...headers, contentRange, custom: resource.metadata ?? {}, media: part.body() };
}

/** A new object of uploaded bytes. The name in the query wins over the metadata's. */
export function insert(
  context: Context,
  bucket: StoredBucket,
  input: Conditions & {
    readonly name?: string | undefined;
    readonly contentEncoding?: string | undefined;
    readonly predefinedAcl?: string | undefined;
    readonly kmsKeyName?: string | undefined;
  },
  body: Readonly<Record<string, unknown>>,
  bytes: StoredBytes,
): StoredObject {
  const { contentEncoding = body.contentEncoding } = input;
  return writeObject(context, {
    bucket,
    name: input.name ?? String(body.name ?? ""),
    bytes,
    metadata: { ...body, contentEncoding },
    conditions: input,
    predefinedAcl: input.predefinedAcl,
    keySha256: customerKey(context.request.headers),
    kmsKeyName: input.kmsKeyName ?? (body.kmsKeyName as string | undefined),
  });
}

/** The answer to an upload: with its list when the upload stated one. */
export function inserted(
  context: Context,
  bucket: StoredBucket,
  input: Parameters<typeof insert>[2] & { readonly projection?: string | undefined },
  body: Readonly<Record<string, unknown>>,
  bytes: StoredBytes,
) {
  const object = insert(context, bucket, input, body, bytes);
  return objectShown(context, bucket, object, input.projection ?? (body.acl ? "full" : undefined));
}

export interface CopyInput extends Conditions {
  readonly sourceBucket: string;
  readonly sourceObject: string;
  readonly sourceGeneration?: string | undefined;
  readonly destinationBucket: string;
  readonly destinationObject: string;
  readonly destinationPredefinedAcl?: string | undefined;
  readonly destinationKmsKeyName?: string | undefined;
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

function sourceOf(context: Context, input: CopyInput): StoredObject {
  const { object } = select(context, {
    bucket: input.sourceBucket,
    object: input.sourceObject,
    generation: input.sourceGeneration,
    ...sourceConditions({ ...input }),
  });
  const { headers } = context.request;
  checkKey(object, customerKey(headers, "x-goog-copy-source-encryption"));
  return object;
}

export function copy(context: Context, input: CopyInput): StoredObject {
  const source = sourceOf(context, input);
  const bucket = context.store(storageStore).bucket(input.destinationBucket);
  context.memory.reserve(source.bytes.length);
  const { body = {} } = input;
  // Metadata in the request replaces all of the source's; without it the source's is kept.
  const metadata =
    Object.keys(body).length === 0
      ? { ...source.resource }
      : { contentType: source.resource.contentType, ...body };
  return writeObject(context, {
    bucket,
    name: input.destinationObject,
    bytes: source.bytes,
    metadata: { ...metadata, crc32c: undefined, md5Hash: undefined },
    conditions: input,
    predefinedAcl: input.destinationPredefinedAcl,
    kmsKeyName: input.destinationKmsKeyName,
    keySha256: customerKey(context.request.headers),
    ...(source.resource.componentCount !== undefined && { componentCount: source.resource.componentCount }),
  });
}

function setAcl(
  bucket: StoredBucket,
  object: StoredObject,
  predefinedAcl: string | undefined,
  acl: unknown,
): void {
  const roles = initialObjectRoles(bucket, predefinedAcl, acl);
  if (roles !== undefined) object.acl = objectRoles(object.owner, roles);
}

function change(
  object: StoredObject,
  { acl: _, owner: __, ...next }: Draft<ObjectResource>,
  overrideUnlockedRetention: boolean,
  context: Context,
): void {
  const { resource } = object;
  const now = context.store(storageStore).now();
  const retention = checkedRetention(next, resource, overrideUnlockedRetention);
  const contexts = timedContexts(next.contexts, resource.contexts, now);
  const fixed = Object.fromEntries(FIXED.map((key) => [key, resource[key]]));
  for (const key of Object.keys(resource)) delete (resource as Record<string, unknown>)[key];
  Object.assign(resource, next, fixed, { retention, contexts, updated: now });
  object.metageneration++;
  refresh(object);
}
