/** Handlers of prefix lists in the route tables of transit gateways: each stands for routes to all its ranges. */
import type { EC2, TransitGatewayPrefixListReference } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import { clientError, dryRun, notFound } from "./errors.js";
import { applyFilters, type FilterFields, page } from "./filters.js";
import { findLiving } from "./lingering.js";
import { type Ec2Region, regionOf } from "./store.js";
import type { TransitRouteTable } from "./transit-resources.js";
import { findTable } from "./transit-route-tables.js";

export const transitPrefixListHandlers: Handlers<EC2> = {
  createTransitGatewayPrefixListReference(input, context) {
    const region = regionOf(context);
    const { table, id, target } = planned(region, input);
    if (table.prefixLists.has(id)) {
      throw clientError(
        "DuplicatePrefixListReference",
        `Prefix list ${id} is already referenced in Transit Gateway Route Table ${table.id}.`,
      );
    }
    if (input.DryRun) throw dryRun();
    table.prefixLists.set(id, target);
    return { TransitGatewayPrefixListReference: { ...referenceOutput(region, table, id), State: "pending" } };
  },

  modifyTransitGatewayPrefixListReference(input, context) {
    const region = regionOf(context);
    const { table, id, target } = planned(region, input);
    checkPresent(table, id);
    if (input.DryRun) throw dryRun();
    table.prefixLists.set(id, target);
    return {
      TransitGatewayPrefixListReference: { ...referenceOutput(region, table, id), State: "modifying" },
    };
  },

  deleteTransitGatewayPrefixListReference(input, context) {
    const region = regionOf(context);
    const table = findTable(region, input.TransitGatewayRouteTableId);
    checkPresent(table, input.PrefixListId);
    if (input.DryRun) throw dryRun();
    const output = referenceOutput(region, table, input.PrefixListId);
    table.prefixLists.delete(input.PrefixListId);
    return { TransitGatewayPrefixListReference: { ...output, State: "deleting" } };
  },

  getTransitGatewayPrefixListReferences(input, context) {
    const region = regionOf(context);
    const table = findTable(region, input.TransitGatewayRouteTableId);
    if (input.DryRun) throw dryRun();
    const all = [...table.prefixLists.keys()].map((id) => referenceOutput(region, table, id));
    const fields: FilterFields<(typeof all)[number]> = {
      "prefix-list-id": ({ PrefixListId }) => PrefixListId,
      "prefix-list-owner-id": ({ PrefixListOwnerId }) => PrefixListOwnerId,
      state: ({ State }) => State,
      "is-blackhole": ({ Blackhole }) => Blackhole,
      "attachment.transit-gateway-attachment-id": ({ TransitGatewayAttachment }) =>
        TransitGatewayAttachment?.TransitGatewayAttachmentId,
      "attachment.resource-id": ({ TransitGatewayAttachment }) => TransitGatewayAttachment?.ResourceId,
      "attachment.resource-type": ({ TransitGatewayAttachment }) => TransitGatewayAttachment?.ResourceType,
    };
    const { items, NextToken } = page(
      applyFilters(all, input.Filters, fields, () => new Map()),
      input,
    );
    return { TransitGatewayPrefixListReferences: items, NextToken };
  },
};

interface ReferenceInput {
  readonly TransitGatewayRouteTableId: string;
  readonly PrefixListId: string;
  readonly TransitGatewayAttachmentId?: string;
  readonly Blackhole?: boolean;
}

function planned(region: Ec2Region, input: ReferenceInput) {
  const table = findTable(region, input.TransitGatewayRouteTableId);
  const { PrefixListId: id, TransitGatewayAttachmentId: target } = input;
  if (!region.prefixLists.has(id)) throw notFound("pl", [id]);
  if ((target === undefined) !== (input.Blackhole === true)) {
    throw clientError(
      "InvalidParameterCombination",
      "A reference is either a blackhole or leads to one TransitGatewayAttachmentId",
    );
  }
  if (target !== undefined) findLiving(region.transitAttachments, target, "tgw-attach");
  return { table, id, target };
}

function checkPresent(table: TransitRouteTable, id: string): void {
  if (table.prefixLists.has(id)) return;
  throw clientError(
    "InvalidPrefixListReference.NotFound",
    `Prefix list ${id} is not referenced in Transit Gateway Route Table ${table.id}.`,
  );
}

function referenceOutput(
  region: Ec2Region,
  table: TransitRouteTable,
  id: string,
): Answered<TransitGatewayPrefixListReference> {
  const attachment = region.transitAttachments.get(table.prefixLists.get(id) ?? "");
  return {
    TransitGatewayRouteTableId: table.id,
    PrefixListId: id,
    PrefixListOwnerId: region.account,
    State: "available",
    Blackhole: attachment === undefined,
    TransitGatewayAttachment: attachment && {
      TransitGatewayAttachmentId: attachment.id,
      ResourceType: attachment.type,
      ResourceId: attachment.resourceId,
    },
  };
}
