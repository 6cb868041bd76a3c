/** Handlers of snapshots of volumes. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import type { Instance, Snapshot } from "./compute-resources.js";
import { checkIds, clientError, dryRun, notFound } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { chosen } from "./network.js";
import { type Ec2Region, otherRegion, regionOf } from "./store.js";

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
      sharedWith: new Set(),
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
      "owner-alias": () => undefined,
      "start-time": ({ started }) => started.toISOString(),
      "storage-tier": () => "standard",
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
    const image = [...region.images.values()].find(({ snapshotId }) => snapshotId === input.SnapshotId);
    if (image !== undefined) {
      throw clientError(
        "InvalidSnapshot.InUse",
        `The snapshot ${input.SnapshotId} is currently in use by ${image.id}`,
      );
    }
    if (input.DryRun) throw dryRun();
    region.snapshots.delete(input.SnapshotId);
    return {};
  },

  createSnapshots(input, context) {
    const region = regionOf(context);
    const { InstanceId, ExcludeBootVolume, ExcludeDataVolumeIds = [] } = input.InstanceSpecification;
    const [instance] = chosen(region.instances, [InstanceId], "i") as [Instance];
    const volumes = [...region.volumes.values()].filter(({ id, attachment }) => {
      if (attachment?.instanceId !== instance.id) return false;
      const isBoot = attachment.device === instance.image.rootDevice;
      return isBoot ? !ExcludeBootVolume : !ExcludeDataVolumeIds.includes(id);
    });
    if (input.DryRun) throw dryRun();
    const made = volumes.map((volume): Snapshot => {
      const tags = requestedTags(input.TagSpecifications, "snapshot");
      return {
        id: newId("snap"),
        tags: input.CopyTagsFromSource === "volume" ? new Map([...volume.tags, ...tags]) : tags,
        volumeId: volume.id,
        sizeGib: volume.sizeGib,
        encrypted: volume.encrypted,
        description: input.Description ?? "",
        started: region.clock.date(),
        sharedWith: new Set(),
      };
    });
    for (const snapshot of made) region.snapshots.set(snapshot.id, snapshot);
    return {
      Snapshots: made.map((snapshot) => {
        const { StorageTier: _, ...output } = snapshotOutput(region, snapshot);
        return { ...output, State: "pending" as const, Progress: "" };
      }),
    };
  },

  copySnapshot(input, context) {
    const region = regionOf(context);
    const source = otherRegion(context, input.SourceRegion).snapshots.get(input.SourceSnapshotId);
    if (source === undefined) throw notFound("snap", [input.SourceSnapshotId]);
    if (input.DryRun) throw dryRun();
    const snapshot: Snapshot = {
      ...source,
      id: newId("snap"),
      volumeId: "vol-ffffffff",
      tags: requestedTags(input.TagSpecifications, "snapshot"),
      encrypted: source.encrypted || input.Encrypted === true || region.ebsEncryption.byDefault,
      description: input.Description ?? `[Copied ${source.id} from ${input.SourceRegion}]`,
      started: region.clock.date(),
      sharedWith: new Set(),
    };
    region.snapshots.set(snapshot.id, snapshot);
    return { SnapshotId: snapshot.id, Tags: tagList(snapshot.tags) };
  },

  describeSnapshotAttribute(input, context) {
    const { id, sharedWith } = findSnapshot(regionOf(context), input.SnapshotId);
    if (input.DryRun) throw dryRun();
    if (input.Attribute === "productCodes") return { SnapshotId: id, ProductCodes: [] };
    return {
      SnapshotId: id,
      CreateVolumePermissions: Array.from(sharedWith, (who) =>
        who === "all" ? { Group: who } : { UserId: who },
      ),
    };
  },

  modifySnapshotAttribute(input, context) {
    const { sharedWith, encrypted } = findSnapshot(regionOf(context), input.SnapshotId);
    const change = input.CreateVolumePermission;
    const listed = [...(input.UserIds ?? []), ...(input.GroupNames ?? [])];
    const of = (list: readonly { readonly UserId?: string; readonly Group?: string }[] = []) =>
      list.map(({ UserId, Group }) => UserId ?? Group ?? "");
    const added = [...of(change?.Add), ...(input.OperationType === "remove" ? [] : listed)];
    const removed = [...of(change?.Remove), ...(input.OperationType === "remove" ? listed : [])];
    const unknown = [...added, ...removed].find((who) => who !== "all" && !/^\d{12}$/.test(who));
    if (unknown !== undefined) {
      throw clientError(
        "InvalidAMIAttributeItemValue",
        `Invalid attribute item value "${unknown}" for ${/^\d+$/.test(unknown) ? "userId" : "userGroup"} item type.`,
      );
    }
    if (added.includes("all") && encrypted)
      throw clientError("InvalidParameter", "Encrypted snapshots cannot be shared publicly.");
    if (input.DryRun) throw dryRun();
    for (const who of added) sharedWith.add(who);
    for (const who of removed) sharedWith.delete(who);
    return {};
  },

  resetSnapshotAttribute(input, context) {
    const { sharedWith } = findSnapshot(regionOf(context), input.SnapshotId);
    if (input.DryRun) throw dryRun();
    sharedWith.clear();
    return {};
  },
};

function findSnapshot(region: Ec2Region, id: string): Snapshot {
  return (chosen(region.snapshots, [id], "snap") as [Snapshot])[0];
}

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
