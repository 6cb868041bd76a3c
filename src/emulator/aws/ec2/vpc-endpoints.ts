/** Handlers of VPC endpoints. See https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html */
import type { EC2, VpcEndpoint as VpcEndpointOutput } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import { offeredTo } from "./endpoint-services.js";
import { clientError, dryRun } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { chosen, findVpc, listed } from "./network.js";
import { addManagedInterface, defaultGroups } from "./network-interfaces.js";
import type { Subnet, VpcEndpoint } from "./network-resources.js";
import { type Ec2Region, regionOf } from "./store.js";

/** What an endpoint has that nobody gave a policy. */
const FULL_ACCESS = JSON.stringify({
  Version: "2008-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" }],
});

export const endpointHandlers: Handlers<EC2> = {
  createVpcEndpoint(input, context) {
    const region = regionOf(context);
    const vpc = findVpc(region, input.VpcId);
    const service = input.ServiceName;
    if (service === undefined)
      throw clientError("MissingParameter", "The request must contain the parameter ServiceName");
    if (!/^(com|aws)\.[\w.-]+$/.test(service)) {
      throw clientError("InvalidServiceName", `The Vpc Endpoint Service '${service}' does not exist`);
    }
    const offered = /\.vpce-svc-[0-9a-f]+$/.test(service) ? offeredTo(context, service) : undefined;
    chosen(region.routeTables, input.RouteTableIds, "rtb");
    const subnets = listed(region.subnets, input.SubnetIds, "subnet");
    chosen(region.groups, input.SecurityGroupIds, "sg");
    if (input.DryRun) throw dryRun();
    const type = input.VpcEndpointType ?? "Gateway";
    const groups = input.SecurityGroupIds ?? [];
    const endpoint: VpcEndpoint = {
      id: newId("vpce"),
      tags: requestedTags(input.TagSpecifications, "vpc-endpoint"),
      vpcId: vpc.id,
      service,
      type,
      created: region.clock.date(),
      policy: input.PolicyDocument ?? FULL_ACCESS,
      privateDns: input.PrivateDnsEnabled ?? input.VpcEndpointType === "Interface",
      routeTableIds: new Set(input.RouteTableIds),
      interfaces: new Map(),
      groupIds: new Set(type === "Interface" && groups.length === 0 ? defaultGroups(region, vpc.id) : groups),
      state:
        offered?.given.AcceptanceRequired === false || offered === undefined
          ? "available"
          : "pendingAcceptance",
    };
    for (const subnet of subnets) addSubnet(region, endpoint, subnet);
    region.vpcEndpoints.set(endpoint.id, endpoint);
    return { VpcEndpoint: endpointOutput(region, endpoint), ClientToken: input.ClientToken };
  },

  describeVpcEndpoints(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const ids = input.VpcEndpointIds ?? [];
    for (const id of ids) findEndpoint(region, id);
    const named = [...region.vpcEndpoints.values()].filter(({ id }) => ids.length === 0 || ids.includes(id));
    const fields: FilterFields<VpcEndpoint> = {
      "vpc-endpoint-id": ({ id }) => id,
      "vpc-endpoint-type": ({ type }) => type,
      "vpc-endpoint-state": ({ state }) => state,
      "vpc-id": ({ vpcId }) => vpcId,
      "service-name": ({ service }) => service,
    };
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, fields, ({ tags }) => tags),
      input,
    );
    return { VpcEndpoints: items.map((endpoint) => endpointOutput(region, endpoint)), NextToken };
  },

  modifyVpcEndpoint(input, context) {
    const region = regionOf(context);
    const endpoint = findEndpoint(region, input.VpcEndpointId);
    chosen(region.routeTables, input.AddRouteTableIds, "rtb");
    const added = listed(region.subnets, input.AddSubnetIds, "subnet");
    chosen(region.groups, input.AddSecurityGroupIds, "sg");
    if (input.DryRun) throw dryRun();
    endpoint.policy = input.ResetPolicy ? FULL_ACCESS : (input.PolicyDocument ?? endpoint.policy);
    endpoint.privateDns = input.PrivateDnsEnabled ?? endpoint.privateDns;
    change(endpoint.routeTableIds, input.AddRouteTableIds, input.RemoveRouteTableIds);
    for (const subnet of added) addSubnet(region, endpoint, subnet);
    for (const id of input.RemoveSubnetIds ?? []) removeSubnet(region, endpoint, id);
    change(endpoint.groupIds, input.AddSecurityGroupIds, input.RemoveSecurityGroupIds);
    for (const id of endpoint.interfaces.values()) {
      const own = region.networkInterfaces.get(id);
      if (own !== undefined) own.groupIds = [...endpoint.groupIds];
    }
    return { Return: true };
  },

  /** Those that are not there are told, and do not keep the others. */
  deleteVpcEndpoints(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const missing = input.VpcEndpointIds.filter((id) => !region.vpcEndpoints.has(id));
    for (const id of input.VpcEndpointIds) remove(region, id);
    return {
      Unsuccessful: missing.map((id) => ({
        ResourceId: id,
        Error: { Code: "InvalidVpcEndpoint.NotFound", Message: `The Vpc Endpoint Id '${id}' does not exist` },
      })),
    };
  },
};

function findEndpoint(region: Ec2Region, id: string): VpcEndpoint {
  const endpoint = region.vpcEndpoints.get(id);
  if (endpoint !== undefined) return endpoint;
  throw clientError("InvalidVpcEndpointId.NotFound", `The Vpc Endpoint Id '${id}' does not exist`);
}

function remove(region: Ec2Region, id: string): void {
  const endpoint = region.vpcEndpoints.get(id);
  for (const subnetId of [...(endpoint?.interfaces.keys() ?? [])]) {
    if (endpoint !== undefined) removeSubnet(region, endpoint, subnetId);
  }
  region.vpcEndpoints.delete(id);
}

/** An endpoint has an interface in each of its subnets. */
function addSubnet(region: Ec2Region, endpoint: VpcEndpoint, subnet: Subnet): void {
  if (endpoint.interfaces.has(subnet.id)) return;
  const { id } = addManagedInterface(region, subnet, {
    requester: "endpoint",
    description: `VPC Endpoint Interface ${endpoint.id}`,
    groupIds: [...endpoint.groupIds],
  });
  endpoint.interfaces.set(subnet.id, id);
}

function removeSubnet(region: Ec2Region, endpoint: VpcEndpoint, subnetId: string): void {
  region.networkInterfaces.delete(endpoint.interfaces.get(subnetId) ?? "");
  endpoint.interfaces.delete(subnetId);
}

function change(ids: Set<string>, added: readonly string[] = [], removed: readonly string[] = []): void {
  for (const id of added) ids.add(id);
  for (const id of removed) ids.delete(id);
}

function endpointOutput(region: Ec2Region, endpoint: VpcEndpoint): Answered<VpcEndpointOutput> {
  const isInterface = endpoint.type === "Interface";
  const groups = [...endpoint.groupIds].map((id) => ({
    GroupId: id,
    GroupName: region.groups.get(id)?.name,
  }));
  return {
    VpcEndpointId: endpoint.id,
    VpcEndpointType: endpoint.type as "Gateway",
    VpcId: endpoint.vpcId,
    ServiceName: endpoint.service,
    State: endpoint.state as "Available",
    PolicyDocument: endpoint.policy,
    RouteTableIds: [...endpoint.routeTableIds],
    SubnetIds: [...endpoint.interfaces.keys()],
    Groups: groups,
    PrivateDnsEnabled: endpoint.privateDns,
    RequesterManaged: false,
    NetworkInterfaceIds: [...endpoint.interfaces.values()],
    DnsEntries: isInterface
      ? [
          {
            DnsName: `${endpoint.id}.${endpoint.service.split(".").at(-1)}.${region.name}.vpce.amazonaws.com`,
          },
        ]
      : [],
    CreationTimestamp: endpoint.created,
    Tags: tagList(endpoint.tags) ?? [],
    OwnerId: region.account,
  };
}
