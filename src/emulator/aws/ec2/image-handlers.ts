/** Handlers of images: described, made of instances, and given up. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import type { Instance, Snapshot } from "./compute-resources.js";
import { clientError, dryRun, notFound } from "./errors.js";
import {
  applyFilters,
  type FilterFields,
  newId,
  page,
  requestedTags,
  type TagSpecification,
  tagList,
} from "./filters.js";
import { type Image, isPublic } from "./images.js";
import { findImage } from "./run.js";
import { type Ec2Region, regionOf } from "./store.js";

export const imageHandlers: Handlers<EC2> = {
  describeImages(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const missing =
      input.ImageIds?.filter(
        (id) => /^ami-/.test(id) && !region.images.has(id) && !region.deregistered.has(id),
      ) ?? [];
    if (missing.length > 1)
      throw clientError("InvalidAMIID.NotFound", `The image ids '[${missing.join(", ")}]' do not exist`);
    const named = input.ImageIds?.length
      ? input.ImageIds.filter((id) => !region.deregistered.has(id)).map((id) => findImage(region, id))
      : [...region.images.values()];
    const owned = named.filter(
      (image) => isOwned(image, input.Owners, region) && isExecutable(image, input.ExecutableUsers, region),
    );
    const { items, NextToken } = page(
      applyFilters(owned, input.Filters, IMAGE_FIELDS, ({ tags }) => tags),
      input,
    );
    return { Images: items.map(imageOutput), NextToken };
  },

  createImage(input, context) {
    const region = regionOf(context);
    const instance = region.instances.get(input.InstanceId);
    if (instance === undefined) throw notFound("i", [input.InstanceId]);
    if (input.DryRun) throw dryRun();
    checkNewName(region, input.Name);
    const id = newId("ami");
    const description = `Created by CreateImage(${instance.id}) for ${id}`;
    const image: Image = {
      ...instance.image,
      id,
      name: input.Name,
      description: input.Description ?? "",
      owner: region.account,
      ownerAlias: undefined,
      snapshotId: snapshotRoot(region, instance, description, input.TagSpecifications),
      created: region.clock.date().toISOString(),
      launchPermissions: [],
      sourceInstanceId: instance.id,
      tags: requestedTags(input.TagSpecifications, "image"),
    };
    region.images.set(image.id, image);
    return { ImageId: image.id };
  },

  deregisterImage(input, context) {
    const region = regionOf(context);
    const image = findImage(region, input.ImageId);
    if (input.DryRun) throw dryRun();
    if (image.owner !== region.account)
      throw clientError("AuthFailure", `Not authorized for image:${image.id}`);
    region.images.delete(image.id);
    region.deregistered.add(image.id);
    return { Return: true };
  },
};

function isOwned(image: Image, owners: readonly string[] | undefined, region: Ec2Region): boolean {
  const { account } = region;
  const shared = image.launchPermissions.some(({ UserId }) => UserId === account);
  if (owners === undefined || owners.length === 0)
    return isPublic(image) || image.owner === account || shared;
  return owners.some(
    (owner) =>
      owner === image.owner ||
      owner === image.ownerAlias ||
      (owner === "self" && image.owner === region.account),
  );
}

function isExecutable(image: Image, users: readonly string[] | undefined, { account }: Ec2Region): boolean {
  if (users === undefined || users.length === 0) return true;
  return image.launchPermissions.some(({ UserId, Group }) =>
    users.some((user) => (user === "all" ? Group === "all" : UserId === (user === "self" ? account : user))),
  );
}

export function checkNewName(region: Ec2Region, name: string): void {
  const taken = [...region.images.values()].find(
    (image) => image.name === name && image.owner === region.account,
  );
  if (taken !== undefined) {
    throw clientError("InvalidAMIName.Duplicate", `AMI name ${name} is already in use by AMI ${taken.id}`);
  }
}

/** Makes a snapshot of an instance's root volume. */
function snapshotRoot(
  region: Ec2Region,
  instance: Instance,
  description: string,
  tags: readonly TagSpecification[] | undefined,
): string {
  const root = [...region.volumes.values()].find(
    ({ attachment }) =>
      attachment?.instanceId === instance.id && attachment.device === instance.image.rootDevice,
  );
  const snapshot: Snapshot = {
    id: newId("snap"),
    tags: requestedTags(tags, "snapshot"),
    volumeId: root?.id ?? "vol-ffffffff",
    sizeGib: root?.sizeGib ?? instance.image.rootSizeGib,
    encrypted: root?.encrypted ?? false,
    description,
    started: region.clock.date(),
    sharedWith: new Set(),
  };
  region.snapshots.set(snapshot.id, snapshot);
  return snapshot.id;
}

const IMAGE_FIELDS: FilterFields<Image> = {
  "image-id": ({ id }) => id,
  name: ({ name }) => name,
  description: ({ description }) => description,
  architecture: ({ architecture }) => architecture,
  "owner-id": ({ owner }) => owner,
  "owner-alias": ({ ownerAlias }) => ownerAlias,
  platform: ({ platform }) => platform,
  state: () => "available",
  "is-public": isPublic,
  "image-type": () => "machine",
  "root-device-type": () => "ebs",
  "root-device-name": ({ rootDevice }) => rootDevice,
  "virtualization-type": () => "hvm",
  hypervisor: () => "xen",
  "ena-support": () => true,
  "creation-date": ({ created }) => created,
  "source-instance-id": ({ sourceInstanceId }) => sourceInstanceId,
};

export function imageDevices(image: Image) {
  return [
    {
      DeviceName: image.rootDevice,
      Ebs: {
        DeleteOnTermination: true,
        SnapshotId: image.snapshotId,
        VolumeSize: image.rootSizeGib,
        VolumeType: "gp3" as const,
        Encrypted: false,
      },
    },
  ];
}

function imageOutput(image: Image) {
  const windows = image.platform === "windows";
  return {
    ImageId: image.id,
    ImageLocation: `${image.ownerAlias ?? image.owner}/${image.name}`,
    State: "available" as const,
    OwnerId: image.owner,
    CreationDate: image.created,
    Public: isPublic(image),
    Architecture: image.architecture as "x86_64",
    ImageType: "machine" as const,
    Platform: image.platform,
    PlatformDetails: windows ? "Windows" : "Linux/UNIX",
    UsageOperation: windows ? "RunInstances:0002" : "RunInstances",
    BlockDeviceMappings: imageDevices(image),
    Description: image.description,
    EnaSupport: true,
    Hypervisor: "xen" as const,
    ImageOwnerAlias: image.ownerAlias,
    Name: image.name,
    RootDeviceName: image.rootDevice,
    RootDeviceType: "ebs" as const,
    SourceInstanceId: image.sourceInstanceId,
    SriovNetSupport: "simple",
    Tags: tagList(image.tags),
    VirtualizationType: "hvm" as const,
  };
}
