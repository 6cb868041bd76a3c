/** Handlers of network interfaces: those of instances, which come and go with them, and those made alone. */
import type { EC2, NetworkInterface as NetworkInterfaceOutput } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import type { Instance } from "./compute-resources.js";
import { clientError, dryRun, invalidParameter, notFound } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { describeInstance, privateDnsName } from "./instance-output.js";
import { shownInstances, stateName } from "./instance-state.js";
import { freshIpv6Addresses, normalIpv6 } from "./ipv6-ranges.js";
import { chosen } from "./network.js";
import type { NetworkInterface, Subnet } from "./network-resources.js";
import { newMacAddress } from "./run.js";
import { type Ec2Region, regionOf } from "./store.js";
import { SubnetAddresses } from "./subnet-addresses.js";

export const networkInterfaceHandlers: Handlers<EC2> = {
  createNetworkInterface(input, context) {
    const region = regionOf(context);
    const [subnet] = chosen(region.subnets, [input.SubnetId], "subnet") as [Subnet];
    const groups = input.Groups ?? [];
    chosen(region.groups, groups, "sg");
    if (input.DryRun) throw dryRun();
    const listed = input.PrivateIpAddresses ?? [];
    // Without one that says so the first is the primary.
    const primary =
      input.PrivateIpAddress ?? (listed.find(({ Primary }) => Primary) ?? listed[0])?.PrivateIpAddress;
    const addresses = new SubnetAddresses(region, subnet);
    const secondary = listed.filter(
      ({ Primary, PrivateIpAddress }) => !Primary && PrivateIpAddress !== primary,
    );
    const ipv6Count = input.Ipv6AddressCount ?? (subnet.ipv6OnCreation ? 1 : 0);
    const networkInterface: NetworkInterface = {
      ...newInterface(addresses, primary),
      secondaryIps: [
        ...secondary.map(({ PrivateIpAddress = "" }) => addresses.claim(PrivateIpAddress)),
        ...Array.from({ length: input.SecondaryPrivateIpAddressCount ?? 0 }, () => addresses.next()),
      ],
      ipv6Addresses:
        input.Ipv6Addresses?.map(({ Ipv6Address = "" }) => normalIpv6(Ipv6Address)) ??
        freshIpv6Addresses(region, subnet.id, ipv6Count),
      tags: requestedTags(input.TagSpecifications, "network-interface"),
      description: input.Description ?? "",
      groupIds: groups.length > 0 ? groups : defaultGroups(region, subnet.vpcId),
    };
    region.networkInterfaces.set(networkInterface.id, networkInterface);
    const output = interfaceOutput(region, networkInterface);
    return { NetworkInterface: { ...output, Status: "pending" as const }, ClientToken: input.ClientToken };
  },

  describeNetworkInterfaces(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const all = new Map(shownInterfaces(region).map((each) => [each.NetworkInterfaceId as string, each]));
    const named = chosen(all, input.NetworkInterfaceIds, "eni");
    const found = applyFilters(named, input.Filters, FIELDS, tagsOf);
    const { items, NextToken } = page(found, input);
    return { NetworkInterfaces: items, NextToken };
  },

  deleteNetworkInterface(input, context) {
    const region = regionOf(context);
    const networkInterface = findInterface(region, input.NetworkInterfaceId);
    if (networkInterface.attachment !== undefined || networkInterface.requester !== undefined) {
      throw invalidParameter(`Network interface '${networkInterface.id}' is currently in use.`);
    }
    if (input.DryRun) throw dryRun();
    region.networkInterfaces.delete(networkInterface.id);
    return {};
  },

  attachNetworkInterface(input, context) {
    const region = regionOf(context);
    const networkInterface = findInterface(region, input.NetworkInterfaceId);
    const [instance] = chosen(region.instances, [input.InstanceId], "i") as [Instance];
    if (networkInterface.attachment !== undefined) {
      throw clientError("InvalidNetworkInterface.InUse", `Interface: [${networkInterface.id}] in use.`);
    }
    if (input.DryRun) throw dryRun();
    const attachment = {
      id: newId("eni-attach"),
      instanceId: instance.id,
      deviceIndex: input.DeviceIndex,
      at: region.clock.date(),
      deleteOnTermination: false,
    };
    networkInterface.attachment = attachment;
    return { AttachmentId: attachment.id, NetworkCardIndex: input.NetworkCardIndex ?? 0 };
  },

  detachNetworkInterface(input, context) {
    const region = regionOf(context);
    const found = [...region.networkInterfaces.values()].find(
      ({ attachment }) => attachment?.id === input.AttachmentId,
    );
    const first = [...region.instances.values()].some(
      ({ attachmentId }) => attachmentId === input.AttachmentId,
    );
    if (found === undefined && !first) {
      throw clientError(
        "InvalidAttachmentID.NotFound",
        `The attachment '${input.AttachmentId}' does not exist`,
      );
    }
    if (found?.attachment === undefined || found.attachment.deviceIndex === 0) {
      throw clientError(
        "OperationNotPermitted",
        "The network interface at device index 0 cannot be detached.",
      );
    }
    if (input.DryRun) throw dryRun();
    found.attachment = undefined;
    return {};
  },

  modifyNetworkInterfaceAttribute(input, context) {
    const region = regionOf(context);
    const networkInterface = findInterface(region, input.NetworkInterfaceId);
    if (input.Groups !== undefined) chosen(region.groups, input.Groups, "sg");
    if (input.DryRun) throw dryRun();
    networkInterface.groupIds = input.Groups ?? networkInterface.groupIds;
    networkInterface.description = input.Description?.Value ?? networkInterface.description;
    networkInterface.sourceDestCheck = input.SourceDestCheck?.Value ?? networkInterface.sourceDestCheck;
    const { attachment } = networkInterface;
    const deletes = input.Attachment?.DeleteOnTermination;
    if (attachment !== undefined && deletes !== undefined) attachment.deleteOnTermination = deletes;
    return {};
  },

  describeNetworkInterfaceAttribute(input, context) {
    const region = regionOf(context);
    const output = shownInterfaces(region).find(
      (each) => each.NetworkInterfaceId === input.NetworkInterfaceId,
    );
    if (output === undefined) throw notFound("eni", [input.NetworkInterfaceId]);
    if (input.DryRun) throw dryRun();
    const NetworkInterfaceId = input.NetworkInterfaceId;
    if (input.Attribute === "description") {
      return { NetworkInterfaceId, Description: { Value: output.Description } };
    }
    if (input.Attribute === "groupSet") return { NetworkInterfaceId, Groups: output.Groups };
    if (input.Attribute === "sourceDestCheck") {
      return { NetworkInterfaceId, SourceDestCheck: { Value: output.SourceDestCheck } };
    }
    if (input.Attribute === "attachment") return { NetworkInterfaceId, Attachment: output.Attachment };
    throw invalidParameter(
      `Value (${input.Attribute}) for parameter attribute is invalid. Unknown attribute.`,
    );
  },
};

/** An interface with the next free address of its subnet, or the one that is asked for. */
export function newInterface(addresses: SubnetAddresses, address?: string): NetworkInterface {
  const { subnet } = addresses;
  return {
    id: newId("eni"),
    tags: new Map(),
    description: "",
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    zone: subnet.zone,
    privateIp: address === undefined ? addresses.next() : addresses.claim(address),
    secondaryIps: [],
    ipv6Addresses: [],
    macAddress: newMacAddress(),
    requester: undefined,
    groupIds: [],
    sourceDestCheck: true,
    attachment: undefined,
  };
}

const TYPES = { nat: "nat_gateway", transit: "transit_gateway", endpoint: "vpc_endpoint" } as const;

/** One that a service of EC2 holds in a subnet. */
export function addManagedInterface(
  region: Ec2Region,
  subnet: Subnet,
  own: Partial<NetworkInterface> & { readonly requester: keyof typeof TYPES },
): NetworkInterface {
  const { privateIp, ...rest } = own;
  const made = {
    ...newInterface(new SubnetAddresses(region, subnet), privateIp),
    sourceDestCheck: false,
    ...rest,
  };
  region.networkInterfaces.set(made.id, made);
  return made;
}

export function defaultGroups(region: Ec2Region, vpcId: string): string[] {
  const groups = [...region.groups.values()];
  return groups.filter((each) => each.vpcId === vpcId && each.name === "default").map(({ id }) => id);
}

/** Any: also an instance's own. */
export function checkInterface(region: Ec2Region, id: string): void {
  if (!shownInterfaces(region).some((each) => each.NetworkInterfaceId === id)) throw notFound("eni", [id]);
}

export function findInterface(region: Ec2Region, id: string): NetworkInterface {
  const found = region.networkInterfaces.get(id);
  if (found !== undefined) return found;
  if (shownInterfaces(region).some((each) => each.NetworkInterfaceId === id)) {
    throw clientError(
      "OperationNotPermitted",
      "You cannot change a network interface that is an instance's own",
    );
  }
  throw notFound("eni", [id]);
}

type Shown = Answered<NetworkInterfaceOutput>;

const FIELDS: FilterFields<Shown> = {
  "network-interface-id": (each) => each.NetworkInterfaceId,
  "attachment.instance-id": (each) => each.Attachment?.InstanceId,
  "attachment.instance-owner-id": (each) => each.Attachment?.InstanceOwnerId,
  "attachment.attachment-id": (each) => each.Attachment?.AttachmentId,
  "attachment.device-index": (each) => each.Attachment?.DeviceIndex,
  "attachment.status": (each) => each.Attachment?.Status,
  "association.public-ip": (each) => each.Association?.PublicIp,
  "subnet-id": (each) => each.SubnetId,
  "vpc-id": (each) => each.VpcId,
  "group-id": (each) => each.Groups?.map(({ GroupId }) => GroupId) ?? [],
  "group-name": (each) => each.Groups?.map(({ GroupName }) => GroupName) ?? [],
  "private-ip-address": (each) => each.PrivateIpAddress,
  "addresses.private-ip-address": (each) =>
    each.PrivateIpAddresses?.map(({ PrivateIpAddress }) => PrivateIpAddress) ?? [],
  "addresses.primary": (each) => each.PrivateIpAddresses?.map(({ Primary }) => Primary) ?? [],
  "ipv6-addresses.ipv6-address": (each) => each.Ipv6Addresses?.map(({ Ipv6Address }) => Ipv6Address) ?? [],
  "private-dns-name": (each) => each.PrivateDnsName,
  "mac-address": (each) => each.MacAddress,
  "availability-zone": (each) => each.AvailabilityZone,
  "interface-type": (each) => each.InterfaceType,
  "owner-id": (each) => each.OwnerId,
  "requester-managed": (each) => each.RequesterManaged,
  "source-dest-check": (each) => each.SourceDestCheck,
  description: (each) => each.Description,
  status: (each) => each.Status,
};

function tagsOf({ TagSet }: Shown): Map<string, string> {
  return new Map(TagSet?.map(({ Key = "", Value = "" }) => [Key, Value]));
}

function shownInterfaces(region: Ec2Region): Shown[] {
  const now = region.clock.now();
  const living = shownInstances(region).filter((instance) => stateName(instance, now) !== "terminated");
  const made = [...region.networkInterfaces.values()];
  return [
    ...living
      .filter(({ networkInterfaceId }) => !region.networkInterfaces.has(networkInterfaceId))
      .map((instance) => instanceInterface(region, instance)),
    ...made.map((each) => interfaceOutput(region, each)),
  ];
}

function instanceInterface(region: Ec2Region, instance: Instance): Shown {
  const { Attachment, ...own } = describeInstance(region, instance).NetworkInterfaces[0] ?? {};
  return {
    ...own,
    Attachment: Attachment && { ...Attachment, InstanceId: instance.id, InstanceOwnerId: instance.owner },
    AvailabilityZone: instance.zone,
    RequesterManaged: false,
    TagSet: [],
  } as Shown;
}

function interfaceOutput(region: Ec2Region, each: NetworkInterface): Shown {
  const address = [...region.addresses.values()].find(
    ({ association }) => association?.networkInterfaceId === each.id,
  );
  const association = address?.association && {
    AllocationId: address.id,
    AssociationId: address.association.id,
    IpOwnerId: region.account,
    PublicIp: address.publicIp,
    PublicDnsName: "",
  };
  const dnsName = privateDnsName(region, each);
  const groups = each.groupIds.map((id) => region.groups.get(id)).filter((group) => group !== undefined);
  return {
    NetworkInterfaceId: each.id,
    Association: association,
    Attachment: each.attachment && {
      AttachmentId: each.attachment.id,
      AttachTime: each.attachment.at,
      DeleteOnTermination: each.attachment.deleteOnTermination,
      DeviceIndex: each.attachment.deviceIndex,
      NetworkCardIndex: 0,
      InstanceId: each.attachment.instanceId,
      InstanceOwnerId: region.account,
      Status: "attached",
    },
    AvailabilityZone: each.zone,
    Description: each.description,
    Groups: groups.map(({ id, name }) => ({ GroupId: id, GroupName: name })),
    InterfaceType: each.requester === undefined ? "interface" : TYPES[each.requester],
    Ipv6Addresses: each.ipv6Addresses.map((Ipv6Address) => ({ Ipv6Address })),
    MacAddress: each.macAddress,
    OwnerId: region.account,
    PrivateDnsName: dnsName,
    PrivateIpAddress: each.privateIp,
    PrivateIpAddresses: [
      { Association: association, Primary: true, PrivateDnsName: dnsName, PrivateIpAddress: each.privateIp },
      ...each.secondaryIps.map((privateIp) => ({
        Primary: false,
        PrivateDnsName: privateDnsName(region, { ...each, privateIp }),
        PrivateIpAddress: privateIp,
      })),
    ],
    RequesterManaged: each.requester !== undefined,
    SourceDestCheck: each.sourceDestCheck,
    Status: (each.attachment ?? each.requester) ? "in-use" : "available",
    SubnetId: each.subnetId,
    VpcId: each.vpcId,
    TagSet: tagList(each.tags) ?? [],
  };
}
