/** Handlers of route tables, their routes and associations. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { checkIds, clientError, dependencyViolation, dryRun, notFound } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { prefixOf } from "./id-kinds.js";
import { findLiving, living } from "./lingering.js";
import { chosen, findVpc, setTags } from "./network.js";
import type { RouteTable, Subnet } from "./network-resources.js";
import { prefixListId } from "./prefix-lists.js";
import { type Ec2Region, regionOf } from "./store.js";

export const routeHandlers: Handlers<EC2> = {
  createRouteTable(input, context) {
    const region = regionOf(context);
    const vpc = findVpc(region, input.VpcId);
    if (input.DryRun) throw dryRun();
    const table = region.addRouteTable(vpc, false);
    setTags(table, requestedTags(input.TagSpecifications, "route-table"));
    return { RouteTable: tableOutput(region, table) };
  },

  describeRouteTables(input, context) {
    const region = regionOf(context);
    const fields: FilterFields<RouteTable> = {
      "route-table-id": ({ id }) => id,
      "vpc-id": ({ vpcId }) => vpcId,
      "association.main": ({ main }) => (main ? true : undefined),
      "association.subnet-id": ({ associations }) => [...associations.values()].filter(isSubnet),
      "association.gateway-id": ({ associations }) =>
        [...associations.values()].filter((id) => !isSubnet(id)),
      "association.route-table-association-id": ({ associations }) => [...associations.keys()],
      "association.route-table-id": ({ id }) => id,
      "route.destination-cidr-block": ({ routes }) => [...routes.keys()],
      "route.destination-prefix-list-id": ({ routes }) => [...routes.keys()],
      "route.gateway-id": ({ routes }) => [...routes.values()],
      "route.nat-gateway-id": targetsOf("nat-"),
      "route.instance-id": targetsOf("i-"),
      "route.vpc-peering-connection-id": targetsOf("pcx-"),
      "route.egress-only-internet-gateway-id": targetsOf("eigw-"),
      "route.transit-gateway-id": targetsOf("tgw-"),
      "owner-id": () => region.account,
    };
    const named = chosen(region.routeTables, input.RouteTableIds, "rtb");
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, fields, ({ tags }) => tags),
      input,
    );
    return { RouteTables: items.map((table) => tableOutput(region, table)), NextToken };
  },

  deleteRouteTable(input, context) {
    const region = regionOf(context);
    const table = findTable(region, input.RouteTableId);
    if (table.main || table.associations.size > 0) {
      throw dependencyViolation(`The routeTable '${table.id}' has dependencies and cannot be deleted.`);
    }
    if (input.DryRun) throw dryRun();
    region.routeTables.delete(table.id);
    return {};
  },

  createRoute(input, context) {
    const region = regionOf(context);
    const table = findTable(region, input.RouteTableId);
    const list = input.DestinationPrefixListId;
    const destination = input.DestinationCidrBlock ?? input.DestinationIpv6CidrBlock ?? list;
    if (destination === undefined)
      throw clientError("MissingParameter", "The request must contain the parameter destinationCidrBlock");
    if (destination !== list) checkDestination(destination);
    else if (!region.prefixLists.has(list)) throw notFound("pl", [list]);
    const target = targetOf(region, table, input);
    if (table.routes.has(destination)) {
      throw clientError("RouteAlreadyExists", `The route identified by ${destination} already exists.`);
    }
    if (input.DryRun) throw dryRun();
    table.routes.set(destination, target);
    return { Return: true };
  },

  replaceRoute(input, context) {
    const region = regionOf(context);
    const table = findTable(region, input.RouteTableId);
    const destination = destinationOf(input);
    const target = targetOf(region, table, input);
    if (!table.routes.has(destination)) {
      throw clientError(
        "InvalidParameterValue",
        `There is no route defined for '${destination}' in the route table. Use CreateRoute instead.`,
      );
    }
    if (input.DryRun) throw dryRun();
    table.routes.set(destination, target);
    return {};
  },

  deleteRoute(input, context) {
    const table = findTable(regionOf(context), input.RouteTableId);
    const destination = destinationOf(input);
    if (table.routes.get(destination) === undefined) {
      throw clientError(
        "InvalidRoute.NotFound",
        `no route with destination-cidr-block ${destination} in route table ${table.id}`,
      );
    }
    if (input.DryRun) throw dryRun();
    table.routes.delete(destination);
    return {};
  },

  /** Of a subnet, or of a gateway by which traffic comes into the VPC. Once more changes nothing. */
  associateRouteTable(input, context) {
    const region = regionOf(context);
    const table = findTable(region, input.RouteTableId);
    const target = associateTarget(region, input);
    const state = { AssociationState: { State: "associated" as const } };
    for (const other of region.routeTables.values()) {
      const [present] = [...other.associations].find(([, each]) => each === target) ?? [];
      if (present === undefined) continue;
      if (other === table) return { AssociationId: present, ...state };
      throw clientError(
        "Resource.AlreadyAssociated",
        `the specified association for route table ${table.id} conflicts with an existing association`,
      );
    }
    if (input.DryRun) throw dryRun();
    const id = newId("rtbassoc");
    table.associations.set(id, target);
    return { AssociationId: id, ...state };
  },

  /** Also of a VPC's main table: the other becomes that. */
  replaceRouteTableAssociation(input, context) {
    const region = regionOf(context);
    const table = findTable(region, input.RouteTableId);
    const id = input.AssociationId;
    if (table.associations.has(id)) {
      return { NewAssociationId: id, AssociationState: { State: "associated" as const } };
    }
    const before = [...region.routeTables.values()].find(
      ({ associations, main, mainAssociationId }) =>
        associations.has(id) || (main && mainAssociationId === id),
    );
    if (before === undefined) {
      throw clientError("InvalidAssociationID.NotFound", `The association ID '${id}' does not exist`);
    }
    if (input.DryRun) throw dryRun();
    const NewAssociationId = newId("rtbassoc");
    const target = before.associations.get(id);
    if (target === undefined) {
      before.main = false;
      table.main = true;
      table.mainAssociationId = NewAssociationId;
    } else {
      before.associations.delete(id);
      table.associations.set(NewAssociationId, target);
    }
    return { NewAssociationId, AssociationState: { State: "associated" } };
  },

  disassociateRouteTable(input, context) {
    const region = regionOf(context);
    const table = [...region.routeTables.values()].find(({ associations }) =>
      associations.has(input.AssociationId),
    );
    if (table === undefined) {
      throw clientError(
        "InvalidAssociationID.NotFound",
        `The association ID '${input.AssociationId}' does not exist`,
      );
    }
    if (input.DryRun) throw dryRun();
    table.associations.delete(input.AssociationId);
    return {};
  },
};

interface Destination {
  readonly DestinationCidrBlock?: string;
  readonly DestinationIpv6CidrBlock?: string;
  readonly DestinationPrefixListId?: string;
}

function destinationOf(input: Destination): string {
  return input.DestinationCidrBlock ?? input.DestinationIpv6CidrBlock ?? input.DestinationPrefixListId ?? "";
}

/** Targets of a kind that a table's routes lead to. */
function targetsOf(prefix: string) {
  return ({ routes }: RouteTable) => [...routes.values()].filter((target) => target.startsWith(prefix));
}

const isSubnet = (id: string) => id.startsWith("subnet-");

interface AssociateInput {
  readonly SubnetId?: string;
  readonly GatewayId?: string;
}

function associateTarget(region: Ec2Region, { SubnetId, GatewayId }: AssociateInput): string {
  if (GatewayId?.startsWith("vgw-")) return findLiving(region.vpnGateways, GatewayId, "vgw").id;
  if (GatewayId !== undefined) chosen(region.internetGateways, [GatewayId], "igw");
  if (GatewayId !== undefined) return GatewayId;
  if (SubnetId === undefined) {
    throw clientError("MissingParameter", "The request must contain the parameter subnetId or gatewayId");
  }
  return (chosen(region.subnets, [SubnetId], "subnet") as [Subnet])[0].id;
}

function findTable(region: Ec2Region, id: string): RouteTable {
  return (chosen(region.routeTables, [id], "rtb") as [RouteTable])[0];
}

function checkDestination(cidr: string): void {
  if (/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(cidr) || /^[0-9a-f:]*:[0-9a-f:]*\/\d{1,3}$/i.test(cidr)) return;
  throw clientError(
    "InvalidParameterValue",
    `Value (${cidr}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`,
  );
}

/** What a route can lead to: the member that names it, and the prefix of its id. */
const TARGETS = [
  ["GatewayId", "igw"],
  ["GatewayId", "vgw"],
  ["NatGatewayId", "nat"],
  ["NetworkInterfaceId", "eni"],
  ["InstanceId", "i"],
  ["VpcPeeringConnectionId", "pcx"],
  ["EgressOnlyInternetGatewayId", "eigw"],
  ["TransitGatewayId", "tgw"],
  ["CarrierGatewayId", "cagw"],
  ["VpcEndpointId", "vpce"],
] as const;

type RouteInput = { readonly [K in (typeof TARGETS)[number][0]]?: string | undefined };

function targetOf(region: Ec2Region, table: RouteTable, input: RouteInput): string {
  for (const [member, prefix] of TARGETS) {
    const id = input[member];
    if (id === undefined || (member === "GatewayId" && prefix === "igw" && id.startsWith("vgw-"))) continue;
    if (prefix === "tgw") checkAttached(region, table, id);
    else if (targetsOfKind(region, prefix)?.has(id) !== true) {
      checkIds(prefix, [id]);
      throw notFound(prefix, [id]);
    }
    return id;
  }
  throw clientError(
    "InvalidParameterCombination",
    "The emulator routes to gateways, network interfaces, instances, peerings and endpoints: none is named",
  );
}

/** A VPC sees the transit gateways that it is attached to. */
function checkAttached(region: Ec2Region, table: RouteTable, id: string): void {
  if (isAttached(region, table, id)) return;
  throw clientError("InvalidTransitGatewayID.NotFound", `The transitGateway ID '${id}' does not exist.`);
}

function isAttached(region: Ec2Region, { vpcId }: RouteTable, id: string): boolean {
  return living(region.transitAttachments).some(
    ({ gatewayId, resourceId }) => gatewayId === id && resourceId === vpcId,
  );
}

function targetsOfKind(
  region: Ec2Region,
  prefix: (typeof TARGETS)[number][1],
): ReadonlyMap<string, unknown> | undefined {
  return {
    igw: region.internetGateways,
    vgw: region.vpnGateways,
    nat: region.natGateways,
    eni: region.networkInterfaces,
    i: region.instances,
    pcx: region.peerings,
    eigw: region.egressGateways,
    tgw: region.transitGateways,
    cagw: region.carrierGateways,
    vpce: region.vpcEndpoints,
  }[prefix];
}

function targetMember(target: string): string {
  // Endpoints of gateway load balancers are shown as gateways.
  const found = TARGETS.find(([, prefix]) => prefix === prefixOf(target) && prefix !== "vpce");
  return found?.[0] ?? "GatewayId";
}

function isReachable(region: Ec2Region, table: RouteTable, target: string): boolean {
  const gateway = region.internetGateways.get(target);
  if (gateway !== undefined) return gateway.vpcId === table.vpcId;
  const vpn = region.vpnGateways.get(target);
  if (vpn !== undefined) return vpn.deleted === undefined && vpn.vpcId === table.vpcId;
  const nat = region.natGateways.get(target);
  if (nat !== undefined) return nat.deleted === undefined;
  const peering = region.peerings.get(target);
  if (peering !== undefined) return peering.state === "active";
  if (target.startsWith("tgw-")) return isAttached(region, table, target);
  const others = [
    region.networkInterfaces,
    region.instances,
    region.egressGateways,
    region.carrierGateways,
    region.vpcEndpoints,
  ];
  return others.some((kind) => kind.has(target));
}

function tableOutput(region: Ec2Region, table: RouteTable) {
  const associated = { State: "associated" as const };
  return {
    RouteTableId: table.id,
    VpcId: table.vpcId,
    OwnerId: region.account,
    PropagatingVgws: Array.from(table.propagating, (GatewayId) => ({ GatewayId })),
    Associations: [
      ...(table.main
        ? [
            {
              Main: true,
              RouteTableAssociationId: table.mainAssociationId,
              RouteTableId: table.id,
              AssociationState: associated,
            },
          ]
        : []),
      ...Array.from(table.associations, ([id, target]) => ({
        Main: false,
        RouteTableAssociationId: id,
        RouteTableId: table.id,
        ...(isSubnet(target) ? { SubnetId: target } : { GatewayId: target }),
        AssociationState: associated,
      })),
    ],
    Routes: [
      ...[...(region.vpcs.get(table.vpcId)?.ranges.values() ?? [])].map((cidr) => ({
        DestinationCidrBlock: cidr,
        GatewayId: "local",
        Origin: "CreateRouteTable" as const,
        State: "active" as const,
      })),
      ...[...(region.vpcs.get(table.vpcId)?.ipv6Ranges.values() ?? [])].map((cidr) => ({
        DestinationIpv6CidrBlock: cidr,
        GatewayId: "local",
        Origin: "CreateRouteTable" as const,
        State: "active" as const,
      })),
      ...[...region.vpcEndpoints.values()]
        .filter(({ type, routeTableIds }) => type === "Gateway" && routeTableIds.has(table.id))
        .map(({ id, service }) => ({
          DestinationPrefixListId: prefixListId(service),
          GatewayId: id,
          Origin: "CreateRoute" as const,
          State: "active" as const,
        })),
      ...propagatedRoutes(region, table),
      ...Array.from(table.routes, ([destination, target]) => ({
        ...(destination.includes(":")
          ? { DestinationIpv6CidrBlock: destination }
          : destination.startsWith("pl-")
            ? { DestinationPrefixListId: destination }
            : { DestinationCidrBlock: destination }),
        [targetMember(target)]: target,
        Origin: "CreateRoute" as const,
        State: isReachable(region, table, target) ? ("active" as const) : ("blackhole" as const),
      })),
    ],
    Tags: tagList(table.tags),
  };
}

/** The static routes of connections that end at a gateway which it listens to. */
function propagatedRoutes(region: Ec2Region, table: RouteTable) {
  return living(region.vpnConnections)
    .filter(({ vpnGatewayId = "" }) => table.propagating.has(vpnGatewayId))
    .flatMap(({ vpnGatewayId, routes }) =>
      [...routes]
        .filter((cidr) => !table.routes.has(cidr))
        .map((cidr) => ({
          DestinationCidrBlock: cidr,
          GatewayId: vpnGatewayId,
          Origin: "EnableVgwRoutePropagation" as const,
          State: "active" as const,
        })),
    );
}
