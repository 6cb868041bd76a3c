/** Handlers by which the owner of a service lets endpoints in. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Context, Handlers } from "../../service.js";
import { findService } from "./endpoint-services.js";
import { dryRun } from "./errors.js";
import { applyFilters, type FilterFields, page } from "./filters.js";
import type { EndpointService, VpcEndpoint } from "./network-resources.js";
import { regionOf, regionOfAll } from "./store.js";

export const endpointConnectionHandlers: Handlers<EC2> = {
  describeVpcEndpointConnections(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const all = [...region.endpointServices.values()].flatMap((service) =>
      connectionsOf(context, service).map((connection) => ({ service, ...connection })),
    );
    const fields: FilterFields<(typeof all)[number]> = {
      "service-id": ({ service }) => service.id,
      "vpc-endpoint-id": ({ endpoint }) => endpoint.id,
      "vpc-endpoint-owner": ({ owner }) => owner,
      "vpc-endpoint-state": ({ endpoint }) => endpoint.state,
    };
    const { items, NextToken } = page(
      applyFilters(all, input.Filters, fields, () => new Map()),
      input,
    );
    return {
      VpcEndpointConnections: items.map(({ service, endpoint, owner }) => ({
        ServiceId: service.id,
        VpcEndpointId: endpoint.id,
        VpcEndpointOwner: owner,
        VpcEndpointState: endpoint.state as "Available",
        VpcEndpointRegion: region.name,
        CreationTimestamp: endpoint.created,
        NetworkLoadBalancerArns: service.given.NetworkLoadBalancerArns,
        GatewayLoadBalancerArns: service.given.GatewayLoadBalancerArns,
        IpAddressType: "ipv4" as const,
      })),
      NextToken,
    };
  },

  acceptVpcEndpointConnections: (input, context) => decide(input, "available", context),
  rejectVpcEndpointConnections: (input, context) => decide(input, "rejected", context),
};

/** Endpoints of any account. */
function connectionsOf(context: Context, { name }: EndpointService) {
  return regionOfAll(context).flatMap(({ account, vpcEndpoints }) =>
    [...vpcEndpoints.values()]
      .filter(({ service }) => service === name)
      .map((endpoint) => ({ endpoint, owner: account })),
  );
}

interface Decision {
  readonly ServiceId: string;
  readonly VpcEndpointIds: readonly string[];
  readonly DryRun?: boolean;
}

function decide(
  { ServiceId, VpcEndpointIds, DryRun }: Decision,
  state: VpcEndpoint["state"],
  context: Context,
) {
  const connections = connectionsOf(context, findService(regionOf(context), ServiceId));
  if (DryRun) throw dryRun();
  const refused = VpcEndpointIds.filter((id) => {
    const endpoint = connections.find((each) => each.endpoint.id === id)?.endpoint;
    const open =
      endpoint?.state === "pendingAcceptance" || (state === "rejected" && endpoint?.state === "available");
    if (endpoint === undefined || !open) return true;
    endpoint.state = state;
    return false;
  });
  return {
    Unsuccessful: refused.map((id) => ({
      ResourceId: id,
      Error: {
        Code: connections.some(({ endpoint }) => endpoint.id === id)
          ? "InvalidState"
          : "InvalidVpcEndpointId.NotFound",
        Message: `The endpoint '${id}' does not wait for the service ${ServiceId}`,
      },
    })),
  };
}
