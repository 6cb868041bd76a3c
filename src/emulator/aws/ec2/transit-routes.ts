/** Handlers of the routes of transit gateways: static ones, and those that attachments propagate. */
import type { EC2, TransitGatewayRoute } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import { clientError, dryRun, invalidParameter } from "./errors.js";
import { applyFilters, type FilterFields } from "./filters.js";
import { ipv6Contains, parseIpv6Range } from "./ipv6.js";
import { findLiving } from "./lingering.js";
import { contains } from "./network.js";
import { type Ec2Region, regionOf } from "./store.js";
import { attachmentState } from "./transit-attachments.js";
import type { TransitAttachment, TransitRouteTable } from "./transit-resources.js";
import { findTable } from "./transit-route-tables.js";

const SEARCHED_MAX = 1000;
/** What begins these is a search for ranges, not a value that is compared. */
const SEARCH = "route-search.";

export const transitRouteHandlers: Handlers<EC2> = {
  createTransitGatewayRoute(input, context) {
    const region = regionOf(context);
    const { table, cidr, target } = plannedRoute(region, input);
    if (table.routes.has(cidr)) {
      throw clientError(
        "RouteAlreadyExists",
        `Route ${cidr} already exists in Transit Gateway Route Table ${table.id}.`,
      );
    }
    if (input.DryRun) throw dryRun();
    table.routes.set(cidr, target);
    return { Route: staticRoute(region, cidr, target) };
  },

  replaceTransitGatewayRoute(input, context) {
    const region = regionOf(context);
    const { table, cidr, target } = plannedRoute(region, input);
    checkPresent(table, cidr);
    if (input.DryRun) throw dryRun();
    table.routes.set(cidr, target);
    return { Route: staticRoute(region, cidr, target) };
  },

  deleteTransitGatewayRoute(input, context) {
    const region = regionOf(context);
    const table = findTable(region, input.TransitGatewayRouteTableId);
    const cidr = input.DestinationCidrBlock;
    checkPresent(table, cidr);
    if (input.DryRun) throw dryRun();
    const route = staticRoute(region, cidr, table.routes.get(cidr));
    table.routes.delete(cidr);
    return { Route: { ...route, State: "deleted" } };
  },

  searchTransitGatewayRoutes(input, context) {
    const region = regionOf(context);
    const table = findTable(region, input.TransitGatewayRouteTableId);
    const most = input.MaxResults ?? SEARCHED_MAX;
    if (most < 5 || most > SEARCHED_MAX) {
      throw invalidParameter(
        `Value ( ${most} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.`,
      );
    }
    if (input.DryRun) throw dryRun();
    let found = routesOf(region, table);
    for (const { Name = "", Values = [] } of input.Filters) {
      if (Name.startsWith(SEARCH)) found = searched(found, Name.slice(SEARCH.length), Values);
    }
    const compared = input.Filters.filter(({ Name }) => !Name?.startsWith(SEARCH));
    const kept = applyFilters(found, compared, FIELDS, () => new Map());
    return { Routes: kept.slice(0, most), AdditionalRoutesAvailable: kept.length > most };
  },
};

type Route = Answered<TransitGatewayRoute> & { readonly DestinationCidrBlock: string };

const FIELDS: FilterFields<Route> = {
  state: ({ State }) => State,
  type: ({ Type }) => Type,
  "prefix-list-id": ({ PrefixListId }) => PrefixListId,
  "attachment.transit-gateway-attachment-id": ({ TransitGatewayAttachments = [] }) =>
    TransitGatewayAttachments.map((each) => each.TransitGatewayAttachmentId),
  "attachment.resource-id": ({ TransitGatewayAttachments = [] }) =>
    TransitGatewayAttachments.map((each) => each.ResourceId),
  "attachment.resource-type": ({ TransitGatewayAttachments = [] }) =>
    TransitGatewayAttachments.map((each) => each.ResourceType),
};

interface RouteInput {
  readonly TransitGatewayRouteTableId: string;
  readonly DestinationCidrBlock: string;
  readonly TransitGatewayAttachmentId?: string;
  readonly Blackhole?: boolean;
}

function plannedRoute(region: Ec2Region, input: RouteInput) {
  const table = findTable(region, input.TransitGatewayRouteTableId);
  const cidr = input.DestinationCidrBlock;
  if (!/^[\d.]+\/\d{1,2}$|^[0-9a-fA-F:]+\/\d{1,3}$/.test(cidr)) {
    throw invalidParameter(
      `Value (${cidr}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`,
    );
  }
  const target = input.TransitGatewayAttachmentId;
  if ((target === undefined) !== (input.Blackhole === true)) {
    throw clientError(
      "InvalidParameterCombination",
      "A route is either a blackhole or leads to one TransitGatewayAttachmentId",
    );
  }
  if (target !== undefined) findLiving(region.transitAttachments, target, "tgw-attach");
  return { table, cidr, target };
}

function checkPresent(table: TransitRouteTable, cidr: string): void {
  if (table.routes.has(cidr)) return;
  throw clientError(
    "InvalidRoute.NotFound",
    `Route ${cidr} was not found in Transit Gateway Route Table ${table.id}.`,
  );
}

/** A static route goes before one that is propagated. */
function routesOf(region: Ec2Region, table: TransitRouteTable): Route[] {
  const routes = new Map<string, Route>();
  for (const id of table.propagations) {
    const attachment = region.transitAttachments.get(id);
    for (const cidr of attachment === undefined ? [] : propagated(region, attachment)) {
      routes.set(cidr, routeTo(cidr, "propagated", attachment));
    }
  }
  for (const [id, target] of table.prefixLists) {
    for (const cidr of region.prefixLists.get(id)?.versions.at(-1)?.keys() ?? []) {
      routes.set(cidr, { ...staticRoute(region, cidr, target), PrefixListId: id });
    }
  }
  for (const [cidr, target] of table.routes) routes.set(cidr, staticRoute(region, cidr, target));
  return [...routes.values()];
}

/** What an attachment tells of itself: a VPC its ranges, a VPN its static routes. */
function propagated(region: Ec2Region, { type, resourceId, options }: TransitAttachment): string[] {
  if (type === "vpn") return [...(region.vpnConnections.get(resourceId)?.routes ?? [])];
  const vpc = region.vpcs.get(resourceId);
  const ipv6 = options.Ipv6Support === "enable" ? (vpc?.ipv6Ranges.values() ?? []) : [];
  return [...(vpc?.ranges.values() ?? []), ...ipv6];
}

function staticRoute(region: Ec2Region, cidr: string, target: string | undefined): Route {
  return routeTo(cidr, "static", target === undefined ? undefined : region.transitAttachments.get(target));
}

function routeTo(
  cidr: string,
  type: "static" | "propagated",
  attachment: TransitAttachment | undefined,
): Route {
  const alive = attachment !== undefined && attachmentState(attachment) === "available";
  return {
    DestinationCidrBlock: cidr,
    TransitGatewayAttachments:
      attachment === undefined
        ? undefined
        : [
            {
              ResourceId: attachment.resourceId,
              TransitGatewayAttachmentId: attachment.id,
              ResourceType: attachment.type,
            },
          ],
    Type: type,
    State: alive ? "active" : "blackhole",
  };
}

function searched(routes: readonly Route[], kind: string, values: readonly string[]): Route[] {
  const matches = (test: (own: string, asked: string) => boolean) =>
    routes.filter(({ DestinationCidrBlock: own }) => values.some((asked) => test(own, asked)));
  if (kind === "exact-match") return matches((own, asked) => own === asked);
  if (kind === "subnet-of-match") return matches((own, asked) => covers(asked, own));
  if (kind === "supernet-of-match") return matches((own, asked) => covers(own, asked));
  if (kind !== "longest-prefix-match") throw invalidParameter(`The filter '${SEARCH}${kind}' is invalid`);
  const bitsOf = ({ DestinationCidrBlock }: Route) => Number(DestinationCidrBlock.split("/")[1]);
  const [longest] = matches((own, asked) => covers(own, asked)).sort((a, b) => bitsOf(b) - bitsOf(a));
  return longest === undefined ? [] : [longest];
}

/** An address alone is the range of one. */
function covers(outer: string, inner: string): boolean {
  const ipv6 = outer.includes(":");
  if (ipv6 !== inner.includes(":")) return false;
  if (!ipv6) return contains(outer, inner);
  const rangeOf = (text: string) => parseIpv6Range(text.includes("/") ? text : `${text}/128`, 0, 128);
  return ipv6Contains(rangeOf(outer), rangeOf(inner));
}
