/** Buckets: their settings, access policy, notifications and keys. */
import type { Bucket, Policy, Storage } from "../../../gen/gcp/storage.js";
import { type AnyHandler, type Context, EmulatorError, type Handlers } from "../../service.js";
import { DEFAULT_EMAIL, PROJECT_NUMBER } from "../identity.js";
import { bucketAccess, checkUniform, isUniform } from "./acl-entry.js";
import { checkPublic, placement, settled } from "./bucket-settings.js";
import { checkConditions } from "./conditions.js";
import {
  type AclRoles,
  bucketRoles,
  defaultObjectRoles,
  PROJECT_OWNERS,
  statedRoles,
} from "./initial-roles.js";
import { page } from "./listing.js";
import { patched } from "./patch.js";
import { retain } from "./retention.js";
import { byUtf8, type Draft, StoredBucket, storageStore } from "./store.js";
import { etagOf } from "./write.js";

/** https://cloud.google.com/storage/docs/buckets#naming */
const NAME = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;

/** What a caller cannot change by an update. */
const FIXED = [
  "kind",
  "id",
  "selfLink",
  "name",
  "projectNumber",
  "timeCreated",
  "location",
  "generation",
  "locationType",
  "objectRetention",
  "hierarchicalNamespace",
] as const;

export const bucketHandlers: Handlers<Storage> = {
  "buckets.insert"({ body: stated = {}, project, ...input }, context) {
    const { acl, defaultObjectAcl, ...body } = stated;
    const store = context.store(storageStore);
    const name = body.name ?? "";
    if (!NAME.test(name) || name.startsWith("goog"))
      throw new EmulatorError("invalid", `Invalid bucket name: '${name}'`, 400);
    if (store.buckets.has(name)) {
      throw new EmulatorError(
        "conflict",
        "Your previous request to create the named bucket succeeded and you already own it.",
        409,
      );
    }
    if (body.hierarchicalNamespace?.enabled && !body.iamConfiguration?.uniformBucketLevelAccess?.enabled) {
      throw new EmulatorError(
        "invalid",
        "Hierarchical namespace buckets must use uniform bucket-level access.",
        400,
      );
    }
    const now = store.now();
    const bucket = new StoredBucket({
      ...settled(patched({}, body) as Draft<Bucket>, {}, context),
      ...placement(body),
      kind: "storage#bucket",
      id: name,
      name,
      selfLink: `${context.request.origin}/storage/v1/b/${name}`,
      projectNumber: PROJECT_NUMBER,
      storageClass: body.storageClass ?? "STANDARD",
      ...(body.iamConfiguration === undefined && {
        iamConfiguration: {
          bucketPolicyOnly: { enabled: false },
          uniformBucketLevelAccess: { enabled: false },
          publicAccessPrevention: "inherited",
        },
      }),
      ...(body.softDeletePolicy === undefined && {
        softDeletePolicy: { retentionDurationSeconds: "604800", effectiveTime: now },
      }),
      ...(input.enableObjectRetention && { objectRetention: { mode: "Enabled" } }),
      timeCreated: now,
      updated: now,
      generation: store.nextGeneration(),
    } as Draft<Bucket>);
    bucket.acl = bucketRoles();
    bucket.defaultObjectAcl = defaultObjectRoles();
    setAcl(bucket, stated, input);
    OWNER.set(bucket, project ?? context.account);
    store.buckets.set(name, bucket);
    return shown(context, bucket, input.projection ?? (acl || defaultObjectAcl ? "full" : undefined));
  },

  "buckets.get"({ bucket: name, projection, softDeleted, generation, ...conditions }, context) {
    const store = context.store(storageStore);
    if (softDeleted && generation === undefined)
      throw new EmulatorError("required", "Required parameter: generation", 400);
    const bucket = softDeleted ? store.deletedBucket(name, generation ?? "") : store.bucket(name);
    checkConditions(bucket, conditions, true);
    return shown(context, bucket, projection);
  },

  "buckets.list"({ project, prefix = "", pageToken, maxResults = 1000, projection, softDeleted }, context) {
    const store = context.store(storageStore);
    const all = [...(softDeleted ? store.deletedBuckets() : store.buckets.values())]
      .filter(
        (bucket) => bucket.name.startsWith(prefix) && OWNER.get(bucket) === (project ?? context.account),
      )
      .sort((a, b) => byUtf8(a.name, b.name));
    const { items, nextPageToken } = page(all, (bucket) => bucket.name, pageToken, maxResults);
    return {
      kind: "storage#buckets",
      items: items.map((each) => shown(context, each, projection)),
      nextPageToken,
    };
  },

  "buckets.delete"({ bucket: name, ...conditions }, context) {
    const store = context.store(storageStore);
    const bucket = store.bucket(name);
    checkConditions(bucket, conditions);
    if (!bucket.isEmpty)
      throw new EmulatorError("conflict", "The bucket you tried to delete is not empty.", 409);
    bucket.softDeleted.clear(context.memory);
    store.delete(bucket);
    return {};
  },

  "buckets.restore"({ bucket: name, generation, projection }, context) {
    const store = context.store(storageStore);
    const bucket = store.deletedBucket(name, generation);
    if (store.buckets.has(name))
      throw new EmulatorError("conflict", "A bucket of this name exists: it must be deleted first.", 409);
    store.restore(bucket);
    return shown(context, bucket, projection);
  },

  "buckets.getStorageLayout"({ bucket: name }, context) {
    const { resource } = context.store(storageStore).bucket(name);
    const { location, locationType, customPlacementConfig, hierarchicalNamespace } = resource;
    const kind = "storage#storageLayout";
    return { kind, bucket: name, location, locationType, customPlacementConfig, hierarchicalNamespace };
  },

  "buckets.patch"({ bucket: name, body = {}, ...conditions }, context) {
    const bucket = context.store(storageStore).bucket(name);
    checkConditions(bucket, conditions);
    setAcl(bucket, body, conditions);
    change(bucket, patched(bucket.resource, body) as Draft<Bucket>, context);
    return shown(context, bucket, conditions.projection ?? "full");
  },

  "buckets.update"({ bucket: name, body = {}, ...conditions }, context) {
    const bucket = context.store(storageStore).bucket(name);
    checkConditions(bucket, conditions);
    setAcl(bucket, body, conditions);
    change(bucket, patched({}, body) as Draft<Bucket>, context);
    return shown(context, bucket, conditions.projection ?? "full");
  },

  "buckets.lockRetentionPolicy"({ bucket: name, ifMetagenerationMatch }, context) {
    const bucket = context.store(storageStore).bucket(name);
    checkConditions(bucket, { ifMetagenerationMatch });
    if (bucket.resource.retentionPolicy === undefined) {
      throw new EmulatorError("invalid", "The bucket does not have a retention policy.", 400);
    }
    const retentionPolicy = { ...bucket.resource.retentionPolicy, isLocked: true };
    change(bucket, { ...bucket.resource, retentionPolicy }, context);
    return describe(bucket);
  },

  "buckets.getIamPolicy"({ bucket: name }, context) {
    const bucket = context.store(storageStore).bucket(name);
    return policyOf(bucket, context);
  },

  "buckets.setIamPolicy"({ bucket: name, body = {} }, context) {
    const bucket = context.store(storageStore).bucket(name);
    const current = policyOf(bucket, context);
    if (body.etag !== undefined && body.etag !== current.etag) {
      throw new EmulatorError("conditionNotMet", "Precondition Failed", 412);
    }
    checkIamConditions(bucket, body);
    checkPublic(bucket, body.bindings?.flatMap(({ members = [] }) => members) ?? []);
    bucket.metageneration++;
    bucket.policy = { ...body, kind: "storage#policy", resourceId: `projects/_/buckets/${name}` };
    return policyOf(bucket, context);
  },

  "buckets.testIamPermissions"({ bucket: name, permissions }, context) {
    context.store(storageStore).bucket(name);
    return { kind: "storage#testIamPermissionsResponse", permissions };
  },

  "notifications.insert"({ bucket: name, body = {} }, context) {
    const bucket = context.store(storageStore).bucket(name);
    const id = String(bucket.notifications.size + 1);
    const selfLink = `${context.request.origin}/storage/v1/b/${name}/notificationConfigs/${id}`;
    const notification = {
      payload_format: "JSON_API_V1",
      ...body,
      id,
      kind: "storage#notification",
      selfLink,
      etag: id,
    };
    bucket.notifications.set(id, notification);
    return notification;
  },

  "notifications.get"({ bucket, notification }, context) {
    return notificationOf(context, bucket, notification);
  },

  "notifications.list"({ bucket: name }, context) {
    const { notifications } = context.store(storageStore).bucket(name);
    return { kind: "storage#notifications", items: [...notifications.values()] };
  },

  "notifications.delete"({ bucket, notification }, context) {
    notificationOf(context, bucket, notification);
    context.store(storageStore).bucket(bucket).notifications.delete(notification);
    return {};
  },
};

/** The lists that a request states, by name or entry by entry. */
function setAcl(
  bucket: StoredBucket,
  { acl, defaultObjectAcl }: { readonly acl?: unknown; readonly defaultObjectAcl?: unknown },
  predefined: { readonly predefinedAcl?: string; readonly predefinedDefaultObjectAcl?: string },
): void {
  const { predefinedAcl, predefinedDefaultObjectAcl } = predefined;
  const own = predefinedAcl === undefined ? owned(statedRoles(acl)) : bucketRoles(predefinedAcl);
  const forObjects =
    predefinedDefaultObjectAcl === undefined
      ? statedRoles(defaultObjectAcl)
      : defaultObjectRoles(predefinedDefaultObjectAcl);
  if (own !== undefined || forObjects !== undefined) checkUniform(bucket);
  checkPublic(bucket, [...(own?.keys() ?? []), ...(forObjects?.keys() ?? [])]);
  if (own !== undefined) bucket.acl = own;
  if (forObjects !== undefined) bucket.defaultObjectAcl = forObjects;
}

/** The owner's entry cannot be taken away. */
function owned(roles: AclRoles | undefined): AclRoles | undefined {
  return roles && new Map([...roles, [PROJECT_OWNERS, "OWNER"]]);
}

/** https://cloud.google.com/iam/docs/policies#versions */
function checkIamConditions(bucket: StoredBucket, { bindings = [], version = 1 }: Draft<Policy>): void {
  if (!bindings.some(({ condition }) => condition)) return;
  if (!isUniform(bucket)) {
    throw new EmulatorError(
      "conditionNotMet",
      "To set IAM Conditions, please enable uniform bucket-level access for this bucket.",
      412,
    );
  }
  if (version < 3) {
    throw new EmulatorError(
      "invalid",
      "An IAM policy with conditions must have a version of at least 3.",
      400,
    );
  }
}

/** Which project a bucket belongs to: the resource has its number alone. */
const OWNER = new WeakMap<StoredBucket, string>();

function notificationOf(context: Context, bucket: string, id: string) {
  const notification = context.store(storageStore).bucket(bucket).notifications.get(id);
  if (notification === undefined)
    throw new EmulatorError("notFound", `The notification ${id} does not exist.`, 404);
  return notification;
}

function change(
  bucket: StoredBucket,
  { acl: _, defaultObjectAcl: __, owner: ___, ...wanted }: Draft<Bucket>,
  context: Context,
): void {
  const next = settled(wanted, bucket.resource, context);
  if (next.retentionPolicy?.retentionPeriod !== bucket.resource.retentionPolicy?.retentionPeriod) {
    for (const name of bucket.names())
      for (const { resource } of bucket.versions(name))
        retain(resource, next.retentionPolicy?.retentionPeriod);
  }
  const kept = Object.fromEntries(FIXED.map((key) => [key, bucket.resource[key]]));
  bucket.resource = {
    storageClass: "STANDARD",
    ...next,
    ...kept,
    updated: context.store(storageStore).now(),
  };
  bucket.metageneration++;
}

function shown(context: Context, bucket: StoredBucket, projection: string | undefined): Draft<Bucket> {
  return { ...describe(bucket), ...(projection === "full" && bucketAccess(context, bucket)) };
}

function describe(bucket: StoredBucket): Draft<Bucket> {
  const etag = etagOf("", bucket.metageneration);
  return { ...bucket.resource, metageneration: String(bucket.metageneration), etag };
}

function policyOf(bucket: StoredBucket, context: Context) {
  const project = OWNER.get(bucket) ?? context.account;
  const initial = {
    kind: "storage#policy",
    resourceId: `projects/_/buckets/${bucket.name}`,
    version: 1,
    bindings: [
      {
        role: "roles/storage.legacyBucketOwner",
        members: [`projectEditor:${project}`, `projectOwner:${project}`],
      },
      { role: "roles/storage.legacyBucketReader", members: [`projectViewer:${project}`] },
    ],
  };
  return { version: 1, ...(bucket.policy ?? initial), etag: etagOf("policy", bucket.metageneration) };
}

/** Whether everybody may read the bucket's objects. */
export function isPublic(bucket: StoredBucket | undefined): boolean {
  const bindings = bucket?.policy?.bindings ?? [];
  return bindings.some(
    ({ role, members }) =>
      members?.includes("allUsers") === true &&
      /objectViewer|objectAdmin|legacyObjectReader|storage\.admin/.test(role ?? ""),
  );
}

/** Three levels deep: beyond what `Handlers` types. */
export const projectHandlers: Readonly<Record<string, AnyHandler>> = {
  "projects.serviceAccount.get": ({ projectId }) => ({
    kind: "storage#serviceAccount",
    email_address: `service-${PROJECT_NUMBER}@gs-project-accounts.iam.gserviceaccount.com`,
    projectId,
  }),

  "projects.hmacKeys.create"({ projectId, serviceAccountEmail }, context) {
    const { hmacKeys, now } = hmacStore(context);
    const { randomBytes } = process.getBuiltinModule("node:crypto");
    const accessId = `GOOG1E${randomBytes(28).toString("hex").toUpperCase().slice(0, 55)}`;
    const metadata = {
      kind: "storage#hmacKeyMetadata",
      id: `${projectId}/${accessId}`,
      selfLink: `${context.request.origin}/storage/v1/projects/${projectId}/hmacKeys/${accessId}`,
      accessId,
      projectId: String(projectId),
      serviceAccountEmail: String(serviceAccountEmail ?? DEFAULT_EMAIL),
      state: "ACTIVE",
      timeCreated: now,
      updated: now,
      etag: "1",
    };
    const secret = randomBytes(30).toString("base64");
    hmacKeys.set(accessId, { metadata, secret });
    return { kind: "storage#hmacKey", metadata, secret };
  },

  "projects.hmacKeys.get": ({ accessId }, context) => hmacKey(context, accessId),

  "projects.hmacKeys.list"(
    { projectId, showDeletedKeys, serviceAccountEmail, pageToken, maxResults = 250 },
    context,
  ) {
    const all = [...hmacStore(context).hmacKeys.values()]
      .map(({ metadata }) => metadata)
      .filter(
        (key) =>
          key.projectId === projectId &&
          (showDeletedKeys === true || key.state !== "DELETED") &&
          (serviceAccountEmail === undefined || key.serviceAccountEmail === serviceAccountEmail),
      );
    const found = page(all, (key) => key.accessId ?? "", pageToken as string | undefined, Number(maxResults));
    return { kind: "storage#hmacKeysMetadata", ...found };
  },

  "projects.hmacKeys.update"({ accessId, body }, context) {
    const key = hmacKey(context, accessId);
    const { state, etag } = (body ?? {}) as { state?: string; etag?: string };
    if (etag !== undefined && etag !== key.etag)
      throw new EmulatorError("conditionNotMet", "Precondition Failed", 412);
    if (state !== "ACTIVE" && state !== "INACTIVE")
      throw new EmulatorError("invalid", `Invalid state: ${state}`, 400);
    Object.assign(key, { state, updated: hmacStore(context).now, etag: String(Number(key.etag) + 1) });
    return key;
  },

  "projects.hmacKeys.delete"({ accessId }, context) {
    const key = hmacKey(context, accessId);
    if (key.state === "ACTIVE")
      throw new EmulatorError("invalid", "Cannot delete keys in 'ACTIVE' state", 400);
    key.state = "DELETED";
    return {};
  },
};

function hmacStore(context: Context) {
  const store = context.store(storageStore);
  return { hmacKeys: store.hmacKeys, now: store.now() };
}

function hmacKey(context: Context, accessId: unknown) {
  const key = hmacStore(context).hmacKeys.get(String(accessId));
  if (key === undefined) throw new EmulatorError("notFound", "Access ID not found in project.", 404);
  return key.metadata;
}
