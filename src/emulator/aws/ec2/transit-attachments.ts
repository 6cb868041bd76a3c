/** Handlers of what is attached to transit gateways; attachments of VPCs are made here. */
import type {
  EC2,
  TransitGatewayVpcAttachmentOptions,
  TransitGatewayVpcAttachment as VpcAttachmentOutput,
} from "../../../gen/aws/ec2.js";
import type { Answered, Handlers, Received } from "../../service.js";
import { clientError, dryRun, invalidParameter } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { findLiving, living, shown, stateOf } from "./lingering.js";
import { findVpc, listed } from "./network.js";
import { addManagedInterface } from "./network-interfaces.js";
import type { Subnet } from "./network-resources.js";
import { type Ec2Region, regionOf } from "./store.js";
import type { TransitAttachment, TransitGateway } from "./transit-resources.js";

const VPC_OPTIONS: Received<TransitGatewayVpcAttachmentOptions> = {
  DnsSupport: "enable",
  SecurityGroupReferencingSupport: "enable",
  Ipv6Support: "disable",
  ApplianceModeSupport: "disable",
};

export const transitAttachmentHandlers: Handlers<EC2> = {
  createTransitGatewayVpcAttachment(input, context) {
    const region = regionOf(context);
    const gateway = findLiving(region.transitGateways, input.TransitGatewayId, "tgw");
    const vpc = findVpc(region, input.VpcId);
    const subnets = subnetsOf(region, input.SubnetIds, vpc.id);
    const present = living(region.transitAttachments).some(
      ({ gatewayId, resourceId }) => gatewayId === gateway.id && resourceId === vpc.id,
    );
    if (present) {
      throw clientError(
        "DuplicateTransitGatewayAttachment",
        `${gateway.id} has non-deleted Transit Gateway Attachments with same VPC ID.`,
      );
    }
    if (input.DryRun) throw dryRun();
    const attachment = attach(region, gateway, {
      type: "vpc",
      resourceId: vpc.id,
      options: { ...VPC_OPTIONS, ...input.Options },
      tags: requestedTags(input.TagSpecifications, "transit-gateway-attachment"),
    });
    for (const subnet of subnets) addSubnet(region, attachment, subnet);
    return { TransitGatewayVpcAttachment: { ...vpcOutput(region, attachment), State: "pending" } };
  },

  describeTransitGatewayVpcAttachments(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = shown(region, region.transitAttachments, input.TransitGatewayAttachmentIds, "tgw-attach");
    const vpcs = named.filter(({ type }) => type === "vpc");
    const found = applyFilters(vpcs, input.Filters, fieldsOf(region), ({ tags }) => tags);
    const { items, NextToken } = page(found, input);
    return { TransitGatewayVpcAttachments: items.map((each) => vpcOutput(region, each)), NextToken };
  },

  modifyTransitGatewayVpcAttachment(input, context) {
    const region = regionOf(context);
    const attachment = findOfType(region, input.TransitGatewayAttachmentId, "vpc");
    const added = subnetsOf(region, input.AddSubnetIds ?? [], attachment.resourceId, attachment);
    const removed = input.RemoveSubnetIds ?? [];
    const left = [...attachment.subnets.keys()].filter((id) => !removed.includes(id));
    if (left.length + added.length === 0) {
      throw invalidParameter(`Cannot remove all subnets of the attachment ${attachment.id}`);
    }
    if (input.DryRun) throw dryRun();
    for (const subnet of added) addSubnet(region, attachment, subnet);
    for (const id of removed) removeSubnet(region, attachment, id);
    attachment.options = { ...attachment.options, ...input.Options };
    return { TransitGatewayVpcAttachment: { ...vpcOutput(region, attachment), State: "modifying" } };
  },

  deleteTransitGatewayVpcAttachment(input, context) {
    const region = regionOf(context);
    const attachment = findOfType(region, input.TransitGatewayAttachmentId, "vpc");
    if (input.DryRun) throw dryRun();
    const output = vpcOutput(region, attachment);
    detach(region, attachment);
    return { TransitGatewayVpcAttachment: { ...output, State: "deleting" } };
  },

  describeTransitGatewayAttachments(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = shown(region, region.transitAttachments, input.TransitGatewayAttachmentIds, "tgw-attach");
    const found = applyFilters(named, input.Filters, fieldsOf(region), ({ tags }) => tags);
    const { items, NextToken } = page(found, input);
    return {
      TransitGatewayAttachments: items.map((each) => ({
        TransitGatewayAttachmentId: each.id,
        TransitGatewayId: each.gatewayId,
        TransitGatewayOwnerId: region.account,
        ResourceOwnerId: each.resourceOwner,
        ResourceType: each.type,
        ResourceId: each.resourceId,
        State: attachmentState(each),
        Association:
          each.routeTableId === undefined
            ? undefined
            : { TransitGatewayRouteTableId: each.routeTableId, State: "associated" as const },
        CreationTime: each.created,
        Tags: tagList(each.tags) ?? [],
      })),
      NextToken,
    };
  },
};

type NewAttachment = Pick<TransitAttachment, "type" | "resourceId"> &
  Partial<Pick<TransitAttachment, "id" | "tags" | "options" | "peering" | "resourceOwner">>;

/** A peering waits for its acceptance before it joins the default tables. */
export function attach(region: Ec2Region, gateway: TransitGateway, given: NewAttachment): TransitAttachment {
  const attachment: TransitAttachment = {
    id: newId("tgw-attach"),
    tags: new Map(),
    gatewayId: gateway.id,
    resourceOwner: region.account,
    created: region.clock.date(),
    deleted: undefined,
    routeTableId: undefined,
    subnets: new Map(),
    options: {},
    peering: undefined,
    ...given,
  };
  region.transitAttachments.set(attachment.id, attachment);
  if (attachment.type !== "peering") {
    joinDefaultTable(region, attachment);
    const { PropagationDefaultRouteTableId: id = "" } = gateway.options;
    region.transitTables.get(id)?.propagations.add(attachment.id);
  }
  return attachment;
}

export function joinDefaultTable(region: Ec2Region, attachment: TransitAttachment): void {
  attachment.routeTableId = region.transitGateways.get(
    attachment.gatewayId,
  )?.options.AssociationDefaultRouteTableId;
}

/** Static routes to it stay and lead nowhere. */
export function detach(region: Ec2Region, attachment: TransitAttachment): void {
  for (const id of [...attachment.subnets.keys()]) removeSubnet(region, attachment, id);
  for (const { propagations } of region.transitTables.values()) propagations.delete(attachment.id);
  attachment.routeTableId = undefined;
  attachment.deleted = region.clock.date();
}

export function attachmentState(attachment: TransitAttachment) {
  return attachment.deleted === undefined
    ? (attachment.peering?.state ?? stateOf(attachment))
    : stateOf(attachment);
}

export function findOfType(
  region: Ec2Region,
  id: string,
  type: TransitAttachment["type"],
): TransitAttachment {
  const found = findLiving(region.transitAttachments, id, "tgw-attach");
  if (found.type === type) return found;
  throw invalidParameter(`The attachment ${id} is of a ${found.type}, not of a ${type}`);
}

function subnetsOf(region: Ec2Region, ids: readonly string[], vpcId: string, present?: TransitAttachment) {
  const subnets = listed(region.subnets, ids, "subnet");
  const foreign = subnets.find((subnet) => subnet.vpcId !== vpcId);
  if (foreign !== undefined) {
    throw clientError("InvalidSubnetID.NotFound", `The subnet ID '${foreign.id}' does not exist`);
  }
  const old = [...(present?.subnets.keys() ?? [])].map((id) => region.subnets.get(id)?.zone);
  const zones = [...old, ...subnets.map(({ zone }) => zone)];
  if (new Set(zones).size < zones.length) {
    throw clientError("DuplicateSubnetsInSameZone", "Duplicate Subnets for same AZ");
  }
  return subnets;
}

function addSubnet(region: Ec2Region, attachment: TransitAttachment, subnet: Subnet): void {
  const { id } = addManagedInterface(region, subnet, {
    requester: "transit",
    description: `Network Interface for Transit Gateway Attachment ${attachment.id}`,
  });
  attachment.subnets.set(subnet.id, id);
}

function removeSubnet(region: Ec2Region, attachment: TransitAttachment, subnetId: string): void {
  region.networkInterfaces.delete(attachment.subnets.get(subnetId) ?? "");
  attachment.subnets.delete(subnetId);
}

function fieldsOf(region: Ec2Region): FilterFields<TransitAttachment> {
  return {
    "transit-gateway-attachment-id": ({ id }) => id,
    "transit-gateway-id": ({ gatewayId }) => gatewayId,
    "transit-gateway-owner-id": () => region.account,
    "resource-id": ({ resourceId }) => resourceId,
    "resource-owner-id": ({ resourceOwner }) => resourceOwner,
    "resource-type": ({ type }) => type,
    "vpc-id": ({ type, resourceId }) => (type === "vpc" ? resourceId : undefined),
    "association.state": ({ routeTableId }) => routeTableId && "associated",
    "association.transit-gateway-route-table-id": ({ routeTableId }) => routeTableId,
    state: attachmentState,
  };
}

function vpcOutput(region: Ec2Region, attachment: TransitAttachment): Answered<VpcAttachmentOutput> {
  return {
    TransitGatewayAttachmentId: attachment.id,
    TransitGatewayId: attachment.gatewayId,
    VpcId: attachment.resourceId,
    VpcOwnerId: region.account,
    State: attachmentState(attachment),
    SubnetIds: [...attachment.subnets.keys()],
    CreationTime: attachment.created,
    Options: attachment.options,
    Tags: tagList(attachment.tags),
  };
}
