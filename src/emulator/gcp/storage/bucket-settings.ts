/** What follows from a bucket's settings: where it is, since when each holds, and until when it can be undone. */
import type { Bucket } from "../../../gen/gcp/storage.js";
import { type Context, EmulatorError } from "../../service.js";
import type { Draft, StoredBucket } from "./store.js";

type Settings = Draft<Bucket>;

const UNIFORM_LOCK_MS = 90 * 86_400_000;
const MULTI_REGIONS = new Set(["US", "EU", "ASIA"]);
/** https://cloud.google.com/storage/docs/locations#predefined */
const DUAL_REGIONS = new Set(["ASIA1", "EUR4", "EUR5", "EUR7", "EUR8", "NAM4"]);

/** Where a new bucket is, and how it is replicated. */
export function placement({ location: stated, customPlacementConfig, rpo }: Settings): Settings {
  const location = (stated ?? "US").toUpperCase();
  const isDual = customPlacementConfig?.dataLocations !== undefined || DUAL_REGIONS.has(location);
  const wide = MULTI_REGIONS.has(location) ? "multi-region" : undefined;
  const locationType = isDual ? "dual-region" : (wide ?? "region");
  return { location, locationType, ...(locationType !== "region" && { rpo: rpo ?? "DEFAULT" }) };
}

/** Settings as they are stored. `before` is empty for a new bucket. */
export function settled(next: Settings, before: Settings, context: Context): Settings {
  const now = context.clock.date().toISOString();
  const retentionPolicy = settledRetention(next, before, now);
  const softDeletePolicy = settledSoftDelete(next, before, now);
  const iamConfiguration = settledAccess(next, context);
  const autoclass = settledAutoclass(next, before, now);
  const encryption = settledEncryption(next, before, now);
  return {
    ...next,
    ...(retentionPolicy && { retentionPolicy }),
    ...(softDeletePolicy && { softDeletePolicy }),
    ...(iamConfiguration && { iamConfiguration }),
    ...(autoclass && { autoclass }),
    ...(encryption && { encryption }),
  };
}

function settledRetention({ retentionPolicy }: Settings, before: Settings, now: string) {
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
  if (retentionPolicy === undefined) return undefined;
  const retentionPeriod = String(retentionPolicy.retentionPeriod);
  const same = before.retentionPolicy?.retentionPeriod === retentionPeriod;
  const effectiveTime = (same ? before.retentionPolicy?.effectiveTime : undefined) ?? now;
  return { ...retentionPolicy, retentionPeriod, effectiveTime };
}

function settledSoftDelete({ softDeletePolicy }: Settings, before: Settings, now: string) {
  if (softDeletePolicy === undefined) return undefined;
  const retentionDurationSeconds = String(softDeletePolicy.retentionDurationSeconds ?? 0);
  const same = before.softDeletePolicy?.retentionDurationSeconds === retentionDurationSeconds;
  const effectiveTime = (same ? before.softDeletePolicy?.effectiveTime : undefined) ?? now;
  return { retentionDurationSeconds, effectiveTime };
}

function settledAccess({ iamConfiguration }: Settings, context: Context) {
  const prevention = iamConfiguration?.publicAccessPrevention;
  if (prevention !== undefined && !/^(inherited|enforced|unspecified)$/.test(prevention))
    throw new EmulatorError("invalid", `Invalid value for publicAccessPrevention: ${prevention}`, 400);
  const uniform = iamConfiguration?.uniformBucketLevelAccess;
  if (!uniform?.enabled || uniform.lockedTime !== undefined) return undefined;
  const lockedTime = new Date(context.clock.now() + UNIFORM_LOCK_MS).toISOString();
  return { ...iamConfiguration, uniformBucketLevelAccess: { ...uniform, lockedTime } };
}

function settledAutoclass({ autoclass }: Settings, before: Settings, now: string) {
  if (autoclass === undefined) return undefined;
  const was = before.autoclass;
  const toggleTime = autoclass.enabled === was?.enabled ? (was?.toggleTime ?? now) : now;
  if (autoclass.enabled !== true) return { enabled: false, toggleTime };
  const { terminalStorageClass = "NEARLINE" } = autoclass;
  const same = was?.terminalStorageClass === terminalStorageClass;
  const terminalStorageClassUpdateTime = (same ? was?.terminalStorageClassUpdateTime : undefined) ?? now;
  return { enabled: true, toggleTime, terminalStorageClass, terminalStorageClassUpdateTime };
}

const ENFORCEMENTS = [
  "googleManagedEncryptionEnforcementConfig",
  "customerManagedEncryptionEnforcementConfig",
  "customerSuppliedEncryptionEnforcementConfig",
] as const;

/** An enforcement has its time once it differs from none. */
function settledEncryption({ encryption }: Settings, before: Settings, now: string) {
  if (encryption === undefined) return undefined;
  const timed = ENFORCEMENTS.map((key) => {
    const { restrictionMode = "NotRestricted" } = encryption[key] ?? {};
    const was = before.encryption?.[key];
    const same = (was?.restrictionMode ?? "NotRestricted") === restrictionMode;
    const effectiveTime = same ? was?.effectiveTime : now;
    return [key, { restrictionMode, ...(effectiveTime !== undefined && { effectiveTime }) }] as const;
  });
  const stated = timed.filter(([key]) => encryption[key] !== undefined);
  return { ...encryption, ...Object.fromEntries(stated) };
}

const PUBLIC = /^all(Authenticated)?Users$/;

/** Where public access is prevented, nobody is let in by a list or a policy either. */
export function checkPublic({ resource }: StoredBucket, members: Iterable<string>): void {
  if (resource.iamConfiguration?.publicAccessPrevention !== "enforced") return;
  if (![...members].some((member) => PUBLIC.test(member))) return;
  throw new EmulatorError(
    "conditionNotMet",
    "The member bindings allUsers and allAuthenticatedUsers are not allowed since public access prevention is enforced.",
    412,
  );
}
