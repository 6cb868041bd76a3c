/** Handlers of peerings between VPCs. */
import type { EC2, VpcPeeringConnection } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import { clientError, dryRun, invalidParameter } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { findVpc } from "./network.js";
import type { Peering } from "./network-resources.js";
import { type Ec2Region, regionOf } from "./store.js";

const WEEK_MS = 7 * 86_400_000;

export const peeringHandlers: Handlers<EC2> = {
  /** Both sides are in the account and region of the request, or the other is not looked at. */
  createVpcPeeringConnection(input, context) {
    const region = regionOf(context);
    const vpc = findVpc(region, input.VpcId);
    const own = (input.PeerOwnerId ?? region.account) === region.account;
    const here = own && (input.PeerRegion ?? region.name) === region.name;
    if (input.PeerVpcId === undefined)
      throw clientError("MissingParameter", "The request must contain the parameter PeerVpcId");
    const peer = here ? findVpc(region, input.PeerVpcId) : undefined;
    if (input.DryRun) throw dryRun();
    const peering: Peering = {
      id: newId("pcx"),
      tags: requestedTags(input.TagSpecifications, "vpc-peering-connection"),
      requester: { vpcId: vpc.id, cidr: vpc.cidr, owner: region.account, region: region.name },
      accepter: {
        vpcId: input.PeerVpcId,
        cidr: peer?.cidr,
        owner: input.PeerOwnerId ?? region.account,
        region: input.PeerRegion ?? region.name,
      },
      expires: new Date(region.clock.now() + WEEK_MS),
      state: "pending-acceptance",
    };
    region.peerings.set(peering.id, peering);
    const output = peeringOutput(peering);
    const initiating = {
      Code: "initiating-request" as const,
      Message: `Initiating Request to ${peering.accepter.owner}`,
    };
    return { VpcPeeringConnection: { ...output, Status: initiating } };
  },

  describeVpcPeeringConnections(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const ids = input.VpcPeeringConnectionIds ?? [];
    for (const id of ids) findPeering(region, id);
    const named = [...region.peerings.values()].filter(({ id }) => ids.length === 0 || ids.includes(id));
    const fields: FilterFields<Peering> = {
      "vpc-peering-connection-id": ({ id }) => id,
      "status-code": ({ state }) => state,
      "requester-vpc-info.vpc-id": ({ requester }) => requester.vpcId,
      "requester-vpc-info.owner-id": ({ requester }) => requester.owner,
      "requester-vpc-info.cidr-block": ({ requester }) => requester.cidr,
      "accepter-vpc-info.vpc-id": ({ accepter }) => accepter.vpcId,
      "accepter-vpc-info.owner-id": ({ accepter }) => accepter.owner,
      "accepter-vpc-info.cidr-block": ({ accepter }) => accepter.cidr,
    };
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, fields, ({ tags }) => tags),
      input,
    );
    return { VpcPeeringConnections: items.map(peeringOutput), NextToken };
  },

  acceptVpcPeeringConnection(input, context) {
    const peering = findPending(regionOf(context), input.VpcPeeringConnectionId);
    if (input.DryRun) throw dryRun();
    peering.state = "active";
    return { VpcPeeringConnection: peeringOutput(peering) };
  },

  rejectVpcPeeringConnection(input, context) {
    const peering = findPending(regionOf(context), input.VpcPeeringConnectionId);
    if (input.DryRun) throw dryRun();
    peering.state = "rejected";
    return { Return: true };
  },

  deleteVpcPeeringConnection(input, context) {
    const peering = findPeering(regionOf(context), input.VpcPeeringConnectionId);
    if (input.DryRun) throw dryRun();
    peering.state = "deleted";
    return { Return: true };
  },
};

const MESSAGES: Readonly<Record<Peering["state"], string>> = {
  "pending-acceptance": "Pending Acceptance by ",
  active: "Active",
  rejected: "Inactive",
  deleted: "Deleted by ",
};

function findPeering(region: Ec2Region, id: string): Peering {
  const peering = region.peerings.get(id);
  if (peering !== undefined) return peering;
  throw clientError(
    "InvalidVpcPeeringConnectionID.NotFound",
    `The vpcPeeringConnection ID '${id}' does not exist`,
  );
}

function findPending(region: Ec2Region, id: string | undefined): Peering {
  if (id === undefined)
    throw invalidParameter("The request must contain the parameter VpcPeeringConnectionId");
  const peering = findPeering(region, id);
  if (peering.state === "pending-acceptance") return peering;
  throw clientError(
    "InvalidStateTransition",
    `Invalid state transition for ${id}, attempted to transition from ${peering.state} to active`,
  );
}

function peeringOutput(peering: Peering): Answered<VpcPeeringConnection> {
  const { requester, accepter, state } = peering;
  const of = ({ vpcId, cidr, owner, region }: Peering["requester"]) => ({
    VpcId: vpcId,
    CidrBlock: cidr,
    CidrBlockSet: cidr === undefined ? undefined : [{ CidrBlock: cidr }],
    OwnerId: owner,
    Region: region,
    PeeringOptions: {
      AllowDnsResolutionFromRemoteVpc: false,
      AllowEgressFromLocalClassicLinkToRemoteVpc: false,
      AllowEgressFromLocalVpcToRemoteClassicLink: false,
    },
  });
  const message = MESSAGES[state];
  return {
    VpcPeeringConnectionId: peering.id,
    RequesterVpcInfo: of(requester),
    AccepterVpcInfo: of(accepter),
    ExpirationTime: state === "pending-acceptance" ? peering.expires : undefined,
    Status: { Code: state, Message: message.endsWith(" ") ? `${message}${accepter.owner}` : message },
    Tags: tagList(peering.tags) ?? [],
  };
}
