/** What keeps an object: holds, its bucket's policy, and a retention of its own. https://cloud.google.com/storage/docs/object-lock */
import type { Object as ObjectResource } from "../../../gen/gcp/storage.js";
import { EmulatorError } from "../../service.js";
import type { Draft, StoredObject } from "./store.js";

/** How long the bucket's policy keeps an object. */
export function retain(resource: Draft<ObjectResource>, periodSeconds: string | undefined): void {
  if (periodSeconds === undefined) delete resource.retentionExpirationTime;
  else {
    const until = Date.parse(resource.timeCreated ?? "") + Number(periodSeconds) * 1000;
    resource.retentionExpirationTime = new Date(until).toISOString();
  }
}

/** Objects on hold or under retention can be neither replaced nor deleted. */
export function checkHolds(object: StoredObject | undefined, now: number): void {
  const { retentionExpirationTime, retention } = object?.resource ?? {};
  for (const until of [retentionExpirationTime, retention?.retainUntilTime]) {
    if (until === undefined || Date.parse(until) <= now) continue;
    throw new EmulatorError(
      "retentionPolicyNotMet",
      `Object '${object?.resource.bucket}/${object?.resource.name}' is subject to bucket's retention policy or object retention and cannot be deleted or overwritten until ${until}`,
      403,
    );
  }
  const held = object?.resource.temporaryHold || object?.resource.eventBasedHold;
  if (!held) return;
  throw new EmulatorError(
    "forbidden",
    `Object '${object?.resource.bucket}/${object?.resource.name}' is under active hold and cannot be deleted, overwritten or archived until hold is removed.`,
    403,
  );
}

/** An object's own retention as it may be next: a locked one only grows, an unlocked one shrinks when the request says so. */
export function checkedRetention(
  { retention: next }: Draft<ObjectResource>,
  { retention: before }: Draft<ObjectResource>,
  override: boolean,
): ObjectResource["retention"] {
  const { mode, retainUntilTime } = next ?? {};
  // Python's client says null for both members to take it off.
  const isOff = mode === undefined && retainUntilTime === undefined;
  if (!isOff && (!/^(Locked|Unlocked)$/.test(mode ?? "") || retainUntilTime === undefined)) {
    throw new EmulatorError(
      "invalid",
      "Retention must have both a mode, Locked or Unlocked, and a retainUntilTime.",
      400,
    );
  }
  if (before?.retainUntilTime !== undefined) {
    const isWeaker =
      isOff ||
      Date.parse(retainUntilTime ?? "") < Date.parse(before.retainUntilTime) ||
      (before.mode === "Locked" && mode !== "Locked");
    if (isWeaker && (before.mode === "Locked" || !override)) {
      throw new EmulatorError(
        "retentionPolicyNotMet",
        `The object's ${before.mode} retention cannot be reduced or removed${before.mode === "Locked" ? "" : " without overrideUnlockedRetention"}.`,
        403,
      );
    }
  }
  return isOff ? undefined : { mode: mode as string, retainUntilTime: retainUntilTime as string };
}
