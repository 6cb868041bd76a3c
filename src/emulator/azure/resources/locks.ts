/** Management locks, which are resources like others: what they keep from being deleted or changed. https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources */
import { EmulatorError } from "../../service.js";
import type { ManagerStore } from "./store.js";

const LOCK = "microsoft.authorization/locks";

/** @throws `ScopeLocked` when a lock at the scope or above it forbids, or for a deletion one below. */
export function checkLocks(store: ManagerStore, scope: string, what: "write" | "delete"): void {
  const key = scope.toLowerCase();
  // A lock can be taken off by who may change locks.
  if (key.includes(`/providers/${LOCK}/`)) return;
  for (const { at, body } of store.resources.values()) {
    if (at.type.toLowerCase() !== LOCK) continue;
    const locked = at.scope.toLowerCase();
    const isAbove = key === locked || key.startsWith(`${locked}/`);
    const isBelow = what === "delete" && locked.startsWith(`${key}/`);
    const forbids = what === "delete" || body.properties?.level === "ReadOnly";
    if (forbids && (isAbove || isBelow))
      throw new EmulatorError(
        "ScopeLocked",
        `The scope '${scope}' cannot perform ${what} operation because following scope(s) are locked: '${at.scope}'. Please remove the lock and try again.`,
        409,
      );
  }
}
