/** Entries of access control lists as resources, by themselves and as members of what they guard. */
import { type Context, EmulatorError } from "../../service.js";
import { DEFAULT_EMAIL } from "../identity.js";
import { type AclRoles, PROJECT_OWNERS } from "./initial-roles.js";
import type { StoredBucket, StoredObject } from "./store.js";

export interface Acl {
  readonly kind: string;
  readonly path: string;
  readonly roles: AclRoles;
  readonly bucket: string;
  readonly object?: string;
  readonly generation?: string;
}

export function entry(context: Context, acl: Acl, entity: string, role: string) {
  const { kind, path, bucket, object, generation } = acl;
  return {
    kind,
    id: [bucket, object, generation, entity].filter(Boolean).join("/"),
    selfLink: `${context.request.origin}/storage/v1/${path}/${entity}`,
    bucket,
    ...(object !== undefined && { object, generation }),
    entity,
    role,
    etag: "CAE=",
  };
}

export function isUniform({ resource }: StoredBucket): boolean {
  return resource.iamConfiguration?.uniformBucketLevelAccess?.enabled === true;
}

/** What `projection=full` adds to a bucket. */
export function bucketAccess(context: Context, bucket: StoredBucket) {
  if (isUniform(bucket)) return {};
  const { name } = bucket;
  const list = (kind: string, path: string, roles: AclRoles) =>
    [...roles].map(([entity, role]) => entry(context, { kind, path, roles, bucket: name }, entity, role));
  return {
    acl: list("storage#bucketAccessControl", `b/${name}/acl`, bucket.acl),
    defaultObjectAcl: list(
      "storage#objectAccessControl",
      `b/${name}/defaultObjectAcl`,
      bucket.defaultObjectAcl,
    ),
    owner: { entity: PROJECT_OWNERS },
  };
}

/** Who writes an object owns it. */
export function uploaderOf(context: Context): string {
  return context.caller?.id ?? DEFAULT_EMAIL;
}

/** What `projection=full` adds to an object. */
function objectAccess(
  context: Context,
  bucket: StoredBucket,
  { resource, acl, generation, owner }: StoredObject,
) {
  if (isUniform(bucket)) return {};
  const object = resource.name ?? "";
  const path = `b/${bucket.name}/o/${encodeURIComponent(object)}/acl`;
  const of = {
    kind: "storage#objectAccessControl",
    path,
    roles: acl,
    bucket: bucket.name,
    object,
    generation,
  };
  return {
    acl: [...acl].map(([entity, role]) => entry(context, of, entity, role)),
    owner: { entity: `user-${owner}` },
  };
}

/** An object as an answer shows it. */
export function objectShown(
  context: Context,
  bucket: StoredBucket,
  object: StoredObject,
  projection: string | undefined,
) {
  if (projection !== "full") return object.resource;
  return { ...object.resource, ...objectAccess(context, bucket, object) };
}

/** Uniform access turns lists off. */
export function checkUniform(bucket: StoredBucket): void {
  if (!isUniform(bucket)) return;
  throw new EmulatorError(
    "invalid",
    "Cannot use ACL API to update bucket policy when uniform bucket-level access is enabled. Read more at https://cloud.google.com/storage/docs/uniform-bucket-level-access",
    400,
  );
}
