"""Scenarios of EC2's further networks and fleets."""

from differential_scenarios import scenario

NONE = "00000000000000000"
IMAGE = "ami-12c6146b"


def place(ec2, cidr):
    vpc = ec2.unnoted.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
    subnet = ec2.unnoted.create_subnet(VpcId=vpc, CidrBlock=cidr.replace("/16", "/24"), AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    return vpc, subnet


@scenario
def ec2_transit_gateways(cloud):
    ec2 = cloud.client("ec2")
    made = ec2.create_transit_gateway(Description="one", Options={"DnsSupport": "disable"}, TagSpecifications=[{"ResourceType": "transit-gateway", "Tags": [{"Key": "a", "Value": "1"}]}])
    gateway = made["TransitGateway"]["TransitGatewayId"]
    ec2.describe_transit_gateways(TransitGatewayIds=[gateway])
    for name, value in (("state", "available"), ("options.dns-support", "disable"), ("tag:a", "1"), ("owner-id", "nobody")):
        found = ec2.unnoted.describe_transit_gateways(Filters=[{"Name": name, "Values": [value]}])
        cloud.note("filter", [name, len(found.get("TransitGateways", []))])
    ec2.modify_transit_gateway(TransitGatewayId=gateway, Description="two")
    vpc, subnet = place(ec2, "10.60.0.0/16")
    ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=f"tgw-{NONE}", VpcId=vpc, SubnetIds=[subnet])
    attachment = ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=gateway, VpcId=vpc, SubnetIds=[subnet])["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
    ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=gateway, VpcId=vpc, SubnetIds=[subnet])
    ec2.describe_transit_gateway_vpc_attachments(TransitGatewayAttachmentIds=[attachment])
    ec2.describe_transit_gateway_attachments(TransitGatewayAttachmentIds=[attachment])
    ec2.modify_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=attachment, Options={"ApplianceModeSupport": "enable"})
    default = ec2.describe_transit_gateway_route_tables(Filters=[{"Name": "transit-gateway-id", "Values": [gateway]}])["TransitGatewayRouteTables"][0]["TransitGatewayRouteTableId"]
    ec2.get_transit_gateway_route_table_associations(TransitGatewayRouteTableId=default)
    table = ec2.create_transit_gateway_route_table(TransitGatewayId=gateway)["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]
    ec2.get_transit_gateway_route_table_propagations(TransitGatewayRouteTableId=table)
    ec2.enable_transit_gateway_route_table_propagation(TransitGatewayRouteTableId=table, TransitGatewayAttachmentId=attachment)
    ec2.get_transit_gateway_route_table_propagations(TransitGatewayRouteTableId=table)
    route = {"TransitGatewayRouteTableId": table, "DestinationCidrBlock": "10.61.0.0/16"}
    ec2.create_transit_gateway_route(**route, TransitGatewayAttachmentId=attachment)
    ec2.create_transit_gateway_route(TransitGatewayRouteTableId=table, DestinationCidrBlock="10.62.0.0/16", Blackhole=True)
    for name, value in (("state", "blackhole"), ("type", "static"), ("route-search.exact-match", "10.61.0.0/16"), ("attachment.resource-id", vpc)):
        found = ec2.unnoted.search_transit_gateway_routes(TransitGatewayRouteTableId=table, Filters=[{"Name": name, "Values": [value]}])
        cloud.note("route", [name, sorted(each["DestinationCidrBlock"] for each in found.get("Routes", []))])
    ec2.delete_transit_gateway_route(**route)
    ec2.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=attachment)
    ec2.delete_transit_gateway_route_table(TransitGatewayRouteTableId=table)
    ec2.delete_transit_gateway(TransitGatewayId=gateway)


@scenario
def ec2_transit_peerings(cloud):
    here, there = cloud.client("ec2"), cloud.client("ec2", region="eu-west-1")
    own = here.unnoted.create_transit_gateway()["TransitGateway"]
    peer = there.unnoted.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    made = here.create_transit_gateway_peering_attachment(TransitGatewayId=own["TransitGatewayId"], PeerTransitGatewayId=peer, PeerAccountId=own["OwnerId"], PeerRegion="eu-west-1")
    attachment = {"TransitGatewayAttachmentId": made["TransitGatewayPeeringAttachment"]["TransitGatewayAttachmentId"]}
    here.accept_transit_gateway_peering_attachment(**attachment)
    there.accept_transit_gateway_peering_attachment(**attachment)
    there.describe_transit_gateway_peering_attachments()
    here.describe_transit_gateway_peering_attachments(Filters=[{"Name": "state", "Values": ["available"]}])
    there.delete_transit_gateway_peering_attachment(**attachment)


@scenario
def ec2_vpn_connections(cloud):
    ec2 = cloud.client("ec2")
    customer = ec2.unnoted.create_customer_gateway(Type="ipsec.1", PublicIp="203.0.113.8", BgpAsn=65010)["CustomerGateway"]["CustomerGatewayId"]
    gateway = ec2.unnoted.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    transit = ec2.unnoted.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    ec2.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=customer, VpnGatewayId=gateway, TransitGatewayId=transit)
    ec2.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=f"cgw-{NONE}", VpnGatewayId=gateway)
    ec2.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=customer, TransitGatewayId=f"tgw-{NONE}")
    connection = ec2.unnoted.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=customer, VpnGatewayId=gateway)["VpnConnection"]["VpnConnectionId"]
    shown = ec2.unnoted.describe_vpn_connections(VpnConnectionIds=[connection])["VpnConnections"][0]
    cloud.note("shown", [shown.get(name) for name in ("State", "Type", "Category")] + [shown["CustomerGatewayId"] == customer, shown["VpnGatewayId"] == gateway])
    over = ec2.unnoted.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=customer, TransitGatewayId=transit)["VpnConnection"]["VpnConnectionId"]
    found = ec2.unnoted.describe_transit_gateway_attachments(Filters=[{"Name": "resource-type", "Values": ["vpn"]}])["TransitGatewayAttachments"]
    cloud.note("attached", [each["ResourceId"] == over for each in found])
    ec2.delete_vpn_connection(VpnConnectionId=connection)
    ec2.delete_vpn_connection(VpnConnectionId=f"vpn-{NONE}")
    ec2.describe_vpn_connections(VpnConnectionIds=[f"vpn-{NONE}"])


@scenario
def ec2_carriers_and_mirrors(cloud):
    ec2 = cloud.client("ec2")
    vpc, subnet = place(ec2, "10.63.0.0/16")
    ec2.create_carrier_gateway(VpcId=f"vpc-{NONE}")
    carrier = ec2.create_carrier_gateway(VpcId=vpc)["CarrierGateway"]["CarrierGatewayId"]
    ec2.describe_carrier_gateways(CarrierGatewayIds=[carrier])
    ec2.delete_carrier_gateway(CarrierGatewayId=carrier)
    eni = ec2.unnoted.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    ec2.create_traffic_mirror_target(NetworkInterfaceId=eni, GatewayLoadBalancerEndpointId=f"vpce-{NONE}")
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=eni, Description="t")["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    ec2.describe_traffic_mirror_targets(TrafficMirrorTargetIds=[target])
    mirror = ec2.create_traffic_mirror_filter(Description="f")["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    ec2.describe_traffic_mirror_filters(Filters=[{"Name": "traffic-mirror-filter-id", "Values": [mirror]}])


@scenario
def ec2_hosts(cloud):
    ec2 = cloud.client("ec2")
    made = ec2.unnoted.allocate_hosts(AvailabilityZone="us-east-1a", InstanceFamily="c5", Quantity=1)["HostIds"]
    ec2.describe_hosts(HostIds=made)
    ec2.modify_hosts(HostIds=made, AutoPlacement="off", InstanceType="c5.large")
    instance = ec2.unnoted.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, Placement={"HostId": made[0]})["Instances"][0]
    cloud.note("placed", instance["Placement"]["HostId"] == made[0])
    ec2.unnoted.terminate_instances(InstanceIds=[instance["InstanceId"]])
    cloud.wait(ec2, "instance_terminated", [instance["InstanceId"]])
    cloud.note("released", ec2.unnoted.release_hosts(HostIds=made)["Successful"] == made)


@scenario
def ec2_fleets(cloud):
    ec2 = cloud.client("ec2")
    template = ec2.unnoted.create_launch_template(LaunchTemplateName="fleet", LaunchTemplateData={"ImageId": IMAGE, "InstanceType": "t3.micro"})["LaunchTemplate"]["LaunchTemplateId"]
    configs = [{"LaunchTemplateSpecification": {"LaunchTemplateId": template, "Version": "1"}}]
    target = {"TotalTargetCapacity": 3, "OnDemandTargetCapacity": 1, "SpotTargetCapacity": 2, "DefaultTargetCapacityType": "spot"}
    ec2.create_fleet(LaunchTemplateConfigs=configs, TargetCapacitySpecification=target, DryRun=True)
    made = ec2.unnoted.create_fleet(LaunchTemplateConfigs=configs, TargetCapacitySpecification=target, Type="instant")
    cloud.note("instant", sorted([each["Lifecycle"], len(each["InstanceIds"])] for each in made["Instances"]))
    fleet = ec2.unnoted.create_fleet(LaunchTemplateConfigs=configs, TargetCapacitySpecification=target, Type="maintain")["FleetId"]
    cloud.note("active", len(ec2.unnoted.describe_fleet_instances(FleetId=fleet)["ActiveInstances"]))
    shown = ec2.unnoted.describe_fleets(FleetIds=[fleet])["Fleets"][0]
    cloud.note("shown", [shown[name] for name in ("FleetState", "Type", "TargetCapacitySpecification")])
    deleted = ec2.unnoted.delete_fleets(FleetIds=[fleet], TerminateInstances=True)
    cloud.note("deleted", [each["CurrentFleetState"] for each in deleted["SuccessfulFleetDeletions"]])
    cloud.note("gone", len(ec2.unnoted.describe_fleet_instances(FleetId=fleet)["ActiveInstances"]))
    spot = {"TargetCapacity": 6, "IamFleetRole": "arn:aws:iam::000000000000:role/fleet", "AllocationStrategy": "diversified", "LaunchSpecifications": [{"ImageId": IMAGE, "InstanceType": "t3.small", "WeightedCapacity": 2, "SpotPrice": "1"}, {"ImageId": IMAGE, "InstanceType": "t3.large", "WeightedCapacity": 4, "SpotPrice": "1"}]}
    request = ec2.unnoted.request_spot_fleet(SpotFleetRequestConfig=spot)["SpotFleetRequestId"]
    types = lambda: sorted(each["InstanceType"] for each in ec2.unnoted.describe_spot_fleet_instances(SpotFleetRequestId=request)["ActiveInstances"])
    cloud.note("spot", types())
    ec2.unnoted.modify_spot_fleet_request(SpotFleetRequestId=request, TargetCapacity=9)
    cloud.note("grown", types())
    cancelled = ec2.unnoted.cancel_spot_fleet_requests(SpotFleetRequestIds=[request], TerminateInstances=False)
    cloud.note("cancelled", [each["CurrentSpotFleetRequestState"] for each in cancelled["SuccessfulFleetRequests"]])


@scenario
def ec2_endpoint_services(cloud):
    ec2 = cloud.client("ec2")
    vpc, subnet = place(ec2, "10.64.0.0/16")
    ec2.create_vpc_endpoint_service_configuration()
    ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[f"vpce-svc-{NONE}"])
    ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[f"vpce-svc-{NONE}"])
    endpoint = ec2.unnoted.create_vpc_endpoint(VpcId=vpc, SubnetIds=[subnet], VpcEndpointType="Interface", ServiceName="com.amazonaws.us-east-1.sts")["VpcEndpoint"]
    cloud.note("interfaces", len(endpoint["NetworkInterfaceIds"]))
    found = ec2.unnoted.describe_vpc_endpoint_services(Filters=[{"Name": "service-type", "Values": ["Gateway"]}])
    cloud.note("gateways", [f"com.amazonaws.us-east-1.{name}" in found["ServiceNames"] for name in ("s3", "dynamodb")])


@scenario
def ec2_route_tables_of_gateways(cloud):
    ec2 = cloud.client("ec2")
    vpc, subnet = place(ec2, "10.65.0.0/16")
    table = ec2.unnoted.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    once = ec2.unnoted.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    cloud.note("again", ec2.unnoted.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"] == once)
    gateway = ec2.unnoted.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.unnoted.associate_route_table(RouteTableId=table, GatewayId=gateway)
    shown = ec2.unnoted.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
    cloud.note("gateway", [each["GatewayId"] == gateway for each in shown["Associations"] if "GatewayId" in each])
    interface = ec2.unnoted.create_network_interface(SubnetId=subnet, PrivateIpAddress="10.65.0.9")
    cloud.note("free", ec2.unnoted.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["AvailableIpAddressCount"])
    ec2.unnoted.delete_network_interface(NetworkInterfaceId=interface["NetworkInterface"]["NetworkInterfaceId"])
    cloud.note("free again", ec2.unnoted.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["AvailableIpAddressCount"])
