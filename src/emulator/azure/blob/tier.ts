/** Access tiers of block blobs, and the way back from the archive. https://learn.microsoft.com/azure/storage/blobs/archive-rehydrate-overview */
import type { Context } from "../../service.js";
import { blobError } from "./errors.js";
import type { BlobState } from "./store.js";

const TIERS: ReadonlySet<string> = new Set(["Hot", "Cool", "Cold", "Archive", "Smart"]);
/** Of accounts. */
const DEFAULT_TIER = "Hot";
/** As long as the service may take. */
const HOURS = { Standard: 15, High: 1 } as const;
const HOUR_MS = 3_600_000;

/** A tier that a blob of the archive is on its way to. */
export interface Rehydration {
  readonly tier: string;
  readonly priority: "Standard" | "High";
  readonly endsAt: number;
}

export function checkTier(tier: string | undefined): void {
  if (tier !== undefined && !TIERS.has(tier)) throw blobError("InvalidHeaderValue");
}

/** True when the blob is there at once: 200, where a way back from the archive is 202. */
export function changeTier(
  state: BlobState,
  tier: string,
  priority: string | undefined,
  context: Context,
): boolean {
  if (state.type !== "BlockBlob") throw blobError("InvalidBlobType");
  checkTier(tier);
  if (state.rehydration !== undefined && state.rehydration.tier !== tier)
    throw blobError("BlobBeingRehydrated");
  if (state.tier === "Archive" && tier !== "Archive") {
    const chosen = priority === "High" ? "High" : "Standard";
    const endsAt = context.clock.now() + HOURS[chosen] * HOUR_MS;
    state.rehydration = { tier, priority: chosen, endsAt };
    return false;
  }
  state.tier = tier;
  state.tierChangedOn = new Date(Math.floor(context.clock.now() / 1000) * 1000);
  return true;
}

/** Ends a rehydration whose time is over. */
export function settleTier(state: BlobState, now: number): void {
  const { rehydration } = state;
  if (rehydration === undefined || now < rehydration.endsAt) return;
  state.tier = rehydration.tier;
  state.tierChangedOn = new Date(Math.floor(rehydration.endsAt / 1000) * 1000);
  state.rehydration = undefined;
}

/** A blob in the archive can neither be read nor changed. */
export function assertOnline({ tier }: BlobState): void {
  if (tier === "Archive") throw blobError("BlobArchived");
}

export function tierShown({ type, tier, tierChangedOn, rehydration }: BlobState) {
  if (type !== "BlockBlob") return {};
  return {
    accessTier: tier ?? DEFAULT_TIER,
    ...(tier === undefined && { accessTierInferred: true }),
    ...(tierChangedOn && { accessTierChangedOn: tierChangedOn }),
    ...(rehydration && {
      archiveStatus: `rehydrate-pending-to-${rehydration.tier.toLowerCase()}`,
      rehydratePriority: rehydration.priority,
    }),
  };
}
