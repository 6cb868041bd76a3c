/** Handlers of NAT gateways. See https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html */
import type { EC2, NatGateway as NatGatewayOutput } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import { clientError, dryRun } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { isForgotten, stateOf } from "./lingering.js";
import { chosen } from "./network.js";
import { addManagedInterface } from "./network-interfaces.js";
import type { NatGateway, Subnet } from "./network-resources.js";
import { type Ec2Region, regionOf } from "./store.js";

export const natGatewayHandlers: Handlers<EC2> = {
  createNatGateway(input, context) {
    const region = regionOf(context);
    if (input.SubnetId === undefined) {
      throw clientError("MissingParameter", "The request must contain the parameter subnetId");
    }
    const [subnet] = chosen(region.subnets, [input.SubnetId], "subnet") as [Subnet];
    const isPublic = input.ConnectivityType !== "private";
    const address = input.AllocationId === undefined ? undefined : region.addresses.get(input.AllocationId);
    if (isPublic && input.AllocationId === undefined) {
      throw clientError("MissingParameter", "The request must include the AllocationId parameter.");
    }
    if (input.AllocationId !== undefined && address === undefined) {
      throw clientError(
        "InvalidAllocationID.NotFound",
        `The allocation ID '${input.AllocationId}' does not exist`,
      );
    }
    if (address?.association !== undefined) {
      throw clientError("Resource.AlreadyAssociated", `resource ${address.id} is already associated`);
    }
    if (input.DryRun) throw dryRun();
    const id = newId("nat");
    const networkInterface = addManagedInterface(region, subnet, {
      ...(input.PrivateIpAddress === undefined ? {} : { privateIp: input.PrivateIpAddress }),
      requester: "nat",
      description: `Interface for NAT Gateway ${id}`,
    });
    if (address !== undefined) {
      address.association = { id: newId("eipassoc"), networkInterfaceId: networkInterface.id };
    }
    const gateway: NatGateway = {
      id,
      tags: requestedTags(input.TagSpecifications, "natgateway"),
      subnetId: subnet.id,
      vpcId: subnet.vpcId,
      connectivity: isPublic ? "public" : "private",
      created: region.clock.date(),
      interfaceId: networkInterface.id,
      privateIp: networkInterface.privateIp,
      allocation: address && {
        id: address.id,
        publicIp: address.publicIp,
        associationId: address.association?.id,
      },
      deleted: undefined,
    };
    region.natGateways.set(id, gateway);
    return {
      NatGateway: { ...natOutput(gateway), State: "pending" as const },
      ClientToken: input.ClientToken,
    };
  },

  describeNatGateways(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const ids = input.NatGatewayIds ?? [];
    for (const id of ids) findGateway(region, id);
    const named = [...region.natGateways.values()].filter(({ id }) => ids.length === 0 || ids.includes(id));
    const shown = named.filter((gateway) => !isForgotten(region, gateway));
    const { items, NextToken } = page(
      applyFilters(shown, input.Filter, FIELDS, ({ tags }) => tags),
      input,
    );
    return { NatGateways: items.map(natOutput), NextToken };
  },

  deleteNatGateway(input, context) {
    const region = regionOf(context);
    const gateway = findGateway(region, input.NatGatewayId);
    if (input.DryRun) throw dryRun();
    if (gateway.deleted === undefined) {
      gateway.deleted = region.clock.date();
      region.networkInterfaces.delete(gateway.interfaceId);
      const address = region.addresses.get(gateway.allocation?.id ?? "");
      if (address?.association?.networkInterfaceId === gateway.interfaceId) address.association = undefined;
    }
    return { NatGatewayId: gateway.id };
  },
};

function findGateway(region: Ec2Region, id: string): NatGateway {
  const gateway = region.natGateways.get(id);
  if (gateway !== undefined && !isForgotten(region, gateway)) return gateway;
  if (!/^nat-[0-9a-f]{8,17}$/.test(id)) {
    throw clientError("NatGatewayMalformed", `Invalid id: "${id}" (expecting "nat-...")`);
  }
  throw clientError("NatGatewayNotFound", `The Nat Gateway ${id} was not found`);
}

const FIELDS: FilterFields<NatGateway> = {
  "nat-gateway-id": ({ id }) => id,
  state: stateOf,
  "subnet-id": ({ subnetId }) => subnetId,
  "vpc-id": ({ vpcId }) => vpcId,
};

function natOutput(gateway: NatGateway) {
  const { allocation } = gateway;
  return {
    NatGatewayId: gateway.id,
    State: stateOf(gateway) as "available",
    CreateTime: gateway.created,
    DeleteTime: gateway.deleted,
    SubnetId: gateway.subnetId,
    VpcId: gateway.vpcId,
    ConnectivityType: gateway.connectivity,
    NatGatewayAddresses: [
      {
        AllocationId: allocation?.id,
        AssociationId: allocation?.associationId,
        PublicIp: allocation?.publicIp,
        PrivateIp: gateway.privateIp,
        NetworkInterfaceId: gateway.interfaceId,
        IsPrimary: true,
        Status: "succeeded",
      },
    ],
    Tags: tagList(gateway.tags) ?? [],
  } satisfies Answered<NatGatewayOutput>;
}
