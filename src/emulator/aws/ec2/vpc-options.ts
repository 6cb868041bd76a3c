/** Handlers of what a VPC has beside its network: DHCP options, further ranges, egress-only gateways. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { clientError, dependencyViolation, dryRun } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { amazonIpv6Range } from "./ipv6.js";
import { addIpv6Range, checkSubnetIpv6, ipv6RangesOutput, removeIpv6Range } from "./ipv6-ranges.js";
import { checkCidr, chosen, findVpc } from "./network.js";
import type { DhcpOptions, EgressGateway, Subnet } from "./network-resources.js";
import { type Ec2Region, regionOf } from "./store.js";

export const dhcpHandlers: Handlers<EC2> = {
  createDhcpOptions(input, context) {
    const region = regionOf(context);
    for (const { Key = "", Values = [] } of input.DhcpConfigurations) {
      const tooMany = SERVERS_KEY.test(Key) && Values.length > SERVERS_MAX;
      const noType = Key === "netbios-node-type" && Values.some((value) => !NODE_TYPES.has(value));
      if (tooMany || noType) {
        throw clientError(
          "InvalidParameterValue",
          `Value (${Values.join(", ")}) for parameter ${Key} is invalid.`,
        );
      }
      if (!DHCP_KEYS.has(Key)) {
        throw clientError(
          "InvalidParameterValue",
          `Value (${Key}) for parameter dhcp-configuration is invalid`,
        );
      }
    }
    if (input.DryRun) throw dryRun();
    const options: DhcpOptions = {
      id: newId("dopt"),
      tags: requestedTags(input.TagSpecifications, "dhcp-options"),
      values: new Map(input.DhcpConfigurations.map(({ Key = "", Values = [] }) => [Key, Values])),
    };
    region.dhcpOptions.set(options.id, options);
    return { DhcpOptions: dhcpOutput(region, options) };
  },

  describeDhcpOptions(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = chosen(region.dhcpOptions, input.DhcpOptionsIds, "dopt");
    const fields: FilterFields<DhcpOptions> = {
      "dhcp-options-id": ({ id }) => id,
      key: ({ values }) => [...values.keys()],
      value: ({ values }) => [...values.values()].flat(),
      "owner-id": () => region.account,
    };
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, fields, ({ tags }) => tags),
      input,
    );
    return { DhcpOptions: items.map((options) => dhcpOutput(region, options)), NextToken };
  },

  /** `default` takes them away. */
  associateDhcpOptions(input, context) {
    const region = regionOf(context);
    const vpc = findVpc(region, input.VpcId);
    if (input.DhcpOptionsId !== "default") chosen(region.dhcpOptions, [input.DhcpOptionsId], "dopt");
    if (input.DryRun) throw dryRun();
    vpc.dhcpOptionsId = input.DhcpOptionsId;
    return {};
  },

  deleteDhcpOptions(input, context) {
    const region = regionOf(context);
    const [options] = chosen(region.dhcpOptions, [input.DhcpOptionsId], "dopt") as [DhcpOptions];
    if ([...region.vpcs.values()].some(({ dhcpOptionsId }) => dhcpOptionsId === options.id)) {
      throw dependencyViolation(`The dhcpOptions '${options.id}' has dependencies and cannot be deleted.`);
    }
    if (input.DryRun) throw dryRun();
    region.dhcpOptions.delete(options.id);
    return {};
  },
};

const RANGES_MAX = 5;

export const vpcRangeHandlers: Handlers<EC2> = {
  associateVpcCidrBlock(input, context) {
    const region = regionOf(context);
    const vpc = findVpc(region, input.VpcId);
    if (input.AmazonProvidedIpv6CidrBlock || input.Ipv6CidrBlock !== undefined) {
      const AssociationId = addIpv6Range(region, vpc, input.Ipv6CidrBlock ?? amazonIpv6Range());
      const association = ipv6RangesOutput(vpc, "associating").find(
        (each) => each.AssociationId === AssociationId,
      );
      return {
        VpcId: vpc.id,
        Ipv6CidrBlockAssociation: association && {
          ...association,
          NetworkBorderGroup: region.name,
          Ipv6Pool: "Amazon",
        },
      };
    }
    if (input.CidrBlock === undefined)
      throw clientError("MissingParameter", "The request must contain the parameter cidrBlock");
    checkCidr(input.CidrBlock, "InvalidVpc.Range");
    if (vpc.ranges.size >= RANGES_MAX) {
      throw clientError(
        "CidrLimitExceeded",
        `This network ${vpc.id} has met its maximum number of allowed CIDRs: ${RANGES_MAX}`,
      );
    }
    const id = newId("vpc-cidr-assoc");
    vpc.ranges.set(id, input.CidrBlock);
    return { VpcId: vpc.id, CidrBlockAssociation: rangeOutput(id, input.CidrBlock, "associating") };
  },

  disassociateVpcCidrBlock(input, context) {
    const region = regionOf(context);
    const id = input.AssociationId;
    const ipv6 = removeIpv6Range(region.vpcs, id);
    if (ipv6 !== undefined) {
      if ([...region.subnets.values()].some((each) => each.vpcId === ipv6.id && each.ipv6Ranges.size > 0)) {
        ipv6.owner.ipv6Ranges.set(id, ipv6.association.Ipv6CidrBlock);
        throw clientError("CidrConflict", `The vpc CIDR block with association ID ${id} is used by a subnet`);
      }
      return { VpcId: ipv6.id, Ipv6CidrBlockAssociation: ipv6.association };
    }
    const vpc = [...region.vpcs.values()].find(({ ranges }) => ranges.has(id));
    const cidr = vpc?.ranges.get(id);
    if (vpc === undefined || cidr === undefined) {
      throw clientError(
        "InvalidVpcCidrBlockAssociationID.NotFound",
        `The vpc CIDR block association ID '${id}' does not exist`,
      );
    }
    if (cidr === vpc.cidr) {
      throw clientError(
        "OperationNotPermitted",
        `The vpc CIDR block with association ID ${id} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
      );
    }
    vpc.ranges.delete(id);
    return { VpcId: vpc.id, CidrBlockAssociation: rangeOutput(id, cidr, "disassociating") };
  },
};

export const subnetRangeHandlers: Handlers<EC2> = {
  associateSubnetCidrBlock(input, context) {
    const region = regionOf(context);
    const [subnet] = chosen(region.subnets, [input.SubnetId], "subnet") as [Subnet];
    const cidr = input.Ipv6CidrBlock;
    if (cidr === undefined)
      throw clientError("MissingParameter", "The request must contain the parameter ipv6CidrBlock");
    if (subnet.ipv6Ranges.size > 0) {
      throw clientError(
        "SubnetCidrLimitExceeded",
        `Subnet '${subnet.id}' has the most IPv6 CIDR blocks that it can have: 1`,
      );
    }
    checkSubnetIpv6(region, findVpc(region, subnet.vpcId), cidr);
    subnet.ipv6Ranges.set(newId("subnet-cidr-assoc"), cidr);
    return { SubnetId: subnet.id, Ipv6CidrBlockAssociation: ipv6RangesOutput(subnet, "associating")[0] };
  },

  disassociateSubnetCidrBlock(input, context) {
    const removed = removeIpv6Range(regionOf(context).subnets, input.AssociationId);
    if (removed === undefined) {
      throw clientError(
        "InvalidSubnetCidrBlockAssociationID.NotFound",
        `The subnet CIDR block with association ID '${input.AssociationId}' does not exist`,
      );
    }
    return { SubnetId: removed.id, Ipv6CidrBlockAssociation: removed.association };
  },
};

export const egressGatewayHandlers: Handlers<EC2> = {
  createEgressOnlyInternetGateway(input, context) {
    const region = regionOf(context);
    const vpc = findVpc(region, input.VpcId);
    if (input.DryRun) throw dryRun();
    const gateway: EgressGateway = {
      id: newId("eigw"),
      tags: requestedTags(input.TagSpecifications, "egress-only-internet-gateway"),
      vpcId: vpc.id,
    };
    region.egressGateways.set(gateway.id, gateway);
    return { EgressOnlyInternetGateway: egressOutput(gateway), ClientToken: input.ClientToken };
  },

  describeEgressOnlyInternetGateways(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = chosen(region.egressGateways, input.EgressOnlyInternetGatewayIds, "eigw");
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, {}, ({ tags }) => tags),
      input,
    );
    return { EgressOnlyInternetGateways: items.map(egressOutput), NextToken };
  },

  deleteEgressOnlyInternetGateway(input, context) {
    const region = regionOf(context);
    const [gateway] = chosen(region.egressGateways, [input.EgressOnlyInternetGatewayId], "eigw") as [
      EgressGateway,
    ];
    if (input.DryRun) throw dryRun();
    region.egressGateways.delete(gateway.id);
    return { ReturnCode: true };
  },
};

/** See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDhcpOptions.html */
const SERVERS_KEY = /-servers$/;
const SERVERS_MAX = 4;
const NODE_TYPES = new Set(["1", "2", "4", "8"]);
const DHCP_KEYS: ReadonlySet<string> = new Set([
  "domain-name-servers",
  "domain-name",
  "ntp-servers",
  "netbios-name-servers",
  "netbios-node-type",
  "ipv6-address-preferred-lease-time",
]);

function dhcpOutput(region: Ec2Region, { id, tags, values }: DhcpOptions) {
  return {
    DhcpOptionsId: id,
    OwnerId: region.account,
    DhcpConfigurations: Array.from(values, ([Key, texts]) => ({
      Key,
      Values: texts.map((Value) => ({ Value })),
    })),
    Tags: tagList(tags) ?? [],
  };
}

function rangeOutput(id: string, cidr: string, state: "associating" | "disassociating") {
  return { AssociationId: id, CidrBlock: cidr, CidrBlockState: { State: state } };
}

function egressOutput({ id, tags, vpcId }: EgressGateway) {
  return {
    EgressOnlyInternetGatewayId: id,
    Attachments: [{ State: "attached" as const, VpcId: vpcId }],
    Tags: tagList(tags) ?? [],
  };
}
