/** Leases of blobs. */
import type { Blob } from "../../../gen/azure/blob.js";
import type { Context, Handlers } from "../../service.js";
import { type Conditions, checkWrite } from "./conditions.js";
import { acquire, breakLease, change, releaseLease, renew } from "./lease.js";
import { type BlobAddress, type BlobEntry, type BlobState, entryOf } from "./store.js";

export const leaseHandlers: Handlers<Blob> = {
  acquireBlobLease(input, context) {
    const entry = open(input, context);
    entry.lease = acquire(entry.lease, input.duration, input.proposedLeaseId, context.clock.now());
    return { ...stamps(entry), leaseId: entry.lease.id };
  },
  renewBlobLease(input, context) {
    const entry = open(input, context);
    entry.lease = renew(entry.lease, input.leaseId, context.clock.now());
    return { ...stamps(entry), leaseId: entry.lease.id };
  },
  changeBlobLease(input, context) {
    const entry = open(input, context);
    entry.lease = change(entry.lease, input.leaseId, input.proposedLeaseId, context.clock.now());
    return { ...stamps(entry), leaseId: entry.lease.id };
  },
  releaseBlobLease(input, context) {
    const entry = open(input, context);
    entry.lease = releaseLease(entry.lease, input.leaseId);
    return stamps(entry);
  },
  breakBlobLease(input, context) {
    const entry = open(input, context);
    const { lease, seconds } = breakLease(entry.lease, input.breakPeriod, context.clock.now());
    entry.lease = lease;
    return { ...stamps(entry), leaseTime: seconds };
  },
};

function open(input: BlobAddress & Conditions, context: Context): BlobEntry & { current: BlobState } {
  const entry = entryOf(context, input);
  checkWrite(input, entry.current);
  return entry;
}

function stamps({ current }: { readonly current: BlobState }) {
  return { etag: current.etag, lastModified: current.lastModified };
}
