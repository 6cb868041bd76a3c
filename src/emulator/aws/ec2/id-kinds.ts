/** What each kind of id stands for: the type that tags know it by, and what EC2 calls it where it is not found. */

export interface IdKind {
  /** Of `TagSpecifications` and `DescribeTags`. */
  readonly type: string;
  /** First part of the codes: `InvalidVpcID.NotFound`. */
  readonly code: string;
  /** In messages: "The vpc ID 'vpc-...' does not exist". */
  readonly singular: string;
}

type Row = readonly [prefix: string, type: string, code: string, singular: string];

/** See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const ROWS: readonly Row[] = [
  ["acl", "network-acl", "InvalidNetworkAclID", "networkAcl ID"],
  ["ami", "image", "InvalidAMIID", "image ID"],
  ["cagw", "carrier-gateway", "InvalidCarrierGatewayID", "CarrierGateway ID"],
  ["cgw", "customer-gateway", "InvalidCustomerGatewayID", "customerGateway ID"],
  ["dopt", "dhcp-options", "InvalidDhcpOptionID", "DhcpOption ID"],
  ["eigw", "egress-only-internet-gateway", "InvalidEgressOnlyInternetGatewayId", "eigw ID"],
  ["eipalloc", "elastic-ip", "InvalidAllocationID", "allocation ID"],
  ["eni", "network-interface", "InvalidNetworkInterfaceID", "networkInterface ID"],
  ["fl", "vpc-flow-log", "InvalidFlowLogId", "flow log ID"],
  ["fleet", "fleet", "InvalidFleetId", "fleet ID"],
  ["h", "dedicated-host", "InvalidHostID", "host ID"],
  ["i", "instance", "InvalidInstanceID", "instance ID"],
  ["igw", "internet-gateway", "InvalidInternetGatewayID", "internetGateway ID"],
  ["key", "key-pair", "InvalidKeyPair", "key pair ID"],
  ["lt", "launch-template", "InvalidLaunchTemplateId", "launch template ID"],
  ["nat", "natgateway", "InvalidNatGatewayID", "natGateway ID"],
  ["pcx", "vpc-peering-connection", "InvalidVpcPeeringConnectionID", "vpcPeeringConnection ID"],
  ["pg", "placement-group", "InvalidPlacementGroup", "placement group ID"],
  ["pl", "prefix-list", "InvalidPrefixListID", "prefix list ID"],
  ["rtb", "route-table", "InvalidRouteTableID", "routeTable ID"],
  ["scr", "subnet-cidr-reservation", "InvalidSubnetCidrReservationID", "subnet CIDR reservation ID"],
  ["sfr", "spot-fleet-request", "InvalidSpotFleetRequestId", "spot fleet request ID"],
  ["sg", "security-group", "InvalidGroup", "security group"],
  ["sgr", "security-group-rule", "InvalidSecurityGroupRuleId", "security group rule ID"],
  ["sir", "spot-instances-request", "InvalidSpotInstanceRequestID", "spot instance request ID"],
  ["snap", "snapshot", "InvalidSnapshot", "snapshot"],
  ["subnet", "subnet", "InvalidSubnetID", "subnet ID"],
  ["tgw", "transit-gateway", "InvalidTransitGatewayID", "Transit Gateway"],
  [
    "tgw-attach",
    "transit-gateway-attachment",
    "InvalidTransitGatewayAttachmentID",
    "Transit Gateway Attachment",
  ],
  ["tgw-rtb", "transit-gateway-route-table", "InvalidRouteTableID", "Transit Gateway Route Table"],
  ["tmf", "traffic-mirror-filter", "InvalidTrafficMirrorFilterId", "traffic mirror filter ID"],
  ["tmfr", "traffic-mirror-filter-rule", "InvalidTrafficMirrorFilterRuleId", "traffic mirror filter rule ID"],
  ["tms", "traffic-mirror-session", "InvalidTrafficMirrorSessionId", "traffic mirror session ID"],
  ["tmt", "traffic-mirror-target", "InvalidTrafficMirrorTargetId", "traffic mirror target ID"],
  ["vgw", "vpn-gateway", "InvalidVpnGatewayID", "vpnGateway ID"],
  ["vol", "volume", "InvalidVolume", "volume"],
  ["vpc", "vpc", "InvalidVpcID", "vpc ID"],
  ["vpce", "vpc-endpoint", "InvalidVpcEndpointId", "Vpc Endpoint Id"],
  ["vpce-svc", "vpc-endpoint-service", "InvalidVpcEndpointServiceId", "VpcEndpointService Id"],
  ["vpn", "vpn-connection", "InvalidVpnConnectionID", "vpnConnection ID"],
];

const KINDS: ReadonlyMap<string, IdKind> = new Map(
  ROWS.map(([prefix, type, code, singular]) => [prefix, { type, code, singular }]),
);

export function kindOfPrefix(prefix: string): IdKind | undefined {
  return KINDS.get(prefix);
}

/** `tgw-rtb` of `tgw-rtb-0123...`; undefined where no kind begins so. */
export function prefixOf(id: string): string | undefined {
  for (let end = id.lastIndexOf("-"); end > 0; end = id.lastIndexOf("-", end - 1)) {
    if (KINDS.has(id.slice(0, end))) return id.slice(0, end);
  }
  return undefined;
}

/** Whether there are things of that type: `security-group`. */
export function isTaggableType(type: string): boolean {
  return ROWS.some(([, known]) => known === type);
}
