/** Handlers of VPCs, subnets and security groups. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { checkIds, clientError, dependencyViolation, dryRun, invalidParameter, notFound } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { stateName } from "./instance-state.js";
import { amazonIpv6Range } from "./ipv6.js";
import { addIpv6Range, checkSubnetIpv6, IPV6_FIELDS, ipv6RangesOutput } from "./ipv6-ranges.js";
import type { Subnet, Vpc } from "./network-resources.js";
import { zonesOf } from "./regions.js";
import { type Ec2Region, regionOf } from "./store.js";
import { SubnetAddresses } from "./subnet-addresses.js";

export const networkHandlers: Handlers<EC2> = {
  createVpc(input, context) {
    const region = regionOf(context);
    if (input.CidrBlock === undefined)
      throw clientError("MissingParameter", "The request must contain the parameter cidrBlock");
    checkCidr(input.CidrBlock, "InvalidVpc.Range");
    if (input.DryRun) throw dryRun();
    const vpc = region.addVpc(input.CidrBlock, false, input.InstanceTenancy ?? "default");
    setTags(vpc, requestedTags(input.TagSpecifications, "vpc"));
    if (input.AmazonProvidedIpv6CidrBlock) addIpv6Range(region, vpc, amazonIpv6Range());
    else if (input.Ipv6CidrBlock !== undefined) addIpv6Range(region, vpc, input.Ipv6CidrBlock);
    return { Vpc: { ...vpcOutput(region, vpc), State: "pending" as const, Tags: tagList(vpc.tags) ?? [] } };
  },

  createDefaultVpc(input, context) {
    const region = regionOf(context);
    if (region.defaultVpc !== undefined) {
      throw clientError(
        "DefaultVpcAlreadyExists",
        `A Default VPC already exists for this account in this region.`,
      );
    }
    if (input.DryRun) throw dryRun();
    const vpc = region.addVpc("172.31.0.0/16", true);
    zonesOf(region.name).forEach((zone, index) => {
      region.addSubnet(vpc.id, `172.31.${index * 16}.0/20`, zone, true);
    });
    return { Vpc: vpcOutput(region, vpc) };
  },

  describeVpcs(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = chosen(region.vpcs, input.VpcIds, "vpc");
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, vpcFields(region), ({ tags }) => tags),
      input,
    );
    return { Vpcs: items.map((vpc) => vpcOutput(region, vpc)), NextToken };
  },

  deleteVpc(input, context) {
    const region = regionOf(context);
    const vpc = findVpc(region, input.VpcId);
    const groups = [...region.groups.values()].filter(({ vpcId }) => vpcId === vpc.id);
    const holders = [
      ...region.subnets.values(),
      ...region.internetGateways.values(),
      ...region.egressGateways.values(),
      ...region.vpcEndpoints.values(),
      ...region.vpnGateways.values(),
      ...region.carrierGateways.values(),
    ];
    const used =
      holders.some(({ vpcId }) => vpcId === vpc.id) || groups.length > 1 || ownParts(region, vpc).length > 0;
    if (used) throw dependencyViolation(`The vpc '${vpc.id}' has dependencies and cannot be deleted.`);
    if (input.DryRun) throw dryRun();
    for (const { id } of groups) region.groups.delete(id);
    for (const parts of [region.routeTables, region.networkAcls]) {
      for (const { id, vpcId } of parts.values()) if (vpcId === vpc.id) parts.delete(id);
    }
    region.vpcs.delete(vpc.id);
    return {};
  },

  describeVpcAttribute(input, context) {
    const vpc = findVpc(regionOf(context), input.VpcId);
    if (input.Attribute === "enableDnsSupport")
      return { VpcId: vpc.id, EnableDnsSupport: { Value: vpc.dnsSupport } };
    if (input.Attribute === "enableDnsHostnames")
      return { VpcId: vpc.id, EnableDnsHostnames: { Value: vpc.dnsHostnames } };
    if (input.Attribute === "enableNetworkAddressUsageMetrics") {
      return { VpcId: vpc.id, EnableNetworkAddressUsageMetrics: { Value: vpc.usageMetrics } };
    }
    throw invalidParameter(
      `Value (${input.Attribute}) for parameter attribute is invalid. Unknown attribute.`,
    );
  },

  modifyVpcAttribute(input, context) {
    const vpc = findVpc(regionOf(context), input.VpcId);
    vpc.dnsSupport = input.EnableDnsSupport?.Value ?? vpc.dnsSupport;
    vpc.dnsHostnames = input.EnableDnsHostnames?.Value ?? vpc.dnsHostnames;
    vpc.usageMetrics = input.EnableNetworkAddressUsageMetrics?.Value ?? vpc.usageMetrics;
    return {};
  },

  modifyVpcTenancy(input, context) {
    const vpc = findVpc(regionOf(context), input.VpcId);
    if (input.InstanceTenancy !== "default")
      throw clientError("UnsupportedTenancy", `The tenancy value ${input.InstanceTenancy} is not supported.`);
    if (input.DryRun) throw dryRun();
    vpc.tenancy = "default";
    return { ReturnValue: true };
  },

  createDefaultSubnet(input, context) {
    const region = regionOf(context);
    const zones = zonesOf(region.name);
    const index = zones.findIndex(
      ({ name, id }) => name === input.AvailabilityZone || id === input.AvailabilityZoneId,
    );
    const zone = zones[index];
    if (zone === undefined) {
      throw invalidParameter(
        `Value (${input.AvailabilityZone ?? input.AvailabilityZoneId}) for parameter availabilityZone is invalid.`,
      );
    }
    const vpc = region.defaultVpc;
    if (vpc === undefined)
      throw clientError("DefaultVpcDoesNotExist", "No default VPC exists for this account in this region.");
    const all = [...region.subnets.values()];
    const present = all.find((each) => each.defaultForZone && each.zone === zone.name);
    if (present !== undefined) {
      throw clientError(
        "DefaultSubnetAlreadyExistsInAvailabilityZone",
        `'${present.id}' is already the default subnet in ${zone.name}.`,
      );
    }
    if (input.DryRun) throw dryRun();
    return {
      Subnet: subnetOutput(region, region.addSubnet(vpc.id, `172.31.${index * 16}.0/20`, zone, true)),
    };
  },

  createSubnet(input, context) {
    const region = regionOf(context);
    const vpc = findVpc(region, input.VpcId);
    const cidr = input.CidrBlock;
    if (cidr === undefined)
      throw clientError("MissingParameter", "The request must contain the parameter cidrBlock");
    checkCidr(cidr, "InvalidSubnet.Range");
    if (![...vpc.ranges.values()].some((range) => contains(range, cidr)))
      throw clientError("InvalidSubnet.Range", `The CIDR '${cidr}' is invalid.`);
    const siblings = [...region.subnets.values()].filter(({ vpcId }) => vpcId === vpc.id);
    if (siblings.some((each) => overlap(each.cidr, cidr))) {
      throw clientError("InvalidSubnet.Conflict", `The CIDR '${cidr}' conflicts with another subnet`);
    }
    const zones = zonesOf(region.name);
    const zone = zones.find(
      ({ name, id }) => name === input.AvailabilityZone || id === input.AvailabilityZoneId,
    );
    if (zone === undefined && (input.AvailabilityZone ?? input.AvailabilityZoneId) !== undefined) {
      const options = zones.map(({ name }) => name).join(", ");
      throw invalidParameter(
        `Value (${input.AvailabilityZone ?? input.AvailabilityZoneId}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${options}.`,
      );
    }
    if (input.Ipv6CidrBlock !== undefined) checkSubnetIpv6(region, vpc, input.Ipv6CidrBlock);
    if (input.DryRun) throw dryRun();
    const subnet = region.addSubnet(vpc.id, cidr, zone ?? (zones[0] as (typeof zones)[number]), false);
    if (input.Ipv6CidrBlock !== undefined)
      subnet.ipv6Ranges.set(newId("subnet-cidr-assoc"), input.Ipv6CidrBlock);
    setTags(subnet, requestedTags(input.TagSpecifications, "subnet"));
    return { Subnet: { ...subnetOutput(region, subnet), Tags: tagList(subnet.tags) ?? [] } };
  },

  describeSubnets(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = chosen(region.subnets, input.SubnetIds, "subnet");
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, subnetFields(region), ({ tags }) => tags),
      input,
    );
    return { Subnets: items.map((subnet) => subnetOutput(region, subnet)), NextToken };
  },

  modifySubnetAttribute(input, context) {
    const region = regionOf(context);
    const [subnet] = chosen(region.subnets, [input.SubnetId], "subnet") as [Subnet];
    subnet.mapPublicIp = input.MapPublicIpOnLaunch?.Value ?? subnet.mapPublicIp;
    const onCreation = input.AssignIpv6AddressOnCreation?.Value ?? subnet.ipv6OnCreation;
    if (onCreation && subnet.ipv6Ranges.size === 0) {
      throw invalidParameter(
        `Invalid value 'true' for assignIpv6AddressOnCreation. Subnet '${subnet.id}' has no IPv6 CIDR block`,
      );
    }
    subnet.ipv6OnCreation = onCreation;
    subnet.dns64 = input.EnableDns64?.Value ?? subnet.dns64;
    const names = subnet.namesOnLaunch;
    names.HostnameType = (input.PrivateDnsHostnameTypeOnLaunch ?? names.HostnameType) as "ip-name";
    names.EnableResourceNameDnsARecord =
      input.EnableResourceNameDnsARecordOnLaunch?.Value ?? names.EnableResourceNameDnsARecord;
    names.EnableResourceNameDnsAAAARecord =
      input.EnableResourceNameDnsAAAARecordOnLaunch?.Value ?? names.EnableResourceNameDnsAAAARecord;
    return {};
  },

  deleteSubnet(input, context) {
    const region = regionOf(context);
    const [subnet] = chosen(region.subnets, [input.SubnetId], "subnet") as [Subnet];
    const now = region.clock.now();
    const holders = [
      ...[...region.instances.values()].filter((instance) => stateName(instance, now) !== "terminated"),
      ...region.networkInterfaces.values(),
    ];
    const used = holders.some(({ subnetId }) => subnetId === subnet.id);
    if (used) throw dependencyViolation(`The subnet '${subnet.id}' has dependencies and cannot be deleted.`);
    if (input.DryRun) throw dryRun();
    region.subnets.delete(subnet.id);
    const holding = [
      ...[...region.routeTables.values()].map(({ associations }) => associations),
      ...[...region.networkAcls.values()].map(({ subnets }) => subnets),
    ];
    for (const associations of holding) {
      for (const [association, id] of associations) if (id === subnet.id) associations.delete(association);
    }
    return {};
  },
};

/** All, or those with these ids in their order. */
export function chosen<T>(
  all: ReadonlyMap<string, T>,
  ids: readonly string[] | undefined,
  prefix: string,
): T[] {
  if (ids === undefined || ids.length === 0) return [...all.values()];
  checkIds(prefix, ids);
  return ids.map((id) => {
    const found = all.get(id);
    if (found === undefined) throw notFound(prefix, [id]);
    return found;
  });
}

/** Those with these ids; none for none. */
export function listed<T>(
  all: ReadonlyMap<string, T>,
  ids: readonly string[] | undefined,
  prefix: string,
): T[] {
  return ids === undefined || ids.length === 0 ? [] : chosen(all, ids, prefix);
}

export function findVpc(region: Ec2Region, id: string): Vpc {
  return (chosen(region.vpcs, [id], "vpc") as [Vpc])[0];
}

export function setTags(
  thing: { readonly tags: Map<string, string> },
  tags: ReadonlyMap<string, string>,
): void {
  for (const [key, value] of tags) thing.tags.set(key, value);
}

/** Route tables and ACLs but for the main and the default one, which go with their VPC. */
function ownParts(region: Ec2Region, vpc: Vpc) {
  return [
    ...[...region.routeTables.values()].filter(({ main }) => !main),
    ...[...region.networkAcls.values()].filter(({ isDefault }) => !isDefault),
  ].filter(({ vpcId }) => vpcId === vpc.id);
}

function vpcFields(region: Ec2Region): FilterFields<Vpc> {
  return {
    "vpc-id": ({ id }) => id,
    cidr: ({ cidr }) => cidr,
    "cidr-block": ({ cidr }) => cidr,
    "cidr-block-association.cidr-block": ({ ranges }) => [...ranges.values()],
    "cidr-block-association.association-id": ({ ranges }) => [...ranges.keys()],
    ...IPV6_FIELDS,
    "is-default": ({ isDefault }) => isDefault,
    isDefault: ({ isDefault }) => isDefault,
    state: () => "available",
    "owner-id": () => region.account,
    "dhcp-options-id": ({ dhcpOptionsId }) => dhcpOptionsId,
  };
}

function vpcOutput(region: Ec2Region, vpc: Vpc) {
  return {
    VpcId: vpc.id,
    State: "available" as const,
    CidrBlock: vpc.cidr,
    DhcpOptionsId: vpc.dhcpOptionsId,
    OwnerId: region.account,
    InstanceTenancy: vpc.tenancy as "default",
    CidrBlockAssociationSet: rangesOutput(vpc),
    Ipv6CidrBlockAssociationSet: ipv6RangesOutput(vpc).map((each) => ({
      ...each,
      NetworkBorderGroup: region.name,
      Ipv6Pool: "Amazon",
    })),
    IsDefault: vpc.isDefault,
    Tags: tagList(vpc.tags),
  };
}

/** All ranges of a VPC, as its outputs have them. */
function rangesOutput({ ranges }: Vpc) {
  return Array.from(ranges, ([AssociationId, CidrBlock]) => ({
    AssociationId,
    CidrBlock,
    CidrBlockState: { State: "associated" as const },
  }));
}

function subnetFields(region: Ec2Region): FilterFields<Subnet> {
  return {
    "subnet-id": ({ id }) => id,
    "vpc-id": ({ vpcId }) => vpcId,
    cidr: ({ cidr }) => cidr,
    "cidr-block": ({ cidr }) => cidr,
    cidrBlock: ({ cidr }) => cidr,
    "availability-zone": ({ zone }) => zone,
    availabilityZone: ({ zone }) => zone,
    "availability-zone-id": ({ zoneId }) => zoneId,
    ...IPV6_FIELDS,
    "default-for-az": ({ defaultForZone }) => defaultForZone,
    defaultForAz: ({ defaultForZone }) => defaultForZone,
    "enable-dns64": ({ dns64 }) => dns64,
    "map-public-ip-on-launch": ({ mapPublicIp }) => mapPublicIp,
    state: () => "available",
    "owner-id": () => region.account,
    "available-ip-address-count": (subnet) => new SubnetAddresses(region, subnet).free,
    "subnet-arn": (subnet) => subnetArn(region, subnet),
  };
}

function subnetOutput(region: Ec2Region, subnet: Subnet) {
  return {
    SubnetId: subnet.id,
    State: "available" as const,
    VpcId: subnet.vpcId,
    CidrBlock: subnet.cidr,
    AvailableIpAddressCount: new SubnetAddresses(region, subnet).free,
    AvailabilityZone: subnet.zone,
    AvailabilityZoneId: subnet.zoneId,
    DefaultForAz: subnet.defaultForZone,
    MapPublicIpOnLaunch: subnet.mapPublicIp,
    MapCustomerOwnedIpOnLaunch: false,
    OwnerId: region.account,
    AssignIpv6AddressOnCreation: subnet.ipv6OnCreation,
    Ipv6CidrBlockAssociationSet: ipv6RangesOutput(subnet),
    SubnetArn: subnetArn(region, subnet),
    EnableDns64: subnet.dns64,
    Ipv6Native: false,
    PrivateDnsNameOptionsOnLaunch: subnet.namesOnLaunch,
    Tags: tagList(subnet.tags),
  };
}

function subnetArn(region: Ec2Region, { id }: Subnet): string {
  return `arn:aws:ec2:${region.name}:${region.account}:subnet/${id}`;
}

export function checkCidr(cidr: string, rangeCode: string): void {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  if (match === null || match.slice(1, 5).some((part) => Number(part) > 255)) {
    throw invalidParameter(
      `Value (${cidr}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    );
  }
  const bits = Number(match[5]);
  if (bits < 16 || bits > 28) throw clientError(rangeCode, `The CIDR '${cidr}' is invalid.`);
}

function rangeOf(cidr: string): readonly [start: number, end: number] {
  const [address = "", bits = "32"] = cidr.split("/");
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  const start = Math.floor(number / size) * size;
  return [start, start + size];
}

export function contains(outer: string, inner: string): boolean {
  const [a, b] = rangeOf(outer);
  const [c, d] = rangeOf(inner);
  return a <= c && d <= b;
}

export function overlap(one: string, other: string): boolean {
  const [a, b] = rangeOf(one);
  const [c, d] = rangeOf(other);
  return a < d && c < b;
}
