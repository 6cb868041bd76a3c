/** Leases of containers and blobs: one state machine. https://learn.microsoft.com/rest/api/storageservices/lease-blob#outcomes-of-use-attempts-on-blobs-by-lease-state */
import { blobError } from "./errors.js";

export type LeaseState = "available" | "leased" | "expired" | "breaking" | "broken";

export interface Lease {
  readonly id: string | undefined;
  /** Undefined: until it is released. */
  readonly seconds: number | undefined;
  readonly endsAt: number;
  readonly broken: boolean;
}

const INFINITE = -1;
const BREAK_SECONDS_MAX = 60;
/** A GUID as .NET reads one, with or without dashes and brackets. */
const GUID = /^[({]?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}[)}]?$/i;

export function noLease(): Lease {
  return { id: undefined, seconds: undefined, endsAt: 0, broken: false };
}

export function leaseState(lease: Lease, now: number): LeaseState {
  if (lease.id === undefined) return "available";
  if (lease.broken) return now < lease.endsAt ? "breaking" : "broken";
  return now < lease.endsAt ? "leased" : "expired";
}

export function isLocked(lease: Lease, now: number): boolean {
  const state = leaseState(lease, now);
  return state === "leased" || state === "breaking";
}

export function leaseShown(lease: Lease, now: number) {
  const state = leaseState(lease, now);
  return {
    leaseState: state,
    leaseStatus: isLocked(lease, now) ? ("locked" as const) : ("unlocked" as const),
    ...(state === "leased" && {
      leaseDuration: lease.seconds === undefined ? ("infinite" as const) : ("fixed" as const),
    }),
  };
}

export function acquire(
  lease: Lease,
  duration: number | undefined,
  proposed: string | undefined,
  now: number,
): Lease {
  const seconds = duration ?? INFINITE;
  if (seconds !== INFINITE && !(seconds >= 15 && seconds <= 60)) {
    throw blobError("InvalidHeaderValue", "The lease duration must be -1 or 15 to 60 seconds.");
  }
  checkId(proposed);
  const state = leaseState(lease, now);
  if (state === "breaking") throw blobError("LeaseIsBreakingAndCannotBeAcquired");
  if (state === "leased" && proposed !== lease.id) throw blobError("LeaseAlreadyPresent");
  return held(proposed ?? crypto.randomUUID(), seconds === INFINITE ? undefined : seconds, now);
}

export function renew(lease: Lease, id: string, now: number): Lease {
  matching(lease, id);
  if (lease.broken) throw blobError("LeaseIsBrokenAndCannotBeRenewed");
  return held(id, lease.seconds, now);
}

export function change(lease: Lease, id: string, proposed: string, now: number): Lease {
  checkId(proposed);
  if (lease.id !== undefined && lease.id === proposed) return lease;
  matching(lease, id);
  if (leaseState(lease, now) !== "leased") throw blobError("LeaseNotPresentWithLeaseOperation");
  return { ...lease, id: proposed };
}

export function releaseLease(lease: Lease, id: string): Lease {
  matching(lease, id);
  return noLease();
}

/** Returns the lease and the seconds until it is free. */
export function breakLease(
  lease: Lease,
  period: number | undefined,
  now: number,
): { lease: Lease; seconds: number } {
  if (period !== undefined && !(period >= 0 && period <= BREAK_SECONDS_MAX))
    throw blobError("InvalidHeaderValue");
  if (lease.id === undefined) throw blobError("LeaseNotPresentWithLeaseOperation");
  const left = Math.max(0, Math.ceil((lease.endsAt - now) / 1000));
  const open = Number.isFinite(left) ? left : 0;
  const state = leaseState(lease, now);
  const seconds =
    state === "leased" || state === "breaking"
      ? Math.min(period ?? open, Number.isFinite(left) ? left : (period ?? 0))
      : 0;
  return { lease: { ...lease, broken: true, endsAt: now + seconds * 1000 }, seconds };
}

/** A write to what is leased needs the lease; a lease that is named must be held. */
export function checkLease(
  lease: Lease,
  id: string | undefined,
  now: number,
  of: "Blob" | "Container",
  write: boolean,
): void {
  const locked = isLocked(lease, now);
  if (id === undefined) {
    if (locked && write) throw blobError("LeaseIdMissing");
    return;
  }
  if (!locked) throw blobError(`LeaseNotPresentWith${of}Operation`);
  if (id.toLowerCase() !== lease.id?.toLowerCase()) throw blobError(`LeaseIdMismatchWith${of}Operation`);
}

function checkId(id: string | undefined): void {
  if (id !== undefined && !GUID.test(id)) throw blobError("InvalidHeaderValue");
}

function matching(lease: Lease, id: string): void {
  if (lease.id === undefined || lease.id.toLowerCase() !== id.toLowerCase())
    throw blobError("LeaseIdMismatchWithLeaseOperation");
}

function held(id: string, seconds: number | undefined, now: number): Lease {
  return {
    id,
    seconds,
    endsAt: seconds === undefined ? Number.POSITIVE_INFINITY : now + seconds * 1000,
    broken: false,
  };
}
