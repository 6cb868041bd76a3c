/** Handlers of both ends of a VPN: virtual private gateways and customer gateways. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { clientError, dryRun } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { findLiving, living, shown, stateOf } from "./lingering.js";
import { chosen, findVpc } from "./network.js";
import type { CustomerGateway, RouteTable, VpnGateway } from "./network-resources.js";
import { type Ec2Region, regionOf } from "./store.js";

const AMAZON_ASN = 64_512;

export const vpnGatewayHandlers: Handlers<EC2> = {
  createVpnGateway(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const gateway: VpnGateway = {
      id: newId("vgw"),
      tags: requestedTags(input.TagSpecifications, "vpn-gateway"),
      zone: input.AvailabilityZone,
      amazonAsn: Number(input.AmazonSideAsn ?? AMAZON_ASN),
      vpcId: undefined,
      detachedFrom: undefined,
      deleted: undefined,
    };
    region.vpnGateways.set(gateway.id, gateway);
    return { VpnGateway: gatewayOutput(gateway) };
  },

  describeVpnGateways(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = shown(region, region.vpnGateways, input.VpnGatewayIds, "vgw");
    const fields: FilterFields<VpnGateway> = {
      "vpn-gateway-id": ({ id }) => id,
      "amazon-side-asn": ({ amazonAsn }) => amazonAsn,
      "attachment.vpc-id": ({ vpcId }) => vpcId,
      "attachment.state": (gateway) => attachmentsOf(gateway).map(({ State }) => State),
      "availability-zone": ({ zone }) => zone,
      state: stateOf,
      type: () => "ipsec.1",
    };
    return {
      VpnGateways: applyFilters(named, input.Filters, fields, ({ tags }) => tags).map(gatewayOutput),
    };
  },

  attachVpnGateway(input, context) {
    const region = regionOf(context);
    const gateway = findLiving(region.vpnGateways, input.VpnGatewayId, "vgw");
    const vpc = findVpc(region, input.VpcId);
    if (gateway.vpcId !== undefined && gateway.vpcId !== vpc.id) {
      throw clientError("VpnGatewayAttachmentLimitExceeded", `${gateway.id} is attached to another VPC`);
    }
    const other = [...region.vpnGateways.values()].find((each) => each !== gateway && each.vpcId === vpc.id);
    if (other !== undefined) {
      throw clientError("InvalidParameterValue", `The VPC ${vpc.id} already has the gateway ${other.id}`);
    }
    if (input.DryRun) throw dryRun();
    gateway.vpcId = vpc.id;
    gateway.detachedFrom = undefined;
    return { VpcAttachment: { State: "attached" as const, VpcId: vpc.id } };
  },

  detachVpnGateway(input, context) {
    const region = regionOf(context);
    const gateway = findLiving(region.vpnGateways, input.VpnGatewayId, "vgw");
    const vpcId = gateway.vpcId;
    if (vpcId !== input.VpcId) {
      throw clientError(
        "InvalidVpnGatewayAttachment.NotFound",
        `The attachment with vpn gateway ID '${gateway.id}' and vpc ID '${input.VpcId}' does not exist`,
      );
    }
    if (input.DryRun) throw dryRun();
    gateway.vpcId = undefined;
    gateway.detachedFrom = vpcId;
    return {};
  },

  deleteVpnGateway(input, context) {
    const region = regionOf(context);
    const gateway = findLiving(region.vpnGateways, input.VpnGatewayId, "vgw");
    checkUnused(region, gateway.id);
    if (gateway.vpcId !== undefined) {
      throw clientError("IncorrectState", `The vpnGateway '${gateway.id}' is attached to ${gateway.vpcId}`);
    }
    if (input.DryRun) throw dryRun();
    gateway.deleted = region.clock.date();
    return {};
  },
};

export const routePropagationHandlers: Handlers<EC2> = {
  enableVgwRoutePropagation(input, context) {
    const { table, gateway } = propagationOf(regionOf(context), input);
    if (gateway.vpcId !== table.vpcId) {
      throw clientError(
        "Gateway.NotAttached",
        `resource ${gateway.id} is not attached to network ${table.vpcId}`,
      );
    }
    if (input.DryRun) throw dryRun();
    table.propagating.add(gateway.id);
    return {};
  },

  disableVgwRoutePropagation(input, context) {
    const { table, gateway } = propagationOf(regionOf(context), input);
    if (input.DryRun) throw dryRun();
    table.propagating.delete(gateway.id);
    return {};
  },
};

export const customerGatewayHandlers: Handlers<EC2> = {
  createCustomerGateway(input, context) {
    const region = regionOf(context);
    const address = input.IpAddress ?? input.PublicIp;
    if (address === undefined && input.CertificateArn === undefined) {
      throw clientError("MissingParameter", "The request must contain the parameter ipAddress");
    }
    if (input.DryRun) throw dryRun();
    const gateway: CustomerGateway = {
      id: newId("cgw"),
      tags: requestedTags(input.TagSpecifications, "customer-gateway"),
      bgpAsn: String(input.BgpAsn ?? input.BgpAsnExtended ?? 65_000),
      address,
      certificateArn: input.CertificateArn,
      deviceName: input.DeviceName,
      deleted: undefined,
    };
    region.customerGateways.set(gateway.id, gateway);
    return { CustomerGateway: customerOutput(gateway) };
  },

  describeCustomerGateways(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = shown(region, region.customerGateways, input.CustomerGatewayIds, "cgw");
    const fields: FilterFields<CustomerGateway> = {
      "customer-gateway-id": ({ id }) => id,
      "bgp-asn": ({ bgpAsn }) => bgpAsn,
      "ip-address": ({ address }) => address,
      state: stateOf,
      type: () => "ipsec.1",
    };
    const { items } = page(
      applyFilters(named, input.Filters, fields, ({ tags }) => tags),
      {},
    );
    return { CustomerGateways: items.map(customerOutput) };
  },

  deleteCustomerGateway(input, context) {
    const region = regionOf(context);
    const gateway = findLiving(region.customerGateways, input.CustomerGatewayId, "cgw");
    checkUnused(region, gateway.id);
    if (input.DryRun) throw dryRun();
    gateway.deleted = region.clock.date();
    return {};
  },
};

interface PropagationInput {
  readonly GatewayId: string;
  readonly RouteTableId: string;
}

function propagationOf(region: Ec2Region, { GatewayId, RouteTableId }: PropagationInput) {
  const [table] = chosen(region.routeTables, [RouteTableId], "rtb") as [RouteTable];
  return { table, gateway: findLiving(region.vpnGateways, GatewayId, "vgw") };
}

/** A gateway is kept by the connections that end at it. */
function checkUnused(region: Ec2Region, id: string): void {
  const user = living(region.vpnConnections).find(
    ({ customerGatewayId, vpnGatewayId }) => customerGatewayId === id || vpnGatewayId === id,
  );
  if (user !== undefined) throw clientError("IncorrectState", `The gateway '${id}' is in use by ${user.id}`);
}

/** The last one is told also when it is over. */
function attachmentsOf({ vpcId, detachedFrom }: VpnGateway) {
  if (vpcId !== undefined) return [{ VpcId: vpcId, State: "attached" as const }];
  return detachedFrom === undefined ? [] : [{ VpcId: detachedFrom, State: "detached" as const }];
}

function gatewayOutput(gateway: VpnGateway) {
  return {
    AmazonSideAsn: gateway.amazonAsn,
    VpnGatewayId: gateway.id,
    State: stateOf(gateway) as "available",
    Type: "ipsec.1" as const,
    AvailabilityZone: gateway.zone,
    VpcAttachments: attachmentsOf(gateway),
    Tags: tagList(gateway.tags) ?? [],
  };
}

function customerOutput(gateway: CustomerGateway) {
  return {
    BgpAsn: gateway.bgpAsn,
    CertificateArn: gateway.certificateArn,
    CustomerGatewayId: gateway.id,
    DeviceName: gateway.deviceName,
    IpAddress: gateway.address,
    State: stateOf(gateway),
    Type: "ipsec.1",
    Tags: tagList(gateway.tags) ?? [],
  };
}
