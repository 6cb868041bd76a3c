/** Handlers of VPN connections. No traffic flows: their tunnels are down, as long as nobody dials in. */
import type { EC2, VpnConnection as VpnConnectionOutput } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import { clientError, dryRun, notFound } from "./errors.js";
import { applyFilters, type FilterFields, newId, requestedTags, tagList } from "./filters.js";
import { findLiving, shown, stateOf } from "./lingering.js";
import { publicAddress } from "./run.js";
import { type Ec2Region, regionOf } from "./store.js";
import { attach, detach } from "./transit-attachments.js";
import type { TransitGateway, VpnConnection, VpnTunnel } from "./transit-resources.js";
import { customerConfiguration } from "./vpn-configuration.js";

const TUNNELS = 2;
const KEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
const KEY_LENGTH = 32;

export const vpnConnectionHandlers: Handlers<EC2> = {
  createVpnConnection(input, context) {
    const region = regionOf(context);
    const { TransitGatewayId, VpnGatewayId } = input;
    if (TransitGatewayId !== undefined && VpnGatewayId !== undefined) {
      throw clientError(
        "InvalidParameterValue",
        "The request must not contain both parameter vpnGatewayId and transitGatewayId",
      );
    }
    findLiving(region.customerGateways, input.CustomerGatewayId, "cgw");
    const transit = TransitGatewayId === undefined ? undefined : findTransit(region, TransitGatewayId);
    if (VpnGatewayId !== undefined) findLiving(region.vpnGateways, VpnGatewayId, "vgw");
    if (input.DryRun) throw dryRun();
    const id = newId("vpn");
    const attachment = transit && attach(region, transit, { type: "vpn", resourceId: id });
    const options = input.Options ?? {};
    const connection: VpnConnection = {
      id,
      tags: requestedTags(input.TagSpecifications, "vpn-connection"),
      created: region.clock.date(),
      deleted: undefined,
      customerGatewayId: input.CustomerGatewayId,
      vpnGatewayId: VpnGatewayId,
      attachmentId: attachment?.id,
      options,
      tunnels: Array.from({ length: TUNNELS }, (_, index) => newTunnel(options.TunnelOptions?.[index])),
      routes: new Set(),
    };
    region.vpnConnections.set(id, connection);
    return { VpnConnection: { ...connectionOutput(region, connection), State: "pending" } };
  },

  describeVpnConnections(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const named = shown(region, region.vpnConnections, input.VpnConnectionIds, "vpn");
    const found = applyFilters(named, input.Filters, fieldsOf(region), ({ tags }) => tags);
    return { VpnConnections: found.map((connection) => connectionOutput(region, connection)) };
  },

  /** Moves it to another gateway. */
  modifyVpnConnection(input, context) {
    const region = regionOf(context);
    const connection = findLiving(region.vpnConnections, input.VpnConnectionId, "vpn");
    const { TransitGatewayId, VpnGatewayId, CustomerGatewayId } = input;
    if (CustomerGatewayId !== undefined) findLiving(region.customerGateways, CustomerGatewayId, "cgw");
    if (VpnGatewayId !== undefined) findLiving(region.vpnGateways, VpnGatewayId, "vgw");
    const transit = TransitGatewayId === undefined ? undefined : findTransit(region, TransitGatewayId);
    if (input.DryRun) throw dryRun();
    connection.customerGatewayId = CustomerGatewayId ?? connection.customerGatewayId;
    if (transit !== undefined || VpnGatewayId !== undefined) {
      leaveTransit(region, connection);
      connection.vpnGatewayId = VpnGatewayId;
      connection.attachmentId =
        transit && attach(region, transit, { type: "vpn", resourceId: connection.id }).id;
    }
    return { VpnConnection: connectionOutput(region, connection) };
  },

  deleteVpnConnection(input, context) {
    const region = regionOf(context);
    const connection = findLiving(region.vpnConnections, input.VpnConnectionId, "vpn");
    if (input.DryRun) throw dryRun();
    leaveTransit(region, connection);
    connection.deleted = region.clock.date();
    return {};
  },

  createVpnConnectionRoute(input, context) {
    const connection = findLiving(regionOf(context).vpnConnections, input.VpnConnectionId, "vpn");
    if (connection.options.StaticRoutesOnly !== true) {
      throw clientError("InvalidParameterValue", `The connection ${connection.id} takes its routes from BGP`);
    }
    connection.routes.add(input.DestinationCidrBlock);
    return {};
  },

  deleteVpnConnectionRoute(input, context) {
    const connection = findLiving(regionOf(context).vpnConnections, input.VpnConnectionId, "vpn");
    if (!connection.routes.delete(input.DestinationCidrBlock)) {
      throw clientError(
        "InvalidRoute.NotFound",
        `The route ${input.DestinationCidrBlock} of ${connection.id} does not exist`,
      );
    }
    return {};
  },
};

/** Here EC2 speaks of a transit gateway as of its older things. */
function findTransit(region: Ec2Region, id: string): TransitGateway {
  const gateway = region.transitGateways.get(id);
  if (gateway !== undefined && gateway.deleted === undefined) return gateway;
  throw clientError(notFound("tgw", [id]).code, `The transitGateway ID '${id}' does not exist`);
}

function leaveTransit(region: Ec2Region, { attachmentId }: VpnConnection): void {
  const attachment = region.transitAttachments.get(attachmentId ?? "");
  if (attachment !== undefined) detach(region, attachment);
}

interface TunnelInput {
  readonly TunnelInsideCidr?: string;
  readonly PreSharedKey?: string;
}

/** What is not given is chosen, as EC2 does. */
function newTunnel({ TunnelInsideCidr, PreSharedKey }: TunnelInput = {}): VpnTunnel {
  const [third = 0, fourth = 0, ...letters] = crypto.getRandomValues(new Uint8Array(2 + KEY_LENGTH));
  const key = letters.map((byte) => KEY_ALPHABET[byte % KEY_ALPHABET.length]).join("");
  return {
    outsideAddress: publicAddress(),
    insideCidr: TunnelInsideCidr ?? `169.254.${6 + (third % 240)}.${fourth & 0xfc}/30`,
    preSharedKey: PreSharedKey ?? key,
  };
}

function fieldsOf(region: Ec2Region): FilterFields<VpnConnection> {
  return {
    "vpn-connection-id": ({ id }) => id,
    "customer-gateway-id": ({ customerGatewayId }) => customerGatewayId,
    "vpn-gateway-id": ({ vpnGatewayId }) => vpnGatewayId,
    "transit-gateway-id": ({ attachmentId }) => region.transitAttachments.get(attachmentId ?? "")?.gatewayId,
    "option.static-routes-only": ({ options }) => options.StaticRoutesOnly === true,
    "route.destination-cidr-block": ({ routes }) => [...routes],
    "bgp-asn": ({ customerGatewayId }) => region.customerGateways.get(customerGatewayId)?.bgpAsn,
    state: stateOf,
    type: () => "ipsec.1",
  };
}

function connectionOutput(region: Ec2Region, connection: VpnConnection): Answered<VpnConnectionOutput> {
  const { options, tunnels, created, deleted } = connection;
  const attachment = region.transitAttachments.get(connection.attachmentId ?? "");
  const { TunnelOptions, ...chosen } = options;
  return {
    VpnConnectionId: connection.id,
    State: stateOf(connection) as "available",
    Type: "ipsec.1",
    Category: "VPN",
    CustomerGatewayId: connection.customerGatewayId,
    VpnGatewayId: connection.vpnGatewayId,
    TransitGatewayId: attachment?.gatewayId,
    GatewayAssociationState: "associated",
    CustomerGatewayConfiguration: deleted ? undefined : customerConfiguration(region, connection),
    Options: {
      EnableAcceleration: false,
      StaticRoutesOnly: false,
      LocalIpv4NetworkCidr: "0.0.0.0/0",
      RemoteIpv4NetworkCidr: "0.0.0.0/0",
      TunnelInsideIpVersion: "ipv4",
      OutsideIpAddressType: "PublicIpv4",
      ...chosen,
      TunnelOptions: tunnels.map((tunnel, index) => ({
        ...tunnelSettings(TunnelOptions?.[index]),
        OutsideIpAddress: tunnel.outsideAddress,
        TunnelInsideCidr: tunnel.insideCidr,
        PreSharedKey: tunnel.preSharedKey,
      })),
    },
    Routes: Array.from(connection.routes, (DestinationCidrBlock) => ({
      DestinationCidrBlock,
      Source: "Static" as const,
      State: "available" as const,
    })),
    VgwTelemetry: tunnels.map(({ outsideAddress }) => ({
      AcceptedRouteCount: 0,
      LastStatusChange: created,
      OutsideIpAddress: outsideAddress,
      Status: "DOWN" as const,
      StatusMessage: "",
    })),
    Tags: tagList(connection.tags) ?? [],
  };
}

/** Only what the request named; its lists have their values in an object. */
function tunnelSettings(given: NonNullable<VpnConnection["options"]["TunnelOptions"]>[number] = {}) {
  const { DPDTimeoutSeconds, DPDTimeoutAction, IKEVersions, LogOptions: _, ...same } = given;
  return {
    ...same,
    DpdTimeoutSeconds: DPDTimeoutSeconds,
    DpdTimeoutAction: DPDTimeoutAction,
    IkeVersions: IKEVersions,
  };
}
