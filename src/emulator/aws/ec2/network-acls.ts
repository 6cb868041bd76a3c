/** Handlers of network ACLs: numbered rules at the edge of subnets. */
import type { EC2, NetworkAcl as NetworkAclOutput } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import { clientError, dependencyViolation, dryRun, invalidParameter } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { chosen, findVpc } from "./network.js";
import type { AclEntry, NetworkAcl } from "./network-resources.js";
import { type Ec2Region, regionOf } from "./store.js";

/** The rule after all others, which cannot be taken away. */
const LAST_RULE = 32_767;
const RULE_NUMBER_MAX = 32_766;

export const networkAclHandlers: Handlers<EC2> = {
  createNetworkAcl(input, context) {
    const region = regionOf(context);
    const vpc = findVpc(region, input.VpcId);
    if (input.DryRun) throw dryRun();
    const acl = region.addNetworkAcl(vpc.id, false);
    for (const [key, value] of requestedTags(input.TagSpecifications, "network-acl"))
      acl.tags.set(key, value);
    return { NetworkAcl: aclOutput(region, acl), ClientToken: input.ClientToken };
  },

  describeNetworkAcls(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = chosen(region.networkAcls, input.NetworkAclIds, "acl");
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, aclFields(region), ({ tags }) => tags),
      input,
    );
    return { NetworkAcls: items.map((acl) => aclOutput(region, acl)), NextToken };
  },

  deleteNetworkAcl(input, context) {
    const region = regionOf(context);
    const acl = findAcl(region, input.NetworkAclId);
    if (acl.isDefault) throw invalidParameter(`cannot delete default network ACL ${acl.id}`);
    if (acl.subnets.size > 0) {
      throw dependencyViolation(`The networkAcl '${acl.id}' has dependencies and cannot be deleted.`);
    }
    if (input.DryRun) throw dryRun();
    region.networkAcls.delete(acl.id);
    return {};
  },

  createNetworkAclEntry(input, context) {
    const acl = findAcl(regionOf(context), input.NetworkAclId);
    const entry = entryOf(input);
    if (acl.entries.some((each) => isSame(each, entry))) {
      throw clientError(
        "NetworkAclEntryAlreadyExists",
        `The network acl entry identified by ${entry.number} already exists.`,
      );
    }
    if (input.DryRun) throw dryRun();
    acl.entries.push(entry);
    return {};
  },

  replaceNetworkAclEntry(input, context) {
    const acl = findAcl(regionOf(context), input.NetworkAclId);
    const entry = entryOf(input);
    const index = indexOfEntry(acl, entry);
    if (input.DryRun) throw dryRun();
    acl.entries[index] = entry;
    return {};
  },

  deleteNetworkAclEntry(input, context) {
    const acl = findAcl(regionOf(context), input.NetworkAclId);
    const index = indexOfEntry(acl, { number: input.RuleNumber, egress: input.Egress });
    if (input.DryRun) throw dryRun();
    acl.entries.splice(index, 1);
    return {};
  },

  replaceNetworkAclAssociation(input, context) {
    const region = regionOf(context);
    const acl = findAcl(region, input.NetworkAclId);
    const before = [...region.networkAcls.values()].find(({ subnets }) => subnets.has(input.AssociationId));
    const subnetId = before?.subnets.get(input.AssociationId);
    if (before === undefined || subnetId === undefined) {
      throw clientError(
        "InvalidAssociationID.NotFound",
        `The association ID '${input.AssociationId}' does not exist`,
      );
    }
    if (input.DryRun) throw dryRun();
    before.subnets.delete(input.AssociationId);
    const NewAssociationId = newId("aclassoc");
    acl.subnets.set(NewAssociationId, subnetId);
    return { NewAssociationId };
  },
};

function findAcl(region: Ec2Region, id: string): NetworkAcl {
  return (chosen(region.networkAcls, [id], "acl") as [NetworkAcl])[0];
}

interface EntryInput {
  readonly RuleNumber: number;
  readonly Protocol: string;
  readonly RuleAction: string;
  readonly Egress: boolean;
  readonly CidrBlock?: string | undefined;
  readonly Ipv6CidrBlock?: string | undefined;
  readonly PortRange?: { readonly From?: number; readonly To?: number };
  readonly IcmpTypeCode?: { readonly Code?: number; readonly Type?: number };
}

function entryOf(input: EntryInput): AclEntry {
  const { RuleNumber, CidrBlock, Ipv6CidrBlock, PortRange, IcmpTypeCode } = input;
  if (RuleNumber < 1 || RuleNumber > RULE_NUMBER_MAX) {
    throw invalidParameter(`Invalid rule number: ${RuleNumber}`);
  }
  if (CidrBlock === undefined && Ipv6CidrBlock === undefined) {
    throw clientError("MissingParameter", "Either 'cidrBlock' or 'ipv6CidrBlock' should be provided.");
  }
  return {
    number: RuleNumber,
    egress: input.Egress,
    protocol: input.Protocol,
    action: input.RuleAction as AclEntry["action"],
    cidr: CidrBlock,
    ipv6Cidr: Ipv6CidrBlock,
    ports: PortRange,
    icmp: IcmpTypeCode,
  };
}

function isSame(one: Pick<AclEntry, "number" | "egress">, other: Pick<AclEntry, "number" | "egress">) {
  return one.number === other.number && one.egress === other.egress;
}

function indexOfEntry(acl: NetworkAcl, wanted: Pick<AclEntry, "number" | "egress">): number {
  const index = acl.entries.findIndex((each) => isSame(each, wanted));
  if (index >= 0) return index;
  throw clientError(
    "InvalidNetworkAclEntry.NotFound",
    `The network acl entry identified by ${wanted.number} does not exist.`,
  );
}

function aclFields(region: Ec2Region): FilterFields<NetworkAcl> {
  return {
    "network-acl-id": ({ id }) => id,
    "vpc-id": ({ vpcId }) => vpcId,
    default: ({ isDefault }) => isDefault,
    "owner-id": () => region.account,
    "association.association-id": ({ subnets }) => [...subnets.keys()],
    "association.network-acl-id": ({ id }) => id,
    "association.subnet-id": ({ subnets }) => [...subnets.values()],
    "entry.cidr": ({ entries }) => entries.map(({ cidr }) => cidr),
    "entry.egress": ({ entries }) => entries.map(({ egress }) => egress),
    "entry.protocol": ({ entries }) => entries.map(({ protocol }) => protocol),
    "entry.rule-action": ({ entries }) => entries.map(({ action }) => action),
    "entry.rule-number": ({ entries }) => entries.map(({ number }) => number),
  };
}

function aclOutput(region: Ec2Region, acl: NetworkAcl) {
  const last = { protocol: "-1", action: "deny", cidr: "0.0.0.0/0", number: LAST_RULE } as const;
  const entries = [...acl.entries, { ...last, egress: true }, { ...last, egress: false }];
  // Rules out come first, each direction in the order of evaluation.
  entries.sort((a, b) => Number(b.egress) - Number(a.egress) || a.number - b.number);
  return {
    NetworkAclId: acl.id,
    VpcId: acl.vpcId,
    OwnerId: region.account,
    IsDefault: acl.isDefault,
    Associations: Array.from(acl.subnets, ([id, subnetId]) => ({
      NetworkAclAssociationId: id,
      NetworkAclId: acl.id,
      SubnetId: subnetId,
    })),
    Entries: entries.map(entryOutput),
    Tags: tagList(acl.tags) ?? [],
  } satisfies Answered<NetworkAclOutput>;
}

function entryOutput({ number, egress, protocol, action, cidr, ipv6Cidr, ports, icmp }: AclEntry) {
  return {
    CidrBlock: cidr,
    Ipv6CidrBlock: ipv6Cidr,
    Egress: egress,
    Protocol: protocol,
    RuleAction: action,
    RuleNumber: number,
    PortRange: ports && { From: ports.From, To: ports.To },
    IcmpTypeCode: icmp && { Code: icmp.Code, Type: icmp.Type },
  };
}
