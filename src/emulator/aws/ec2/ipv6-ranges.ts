/** IPv6 ranges of VPCs and subnets. */
import { clientError, invalidParameter } from "./errors.js";
import { type FilterFields, newId } from "./filters.js";
import { formatIpv6, ipv6Contains, parseIpv6, parseIpv6Range } from "./ipv6.js";
import type { Vpc } from "./network-resources.js";
import type { Ec2Region } from "./store.js";
import type { Tagged } from "./tagged.js";

interface Ranged extends Tagged {
  readonly ipv6Ranges: Map<string, string>;
}

/** Its association. */
export function addIpv6Range(region: Ec2Region, vpc: Vpc, cidr: string): string {
  parseIpv6Range(cidr, 44, 60);
  if (vpc.ipv6Ranges.size > 0) {
    throw clientError(
      "CidrLimitExceeded",
      `This network ${vpc.id} has met its maximum number of allowed CIDRs: 1`,
    );
  }
  const id = newId("vpc-cidr-assoc");
  vpc.ipv6Ranges.set(id, cidr);
  letOut(region, vpc);
  return id;
}

/** The default group lets everything out of the new range as well. */
function letOut(region: Ec2Region, vpc: Vpc): void {
  for (const group of region.groups.values()) {
    const open = group.rules.some(({ egress, cidrIpv4 }) => egress && cidrIpv4 === "0.0.0.0/0");
    if (group.vpcId !== vpc.id || group.name !== "default" || !open) continue;
    group.rules.push(region.allOut("::/0"));
  }
}

/** A VPC that was given no range takes any, which EC2 does not: many tests give one to the subnet alone. */
export function checkSubnetIpv6(region: Ec2Region, vpc: Vpc, cidr: string): void {
  const range = parseIpv6Range(cidr, 44, 64);
  const ranges = [...vpc.ipv6Ranges.values()];
  if (ranges.length > 0 && !ranges.some((each) => ipv6Contains(parseIpv6Range(each, 44, 60), range))) {
    throw clientError("InvalidSubnet.Range", `The CIDR '${cidr}' is invalid.`);
  }
  const siblings = [...region.subnets.values()].filter(({ vpcId }) => vpcId === vpc.id);
  const taken = siblings
    .flatMap(({ ipv6Ranges }) => [...ipv6Ranges.values()])
    .map((each) => parseIpv6Range(each, 44, 64))
    .some((each) => ipv6Contains(each, range) || ipv6Contains(range, each));
  if (taken) throw clientError("InvalidSubnet.Conflict", `The CIDR '${cidr}' conflicts with another subnet`);
}

export function removeIpv6Range<T extends Ranged>(all: ReadonlyMap<string, T>, associationId: string) {
  const owner = [...all.values()].find(({ ipv6Ranges }) => ipv6Ranges.has(associationId));
  const association =
    owner && ipv6RangesOutput(owner, "disassociating").find((each) => each.AssociationId === associationId);
  if (owner === undefined || association === undefined) return undefined;
  owner.ipv6Ranges.delete(associationId);
  return { id: owner.id, owner, association };
}

type State = "associating" | "associated" | "disassociating";

export function ipv6RangesOutput({ ipv6Ranges }: Ranged, state: State = "associated") {
  return Array.from(ipv6Ranges, ([AssociationId, Ipv6CidrBlock]) => ({
    AssociationId,
    Ipv6CidrBlock,
    Ipv6CidrBlockState: { State: state },
  }));
}

export const IPV6_FIELDS: FilterFields<Ranged> = {
  "ipv6-cidr-block-association.ipv6-cidr-block": ({ ipv6Ranges }) => [...ipv6Ranges.values()],
  "ipv6-cidr-block-association.association-id": ({ ipv6Ranges }) => [...ipv6Ranges.keys()],
  "ipv6-cidr-block-association.state": ({ ipv6Ranges }) => [...ipv6Ranges.keys()].map(() => "associated"),
};

export function normalIpv6(text: string): string {
  const address = parseIpv6(text);
  if (address === undefined) throw invalidParameter(`Invalid IPv6 address: ${text}`);
  return formatIpv6(address);
}

/** At random in the subnet's range. */
export function freshIpv6Addresses(region: Ec2Region, subnetId: string, count: number): string[] {
  if (count === 0) return [];
  const [range] = region.subnets.get(subnetId)?.ipv6Ranges.values() ?? [];
  if (range === undefined) {
    throw invalidParameter(`The subnet '${subnetId}' does not have an IPv6 CIDR block`);
  }
  const { start } = parseIpv6Range(range, 44, 64);
  return Array.from({ length: count }, () => {
    const host = Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString("hex");
    return formatIpv6(start | BigInt(`0x${host}`));
  });
}
