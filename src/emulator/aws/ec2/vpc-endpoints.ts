/** Handlers of VPC endpoints and of peering between VPCs. */
import type { EC2, VpcEndpoint as VpcEndpointOutput, VpcPeeringConnection } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import { clientError, dryRun, invalidParameter } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { chosen, findVpc } from "./network.js";
import type { Peering, VpcEndpoint } from "./network-resources.js";
import { type Ec2Region, regionOf } from "./store.js";

const WEEK_MS = 7 * 86_400_000;
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
    chosen(region.routeTables, input.RouteTableIds, "rtb");
    chosen(region.subnets, input.SubnetIds, "subnet");
    chosen(region.groups, input.SecurityGroupIds, "sg");
    if (input.DryRun) throw dryRun();
    const endpoint: VpcEndpoint = {
      id: newId("vpce"),
      tags: requestedTags(input.TagSpecifications, "vpc-endpoint"),
      vpcId: vpc.id,
      service,
      type: input.VpcEndpointType ?? "Gateway",
      created: region.clock.date(),
      policy: input.PolicyDocument ?? FULL_ACCESS,
      privateDns: input.PrivateDnsEnabled ?? input.VpcEndpointType === "Interface",
      routeTableIds: new Set(input.RouteTableIds),
      subnetIds: new Set(input.SubnetIds),
      groupIds: new Set(input.SecurityGroupIds),
    };
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
      "vpc-endpoint-state": () => "available",
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
    chosen(region.subnets, input.AddSubnetIds, "subnet");
    chosen(region.groups, input.AddSecurityGroupIds, "sg");
    if (input.DryRun) throw dryRun();
    endpoint.policy = input.ResetPolicy ? FULL_ACCESS : (input.PolicyDocument ?? endpoint.policy);
    endpoint.privateDns = input.PrivateDnsEnabled ?? endpoint.privateDns;
    change(endpoint.routeTableIds, input.AddRouteTableIds, input.RemoveRouteTableIds);
    change(endpoint.subnetIds, input.AddSubnetIds, input.RemoveSubnetIds);
    change(endpoint.groupIds, input.AddSecurityGroupIds, input.RemoveSecurityGroupIds);
    return { Return: true };
  },

  /** Those that are not there are told, and do not keep the others. */
  deleteVpcEndpoints(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const missing = input.VpcEndpointIds.filter((id) => !region.vpcEndpoints.delete(id));
    return {
      Unsuccessful: missing.map((id) => ({
        ResourceId: id,
        Error: { Code: "InvalidVpcEndpoint.NotFound", Message: `The Vpc Endpoint Id '${id}' does not exist` },
      })),
    };
  },
};

export const peeringHandlers: Handlers<EC2> = {
  /** Both sides are in the account and region of the request, or the other is not looked at. */
  createVpcPeeringConnection(input, context) {
    const region = regionOf(context);
    const vpc = findVpc(region, input.VpcId);
    const own = (input.PeerOwnerId ?? region.account) === region.account;
    const here = own && (input.PeerRegion ?? region.name) === region.name;
    if (input.PeerVpcId === undefined)
      throw clientError("MissingParameter", "The request must contain the parameter PeerVpcId");
    const peer = here ? findVpc(region, input.PeerVpcId) : undefined;
    if (input.DryRun) throw dryRun();
    const peering: Peering = {
      id: newId("pcx"),
      tags: requestedTags(input.TagSpecifications, "vpc-peering-connection"),
      requester: { vpcId: vpc.id, cidr: vpc.cidr, owner: region.account, region: region.name },
      accepter: {
        vpcId: input.PeerVpcId,
        cidr: peer?.cidr,
        owner: input.PeerOwnerId ?? region.account,
        region: input.PeerRegion ?? region.name,
      },
      expires: new Date(region.clock.now() + WEEK_MS),
      state: "pending-acceptance",
    };
    region.peerings.set(peering.id, peering);
    const output = peeringOutput(peering);
    const initiating = {
      Code: "initiating-request" as const,
      Message: `Initiating Request to ${peering.accepter.owner}`,
    };
    return { VpcPeeringConnection: { ...output, Status: initiating } };
  },

  describeVpcPeeringConnections(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const ids = input.VpcPeeringConnectionIds ?? [];
    for (const id of ids) findPeering(region, id);
    const named = [...region.peerings.values()].filter(({ id }) => ids.length === 0 || ids.includes(id));
    const fields: FilterFields<Peering> = {
      "vpc-peering-connection-id": ({ id }) => id,
      "status-code": ({ state }) => state,
      "requester-vpc-info.vpc-id": ({ requester }) => requester.vpcId,
      "requester-vpc-info.owner-id": ({ requester }) => requester.owner,
      "requester-vpc-info.cidr-block": ({ requester }) => requester.cidr,
      "accepter-vpc-info.vpc-id": ({ accepter }) => accepter.vpcId,
      "accepter-vpc-info.owner-id": ({ accepter }) => accepter.owner,
      "accepter-vpc-info.cidr-block": ({ accepter }) => accepter.cidr,
    };
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, fields, ({ tags }) => tags),
      input,
    );
    return { VpcPeeringConnections: items.map(peeringOutput), NextToken };
  },

  acceptVpcPeeringConnection(input, context) {
    const peering = findPending(regionOf(context), input.VpcPeeringConnectionId);
    if (input.DryRun) throw dryRun();
    peering.state = "active";
    return { VpcPeeringConnection: peeringOutput(peering) };
  },

  rejectVpcPeeringConnection(input, context) {
    const peering = findPending(regionOf(context), input.VpcPeeringConnectionId);
    if (input.DryRun) throw dryRun();
    peering.state = "rejected";
    return { Return: true };
  },

  deleteVpcPeeringConnection(input, context) {
    const peering = findPeering(regionOf(context), input.VpcPeeringConnectionId);
    if (input.DryRun) throw dryRun();
    peering.state = "deleted";
    return { Return: true };
  },
};

function findEndpoint(region: Ec2Region, id: string): VpcEndpoint {
  const endpoint = region.vpcEndpoints.get(id);
  if (endpoint !== undefined) return endpoint;
  throw clientError("InvalidVpcEndpointId.NotFound", `The Vpc Endpoint Id '${id}' does not exist`);
}

function change(ids: Set<string>, add: readonly string[] = [], remove: readonly string[] = []): void {
  for (const id of add) ids.add(id);
  for (const id of remove) ids.delete(id);
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
    State: "available" as "Available",
    PolicyDocument: endpoint.policy,
    RouteTableIds: [...endpoint.routeTableIds],
    SubnetIds: [...endpoint.subnetIds],
    Groups: groups,
    PrivateDnsEnabled: endpoint.privateDns,
    RequesterManaged: false,
    NetworkInterfaceIds: [],
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

const MESSAGES: Readonly<Record<Peering["state"], string>> = {
  "pending-acceptance": "Pending Acceptance by ",
  active: "Active",
  rejected: "Inactive",
  deleted: "Deleted by ",
};

function findPeering(region: Ec2Region, id: string): Peering {
  const peering = region.peerings.get(id);
  if (peering !== undefined) return peering;
  throw clientError(
    "InvalidVpcPeeringConnectionID.NotFound",
    `The vpcPeeringConnection ID '${id}' does not exist`,
  );
}

function findPending(region: Ec2Region, id: string | undefined): Peering {
  if (id === undefined)
    throw invalidParameter("The request must contain the parameter VpcPeeringConnectionId");
  const peering = findPeering(region, id);
  if (peering.state === "pending-acceptance") return peering;
  throw clientError(
    "InvalidStateTransition",
    `Invalid state transition for ${id}, attempted to transition from ${peering.state} to active`,
  );
}

function peeringOutput(peering: Peering): Answered<VpcPeeringConnection> {
  const { requester, accepter, state } = peering;
  const of = ({ vpcId, cidr, owner, region }: Peering["requester"]) => ({
    VpcId: vpcId,
    CidrBlock: cidr,
    CidrBlockSet: cidr === undefined ? undefined : [{ CidrBlock: cidr }],
    OwnerId: owner,
    Region: region,
    PeeringOptions: {
      AllowDnsResolutionFromRemoteVpc: false,
      AllowEgressFromLocalClassicLinkToRemoteVpc: false,
      AllowEgressFromLocalVpcToRemoteClassicLink: false,
    },
  });
  const message = MESSAGES[state];
  return {
    VpcPeeringConnectionId: peering.id,
    RequesterVpcInfo: of(requester),
    AccepterVpcInfo: of(accepter),
    ExpirationTime: state === "pending-acceptance" ? peering.expires : undefined,
    Status: { Code: state, Message: message.endsWith(" ") ? `${message}${accepter.owner}` : message },
    Tags: tagList(peering.tags) ?? [],
  };
}
