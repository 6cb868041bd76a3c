/** Entries of access control lists as resources, by themselves and as members of what they guard. */
import type { Context } from "../../service.js";
import type { AclRoles } from "./initial-roles.js";
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

/** Uniform access turns lists off. */
export function isUniform({ resource }: StoredBucket): boolean {
  return resource.iamConfiguration?.uniformBucketLevelAccess?.enabled === true;
}

const OWNER = "project-owners-123456789012";

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
    owner: { entity: OWNER },
  };
}

/** What `projection=full` adds to an object. */
export function objectAccess(
  context: Context,
  bucket: StoredBucket,
  { resource, acl, generation }: StoredObject,
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
    owner: { entity: OWNER },
  };
}
