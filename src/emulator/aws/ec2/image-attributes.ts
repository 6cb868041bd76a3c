/** Handlers that register and copy images, and change what is told of them. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import type { Snapshot } from "./compute-resources.js";
import { clientError, dryRun, invalidParameter, notFound } from "./errors.js";
import { newId, requestedTags } from "./filters.js";
import { checkNewName, imageDevices } from "./image-handlers.js";
import type { Image, LaunchPermission } from "./images.js";
import { findImage } from "./run.js";
import { type Ec2Region, otherRegion, regionOf } from "./store.js";

export const imageAttributeHandlers: Handlers<EC2> = {
  registerImage(input, context) {
    const region = regionOf(context);
    checkNewName(region, input.Name);
    const rootDevice = input.RootDeviceName ?? "/dev/sda1";
    const root = input.BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === rootDevice)?.Ebs;
    if (input.ImageLocation === undefined && root === undefined) {
      throw clientError("MissingParameter", "The request must contain the parameter rootDeviceName");
    }
    const snapshot = root?.SnapshotId === undefined ? undefined : region.snapshots.get(root.SnapshotId);
    if (root?.SnapshotId !== undefined && snapshot === undefined) throw notFound("snap", [root.SnapshotId]);
    if (input.DryRun) throw dryRun();
    const image: Image = {
      id: newId("ami"),
      name: input.Name,
      description: input.Description ?? "",
      owner: region.account,
      ownerAlias: undefined,
      architecture: input.Architecture ?? "i386",
      platform: undefined,
      rootDevice,
      rootSizeGib: root?.VolumeSize ?? snapshot?.sizeGib ?? 8,
      snapshotId: root?.SnapshotId ?? "",
      created: region.clock.date().toISOString(),
      launchPermissions: [],
      sourceInstanceId: undefined,
      tags: requestedTags(input.TagSpecifications, "image"),
    };
    region.images.set(image.id, image);
    return { ImageId: image.id };
  },

  copyImage(input, context) {
    const region = regionOf(context);
    const source = findImage(otherRegion(context, input.SourceRegion), input.SourceImageId);
    if (input.DryRun) throw dryRun();
    const id = newId("ami");
    const snapshot: Snapshot = {
      id: newId("snap"),
      tags: requestedTags(input.TagSpecifications, "snapshot"),
      volumeId: "vol-ffffffff",
      sizeGib: source.rootSizeGib,
      encrypted: input.Encrypted === true,
      description: `Copied for DestinationAmi ${id} from SourceAmi ${source.id} for SourceSnapshot ${source.snapshotId}.`,
      started: region.clock.date(),
      sharedWith: new Set(),
    };
    region.snapshots.set(snapshot.id, snapshot);
    region.images.set(id, {
      ...source,
      id,
      name: input.Name,
      description: input.Description ?? source.description,
      owner: region.account,
      ownerAlias: undefined,
      snapshotId: snapshot.id,
      created: region.clock.date().toISOString(),
      launchPermissions: [],
      sourceInstanceId: undefined,
      tags: new Map([
        ...(input.CopyImageTags ? source.tags : []),
        ...requestedTags(input.TagSpecifications, "image"),
      ]),
    });
    return { ImageId: id };
  },

  describeImageAttribute(input, context) {
    const image = findImage(regionOf(context), input.ImageId);
    if (input.DryRun) throw dryRun();
    const ImageId = image.id;
    switch (input.Attribute) {
      case "description":
        return { ImageId, Description: { Value: image.description } };
      case "launchPermission":
        return { ImageId, LaunchPermissions: [...image.launchPermissions] };
      case "blockDeviceMapping":
        return { ImageId, BlockDeviceMappings: imageDevices(image) };
      case "productCodes":
        return { ImageId, ProductCodes: [] };
      case "sriovNetSupport":
        return { ImageId, SriovNetSupport: { Value: "simple" } };
      case "deregistrationProtection":
        return { ImageId, DeregistrationProtection: { Value: "disabled" } };
      case "kernel":
      case "ramdisk":
      case "bootMode":
      case "tpmSupport":
      case "uefiData":
      case "imdsSupport":
      case "lastLaunchedTime":
        return { ImageId };
    }
    throw invalidParameter(
      `Value (${input.Attribute}) for parameter attribute is invalid. Unknown attribute.`,
    );
  },

  modifyImageAttribute(input, context) {
    const image = ownImage(regionOf(context), input.ImageId);
    const { OperationType, LaunchPermission: change } = input;
    const listed: LaunchPermission[] = [
      ...(input.UserIds ?? []).map((UserId) => ({ UserId })),
      ...(input.UserGroups ?? []).map((Group) => ({ Group })),
      ...(input.OrganizationArns ?? []).map((OrganizationArn) => ({ OrganizationArn })),
      ...(input.OrganizationalUnitArns ?? []).map((OrganizationalUnitArn) => ({ OrganizationalUnitArn })),
    ];
    if (OperationType !== undefined && OperationType !== "add" && OperationType !== "remove")
      throw invalidParameter(`Value (${OperationType}) for parameter operationType is invalid.`);
    const added = [...(change?.Add ?? []), ...(OperationType === "remove" ? [] : listed)];
    const removed = [...(change?.Remove ?? []), ...(OperationType === "remove" ? listed : [])];
    for (const each of [...added, ...removed]) checkPermission(each);
    const text = input.Description?.Value ?? (input.Attribute === "description" ? input.Value : undefined);
    if (input.DryRun) throw dryRun();
    image.description = text ?? image.description;
    const has = (list: readonly LaunchPermission[], wanted: LaunchPermission) =>
      list.some((each) => keyOf(each) === keyOf(wanted));
    const kept = image.launchPermissions.filter((each) => !has(removed, each));
    const fresh = added.filter((each, index) => !has(kept, each) && !has(added.slice(0, index), each));
    image.launchPermissions = [...kept, ...fresh];
    return {};
  },

  resetImageAttribute(input, context) {
    const image = ownImage(regionOf(context), input.ImageId);
    if (input.DryRun) throw dryRun();
    image.launchPermissions = [];
    return {};
  },
};

function ownImage(region: Ec2Region, id: string): Image {
  const image = findImage(region, id);
  if (image.owner !== region.account)
    throw clientError("AuthFailure", `Not authorized for image:${image.id}`);
  return image;
}

function checkPermission({ UserId, Group }: LaunchPermission): void {
  if (Group !== undefined && Group !== "all") {
    throw clientError(
      "InvalidAMIAttributeItemValue",
      `Invalid attribute item value "${Group}" for userGroup item type.`,
    );
  }
  if (UserId !== undefined && !/^\d{12}$/.test(UserId)) {
    throw clientError(
      "InvalidAMIAttributeItemValue",
      `Invalid attribute item value "${UserId}" for userId item type.`,
    );
  }
}

function keyOf(permission: LaunchPermission): string {
  return JSON.stringify(Object.entries(permission).sort());
}
