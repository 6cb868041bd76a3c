/** Managed folders: prefixes with an access policy of their own. https://cloud.google.com/storage/docs/managed-folders */
import type { ManagedFolder, Storage } from "../../../gen/gcp/storage.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { isUniform } from "./acl-entry.js";
import { checkConditions } from "./conditions.js";
import { folderName } from "./folders.js";
import { page } from "./listing.js";
import { byUtf8, type StoredBucket, type StoredManagedFolder, storageStore } from "./store.js";
import { etagOf } from "./write.js";

const LISTED_MAX = 1000;

export const managedFolderHandlers: Handlers<Storage> = {
  "managedFolders.insert"({ bucket: bucketName, body = {} }, context) {
    const bucket = context.store(storageStore).bucket(bucketName);
    if (!isUniform(bucket)) {
      throw new EmulatorError(
        "invalid",
        "Managed folders can only be created in buckets with uniform bucket-level access enabled.",
        400,
      );
    }
    const name = folderName(body.name);
    if (bucket.managedFolders.has(name))
      throw new EmulatorError("conflict", "The managed folder you tried to create already exists.", 409);
    const now = context.store(storageStore).now();
    const folder = { name, createTime: now, updateTime: now, metageneration: 1, policy: undefined };
    bucket.managedFolders.set(name, folder);
    return describe(context, bucket, folder);
  },

  "managedFolders.get"({ bucket: name, managedFolder, ...conditions }, context) {
    const { bucket, folder } = find(context, name, managedFolder);
    checkConditions(folder, conditions, true);
    return describe(context, bucket, folder);
  },

  "managedFolders.list"({ bucket: name, prefix = "", pageToken, pageSize = LISTED_MAX }, context) {
    const bucket = context.store(storageStore).bucket(name);
    const all = [...bucket.managedFolders.values()]
      .filter((folder) => folder.name.startsWith(prefix))
      .sort((a, b) => byUtf8(a.name, b.name));
    const { items, nextPageToken } = page(all, (folder) => folder.name, pageToken, pageSize);
    const shown = items.map((folder) => describe(context, bucket, folder));
    return { kind: "storage#managedFolders", items: shown, nextPageToken };
  },

  "managedFolders.delete"({ bucket: name, managedFolder, allowNonEmpty, ...conditions }, context) {
    const { bucket, folder } = find(context, name, managedFolder);
    checkConditions(folder, conditions);
    const isEmpty = !bucket.names().some((object) => object.startsWith(folder.name));
    if (!isEmpty && !allowNonEmpty)
      throw new EmulatorError("conflict", "The managed folder you tried to delete is not empty.", 409);
    bucket.managedFolders.delete(folder.name);
    return {};
  },

  "managedFolders.getIamPolicy"({ bucket: name, managedFolder }, context) {
    const { bucket, folder } = find(context, name, managedFolder);
    return policyOf(bucket, folder);
  },

  "managedFolders.setIamPolicy"({ bucket: name, managedFolder, body = {} }, context) {
    const { bucket, folder } = find(context, name, managedFolder);
    if (body.etag !== undefined && body.etag !== policyOf(bucket, folder).etag)
      throw new EmulatorError("conditionNotMet", "Precondition Failed", 412);
    folder.metageneration++;
    folder.updateTime = context.store(storageStore).now();
    folder.policy = body;
    return policyOf(bucket, folder);
  },

  "managedFolders.testIamPermissions"({ bucket, managedFolder, permissions }, context) {
    find(context, bucket, managedFolder);
    return { kind: "storage#testIamPermissionsResponse", permissions };
  },
};

function find(context: Context, bucketName: string, name: string) {
  const bucket = context.store(storageStore).bucket(bucketName);
  const folder = bucket.managedFolders.get(folderName(name));
  if (folder === undefined)
    throw new EmulatorError("notFound", "The specified managed folder does not exist.", 404);
  return { bucket, folder };
}

function policyOf(bucket: StoredBucket, { name, policy, metageneration }: StoredManagedFolder) {
  return {
    version: 1,
    ...policy,
    kind: "storage#policy",
    resourceId: `projects/_/buckets/${bucket.name}/managedFolders/${name}`,
    etag: etagOf("policy", metageneration),
  };
}

function describe(context: Context, bucket: StoredBucket, folder: StoredManagedFolder): ManagedFolder {
  const { name, createTime, updateTime, metageneration } = folder;
  const path = `b/${bucket.name}/managedFolders/${encodeURIComponent(name)}`;
  return {
    kind: "storage#managedFolder",
    id: `${bucket.name}/${name}`,
    selfLink: `${context.request.origin}/storage/v1/${path}`,
    name,
    bucket: bucket.name,
    metageneration: String(metageneration),
    createTime,
    updateTime,
  };
}
