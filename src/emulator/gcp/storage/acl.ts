/** Access control lists of buckets and objects, and what new objects of a bucket get. */
import type { ObjectAccessControl, Storage } from "../../../gen/gcp/storage.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { type Acl, checkUniform, entry } from "./acl-entry.js";
import { select } from "./objects.js";
import { storageStore } from "./store.js";

function bucketAcl(context: Context, name: string): Acl {
  const bucket = context.store(storageStore).bucket(name);
  checkUniform(bucket);
  return { kind: "storage#bucketAccessControl", path: `b/${name}/acl`, roles: bucket.acl, bucket: name };
}

function defaultAcl(context: Context, name: string): Acl {
  const bucket = context.store(storageStore).bucket(name);
  checkUniform(bucket);
  const path = `b/${name}/defaultObjectAcl`;
  return { kind: "storage#objectAccessControl", path, roles: bucket.defaultObjectAcl, bucket: name };
}

function objectAcl(
  context: Context,
  input: { readonly bucket: string; readonly object: string; readonly generation?: string },
): Acl {
  const { bucket, object } = select(context, input);
  checkUniform(bucket);
  return {
    kind: "storage#objectAccessControl",
    path: `b/${bucket.name}/o/${encodeURIComponent(input.object)}/acl`,
    roles: object.acl,
    bucket: bucket.name,
    object: input.object,
    generation: object.generation,
  };
}

function get(context: Context, acl: Acl, entity: string) {
  const role = acl.roles.get(entity);
  if (role === undefined) throw new EmulatorError("notFound", "The specified ACL entry does not exist.", 404);
  return entry(context, acl, entity, role);
}

function list(context: Context, acl: Acl) {
  const items = [...acl.roles].map(([entity, role]) => entry(context, acl, entity, role));
  return { kind: `${acl.kind}s`, items };
}

function set(context: Context, acl: Acl, { entity, role }: Pick<ObjectAccessControl, "entity" | "role">) {
  if (!entity || !/^(OWNER|WRITER|READER)$/.test(role ?? "")) {
    throw new EmulatorError("invalid", "Invalid entity or role.", 400);
  }
  acl.roles.set(entity, role as string);
  return entry(context, acl, entity, role as string);
}

function remove(context: Context, acl: Acl, entity: string) {
  get(context, acl, entity);
  acl.roles.delete(entity);
  return {};
}

export const aclHandlers: Handlers<Storage> = {
  "bucketAccessControls.get": ({ bucket, entity }, context) =>
    get(context, bucketAcl(context, bucket), entity),
  "bucketAccessControls.list": ({ bucket }, context) => list(context, bucketAcl(context, bucket)),
  "bucketAccessControls.insert": ({ bucket, body = {} }, context) =>
    set(context, bucketAcl(context, bucket), body),
  "bucketAccessControls.patch": ({ bucket, entity, body = {} }, context) =>
    set(context, bucketAcl(context, bucket), { ...body, entity }),
  "bucketAccessControls.update": ({ bucket, entity, body = {} }, context) =>
    set(context, bucketAcl(context, bucket), { ...body, entity }),
  "bucketAccessControls.delete": ({ bucket, entity }, context) =>
    remove(context, bucketAcl(context, bucket), entity),

  "defaultObjectAccessControls.get": ({ bucket, entity }, context) =>
    get(context, defaultAcl(context, bucket), entity),
  "defaultObjectAccessControls.list": ({ bucket }, context) => list(context, defaultAcl(context, bucket)),
  "defaultObjectAccessControls.insert": ({ bucket, body = {} }, context) =>
    set(context, defaultAcl(context, bucket), body),
  "defaultObjectAccessControls.patch": ({ bucket, entity, body = {} }, context) =>
    set(context, defaultAcl(context, bucket), { ...body, entity }),
  "defaultObjectAccessControls.update": ({ bucket, entity, body = {} }, context) =>
    set(context, defaultAcl(context, bucket), { ...body, entity }),
  "defaultObjectAccessControls.delete": ({ bucket, entity }, context) =>
    remove(context, defaultAcl(context, bucket), entity),

  "objectAccessControls.get": ({ entity, ...input }, context) =>
    get(context, objectAcl(context, input), entity),
  "objectAccessControls.list": (input, context) => list(context, objectAcl(context, input)),
  "objectAccessControls.insert": ({ body = {}, ...input }, context) =>
    set(context, objectAcl(context, input), body),
  "objectAccessControls.patch": ({ entity, body = {}, ...input }, context) =>
    set(context, objectAcl(context, input), { ...body, entity }),
  "objectAccessControls.update": ({ entity, body = {}, ...input }, context) =>
    set(context, objectAcl(context, input), { ...body, entity }),
  "objectAccessControls.delete": ({ entity, ...input }, context) =>
    remove(context, objectAcl(context, input), entity),
};
