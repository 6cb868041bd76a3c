/** Handlers of transit gateways. See https://docs.aws.amazon.com/vpc/latest/tgw/what-is-transit-gateway.html */
import type { EC2, TransitGateway as TransitGatewayOutput } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import { clientError, dryRun } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { findLiving, living, shown, stateOf } from "./lingering.js";
import { type Ec2Region, regionOf } from "./store.js";
import type { TransitAttachment, TransitGateway, TransitRouteTable } from "./transit-resources.js";

const AMAZON_ASN = 64_512;

/** How `IncorrectState` calls what is still attached. */
const ATTACHED: Readonly<Record<TransitAttachment["type"], string>> = {
  vpc: "VPC Attachments",
  vpn: "VPN Attachments",
  peering: "Transit Gateway Cross Region Peering Attachments",
};

export const transitGatewayHandlers: Handlers<EC2> = {
  createTransitGateway(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const given = input.Options ?? {};
    const gateway: TransitGateway = {
      id: newId("tgw"),
      tags: requestedTags(input.TagSpecifications, "transit-gateway"),
      description: input.Description,
      created: region.clock.date(),
      deleted: undefined,
      options: {
        AutoAcceptSharedAttachments: "disable",
        DefaultRouteTableAssociation: "enable",
        DefaultRouteTablePropagation: "enable",
        VpnEcmpSupport: "enable",
        DnsSupport: "enable",
        SecurityGroupReferencingSupport: "disable",
        MulticastSupport: "disable",
        ...given,
        AmazonSideAsn: Number(given.AmazonSideAsn ?? AMAZON_ASN),
      },
    };
    region.transitGateways.set(gateway.id, gateway);
    const { DefaultRouteTableAssociation, DefaultRouteTablePropagation } = gateway.options;
    if (DefaultRouteTableAssociation === "enable" || DefaultRouteTablePropagation === "enable") {
      const { id } = addTransitTable(region, gateway, new Map());
      if (DefaultRouteTableAssociation === "enable") gateway.options.AssociationDefaultRouteTableId = id;
      if (DefaultRouteTablePropagation === "enable") gateway.options.PropagationDefaultRouteTableId = id;
    }
    return { TransitGateway: { ...gatewayOutput(region, gateway), State: "pending" } };
  },

  describeTransitGateways(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = shown(region, region.transitGateways, input.TransitGatewayIds, "tgw");
    const found = applyFilters(named, input.Filters, fieldsOf(region), ({ tags }) => tags);
    const { items, NextToken } = page(found, input);
    return { TransitGateways: items.map((gateway) => gatewayOutput(region, gateway)), NextToken };
  },

  modifyTransitGateway(input, context) {
    const region = regionOf(context);
    const gateway = findLiving(region.transitGateways, input.TransitGatewayId, "tgw");
    const {
      AddTransitGatewayCidrBlocks: added = [],
      RemoveTransitGatewayCidrBlocks: removed = [],
      AmazonSideAsn,
      EncryptionSupport: _,
      ...changed
    } = input.Options ?? {};
    for (const id of [changed.AssociationDefaultRouteTableId, changed.PropagationDefaultRouteTableId]) {
      if (id !== undefined) findLiving(region.transitTables, id, "tgw-rtb");
    }
    if (input.DryRun) throw dryRun();
    const ranges = new Set([...(gateway.options.TransitGatewayCidrBlocks ?? []), ...added]);
    for (const cidr of removed) ranges.delete(cidr);
    gateway.options = {
      ...gateway.options,
      ...changed,
      AmazonSideAsn: Number(AmazonSideAsn ?? gateway.options.AmazonSideAsn),
      TransitGatewayCidrBlocks: [...ranges],
    };
    if (gateway.options.DefaultRouteTableAssociation === "disable")
      delete gateway.options.AssociationDefaultRouteTableId;
    if (gateway.options.DefaultRouteTablePropagation === "disable")
      delete gateway.options.PropagationDefaultRouteTableId;
    gateway.description = input.Description ?? gateway.description;
    return { TransitGateway: { ...gatewayOutput(region, gateway), State: "modifying" } };
  },

  /** Its route tables go with it. */
  deleteTransitGateway(input, context) {
    const region = regionOf(context);
    const gateway = findLiving(region.transitGateways, input.TransitGatewayId, "tgw");
    const attached = living(region.transitAttachments).filter(({ gatewayId }) => gatewayId === gateway.id);
    const [first] = attached;
    if (first !== undefined) {
      const same = attached.filter(({ type }) => type === first.type).map(({ id }) => id);
      throw clientError(
        "IncorrectState",
        `${gateway.id} has non-deleted ${ATTACHED[first.type]}: ${same.join(", ")}.`,
      );
    }
    if (input.DryRun) throw dryRun();
    gateway.deleted = region.clock.date();
    for (const table of living(region.transitTables)) {
      if (table.gatewayId === gateway.id) table.deleted = gateway.deleted;
    }
    return { TransitGateway: { ...gatewayOutput(region, gateway), State: "deleting" } };
  },
};

export function addTransitTable(
  region: Ec2Region,
  { id: gatewayId }: TransitGateway,
  tags: Map<string, string>,
): TransitRouteTable {
  const table: TransitRouteTable = {
    id: newId("tgw-rtb"),
    tags,
    gatewayId,
    created: region.clock.date(),
    deleted: undefined,
    routes: new Map(),
    prefixLists: new Map(),
    propagations: new Set(),
  };
  region.transitTables.set(table.id, table);
  return table;
}

function fieldsOf(region: Ec2Region): FilterFields<TransitGateway> {
  return {
    "transit-gateway-id": ({ id }) => id,
    "owner-id": () => region.account,
    state: stateOf,
    "options.amazon-side-asn": ({ options }) => options.AmazonSideAsn,
    "options.association-default-route-table-id": ({ options }) => options.AssociationDefaultRouteTableId,
    "options.auto-accept-shared-attachments": ({ options }) => options.AutoAcceptSharedAttachments,
    "options.default-route-table-association": ({ options }) => options.DefaultRouteTableAssociation,
    "options.default-route-table-propagation": ({ options }) => options.DefaultRouteTablePropagation,
    "options.dns-support": ({ options }) => options.DnsSupport,
    "options.propagation-default-route-table-id": ({ options }) => options.PropagationDefaultRouteTableId,
    "options.vpn-ecmp-support": ({ options }) => options.VpnEcmpSupport,
  };
}

function gatewayOutput(region: Ec2Region, gateway: TransitGateway): Answered<TransitGatewayOutput> {
  return {
    TransitGatewayId: gateway.id,
    TransitGatewayArn: `arn:aws:ec2:${region.name}:${region.account}:transit-gateway/${gateway.id}`,
    State: stateOf(gateway),
    OwnerId: region.account,
    Description: gateway.description,
    CreationTime: gateway.created,
    Options: gateway.options,
    Tags: tagList(gateway.tags) ?? [],
  };
}
