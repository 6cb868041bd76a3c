/** Handlers of what is there without being made: regions, zones, images, account attributes. And images made of instances. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { clientError, dryRun, invalidParameter, notFound } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import type { Image } from "./images.js";
import { REGIONS, zonesOf } from "./regions.js";
import { findImage } from "./run.js";
import { type Ec2Region, regionOf } from "./store.js";

const NO_TAGS: ReadonlyMap<string, string> = new Map();

export const placeHandlers: Handlers<EC2> = {
  describeRegions(input) {
    if (input.DryRun) throw dryRun();
    const all = Object.entries(REGIONS).map(([name, { optIn }]) => ({
      name,
      endpoint: `ec2.${name}.amazonaws.com`,
      status: optIn ? "not-opted-in" : "opt-in-not-required",
    }));
    const unknown = input.RegionNames?.find((name) => !(name in REGIONS));
    if (unknown !== undefined) throw invalidParameter(`Invalid region provided: ${unknown}`);
    const shown = all.filter(
      ({ name, status }) =>
        input.RegionNames?.includes(name) ?? (input.AllRegions || status !== "not-opted-in"),
    );
    const fields: FilterFields<(typeof all)[number]> = {
      "region-name": ({ name }) => name,
      endpoint: ({ endpoint }) => endpoint,
      "opt-in-status": ({ status }) => status,
    };
    return {
      Regions: applyFilters(shown, input.Filters, fields, () => NO_TAGS).map(
        ({ name, endpoint, status }) => ({
          RegionName: name,
          Endpoint: endpoint,
          OptInStatus: status,
        }),
      ),
    };
  },

  describeAvailabilityZones(input, context) {
    if (input.DryRun) throw dryRun();
    const region = regionOf(context).name;
    const zones = zonesOf(region);
    const unknown = input.ZoneNames?.find((name) => !zones.some((zone) => zone.name === name));
    if (unknown !== undefined) throw invalidParameter(`Invalid availability zone: [${unknown}]`);
    const named = zones.filter(
      ({ name, id }) => (input.ZoneNames?.includes(name) ?? true) && (input.ZoneIds?.includes(id) ?? true),
    );
    const fields: FilterFields<(typeof zones)[number]> = {
      "zone-name": ({ name }) => name,
      "zone-id": ({ id }) => id,
      "region-name": () => region,
      state: () => "available",
      "zone-type": () => "availability-zone",
      "opt-in-status": () => "opt-in-not-required",
      "group-name": () => `${region}-zg-1`,
    };
    return {
      AvailabilityZones: applyFilters(named, input.Filters, fields, () => NO_TAGS).map(({ name, id }) => ({
        State: "available" as const,
        OptInStatus: "opt-in-not-required" as const,
        Messages: [],
        RegionName: region,
        ZoneName: name,
        ZoneId: id,
        GroupName: `${region}-zg-1`,
        NetworkBorderGroup: region,
        ZoneType: "availability-zone",
      })),
    };
  },

  describeImages(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const missing = input.ImageIds?.filter((id) => /^ami-/.test(id) && !region.images.has(id)) ?? [];
    if (missing.length > 1)
      throw clientError("InvalidAMIID.NotFound", `The image ids '[${missing.join(", ")}]' do not exist`);
    const named = input.ImageIds?.length
      ? input.ImageIds.map((id) => findImage(region, id))
      : [...region.images.values()];
    const owned = named.filter((image) => isOwned(image, input.Owners, region));
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
    const name = input.Name;
    const taken = [...region.images.values()].find(
      (image) => image.name === name && image.owner === region.account,
    );
    if (taken !== undefined) {
      throw clientError("InvalidAMIName.Duplicate", `AMI name ${name} is already in use by AMI ${taken.id}`);
    }
    const image: Image = {
      ...instance.image,
      id: newId("ami"),
      name,
      description: input.Description ?? "",
      owner: region.account,
      ownerAlias: undefined,
      snapshotId: newId("snap"),
      created: region.clock.date().toISOString(),
      isPublic: false,
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
    return { Return: true };
  },

  describeAccountAttributes(input, context) {
    const region = regionOf(context);
    const all = {
      "supported-platforms": ["VPC"],
      "default-vpc": [region.defaultVpc?.id ?? "none"],
      "max-instances": ["20"],
      "vpc-max-security-groups-per-interface": ["5"],
      "max-elastic-ips": ["5"],
      "vpc-max-elastic-ips": ["5"],
    };
    const asked = input.AttributeNames;
    return {
      AccountAttributes: Object.entries(all)
        .filter(([name]) => asked === undefined || asked.length === 0 || asked.includes(name))
        .map(([AttributeName, values]) => ({
          AttributeName,
          AttributeValues: values.map((AttributeValue) => ({ AttributeValue })),
        })),
    };
  },
};

function isOwned(image: Image, owners: readonly string[] | undefined, region: Ec2Region): boolean {
  if (owners === undefined || owners.length === 0) return image.isPublic || image.owner === region.account;
  return owners.some(
    (owner) =>
      owner === image.owner ||
      owner === image.ownerAlias ||
      (owner === "self" && image.owner === region.account),
  );
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
  "is-public": ({ isPublic }) => isPublic,
  "image-type": () => "machine",
  "root-device-type": () => "ebs",
  "root-device-name": ({ rootDevice }) => rootDevice,
  "virtualization-type": () => "hvm",
  hypervisor: () => "xen",
  "ena-support": () => true,
  "creation-date": ({ created }) => created,
  "source-instance-id": ({ sourceInstanceId }) => sourceInstanceId,
};

function imageOutput(image: Image) {
  const windows = image.platform === "windows";
  return {
    ImageId: image.id,
    ImageLocation: `${image.ownerAlias ?? image.owner}/${image.name}`,
    State: "available" as const,
    OwnerId: image.owner,
    CreationDate: image.created,
    Public: image.isPublic,
    Architecture: image.architecture,
    ImageType: "machine" as const,
    Platform: image.platform,
    PlatformDetails: windows ? "Windows" : "Linux/UNIX",
    UsageOperation: windows ? "RunInstances:0002" : "RunInstances",
    BlockDeviceMappings: [
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
    ],
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
