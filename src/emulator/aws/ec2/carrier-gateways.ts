/** Handlers of carrier gateways, which join subnets in Wavelength Zones to a carrier's network. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { dryRun } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { chosen, findVpc } from "./network.js";
import type { CarrierGateway } from "./network-resources.js";
import { type Ec2Region, regionOf } from "./store.js";

export const carrierGatewayHandlers: Handlers<EC2> = {
  createCarrierGateway(input, context) {
    const region = regionOf(context);
    const vpc = findVpc(region, input.VpcId);
    if (input.DryRun) throw dryRun();
    const gateway: CarrierGateway = {
      id: newId("cagw"),
      tags: requestedTags(input.TagSpecifications, "carrier-gateway"),
      vpcId: vpc.id,
    };
    region.carrierGateways.set(gateway.id, gateway);
    return { CarrierGateway: { ...gatewayOutput(region, gateway), State: "pending" } };
  },

  describeCarrierGateways(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = chosen(region.carrierGateways, input.CarrierGatewayIds, "cagw");
    const fields: FilterFields<CarrierGateway> = {
      "carrier-gateway-id": ({ id }) => id,
      "vpc-id": ({ vpcId }) => vpcId,
      "owner-id": () => region.account,
      state: () => "available",
    };
    const found = applyFilters(named, input.Filters, fields, ({ tags }) => tags);
    const { items, NextToken } = page(found, input);
    return { CarrierGateways: items.map((gateway) => gatewayOutput(region, gateway)), NextToken };
  },

  deleteCarrierGateway(input, context) {
    const region = regionOf(context);
    const [gateway] = chosen(region.carrierGateways, [input.CarrierGatewayId], "cagw") as [CarrierGateway];
    if (input.DryRun) throw dryRun();
    region.carrierGateways.delete(gateway.id);
    return { CarrierGateway: { ...gatewayOutput(region, gateway), State: "deleting" } };
  },
};

function gatewayOutput(region: Ec2Region, { id, vpcId, tags }: CarrierGateway) {
  return {
    CarrierGatewayId: id,
    VpcId: vpcId,
    State: "available" as const,
    OwnerId: region.account,
    Tags: tagList(tags) ?? [],
  };
}
