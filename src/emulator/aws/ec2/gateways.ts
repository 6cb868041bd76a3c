/** Handlers of what joins a VPC to the world: internet gateways, route tables, elastic addresses. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { clientError, dependencyViolation, dryRun, notFound } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { chosen, findVpc, setTags } from "./network.js";
import { prefixListId } from "./prefix-lists.js";
import { publicAddress } from "./run.js";
import {
  type Address,
  type AddressAssociation,
  type Ec2Region,
  type InternetGateway,
  type RouteTable,
  regionOf,
  type Subnet,
} from "./store.js";

export const gatewayHandlers: Handlers<EC2> = {
  createInternetGateway(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const gateway = region.addInternetGateway(undefined);
    setTags(gateway, requestedTags(input.TagSpecifications, "internet-gateway"));
    return { InternetGateway: gatewayOutput(region, gateway) };
  },

  describeInternetGateways(input, context) {
    const region = regionOf(context);
    const fields: FilterFields<InternetGateway> = {
      "internet-gateway-id": ({ id }) => id,
      "attachment.vpc-id": ({ vpcId }) => vpcId,
      "attachment.state": ({ vpcId }) => vpcId && "available",
      "owner-id": () => region.account,
    };
    const named = chosen(region.internetGateways, input.InternetGatewayIds, "igw");
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, fields, ({ tags }) => tags),
      input,
    );
    return { InternetGateways: items.map((gateway) => gatewayOutput(region, gateway)), NextToken };
  },

  attachInternetGateway(input, context) {
    const region = regionOf(context);
    const gateway = findGateway(region, input.InternetGatewayId);
    const vpc = findVpc(region, input.VpcId);
    if (gateway.vpcId !== undefined) {
      throw clientError(
        "Resource.AlreadyAssociated",
        `resource ${gateway.id} is already attached to network ${gateway.vpcId}`,
      );
    }
    if ([...region.internetGateways.values()].some(({ vpcId }) => vpcId === vpc.id)) {
      throw clientError(
        "InvalidParameterValue",
        `Network ${vpc.id} already has an internet gateway attached`,
      );
    }
    if (input.DryRun) throw dryRun();
    gateway.vpcId = vpc.id;
    return {};
  },

  detachInternetGateway(input, context) {
    const gateway = findGateway(regionOf(context), input.InternetGatewayId);
    if (gateway.vpcId !== input.VpcId) {
      throw clientError(
        "Gateway.NotAttached",
        `resource ${gateway.id} is not attached to network ${input.VpcId}`,
      );
    }
    if (input.DryRun) throw dryRun();
    gateway.vpcId = undefined;
    return {};
  },

  deleteInternetGateway(input, context) {
    const region = regionOf(context);
    const gateway = findGateway(region, input.InternetGatewayId);
    if (gateway.vpcId !== undefined) {
      throw dependencyViolation(
        `The internetGateway '${gateway.id}' has dependencies and cannot be deleted.`,
      );
    }
    if (input.DryRun) throw dryRun();
    region.internetGateways.delete(gateway.id);
    return {};
  },
};

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
      "association.subnet-id": ({ subnets }) => [...subnets.values()],
      "association.route-table-association-id": ({ subnets }) => [...subnets.keys()],
      "association.route-table-id": ({ id }) => id,
      "route.destination-cidr-block": ({ routes }) => [...routes.keys()],
      "route.destination-prefix-list-id": ({ routes }) => [...routes.keys()],
      "route.gateway-id": ({ routes }) => [...routes.values()],
      "route.nat-gateway-id": targetsOf("nat-"),
      "route.instance-id": targetsOf("i-"),
      "route.vpc-peering-connection-id": targetsOf("pcx-"),
      "route.egress-only-internet-gateway-id": targetsOf("eigw-"),
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
    if (table.main || table.subnets.size > 0) {
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
    const target = targetOf(region, input);
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
    const target = targetOf(region, input);
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

  associateRouteTable(input, context) {
    const region = regionOf(context);
    const table = findTable(region, input.RouteTableId);
    const [subnet] = chosen(region.subnets, [input.SubnetId ?? ""], "subnet") as [Subnet];
    if (input.DryRun) throw dryRun();
    const id = newId("rtbassoc");
    table.subnets.set(id, subnet.id);
    return { AssociationId: id, AssociationState: { State: "associated" } };
  },

  /** Also of a VPC's main table: the other becomes that. */
  replaceRouteTableAssociation(input, context) {
    const region = regionOf(context);
    const table = findTable(region, input.RouteTableId);
    const id = input.AssociationId;
    const before = [...region.routeTables.values()].find(
      ({ subnets, main, mainAssociationId }) => subnets.has(id) || (main && mainAssociationId === id),
    );
    if (before === undefined) {
      throw clientError("InvalidAssociationID.NotFound", `The association ID '${id}' does not exist`);
    }
    if (input.DryRun) throw dryRun();
    const NewAssociationId = newId("rtbassoc");
    const subnet = before.subnets.get(id);
    if (subnet === undefined) {
      before.main = false;
      table.main = true;
      table.mainAssociationId = NewAssociationId;
    } else {
      before.subnets.delete(id);
      table.subnets.set(NewAssociationId, subnet);
    }
    return { NewAssociationId, AssociationState: { State: "associated" } };
  },

  disassociateRouteTable(input, context) {
    const region = regionOf(context);
    const table = [...region.routeTables.values()].find(({ subnets }) => subnets.has(input.AssociationId));
    if (table === undefined) {
      throw clientError(
        "InvalidAssociationID.NotFound",
        `The association ID '${input.AssociationId}' does not exist`,
      );
    }
    if (input.DryRun) throw dryRun();
    table.subnets.delete(input.AssociationId);
    return {};
  },
};

export const addressHandlers: Handlers<EC2> = {
  allocateAddress(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const address: Address = {
      id: newId("eipalloc"),
      tags: requestedTags(input.TagSpecifications, "elastic-ip"),
      publicIp: publicAddress(),
      association: undefined,
    };
    region.addresses.set(address.id, address);
    return {
      AllocationId: address.id,
      PublicIp: address.publicIp,
      Domain: "vpc",
      PublicIpv4Pool: "amazon",
      NetworkBorderGroup: region.name,
    };
  },

  describeAddresses(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const all = [...region.addresses.values()];
    const ids = input.AllocationIds ?? [];
    const missing = ids.find((id) => !region.addresses.has(id));
    if (missing !== undefined) throw noAddress(missing);
    const ips = input.PublicIps ?? [];
    const unknown = ips.find((ip) => !all.some(({ publicIp }) => publicIp === ip));
    if (unknown !== undefined)
      throw clientError("InvalidAddress.NotFound", `Address '${unknown}' not found.`);
    const named = all.filter(
      ({ id, publicIp }) =>
        (ids.length === 0 || ids.includes(id)) && (ips.length === 0 || ips.includes(publicIp)),
    );
    const fields: FilterFields<Address> = {
      "allocation-id": ({ id }) => id,
      "public-ip": ({ publicIp }) => publicIp,
      "instance-id": ({ association }) => association?.instanceId,
      "association-id": ({ association }) => association?.id,
      domain: () => "vpc",
      "network-interface-id": ({ association }) =>
        association?.networkInterfaceId ??
        region.instances.get(association?.instanceId ?? "")?.networkInterfaceId,
      "network-interface-owner-id": ({ association }) => association && region.account,
      "private-ip-address": ({ association }) =>
        region.instances.get(association?.instanceId ?? "")?.privateIp ??
        region.networkInterfaces.get(association?.networkInterfaceId ?? "")?.privateIp,
    };
    return {
      Addresses: applyFilters(named, input.Filters, fields, ({ tags }) => tags).map(
        ({ id, publicIp, association, tags }) => {
          const instance = region.instances.get(association?.instanceId ?? "");
          const own = region.networkInterfaces.get(association?.networkInterfaceId ?? "");
          return {
            AllocationId: id,
            PublicIp: publicIp,
            Domain: "vpc" as const,
            PublicIpv4Pool: "amazon",
            NetworkBorderGroup: region.name,
            AssociationId: association?.id,
            InstanceId: instance?.id,
            NetworkInterfaceId: instance?.networkInterfaceId ?? own?.id,
            NetworkInterfaceOwnerId: instance || own ? region.account : undefined,
            PrivateIpAddress: instance?.privateIp ?? own?.privateIp,
            Tags: tagList(tags),
          };
        },
      ),
    };
  },

  /** Nobody can ask for a name of an address here, so none has one. */
  describeAddressesAttribute(input, context) {
    const region = regionOf(context);
    const ids = input.AllocationIds ?? [];
    const missing = ids.find((id) => !region.addresses.has(id));
    if (missing !== undefined) throw noAddress(missing);
    if (input.DryRun) throw dryRun();
    const named = [...region.addresses.values()].filter(({ id }) => ids.length === 0 || ids.includes(id));
    const { items, NextToken } = page(named, input);
    return {
      Addresses: items.map(({ id, publicIp }) => ({ AllocationId: id, PublicIp: publicIp })),
      NextToken,
    };
  },

  associateAddress(input, context) {
    const region = regionOf(context);
    const address = findAddress(region, input.AllocationId, input.PublicIp);
    const target = associateTarget(region, input);
    if (address.association !== undefined && input.AllowReassociation === false) {
      throw clientError(
        "Resource.AlreadyAssociated",
        `resource ${address.id} is already associated with associate-id ${address.association.id}`,
      );
    }
    if (input.DryRun) throw dryRun();
    address.association = { id: newId("eipassoc"), ...target };
    const instance = region.instances.get(target.instanceId ?? "");
    if (instance !== undefined) instance.publicIp = address.publicIp;
    return { AssociationId: address.association.id };
  },

  disassociateAddress(input, context) {
    const region = regionOf(context);
    if (input.AssociationId === undefined && input.PublicIp === undefined)
      throw clientError("MissingParameter", "Either public IP or association id must be specified");
    const address = [...region.addresses.values()].find(
      ({ association, publicIp }) =>
        association !== undefined && (association.id === input.AssociationId || publicIp === input.PublicIp),
    );
    if (address?.association === undefined) {
      throw clientError(
        "InvalidAssociationID.NotFound",
        `The association ID '${input.AssociationId}' does not exist`,
      );
    }
    if (input.DryRun) throw dryRun();
    const instance = region.instances.get(address.association.instanceId ?? "");
    if (instance?.publicIp === address.publicIp) instance.publicIp = undefined;
    address.association = undefined;
    return {};
  },

  releaseAddress(input, context) {
    const region = regionOf(context);
    const address = findAddress(region, input.AllocationId, input.PublicIp);
    if (address.association !== undefined) {
      throw clientError("InvalidIPAddress.InUse", `Address '${address.publicIp}' is in use.`);
    }
    if (input.DryRun) throw dryRun();
    region.addresses.delete(address.id);
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

function findGateway(region: Ec2Region, id: string): InternetGateway {
  return (chosen(region.internetGateways, [id], "igw") as [InternetGateway])[0];
}

/** An instance's own interface stands for the instance. */
function associateTarget(
  region: Ec2Region,
  { InstanceId, NetworkInterfaceId }: Pick<RouteInput, "InstanceId" | "NetworkInterfaceId">,
): Omit<AddressAssociation, "id"> {
  if (InstanceId !== undefined) {
    chosen(region.instances, [InstanceId], "i");
    return { instanceId: InstanceId };
  }
  if (NetworkInterfaceId === undefined) {
    throw clientError("MissingParameter", "Either instance ID or network interface id must be specified");
  }
  const owner = [...region.instances.values()].find((each) => each.networkInterfaceId === NetworkInterfaceId);
  if (owner !== undefined) return { instanceId: owner.id };
  chosen(region.networkInterfaces, [NetworkInterfaceId], "eni");
  return { networkInterfaceId: NetworkInterfaceId };
}

function findTable(region: Ec2Region, id: string): RouteTable {
  return (chosen(region.routeTables, [id], "rtb") as [RouteTable])[0];
}

function findAddress(region: Ec2Region, id: string | undefined, ip: string | undefined): Address {
  if (id === undefined && ip === undefined)
    throw clientError("MissingParameter", "Either public IP or allocation id must be specified");
  const found = [...region.addresses.values()].find((each) => each.id === id || each.publicIp === ip);
  if (found === undefined) throw noAddress(id ?? ip ?? "");
  return found;
}

function noAddress(id: string) {
  return clientError("InvalidAllocationID.NotFound", `The allocation ID '${id}' does not exist`);
}

function checkDestination(cidr: string): void {
  if (/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(cidr) || /^[0-9a-f:]*:[0-9a-f:]*\/\d{1,3}$/i.test(cidr)) return;
  throw clientError(
    "InvalidParameterValue",
    `Value (${cidr}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`,
  );
}

interface RouteInput {
  readonly GatewayId?: string | undefined;
  readonly NatGatewayId?: string | undefined;
  readonly NetworkInterfaceId?: string | undefined;
  readonly InstanceId?: string | undefined;
  readonly VpcPeeringConnectionId?: string | undefined;
  readonly EgressOnlyInternetGatewayId?: string | undefined;
  readonly VpcEndpointId?: string | undefined;
}

function targetOf(region: Ec2Region, input: RouteInput): string {
  const { GatewayId, NatGatewayId, NetworkInterfaceId, InstanceId } = input;
  if (GatewayId?.startsWith("vgw-")) {
    if (!region.vpnGateways.has(GatewayId)) throw notFound("vgw", [GatewayId]);
    return GatewayId;
  }
  if (GatewayId !== undefined) return findGateway(region, GatewayId).id;
  if (NatGatewayId !== undefined) {
    if (!region.natGateways.has(NatGatewayId)) {
      throw clientError("InvalidNatGatewayID.NotFound", `The natGateway ID '${NatGatewayId}' does not exist`);
    }
    return NatGatewayId;
  }
  if (NetworkInterfaceId !== undefined) {
    chosen(region.networkInterfaces, [NetworkInterfaceId], "eni");
    return NetworkInterfaceId;
  }
  if (InstanceId !== undefined) {
    chosen(region.instances, [InstanceId], "i");
    return InstanceId;
  }
  const { VpcPeeringConnectionId, EgressOnlyInternetGatewayId, VpcEndpointId } = input;
  if (VpcPeeringConnectionId !== undefined) {
    if (region.peerings.has(VpcPeeringConnectionId)) return VpcPeeringConnectionId;
    throw clientError(
      "InvalidVpcPeeringConnectionID.NotFound",
      `The vpcPeeringConnection ID '${VpcPeeringConnectionId}' does not exist`,
    );
  }
  if (EgressOnlyInternetGatewayId !== undefined) {
    chosen(region.egressGateways, [EgressOnlyInternetGatewayId], "eigw");
    return EgressOnlyInternetGatewayId;
  }
  if (VpcEndpointId !== undefined && region.vpcEndpoints.has(VpcEndpointId)) return VpcEndpointId;
  throw clientError(
    "InvalidParameterCombination",
    "The emulator routes to gateways, network interfaces, instances, peerings and endpoints: none is named",
  );
}

/** Which member of a route names a target, by the target's prefix. */
const TARGET_MEMBERS: Readonly<Record<string, string>> = {
  nat: "NatGatewayId",
  eni: "NetworkInterfaceId",
  i: "InstanceId",
  pcx: "VpcPeeringConnectionId",
  eigw: "EgressOnlyInternetGatewayId",
};

function targetMember(target: string): string {
  return TARGET_MEMBERS[target.slice(0, target.indexOf("-"))] ?? "GatewayId";
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
  const others = [region.networkInterfaces, region.instances, region.egressGateways, region.vpcEndpoints];
  return others.some((kind) => kind.has(target));
}

function gatewayOutput(region: Ec2Region, { id, vpcId, tags }: InternetGateway) {
  return {
    InternetGatewayId: id,
    OwnerId: region.account,
    Attachments: vpcId === undefined ? [] : [{ State: "available" as "attached", VpcId: vpcId }],
    Tags: tagList(tags),
  };
}

function tableOutput(region: Ec2Region, table: RouteTable) {
  const associated = { State: "associated" as const };
  return {
    RouteTableId: table.id,
    VpcId: table.vpcId,
    OwnerId: region.account,
    PropagatingVgws: [],
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
      ...Array.from(table.subnets, ([id, subnetId]) => ({
        Main: false,
        RouteTableAssociationId: id,
        RouteTableId: table.id,
        SubnetId: subnetId,
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
