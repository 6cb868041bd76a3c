/** Handlers of peerings between transit gateways. Both sides may be in any region and account of the emulator. */
import type { EC2, TransitGatewayPeeringAttachment } from "../../../gen/aws/ec2.js";
import type { Answered, Context, Handlers } from "../../service.js";
import { clientError, dryRun, invalidParameter } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { findLiving, shown } from "./lingering.js";
import { type Ec2Region, otherRegion, regionOf } from "./store.js";
import { attach, attachmentState, detach, findOfType, joinDefaultTable } from "./transit-attachments.js";
import type { TransitAttachment, TransitPeering, TransitSide } from "./transit-resources.js";

type Peered = TransitAttachment & { readonly peering: TransitPeering };

export const transitPeeringHandlers: Handlers<EC2> = {
  /** A gateway that is not there fails the peering, as in AWS, once it is made. */
  createTransitGatewayPeeringAttachment(input, context) {
    const region = regionOf(context);
    const gateway = findLiving(region.transitGateways, input.TransitGatewayId, "tgw");
    const { PeerTransitGatewayId, PeerAccountId, PeerRegion } = input;
    if (PeerTransitGatewayId === gateway.id) {
      throw invalidParameter("A transit gateway cannot be peered with itself");
    }
    if (input.DryRun) throw dryRun();
    const other = otherRegion(context, PeerRegion, PeerAccountId);
    const peer = other.transitGateways.get(PeerTransitGatewayId);
    const id = newId("tgw-attach");
    const own = { attachmentId: id, gatewayId: gateway.id, owner: region.account, region: region.name };
    const peering: TransitPeering = {
      requester: own,
      accepter: {
        // Within a region the two sides cannot have the same id.
        attachmentId: other === region ? newId("tgw-attach") : id,
        gatewayId: PeerTransitGatewayId,
        owner: PeerAccountId,
        region: PeerRegion,
      },
      created: region.clock.date(),
      state: peer === undefined || peer.deleted !== undefined ? "failed" : "pendingAcceptance",
    };
    const tags = requestedTags(input.TagSpecifications, "transit-gateway-attachment");
    const attachment = attachSide(region, peering.requester, peering.accepter, peering, tags);
    if (peering.state !== "failed") attachSide(other, peering.accepter, own, peering, new Map());
    const output = peeringOutput(attachment);
    return { TransitGatewayPeeringAttachment: { ...output, State: "initiatingRequest" } };
  },

  describeTransitGatewayPeeringAttachments(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = shown(region, region.transitAttachments, input.TransitGatewayAttachmentIds, "tgw-attach");
    const fields: FilterFields<Peered> = {
      "transit-gateway-attachment-id": ({ id }) => id,
      "transit-gateway-id": ({ gatewayId }) => gatewayId,
      "local-owner-id": () => region.account,
      "remote-owner-id": ({ resourceOwner }) => resourceOwner,
      state: attachmentState,
    };
    const peered = named.filter(isPeered);
    const { items, NextToken } = page(
      applyFilters(peered, input.Filters, fields, ({ tags }) => tags),
      input,
    );
    return { TransitGatewayPeeringAttachments: items.map(peeringOutput), NextToken };
  },

  acceptTransitGatewayPeeringAttachment(input, context) {
    const attachment = findPending(context, input.TransitGatewayAttachmentId, "accept");
    if (input.DryRun) throw dryRun();
    attachment.peering.state = "available";
    for (const [region, side] of sidesOf(context, attachment.peering)) joinDefaultTable(region, side);
    const output = peeringOutput(attachment);
    return { TransitGatewayPeeringAttachment: { ...output, State: "pending" } };
  },

  rejectTransitGatewayPeeringAttachment(input, context) {
    const attachment = findPending(context, input.TransitGatewayAttachmentId, "reject");
    if (input.DryRun) throw dryRun();
    attachment.peering.state = "rejected";
    return { TransitGatewayPeeringAttachment: peeringOutput(attachment) };
  },

  deleteTransitGatewayPeeringAttachment(input, context) {
    const attachment = findPeered(context, input.TransitGatewayAttachmentId);
    if (input.DryRun) throw dryRun();
    for (const [region, side] of sidesOf(context, attachment.peering)) detach(region, side);
    attachment.peering.state = "deleted";
    const output = peeringOutput(attachment);
    return { TransitGatewayPeeringAttachment: { ...output, State: "deleting" } };
  },
};

const isPeered = (attachment: TransitAttachment): attachment is Peered => attachment.peering !== undefined;

function attachSide(
  region: Ec2Region,
  own: TransitSide,
  other: TransitSide,
  peering: TransitPeering,
  tags: Map<string, string>,
): Peered {
  const gateway = findLiving(region.transitGateways, own.gatewayId, "tgw");
  const made = attach(region, gateway, {
    id: own.attachmentId,
    type: "peering",
    resourceId: other.gatewayId,
    resourceOwner: other.owner,
    peering,
    tags,
  });
  return { ...made, peering };
}

function findPeered(context: Context, id: string): Peered {
  const found = findOfType(regionOf(context), id, "peering");
  if (isPeered(found)) return found;
  throw invalidParameter(`The attachment ${id} is no peering`);
}

/** One that waits, on the side that is asked. */
function findPending(context: Context, id: string, verb: "accept" | "reject"): Peered {
  const attachment = findPeered(context, id);
  const { requester, accepter, state } = attachment.peering;
  const own = requester.gatewayId === attachment.gatewayId;
  // Within one region and account, either id of the pair is the accepter's to use.
  const same = requester.region === accepter.region && requester.owner === accepter.owner;
  if (own && !same) {
    throw invalidParameter(`Cannot ${verb} ${id} as the source of the peering request.`);
  }
  if (state === "pendingAcceptance") return attachment;
  throw clientError("IncorrectState", `${id} is in invalid state: ${state}`);
}

/** The records of both sides, where they are. */
function sidesOf(context: Context, { requester, accepter }: TransitPeering) {
  return [requester, accepter].flatMap(({ attachmentId, region, owner }) => {
    const place = otherRegion(context, region, owner);
    const side = place.transitAttachments.get(attachmentId);
    return side === undefined ? [] : [[place, side] as const];
  });
}

function peeringOutput(attachment: Peered): Answered<TransitGatewayPeeringAttachment> {
  const { requester, accepter, state, created } = attachment.peering;
  const info = ({ gatewayId, owner, region }: TransitSide) => ({
    TransitGatewayId: gatewayId,
    OwnerId: owner,
    Region: region,
  });
  return {
    TransitGatewayAttachmentId: attachment.id,
    AccepterTransitGatewayAttachmentId: accepter.attachmentId,
    RequesterTgwInfo: info(requester),
    AccepterTgwInfo: info(accepter),
    Status:
      state === "failed"
        ? { Code: state, Message: `${accepter.gatewayId} was not found in ${accepter.region}` }
        : undefined,
    State: attachmentState(attachment),
    CreationTime: created,
    Tags: tagList(attachment.tags) ?? [],
  };
}
