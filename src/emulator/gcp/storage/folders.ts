/**
 * Folders of buckets with a hierarchical namespace. What renames or deletes a tree is done at once, and answered as an operation
 * that is over. https://cloud.google.com/storage/docs/hns-overview
 */
import type { Folder, GoogleLongrunningOperation, Storage } from "../../../gen/gcp/storage.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { checkConditions } from "./conditions.js";
import { page } from "./listing.js";
import { checkHolds } from "./retention.js";
import { byUtf8, type StoredBucket, type StoredFolder, storageStore } from "./store.js";
import { identityOf } from "./write.js";

const LISTED_MAX = 1000;

export const folderHandlers: Handlers<Storage> = {
  "folders.insert"({ bucket: name, recursive, body = {} }, context) {
    const bucket = hierarchical(context, name);
    const folder = folderName(body.name);
    if (bucket.folders.has(folder))
      throw new EmulatorError("conflict", "The folder you tried to create already exists.", 409);
    const parent = parentOf(folder);
    if (parent !== undefined && !recursive && !bucket.folders.has(parent)) throw noSuchFolder(name, parent);
    bucket.addFolders(folder, context.store(storageStore).now());
    return describe(context, bucket, folder);
  },

  "folders.get"({ bucket: name, folder, ...conditions }, context) {
    const bucket = hierarchical(context, name);
    checkConditions(find(bucket, folder), conditions, true);
    return describe(context, bucket, folderName(folder));
  },

  "folders.list"(
    { bucket: name, prefix = "", delimiter, startOffset, endOffset, pageToken, pageSize },
    context,
  ) {
    const bucket = hierarchical(context, name);
    const isDirect = (folder: string) => {
      const at = delimiter ? folder.indexOf(delimiter, prefix.length) : -1;
      return at === -1 || at + (delimiter as string).length === folder.length;
    };
    const all = [...bucket.folders.keys()]
      .filter((folder) => folder.startsWith(prefix) && isDirect(folder))
      .filter((folder) => !startOffset || byUtf8(folder, startOffset) >= 0)
      .filter((folder) => !endOffset || byUtf8(folder, endOffset) < 0)
      .sort(byUtf8);
    const { items, nextPageToken } = page(all, (folder) => folder, pageToken, pageSize ?? LISTED_MAX);
    const shown = items.map((folder) => describe(context, bucket, folder));
    return { kind: "storage#folders", items: shown, nextPageToken };
  },

  "folders.delete"({ bucket: name, folder, ...conditions }, context) {
    const bucket = hierarchical(context, name);
    checkConditions(find(bucket, folder), conditions);
    const { folders, objects } = contents(bucket, folderName(folder));
    if (folders.length > 1 || objects.length > 0)
      throw new EmulatorError("conflict", "The folder you tried to delete is not empty.", 409);
    bucket.folders.delete(folderName(folder));
    return {};
  },

  "folders.deleteRecursive"({ bucket: name, folder, ...conditions }, context) {
    const bucket = hierarchical(context, name);
    checkConditions(find(bucket, folder), conditions);
    const { folders, objects } = contents(bucket, folderName(folder));
    const store = context.store(storageStore);
    for (const object of objects) checkHolds(bucket.find(object), context.clock.now());
    for (const object of objects) bucket.remove(object, undefined, context.memory, store.now());
    for (const each of folders) bucket.folders.delete(each);
    return done(context, bucket, "DeleteFolderRecursive", {});
  },

  "folders.rename"({ bucket: name, sourceFolder, destinationFolder, ...conditions }, context) {
    const bucket = hierarchical(context, name);
    checkConditions(find(bucket, sourceFolder), {
      ifMetagenerationMatch: conditions.ifSourceMetagenerationMatch,
      ifMetagenerationNotMatch: conditions.ifSourceMetagenerationNotMatch,
    });
    const from = folderName(sourceFolder);
    const to = folderName(destinationFolder);
    if (bucket.folders.has(to))
      throw new EmulatorError("conflict", "The destination folder already exists.", 409);
    const parent = parentOf(to);
    if (parent !== undefined && !bucket.folders.has(parent)) throw noSuchFolder(name, parent);
    if (to.startsWith(from)) throw new EmulatorError("invalid", "A folder cannot be moved into itself.", 400);
    moveTree(context, bucket, from, to);
    return done(context, bucket, "RenameFolder", describe(context, bucket, to));
  },
};

function moveTree(context: Context, bucket: StoredBucket, from: string, to: string): void {
  const { folders, objects } = contents(bucket, from);
  for (const name of objects) checkHolds(bucket.find(name), context.clock.now());
  for (const folder of folders) {
    const { createTime, metageneration } = bucket.folders.get(folder) as StoredFolder;
    const updateTime = context.store(storageStore).now();
    bucket.folders.delete(folder);
    const moved = { createTime, updateTime, metageneration: metageneration + 1 };
    bucket.folders.set(`${to}${folder.slice(from.length)}`, moved);
  }
  for (const name of objects) {
    const moved = `${to}${name.slice(from.length)}`;
    const object = bucket.rename(name, moved);
    Object.assign(
      object.resource,
      { name: moved },
      identityOf(context, bucket.name, moved, object.generation),
    );
  }
}

export const operationHandlers: Handlers<Storage> = {
  "operations.get"({ bucket, operationId }, context) {
    return findOperation(context, bucket, operationId);
  },
  "operations.list"({ bucket: name, pageToken, pageSize }, context) {
    const { operations } = context.store(storageStore).bucket(name);
    const all = [...operations.values()];
    const found = page(all, (each) => each.name ?? "", pageToken, pageSize ?? LISTED_MAX);
    return { kind: "storage#operations", operations: found.items, nextPageToken: found.nextPageToken };
  },
  /** All that is begun is over: there is nothing left to stop. */
  "operations.cancel"({ bucket, operationId }, context) {
    findOperation(context, bucket, operationId);
    return {};
  },
};

function findOperation(context: Context, bucket: string, id: string): GoogleLongrunningOperation {
  const operation = context.store(storageStore).bucket(bucket).operations.get(id);
  if (operation === undefined)
    throw new EmulatorError("notFound", `The operation ${id} does not exist.`, 404);
  return operation;
}

/** An operation that is over as it begins. */
export function done(
  context: Context,
  bucket: StoredBucket,
  type: string,
  response: object,
): GoogleLongrunningOperation {
  const id = globalThis.crypto.randomUUID();
  const now = context.store(storageStore).now();
  const operation: GoogleLongrunningOperation = {
    kind: "storage#operation",
    name: `projects/_/buckets/${bucket.name}/operations/${id}`,
    selfLink: `${context.request.origin}/storage/v1/b/${bucket.name}/operations/${id}`,
    done: true,
    metadata: {
      commonMetadata: { createTime: now, endTime: now, updateTime: now, type, progressPercent: 100 },
    },
    response: { ...response },
  };
  bucket.operations.set(id, operation);
  return operation;
}

function hierarchical(context: Context, name: string): StoredBucket {
  const bucket = context.store(storageStore).bucket(name);
  if (bucket.isHierarchical) return bucket;
  throw new EmulatorError("conflict", "The bucket does not support hierarchical namespace.", 409);
}

function find(bucket: StoredBucket, name: string): StoredFolder {
  const folder = bucket.folders.get(folderName(name));
  if (folder === undefined) throw noSuchFolder(bucket.name, folderName(name));
  return folder;
}

/** With its slash at the end, which a request may leave out. */
export function folderName(name: string | undefined): string {
  if (!name || name.startsWith("/"))
    throw new EmulatorError("invalid", `Invalid folder name: '${name ?? ""}'`, 400);
  return name.endsWith("/") ? name : `${name}/`;
}

function parentOf(folder: string): string | undefined {
  const at = folder.lastIndexOf("/", folder.length - 2);
  return at === -1 ? undefined : folder.slice(0, at + 1);
}

function contents(bucket: StoredBucket, folder: string) {
  return {
    folders: [...bucket.folders.keys()].filter((each) => each.startsWith(folder)),
    objects: bucket.names().filter((each) => each.startsWith(folder) && bucket.find(each) !== undefined),
  };
}

function noSuchFolder(bucket: string, folder: string): EmulatorError {
  return new EmulatorError("notFound", `The folder ${bucket}/${folder} does not exist.`, 404);
}

function describe(context: Context, bucket: StoredBucket, name: string): Folder {
  const { createTime, updateTime, metageneration } = bucket.folders.get(name) as StoredFolder;
  return {
    kind: "storage#folder",
    id: `${bucket.name}/${name}`,
    selfLink: `${context.request.origin}/storage/v1/b/${bucket.name}/folders/${encodeURIComponent(name)}`,
    name,
    bucket: bucket.name,
    metageneration: String(metageneration),
    createTime,
    updateTime,
  };
}
