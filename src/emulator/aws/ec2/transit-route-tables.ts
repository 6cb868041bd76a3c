/** Handlers of the route tables of transit gateways: which attachments they serve, and whose routes they take over. */
import type { EC2, TransitGatewayRouteTable as RouteTableOutput } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import { clientError, dryRun } from "./errors.js";
import { applyFilters, type FilterFields, page, requestedTags, tagList } from "./filters.js";
import { findLiving, living, shown, stateOf } from "./lingering.js";
import { type Ec2Region, regionOf } from "./store.js";
import { addTransitTable } from "./transit-gateways.js";
import type { TransitAttachment, TransitRouteTable } from "./transit-resources.js";

export const transitRouteTableHandlers: Handlers<EC2> = {
  createTransitGatewayRouteTable(input, context) {
    const region = regionOf(context);
    const gateway = findLiving(region.transitGateways, input.TransitGatewayId, "tgw");
    if (input.DryRun) throw dryRun();
    const tags = requestedTags(input.TagSpecifications, "transit-gateway-route-table");
    const table = addTransitTable(region, gateway, tags);
    return { TransitGatewayRouteTable: { ...tableOutput(region, table), State: "pending" } };
  },

  describeTransitGatewayRouteTables(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = shown(region, region.transitTables, input.TransitGatewayRouteTableIds, "tgw-rtb");
    const fields: FilterFields<TransitRouteTable> = {
      "transit-gateway-route-table-id": ({ id }) => id,
      "transit-gateway-id": ({ gatewayId }) => gatewayId,
      "default-association-route-table": (table) => defaultsOf(region, table).association,
      "default-propagation-route-table": (table) => defaultsOf(region, table).propagation,
      state: stateOf,
    };
    const found = applyFilters(named, input.Filters, fields, ({ tags }) => tags);
    const { items, NextToken } = page(found, input);
    return { TransitGatewayRouteTables: items.map((table) => tableOutput(region, table)), NextToken };
  },

  deleteTransitGatewayRouteTable(input, context) {
    const region = regionOf(context);
    const table = findTable(region, input.TransitGatewayRouteTableId);
    const { association, propagation } = defaultsOf(region, table);
    if (association || propagation || associated(region, table).length > 0) {
      const why = association || propagation ? "is a default route table" : "has associations";
      throw clientError("IncorrectState", `${table.id} ${why} and cannot be deleted.`);
    }
    if (input.DryRun) throw dryRun();
    table.deleted = region.clock.date();
    return { TransitGatewayRouteTable: { ...tableOutput(region, table), State: "deleting" } };
  },

  associateTransitGatewayRouteTable(input, context) {
    const region = regionOf(context);
    const { table, attachment } = pairOf(region, input);
    if (attachment.routeTableId !== undefined) {
      throw clientError(
        "Resource.AlreadyAssociated",
        `Transit Gateway Attachment ${attachment.id} is already associated to a route table.`,
      );
    }
    if (input.DryRun) throw dryRun();
    attachment.routeTableId = table.id;
    return { Association: { ...edge(attachment), ...of(table), State: "associating" } };
  },

  disassociateTransitGatewayRouteTable(input, context) {
    const region = regionOf(context);
    const { table, attachment } = pairOf(region, input);
    if (attachment.routeTableId !== table.id) {
      throw clientError(
        "InvalidAssociation.NotFound",
        `Association ${attachment.id} was not found in ${table.id}.`,
      );
    }
    if (input.DryRun) throw dryRun();
    attachment.routeTableId = undefined;
    return { Association: { ...edge(attachment), ...of(table), State: "disassociating" } };
  },

  getTransitGatewayRouteTableAssociations(input, context) {
    const region = regionOf(context);
    const table = findTable(region, input.TransitGatewayRouteTableId);
    if (input.DryRun) throw dryRun();
    const found = applyFilters(associated(region, table), input.Filters, EDGE_FIELDS, ({ tags }) => tags);
    const { items, NextToken } = page(found, input);
    const Associations = items.map((each) => ({ ...edge(each), State: "associated" as const }));
    return { Associations, NextToken };
  },

  enableTransitGatewayRouteTablePropagation(input, context) {
    const region = regionOf(context);
    const { table, attachment } = pairOf(region, input);
    if (table.propagations.has(attachment.id)) {
      throw clientError(
        "TransitGatewayRouteTablePropagation.Duplicate",
        `Propagation ${attachment.id} already exists in Transit Gateway Route Table ${table.id}.`,
      );
    }
    if (input.DryRun) throw dryRun();
    table.propagations.add(attachment.id);
    return { Propagation: { ...edge(attachment), ...of(table), State: "enabled" } };
  },

  disableTransitGatewayRouteTablePropagation(input, context) {
    const region = regionOf(context);
    const { table, attachment } = pairOf(region, input);
    if (!table.propagations.has(attachment.id)) {
      throw clientError(
        "TransitGatewayRouteTablePropagation.NotFound",
        `Propagation ${attachment.id} was not found in Transit Gateway Route Table ${table.id}.`,
      );
    }
    if (input.DryRun) throw dryRun();
    table.propagations.delete(attachment.id);
    return { Propagation: { ...edge(attachment), ...of(table), State: "disabled" } };
  },

  getTransitGatewayRouteTablePropagations(input, context) {
    const region = regionOf(context);
    const table = findTable(region, input.TransitGatewayRouteTableId);
    if (input.DryRun) throw dryRun();
    const all = living(region.transitAttachments).filter(({ id }) => table.propagations.has(id));
    const found = applyFilters(all, input.Filters, EDGE_FIELDS, ({ tags }) => tags);
    const { items, NextToken } = page(found, input);
    return {
      TransitGatewayRouteTablePropagations: items.map((each) => ({
        ...edge(each),
        State: "enabled" as const,
      })),
      NextToken,
    };
  },

  getTransitGatewayAttachmentPropagations(input, context) {
    const region = regionOf(context);
    const { id } = findLiving(region.transitAttachments, input.TransitGatewayAttachmentId, "tgw-attach");
    if (input.DryRun) throw dryRun();
    const all = living(region.transitTables).filter(({ propagations }) => propagations.has(id));
    const fields: FilterFields<TransitRouteTable> = {
      "transit-gateway-route-table-id": (table) => table.id,
    };
    const found = applyFilters(all, input.Filters, fields, ({ tags }) => tags);
    const { items, NextToken } = page(found, input);
    return {
      TransitGatewayAttachmentPropagations: items.map((table) => ({
        ...of(table),
        State: "enabled" as const,
      })),
      NextToken,
    };
  },
};

export function findTable(region: Ec2Region, id: string): TransitRouteTable {
  return findLiving(region.transitTables, id, "tgw-rtb");
}

interface PairInput {
  readonly TransitGatewayRouteTableId: string;
  readonly TransitGatewayAttachmentId?: string;
}

/** A table and an attachment of the same gateway. */
function pairOf(region: Ec2Region, input: PairInput) {
  const table = findTable(region, input.TransitGatewayRouteTableId);
  const id = input.TransitGatewayAttachmentId;
  if (id === undefined) {
    throw clientError(
      "MissingParameter",
      "The request must contain the parameter TransitGatewayAttachmentId",
    );
  }
  const attachment = findLiving(region.transitAttachments, id, "tgw-attach");
  if (attachment.gatewayId === table.gatewayId) return { table, attachment };
  throw clientError("InvalidParameterValue", `${attachment.id} and ${table.id} are of two transit gateways.`);
}

const EDGE_FIELDS: FilterFields<TransitAttachment> = {
  "transit-gateway-attachment-id": ({ id }) => id,
  "resource-id": ({ resourceId }) => resourceId,
  "resource-type": ({ type }) => type,
};

function edge({ id, resourceId, type }: TransitAttachment) {
  return { TransitGatewayAttachmentId: id, ResourceId: resourceId, ResourceType: type };
}

const of = ({ id }: TransitRouteTable) => ({ TransitGatewayRouteTableId: id });

function associated(region: Ec2Region, table: TransitRouteTable): TransitAttachment[] {
  return living(region.transitAttachments).filter(({ routeTableId }) => routeTableId === table.id);
}

function defaultsOf(region: Ec2Region, table: TransitRouteTable) {
  const options = region.transitGateways.get(table.gatewayId)?.options;
  return {
    association: options?.AssociationDefaultRouteTableId === table.id,
    propagation: options?.PropagationDefaultRouteTableId === table.id,
  };
}

function tableOutput(region: Ec2Region, table: TransitRouteTable): Answered<RouteTableOutput> {
  const { association, propagation } = defaultsOf(region, table);
  return {
    TransitGatewayRouteTableId: table.id,
    TransitGatewayId: table.gatewayId,
    State: stateOf(table),
    DefaultAssociationRouteTable: association,
    DefaultPropagationRouteTable: propagation,
    CreationTime: table.created,
    Tags: tagList(table.tags) ?? [],
  };
}
