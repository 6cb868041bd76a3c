/** Handlers of internet gateways. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { clientError, dependencyViolation, dryRun } from "./errors.js";
import { applyFilters, type FilterFields, page, requestedTags, tagList } from "./filters.js";
import { chosen, findVpc, setTags } from "./network.js";
import type { InternetGateway } from "./network-resources.js";
import { type Ec2Region, regionOf } from "./store.js";

export const internetGatewayHandlers: Handlers<EC2> = {
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
    const gateway = findInternetGateway(region, input.InternetGatewayId);
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
    const gateway = findInternetGateway(regionOf(context), input.InternetGatewayId);
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
    const gateway = findInternetGateway(region, input.InternetGatewayId);
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

function findInternetGateway(region: Ec2Region, id: string): InternetGateway {
  return (chosen(region.internetGateways, [id], "igw") as [InternetGateway])[0];
}

function gatewayOutput(region: Ec2Region, { id, vpcId, tags }: InternetGateway) {
  return {
    InternetGatewayId: id,
    OwnerId: region.account,
    Attachments: vpcId === undefined ? [] : [{ State: "available" as "attached", VpcId: vpcId }],
    Tags: tagList(tags),
  };
}
