/** Buckets: their settings, access policy, notifications and keys. */
import type { Bucket, Storage } from "../../../gen/gcp/storage.js";
import { type AnyHandler, type Context, EmulatorError, type Handlers } from "../../service.js";
import { DEFAULT_EMAIL } from "../identity.js";
import { bucketAccess } from "./acl-entry.js";
import { checkConditions } from "./conditions.js";
import { initialRoles } from "./initial-roles.js";
import { page } from "./listing.js";
import { patched } from "./patch.js";
import { byUtf8, type Draft, StoredBucket, storageStore } from "./store.js";
import { etagOf, retain } from "./write.js";

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
] as const;

export const bucketHandlers: Handlers<Storage> = {
  "buckets.insert"({ body = {}, project, predefinedAcl, predefinedDefaultObjectAcl }, context) {
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
    const now = store.now();
    const location = (body.location ?? "US").toUpperCase();
    const bucket = new StoredBucket({
      ...settle(body, {}, context),
      kind: "storage#bucket",
      id: name,
      name,
      selfLink: `${context.request.origin}/storage/v1/b/${name}`,
      projectNumber: "123456789012",
      location,
      locationType: location.length <= 4 ? "multi-region" : "region",
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
      timeCreated: now,
      updated: now,
      generation: store.nextGeneration(),
    } as Draft<Bucket>);
    bucket.acl = initialRoles(predefinedAcl);
    bucket.defaultObjectAcl = initialRoles(predefinedDefaultObjectAcl);
    OWNER.set(bucket, project ?? context.account);
    store.buckets.set(name, bucket);
    return describe(bucket);
  },

  "buckets.get"({ bucket: name, projection, ...conditions }, context) {
    const bucket = context.store(storageStore).bucket(name);
    checkConditions(bucket, conditions, true);
    return { ...describe(bucket), ...(projection === "full" && bucketAccess(context, bucket)) };
  },

  "buckets.list"({ project, prefix = "", pageToken, maxResults = 1000 }, context) {
    const all = [...context.store(storageStore).buckets.values()]
      .filter(
        (bucket) => bucket.name.startsWith(prefix) && OWNER.get(bucket) === (project ?? context.account),
      )
      .sort((a, b) => byUtf8(a.name, b.name));
    const { items, nextPageToken } = page(all, (bucket) => bucket.name, pageToken, maxResults);
    return { kind: "storage#buckets", items: items.map(describe), nextPageToken };
  },

  "buckets.delete"({ bucket: name, ...conditions }, context) {
    const store = context.store(storageStore);
    const bucket = store.bucket(name);
    checkConditions(bucket, conditions);
    if (!bucket.isEmpty)
      throw new EmulatorError("conflict", "The bucket you tried to delete is not empty.", 409);
    bucket.softDeleted.clear(context.memory);
    store.buckets.delete(name);
    return {};
  },

  "buckets.patch"({ bucket: name, body = {}, ...conditions }, context) {
    const bucket = context.store(storageStore).bucket(name);
    checkConditions(bucket, conditions);
    setPredefined(bucket, conditions);
    return change(bucket, patched(bucket.resource, body) as Draft<Bucket>, context);
  },

  "buckets.update"({ bucket: name, body = {}, ...conditions }, context) {
    const bucket = context.store(storageStore).bucket(name);
    checkConditions(bucket, conditions);
    setPredefined(bucket, conditions);
    return change(bucket, { ...body } as Draft<Bucket>, context);
  },

  "buckets.lockRetentionPolicy"({ bucket: name, ifMetagenerationMatch }, context) {
    const bucket = context.store(storageStore).bucket(name);
    checkConditions(bucket, { ifMetagenerationMatch });
    if (bucket.resource.retentionPolicy === undefined) {
      throw new EmulatorError("invalid", "The bucket does not have a retention policy.", 400);
    }
    const retentionPolicy = { ...bucket.resource.retentionPolicy, isLocked: true };
    return change(bucket, { ...bucket.resource, retentionPolicy }, context);
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

function setPredefined(
  bucket: StoredBucket,
  {
    predefinedAcl,
    predefinedDefaultObjectAcl,
  }: { predefinedAcl?: string; predefinedDefaultObjectAcl?: string },
): void {
  if (predefinedAcl !== undefined) bucket.acl = initialRoles(predefinedAcl);
  if (predefinedDefaultObjectAcl !== undefined)
    bucket.defaultObjectAcl = initialRoles(predefinedDefaultObjectAcl);
}

/** Which project a bucket belongs to: the resource has its number alone. */
const OWNER = new WeakMap<StoredBucket, string>();

function notificationOf(context: Context, bucket: string, id: string) {
  const notification = context.store(storageStore).bucket(bucket).notifications.get(id);
  if (notification === undefined)
    throw new EmulatorError("notFound", `The notification ${id} does not exist.`, 404);
  return notification;
}

const UNIFORM_LOCK_MS = 90 * 86_400_000;

/** What follows from settings: when they began, and until when they can be undone. */
function settle(next: Draft<Bucket>, before: Draft<Bucket>, context: Context): Draft<Bucket> {
  const now = context.clock.date().toISOString();
  const settled = { ...next };
  const { retentionPolicy, softDeletePolicy, iamConfiguration } = settled;
  if (before.retentionPolicy?.isLocked) {
    const shorter =
      Number(retentionPolicy?.retentionPeriod ?? 0) < Number(before.retentionPolicy.retentionPeriod);
    if (shorter)
      throw new EmulatorError(
        "forbidden",
        "Cannot reduce retention duration of a locked Retention Policy for a bucket.",
        403,
      );
  }
  if (retentionPolicy !== undefined) {
    const retentionPeriod = String(retentionPolicy.retentionPeriod);
    const same = before.retentionPolicy?.retentionPeriod === retentionPeriod;
    const effectiveTime = (same ? before.retentionPolicy?.effectiveTime : undefined) ?? now;
    settled.retentionPolicy = { ...retentionPolicy, retentionPeriod, effectiveTime };
  }
  if (softDeletePolicy !== undefined) {
    const retentionDurationSeconds = String(softDeletePolicy.retentionDurationSeconds ?? 0);
    settled.softDeletePolicy = { effectiveTime: now, ...softDeletePolicy, retentionDurationSeconds };
  }
  const uniform = iamConfiguration?.uniformBucketLevelAccess;
  if (uniform?.enabled && uniform.lockedTime === undefined) {
    const lockedTime = new Date(context.clock.now() + UNIFORM_LOCK_MS).toISOString();
    settled.iamConfiguration = { ...iamConfiguration, uniformBucketLevelAccess: { ...uniform, lockedTime } };
  }
  return settled;
}

function change(bucket: StoredBucket, wanted: Draft<Bucket>, context: Context): Draft<Bucket> {
  const next = settle(wanted, bucket.resource, context);
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
  return describe(bucket);
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
    email_address: `service-123456789012@gs-project-accounts.iam.gserviceaccount.com`,
    projectId,
  }),

  "projects.hmacKeys.create"({ projectId, serviceAccountEmail }, context) {
    const { hmacKeys, now } = hmacStore(context);
    const { randomBytes } = process.getBuiltinModule("node:crypto");
    const accessId = `GOOG1E${randomBytes(28).toString("hex").toUpperCase().slice(0, 55)}`;
    const metadata = {
      kind: "storage#hmacKeyMetadata",
      id: `${projectId}/${accessId}`,
      accessId,
      projectId: String(projectId),
      serviceAccountEmail: String(serviceAccountEmail ?? DEFAULT_EMAIL),
      state: "ACTIVE",
      timeCreated: now,
      updated: now,
      etag: "1",
    };
    hmacKeys.set(accessId, metadata);
    return { kind: "storage#hmacKey", metadata, secret: randomBytes(30).toString("base64") };
  },

  "projects.hmacKeys.get": ({ accessId }, context) => hmacKey(context, accessId),

  "projects.hmacKeys.list"(
    { projectId, showDeletedKeys, serviceAccountEmail, pageToken, maxResults = 250 },
    context,
  ) {
    const all = [...hmacStore(context).hmacKeys.values()].filter(
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
  return key;
}
