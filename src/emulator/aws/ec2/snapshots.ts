/** Handlers of snapshots of volumes. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { checkIds, dryRun, notFound } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { chosen } from "./network.js";
import { type Ec2Region, regionOf, type Snapshot } from "./store.js";

export const snapshotHandlers: Handlers<EC2> = {
  createSnapshot(input, context) {
    const region = regionOf(context);
    const volume = region.volumes.get(input.VolumeId);
    if (volume === undefined) throw notFound("vol", [input.VolumeId]);
    if (input.DryRun) throw dryRun();
    const snapshot: Snapshot = {
      id: newId("snap"),
      tags: requestedTags(input.TagSpecifications, "snapshot"),
      volumeId: volume.id,
      sizeGib: volume.sizeGib,
      encrypted: volume.encrypted,
      description: input.Description ?? "",
      started: region.clock.date(),
    };
    region.snapshots.set(snapshot.id, snapshot);
    return { ...snapshotOutput(region, snapshot), State: "pending" as const, Progress: "" };
  },

  describeSnapshots(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const owners = input.OwnerIds ?? [];
    const own = owners.length === 0 || owners.includes("self") || owners.includes(region.account);
    const named = own ? chosen(region.snapshots, input.SnapshotIds, "snap") : [];
    const fields: FilterFields<Snapshot> = {
      "snapshot-id": ({ id }) => id,
      "volume-id": ({ volumeId }) => volumeId,
      "volume-size": ({ sizeGib }) => sizeGib,
      description: ({ description }) => description,
      encrypted: ({ encrypted }) => encrypted,
      "owner-id": () => region.account,
      status: () => "completed",
      progress: () => "100%",
    };
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, fields, ({ tags }) => tags),
      input,
    );
    return { Snapshots: items.map((snapshot) => snapshotOutput(region, snapshot)), NextToken };
  },

  deleteSnapshot(input, context) {
    const region = regionOf(context);
    checkIds("snap", [input.SnapshotId]);
    if (!region.snapshots.has(input.SnapshotId)) throw notFound("snap", [input.SnapshotId]);
    if (input.DryRun) throw dryRun();
    region.snapshots.delete(input.SnapshotId);
    return {};
  },
};

function snapshotOutput(region: Ec2Region, snapshot: Snapshot) {
  return {
    SnapshotId: snapshot.id,
    VolumeId: snapshot.volumeId,
    State: "completed" as const,
    StartTime: snapshot.started,
    Progress: "100%",
    OwnerId: region.account,
    Description: snapshot.description,
    VolumeSize: snapshot.sizeGib,
    Encrypted: snapshot.encrypted,
    StorageTier: "standard" as const,
    Tags: tagList(snapshot.tags),
  };
}
