"""Further scenarios of EC2."""

from differential_scenarios import scenario

NONE = "00000000000000000"


def named(ec2, operation, key, member, **inputs):
    """Names in an answer, sorted, however the clouds order them."""
    found = getattr(ec2.unnoted, operation)(**inputs)
    return sorted(str(each.get(member)) for each in found.get(key, []))


@scenario
def ec2_groups(cloud):
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    one = ec2.create_security_group(GroupName="one", Description="d", VpcId=vpc, TagSpecifications=[{"ResourceType": "security-group", "Tags": [{"Key": "a", "Value": "1"}]}])["GroupId"]
    two = ec2.create_security_group(GroupName="two", Description="d", VpcId=vpc)["GroupId"]
    ec2.create_security_group(GroupName="sg-bad", Description="d", VpcId=vpc)
    ec2.create_security_group(GroupName="x" * 256, Description="d", VpcId=vpc)
    ec2.create_security_group(GroupName="dry", Description="d", VpcId=vpc, DryRun=True)
    ec2.create_security_group(GroupName="nowhere", Description="d")
    allow = ec2.authorize_security_group_ingress
    allow(GroupId=one, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": two}]}])
    allow(GroupId=one, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}])
    allow(GroupId=one, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": "192.168.0.0/16"}]}])
    allow(GroupId=one, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="1.2.3.4/32")
    allow(GroupId=one, IpPermissions=[{"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    allow(GroupId=one, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 90, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    allow(GroupId=one, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 70000, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    allow(GroupId=one, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "nonsense"}]}])
    allow(GroupId=one, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": f"sg-{NONE}"}]}])
    allow(GroupId=one, IpPermissions=[])
    allow(GroupId=one, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}], DryRun=True)
    ec2.describe_security_groups(GroupIds=[one])
    for name, value in (("group-name", "one"), ("vpc-id", vpc), ("ip-permission.from-port", "80"), ("ip-permission.cidr", "10.0.0.0/8"), ("ip-permission.protocol", "icmp"), ("tag:a", "1"), ("description", "d"), ("egress.ip-permission.cidr", "0.0.0.0/0"), ("ip-permission.group-id", two)):
        cloud.note("filter", [name, named(ec2, "describe_security_groups", "SecurityGroups", "GroupName", Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": name, "Values": [value]}])])
    rules = {each["SecurityGroupRuleId"]: each for each in ec2.unnoted.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [one]}]).get("SecurityGroupRules", [])}
    cloud.note("rules", sorted([each["IsEgress"], each["IpProtocol"], each.get("FromPort"), each.get("ToPort"), each.get("CidrIpv4"), each.get("CidrIpv6"), "ReferencedGroupInfo" in each] for each in rules.values()) if rules and all("IsEgress" in each for each in rules.values()) else None)
    ec2.describe_security_group_rules(SecurityGroupRuleIds=[f"sgr-{NONE}"])
    first = next((key for key, each in rules.items() if not each["IsEgress"] and each.get("FromPort") == 443), f"sgr-{NONE}")
    ec2.modify_security_group_rules(GroupId=one, SecurityGroupRules=[{"SecurityGroupRuleId": first, "SecurityGroupRule": {"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "CidrIpv6": "::/0", "Description": "changed"}}])
    ec2.describe_security_group_rules(SecurityGroupRuleIds=[first])
    ec2.revoke_security_group_ingress(GroupId=one, SecurityGroupRuleIds=[first])
    ec2.update_security_group_rule_descriptions_ingress(GroupId=one, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "1.2.3.4/32", "Description": "ssh"}]}])
    ec2.delete_security_group(GroupId=two)
    ec2.delete_security_group(GroupId=one)
    ec2.delete_security_group(GroupId=two)
    default = ec2.unnoted.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}])["SecurityGroups"][0]["GroupId"]
    ec2.delete_security_group(GroupId=default)
    ec2.delete_security_group(GroupId="nonsense")
    ec2.delete_vpc(VpcId=vpc)


@scenario
def ec2_pages(cloud):
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
    for n in range(7):
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.30.{n}.0/24", AvailabilityZone="us-east-1a", TagSpecifications=[{"ResourceType": "subnet", "Tags": [{"Key": "n", "Value": str(n)}, {"Key": "odd", "Value": str(n % 2)}]}])
    for filters in (
        [{"Name": "tag:odd", "Values": ["1"]}],
        [{"Name": "tag:n", "Values": ["1", "2"]}],
        [{"Name": "tag:n", "Values": ["*"]}],
        [{"Name": "cidr-block", "Values": ["10.30.3.0/24"]}],
        [{"Name": "tag-key", "Values": ["none"]}],
        [{"Name": "tag:odd", "Values": ["1"]}, {"Name": "tag:n", "Values": ["3"]}],
        [{"Name": "state", "Values": ["available"]}],
    ):
        cloud.note("filter", [filters, named(ec2, "describe_subnets", "Subnets", "CidrBlock", Filters=[{"Name": "vpc-id", "Values": [vpc]}, *filters])])
    ec2.describe_subnets(Filters=[{"Name": "nonsense", "Values": ["x"]}])
    token, sizes = {}, []
    for _ in range(4):
        page = ec2.unnoted.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}], MaxResults=5, **token)
        sizes.append(len(page.get("Subnets", [])))
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    cloud.note("pages", sizes)
    ec2.describe_subnets(MaxResults=1)
    ec2.describe_subnets(MaxResults=5000)
    ec2.describe_subnets(MaxResults=5, NextToken="nonsense")
    ec2.describe_instances(MaxResults=3)
    ec2.describe_tags(Filters=[{"Name": "key", "Values": ["odd"]}, {"Name": "value", "Values": ["1"]}, {"Name": "resource-type", "Values": ["subnet"]}])
    ec2.create_tags(Resources=["nonsense"], Tags=[{"Key": "a", "Value": "b"}])
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "aws:a", "Value": "b"}])
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "x" * 128, "Value": "b"}])
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "a", "Value": "x" * 257}])
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": f"k{n}", "Value": "v"} for n in range(51)])
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "a", "Value": "b"}], DryRun=True)
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "a", "Value": "b"}])
    ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "a", "Value": "other"}])
    ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [vpc]}])
    ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "a", "Value": "b"}])
    ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [vpc]}])


@scenario
def ec2_addresses(cloud):
    ec2 = cloud.client("ec2")
    ec2.allocate_address(Domain="vpc", DryRun=True)
    made = ec2.allocate_address(Domain="vpc", TagSpecifications=[{"ResourceType": "elastic-ip", "Tags": [{"Key": "a", "Value": "1"}]}])
    address = made["AllocationId"]
    vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.40.0.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    eni = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="10.40.0.10", TagSpecifications=[{"ResourceType": "network-interface", "Tags": [{"Key": "Name", "Value": "e"}]}])["NetworkInterface"]["NetworkInterfaceId"]
    association = ec2.associate_address(AllocationId=address, NetworkInterfaceId=eni).get("AssociationId", f"eipassoc-{NONE}")
    ec2.describe_addresses(AllocationIds=[address])
    ec2.describe_addresses(Filters=[{"Name": "tag:a", "Values": ["1"]}])
    ec2.describe_addresses(PublicIps=["1.2.3.4"])
    ec2.associate_address(AllocationId=address, NetworkInterfaceId=eni, AllowReassociation=False)
    ec2.associate_address(AllocationId=f"eipalloc-{NONE}", NetworkInterfaceId=eni)
    ec2.associate_address(AllocationId=address)
    ec2.release_address(AllocationId=address)
    ec2.disassociate_address(AssociationId=association)
    ec2.disassociate_address(AssociationId=association)
    ec2.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [subnet]}])
    ec2.describe_network_interface_attribute(NetworkInterfaceId=eni, Attribute="description")
    ec2.modify_network_interface_attribute(NetworkInterfaceId=eni, Description={"Value": "new"})
    ec2.modify_network_interface_attribute(NetworkInterfaceId=eni, SourceDestCheck={"Value": False})
    ec2.describe_network_interfaces(NetworkInterfaceIds=[eni])
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_network_interface(NetworkInterfaceId=eni)
    ec2.delete_network_interface(NetworkInterfaceId=eni)
    ec2.release_address(AllocationId=address)
    ec2.create_nat_gateway(SubnetId=f"subnet-{NONE}", ConnectivityType="private")
    ec2.create_nat_gateway(SubnetId=subnet)
    private = ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private", TagSpecifications=[{"ResourceType": "natgateway", "Tags": [{"Key": "Name", "Value": "n"}]}]).get("NatGateway", {}).get("NatGatewayId", f"nat-{NONE}")
    ec2.describe_nat_gateways(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    ec2.describe_nat_gateways(NatGatewayIds=[f"nat-{NONE}"])
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=private)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.0.0.0/8", NatGatewayId=f"nat-{NONE}")
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="nonsense", NatGatewayId=private)
    ec2.describe_route_tables(RouteTableIds=[table])
    ec2.delete_nat_gateway(NatGatewayId=private)
    ec2.delete_nat_gateway(NatGatewayId=f"nat-{NONE}")
    acl = ec2.create_network_acl(VpcId=vpc).get("NetworkAcl", {}).get("NetworkAclId", f"acl-{NONE}")
    entry = {"NetworkAclId": acl, "RuleNumber": 100, "Protocol": "6", "RuleAction": "allow", "Egress": False, "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 80, "To": 80}}
    ec2.create_network_acl_entry(**entry)
    ec2.create_network_acl_entry(**entry)
    ec2.create_network_acl_entry(**{**entry, "RuleNumber": 40000})
    ec2.replace_network_acl_entry(**{**entry, "RuleAction": "deny"})
    ec2.replace_network_acl_entry(**{**entry, "RuleNumber": 7})
    ec2.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=7, Egress=False)
    ec2.describe_network_acls(NetworkAclIds=[acl])
    ec2.describe_network_acls(NetworkAclIds=[f"acl-{NONE}"])
    found = ec2.unnoted.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["NetworkAcls"][0]
    at = next(each["NetworkAclAssociationId"] for each in found["Associations"] if each["SubnetId"] == subnet)
    ec2.replace_network_acl_association(AssociationId=at, NetworkAclId=acl)
    ec2.delete_network_acl(NetworkAclId=acl)
    ec2.delete_network_acl(NetworkAclId=found["NetworkAclId"])


@scenario
def ec2_instance_errors(cloud):
    ec2 = cloud.client("ec2")
    for operation in ("start_instances", "stop_instances", "terminate_instances", "reboot_instances", "monitor_instances", "describe_instances"):
        call = getattr(ec2, operation)
        call(InstanceIds=["nonsense"])
        call(InstanceIds=["i-123"])
        call(InstanceIds=[f"i-{NONE}"])
        call(InstanceIds=[f"i-{NONE}", "i-11111111111111111"])
        call(InstanceIds=[f"i-{NONE}"], DryRun=True)
    ec2.terminate_instances(InstanceIds=[])
    ec2.describe_instance_attribute(InstanceId=f"i-{NONE}", Attribute="userData")
    ec2.describe_instance_status(InstanceIds=[f"i-{NONE}"])
    ec2.get_console_output(InstanceId=f"i-{NONE}")
    ec2.describe_volumes(VolumeIds=["nonsense"])
    ec2.attach_volume(VolumeId=f"vol-{NONE}", InstanceId=f"i-{NONE}", Device="/dev/sdf")
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1).get("VolumeId", f"vol-{NONE}")
    ec2.attach_volume(VolumeId=volume, InstanceId=f"i-{NONE}", Device="/dev/sdf")
    ec2.detach_volume(VolumeId=volume)
    ec2.create_volume(AvailabilityZone="nowhere-1a", Size=1)
    ec2.create_volume(AvailabilityZone="us-east-1a", Size=0)
    ec2.create_volume(AvailabilityZone="us-east-1a", Size=10, VolumeType="io1")
    ec2.create_volume(AvailabilityZone="us-east-1a", Size=10, VolumeType="nonsense")
    ec2.modify_volume(VolumeId=volume, Size=4)
    ec2.modify_volume(VolumeId=f"vol-{NONE}", Size=4)
    ec2.delete_volume(VolumeId=volume)
    ec2.describe_images(ImageIds=[f"ami-{NONE}"])
    ec2.describe_images(ImageIds=["nonsense"])
    ec2.deregister_image(ImageId=f"ami-{NONE}")
    ec2.create_image(InstanceId=f"i-{NONE}", Name="img")
    ec2.describe_key_pairs(KeyPairIds=[f"key-{NONE}"])
    ec2.create_key_pair(KeyName="types", KeyType="ed25519")
    ec2.describe_key_pairs(Filters=[{"Name": "key-name", "Values": ["typ*"]}])
    ec2.import_key_pair(KeyName="types", PublicKeyMaterial=b"ssh-rsa AAAA")
    ec2.describe_availability_zones(ZoneNames=["nowhere-1a"])
    ec2.describe_vpc_attribute(VpcId=f"vpc-{NONE}", Attribute="enableDnsSupport")
    ec2.delete_vpc(VpcId=f"vpc-{NONE}")
    ec2.delete_vpc(VpcId="nonsense")


@scenario
def ec2_volumes_attached(cloud):
    ec2 = cloud.client("ec2")
    image = ec2.unnoted.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    made = ec2.unnoted.run_instances(ImageId=image, MinCount=1, MaxCount=1, Placement={"AvailabilityZone": "us-east-1b"}, InstanceType="t3.micro")["Instances"][0]
    one = made["InstanceId"]
    cloud.wait(ec2, "instance_running", [one])
    here = ec2.create_volume(AvailabilityZone="us-east-1b", Size=1)["VolumeId"]
    there = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    ec2.attach_volume(VolumeId=there, InstanceId=one, Device="/dev/sdf")
    ec2.attach_volume(VolumeId=here, InstanceId=one, Device="/dev/sdf")
    ec2.delete_volume(VolumeId=here)
    ec2.describe_volumes(VolumeIds=[here])
    ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [one]}, {"Name": "attachment.device", "Values": ["/dev/sdf"]}])
    ec2.detach_volume(VolumeId=here, InstanceId=one)
    ec2.detach_volume(VolumeId=here)
    ec2.create_image(InstanceId=one, Name="image", Description="d")
    ec2.create_image(InstanceId=one, Name="image")
    ec2.describe_images(Owners=["self"])
    group = ec2.create_security_group(GroupName="attached", Description="d")["GroupId"]
    ec2.modify_instance_attribute(InstanceId=one, Groups=[group])
    ec2.delete_security_group(GroupId=group)
    ec2.start_instances(InstanceIds=[one])
    ec2.stop_instances(InstanceIds=[one])
    cloud.wait(ec2, "instance_stopped", [one])
    ec2.stop_instances(InstanceIds=[one])
    ec2.reboot_instances(InstanceIds=[one])
    ec2.terminate_instances(InstanceIds=[one])
    cloud.wait(ec2, "instance_terminated", [one])
    ec2.stop_instances(InstanceIds=[one])
    ec2.start_instances(InstanceIds=[one])


@scenario
def ec2_vpc_parts(cloud):
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.50.0.0/16")["Vpc"]["VpcId"]
    other = ec2.create_vpc(CidrBlock="10.51.0.0/16")["Vpc"]["VpcId"]
    options = ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name", "Values": ["example.com"]}, {"Key": "domain-name-servers", "Values": ["10.0.0.2"]}]).get("DhcpOptions", {}).get("DhcpOptionsId", f"dopt-{NONE}")
    ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=vpc)
    ec2.describe_dhcp_options(DhcpOptionsIds=[options])
    ec2.describe_dhcp_options(DhcpOptionsIds=[f"dopt-{NONE}"])
    ec2.delete_dhcp_options(DhcpOptionsId=options)
    ec2.associate_dhcp_options(DhcpOptionsId="default", VpcId=vpc)
    ec2.delete_dhcp_options(DhcpOptionsId=options)
    extra = ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="10.60.0.0/16").get("CidrBlockAssociation", {}).get("AssociationId", f"vpc-cidr-assoc-{NONE}")
    ec2.describe_vpcs(VpcIds=[vpc])
    ec2.disassociate_vpc_cidr_block(AssociationId=extra)
    ec2.disassociate_vpc_cidr_block(AssociationId=f"vpc-cidr-assoc-{NONE}")
    egress = ec2.create_egress_only_internet_gateway(VpcId=vpc).get("EgressOnlyInternetGateway", {}).get("EgressOnlyInternetGatewayId", f"eigw-{NONE}")
    ec2.describe_egress_only_internet_gateways(EgressOnlyInternetGatewayIds=[egress])
    ec2.delete_egress_only_internet_gateway(EgressOnlyInternetGatewayId=egress)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    endpoint = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=[table]).get("VpcEndpoint", {}).get("VpcEndpointId", f"vpce-{NONE}")
    ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])
    ec2.describe_vpc_endpoints(VpcEndpointIds=[f"vpce-{NONE}"])
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, RemoveRouteTableIds=[table])
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    peering = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other).get("VpcPeeringConnection", {}).get("VpcPeeringConnectionId", f"pcx-{NONE}")
    ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[peering])
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.51.0.0/16", VpcPeeringConnectionId=peering)
    ec2.describe_route_tables(RouteTableIds=[table])
    ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=peering)
    ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[f"pcx-{NONE}"])
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.50.0.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet).get("AssociationId", f"rtbassoc-{NONE}")
    second = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.replace_route_table_association(AssociationId=association, RouteTableId=second)
    ec2.replace_route_table_association(AssociationId=f"rtbassoc-{NONE}", RouteTableId=second)
    ec2.create_placement_group(GroupName="pg", Strategy="spread")
    ec2.create_placement_group(GroupName="pg", Strategy="spread")
    ec2.describe_placement_groups(GroupNames=["pg"])
    ec2.delete_placement_group(GroupName="pg")
    ec2.delete_placement_group(GroupName="pg")


@scenario
def ec2_instance_profiles(cloud):
    ec2, iam = cloud.client("ec2"), cloud.client("iam")
    arn = iam.create_instance_profile(InstanceProfileName="ec2-profile").get("InstanceProfile", {}).get("Arn", "")
    image = ec2.unnoted.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    one = ec2.unnoted.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro")["Instances"][0]["InstanceId"]
    cloud.wait(ec2, "instance_running", [one])
    association = ec2.associate_iam_instance_profile(InstanceId=one, IamInstanceProfile={"Arn": arn}).get("IamInstanceProfileAssociation", {}).get("AssociationId", f"iip-assoc-{NONE}")
    ec2.associate_iam_instance_profile(InstanceId=one, IamInstanceProfile={"Arn": arn})
    ec2.describe_iam_instance_profile_associations(AssociationIds=[association])
    ec2.disassociate_iam_instance_profile(AssociationId=association)
    ec2.disassociate_iam_instance_profile(AssociationId=association)
    ec2.modify_instance_metadata_options(InstanceId=one, HttpTokens="required", HttpPutResponseHopLimit=3)
    ec2.describe_instance_credit_specifications(InstanceIds=[one])
    ec2.get_password_data(InstanceId=one)
    ec2.terminate_instances(InstanceIds=[one])


@scenario
def ec2_prefix_lists(cloud):
    ec2 = cloud.client("ec2")
    made = ec2.create_managed_prefix_list(PrefixListName="mine", MaxEntries=3, AddressFamily="IPv4", Entries=[{"Cidr": "10.0.0.0/8", "Description": "ten"}], TagSpecifications=[{"ResourceType": "prefix-list", "Tags": [{"Key": "a", "Value": "1"}]}])
    identifier = made["PrefixList"]["PrefixListId"]
    ec2.describe_managed_prefix_lists(PrefixListIds=[identifier])
    ec2.describe_managed_prefix_lists(PrefixListIds=["pl-00000000"])
    ec2.get_managed_prefix_list_entries(PrefixListId=identifier)
    ec2.modify_managed_prefix_list(PrefixListId=identifier, CurrentVersion=1, PrefixListName="other", AddEntries=[{"Cidr": "192.168.0.0/16"}], RemoveEntries=[{"Cidr": "10.0.0.0/8"}])
    ec2.get_managed_prefix_list_entries(PrefixListId=identifier)
    ec2.get_managed_prefix_list_entries(PrefixListId=identifier, TargetVersion=1)
    ec2.delete_managed_prefix_list(PrefixListId=identifier)


@scenario
def ec2_flow_logs(cloud):
    ec2 = cloud.client("ec2")
    cloud.client("s3").unnoted.create_bucket(Bucket="flow-logs")
    vpc = ec2.unnoted.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
    given = {"ResourceType": "VPC", "ResourceIds": [vpc], "TrafficType": "ALL", "LogDestinationType": "s3"}
    ec2.create_flow_logs(**given, LogDestination="arn:aws:s3:::flow-logs", MaxAggregationInterval=10)
    ec2.create_flow_logs(**given)
    ec2.create_flow_logs(**given, LogDestination="arn:aws:s3:::no-such-bucket-here")
    log = ec2.create_flow_logs(**given, LogDestination="arn:aws:s3:::flow-logs")["FlowLogIds"][0]
    ec2.create_flow_logs(**given, LogDestination="arn:aws:s3:::flow-logs")
    ec2.describe_flow_logs(FlowLogIds=[log])
    ec2.describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [vpc]}])
    ec2.delete_flow_logs(FlowLogIds=[log])
    ec2.delete_flow_logs(FlowLogIds=["fl-00000000"])


@scenario
def ec2_image_attributes(cloud):
    ec2 = cloud.client("ec2")
    instance = ec2.unnoted.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    image = ec2.create_image(InstanceId=instance, Name="attributes")["ImageId"]
    ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": "111122223333"}, {"Group": "all"}]})
    ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")
    ec2.modify_image_attribute(ImageId=image, Attribute="launchPermission", OperationType="remove", UserIds=["111122223333"])
    ec2.modify_image_attribute(ImageId=image, Attribute="launchPermission", OperationType="add", UserGroups=["everyone"])
    ec2.modify_image_attribute(ImageId=image, Attribute="launchPermission", OperationType="add", UserIds=["12"])
    ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")
    ec2.modify_image_attribute(ImageId=image, Description={"Value": "new words"})
    ec2.describe_image_attribute(ImageId=image, Attribute="description")
    snapshot = ec2.unnoted.describe_images(ImageIds=[image])["Images"][0]["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    ec2.delete_snapshot(SnapshotId=snapshot)
    copy = ec2.copy_image(SourceRegion="us-east-1", SourceImageId=image, Name="copied")["ImageId"]
    cloud.note("copy", [ec2.unnoted.describe_images(ImageIds=[copy])["Images"][0][name] for name in ("Name", "Public", "Architecture", "State")])
    ec2.copy_image(SourceRegion="us-west-2", SourceImageId=image, Name="elsewhere")
    ec2.deregister_image(ImageId=image)
    ec2.deregister_image(ImageId=image)
    ec2.describe_images(ImageIds=[image])


@scenario
def ec2_snapshot_attributes(cloud):
    ec2 = cloud.client("ec2")
    volume = ec2.unnoted.create_volume(AvailabilityZone="us-east-1a", Size=9)["VolumeId"]
    snapshot = ec2.unnoted.create_snapshot(VolumeId=volume, Description="first")["SnapshotId"]
    ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
    ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])
    ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", UserIds=["111122223333"])
    ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="remove", GroupNames=["all"])
    ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
    copy = ec2.copy_snapshot(SourceRegion="us-east-1", SourceSnapshotId=snapshot, Description="second")["SnapshotId"]
    cloud.note("copy", [ec2.unnoted.describe_snapshots(SnapshotIds=[copy])["Snapshots"][0][name] for name in ("Description", "VolumeSize", "Encrypted", "State")])
    ec2.copy_snapshot(SourceRegion="us-west-2", SourceSnapshotId=snapshot)
    ec2.get_ebs_encryption_by_default()
    ec2.enable_ebs_encryption_by_default()
    cloud.note("encrypted", ec2.unnoted.create_volume(AvailabilityZone="us-east-1a", Size=1)["Encrypted"])
    ec2.disable_ebs_encryption_by_default()


@scenario
def ec2_interface_addresses(cloud):
    ec2 = cloud.client("ec2")
    vpc = ec2.unnoted.create_vpc(CidrBlock="10.41.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]
    ranges = ec2.unnoted.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"]
    wide = ranges[0]["Ipv6CidrBlock"]
    narrow = wide.replace("/56", "/64")
    subnet = ec2.unnoted.create_subnet(VpcId=vpc, CidrBlock="10.41.1.0/24", Ipv6CidrBlock=narrow)["Subnet"]["SubnetId"]
    cloud.note("range", [wide.endswith("::/56"), len(ec2.unnoted.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["Ipv6CidrBlockAssociationSet"])])
    interface = ec2.unnoted.create_network_interface(SubnetId=subnet, PrivateIpAddress="10.41.1.10")["NetworkInterface"]["NetworkInterfaceId"]
    ec2.assign_private_ip_addresses(NetworkInterfaceId=interface, PrivateIpAddresses=["10.41.1.20", "10.41.1.21"])
    ec2.unnoted.assign_private_ip_addresses(NetworkInterfaceId=interface, SecondaryPrivateIpAddressCount=2)
    ec2.unassign_private_ip_addresses(NetworkInterfaceId=interface, PrivateIpAddresses=["10.41.1.20"])
    own = narrow.replace("/64", "5")
    ec2.unnoted.assign_ipv6_addresses(NetworkInterfaceId=interface, Ipv6Addresses=[own])
    ec2.unnoted.assign_ipv6_addresses(NetworkInterfaceId=interface, Ipv6AddressCount=1)
    found = ec2.unnoted.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"][0]
    addresses = [each["PrivateIpAddress"] for each in found["PrivateIpAddresses"]]
    cloud.note("addresses", [addresses[:2], len(addresses), [each["Primary"] for each in found["PrivateIpAddresses"]], found["Ipv6Addresses"][0]["Ipv6Address"] == own, len(found["Ipv6Addresses"])])


@scenario
def ec2_vpn_gateways(cloud):
    ec2 = cloud.client("ec2")
    vpc = ec2.unnoted.create_vpc(CidrBlock="10.42.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_vpn_gateway(Type="ipsec.1", AmazonSideAsn=65001)["VpnGateway"]["VpnGatewayId"]
    ec2.attach_vpn_gateway(VpnGatewayId=gateway, VpcId=vpc)
    ec2.describe_vpn_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc]}])
    ec2.attach_vpn_gateway(VpnGatewayId="vgw-00000000", VpcId=vpc)
    ec2.detach_vpn_gateway(VpnGatewayId=gateway, VpcId=vpc)
    ec2.delete_vpn_gateway(VpnGatewayId=gateway)
    customer = ec2.create_customer_gateway(Type="ipsec.1", IpAddress="203.0.113.1", BgpAsn=65534)["CustomerGateway"]["CustomerGatewayId"]
    ec2.describe_customer_gateways(CustomerGatewayIds=[customer])
    ec2.delete_customer_gateway(CustomerGatewayId=customer)
    ec2.delete_customer_gateway(CustomerGatewayId="cgw-00000000")


@scenario
def ec2_subnet_reservations(cloud):
    ec2 = cloud.client("ec2")
    vpc = ec2.unnoted.create_vpc(CidrBlock="10.43.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.unnoted.create_subnet(VpcId=vpc, CidrBlock="10.43.0.0/24")["Subnet"]["SubnetId"]
    ec2.create_subnet_cidr_reservation(SubnetId=subnet, ReservationType="prefix", Cidr="10.44.0.0/28")
    reservation = ec2.create_subnet_cidr_reservation(SubnetId=subnet, ReservationType="prefix", Cidr="10.43.0.16/28", Description="kept")["SubnetCidrReservation"]["SubnetCidrReservationId"]
    ec2.create_subnet_cidr_reservation(SubnetId=subnet, ReservationType="explicit", Cidr="10.43.0.17/32")
    ec2.get_subnet_cidr_reservations(SubnetId=subnet)
    ec2.delete_subnet_cidr_reservation(SubnetCidrReservationId=reservation)
    ec2.delete_subnet_cidr_reservation(SubnetCidrReservationId=reservation)
    default = ec2.unnoted.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}, {"Name": "availability-zone", "Values": ["us-east-1a"]}])["Subnets"]
    cloud.note("default", len(default))
    ec2.create_default_subnet(AvailabilityZone="us-east-1a")


@scenario
def ec2_volume_options(cloud):
    ec2 = cloud.client("ec2")
    for options in ({"KmsKeyId": "key"}, {"Throughput": 200}, {"MultiAttachEnabled": True}):
        ec2.create_volume(AvailabilityZone="us-east-1a", Size=10, VolumeType="gp2", **options)
    many = ec2.unnoted.create_volume(AvailabilityZone="us-east-1a", Size=10, VolumeType="io1", Iops=300, MultiAttachEnabled=True)
    cloud.note("shared", many["MultiAttachEnabled"])
    vpc = ec2.unnoted.create_vpc(CidrBlock="10.45.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableNetworkAddressUsageMetrics={"Value": True})
    ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableNetworkAddressUsageMetrics")
    ec2.modify_vpc_tenancy(VpcId=vpc, InstanceTenancy="dedicated")
    subnet = ec2.unnoted.create_subnet(VpcId=vpc, CidrBlock="10.45.0.0/24")["Subnet"]["SubnetId"]
    ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnet, NetworkInterfaces=[{"DeviceIndex": 0}])
    ec2.create_security_group(GroupName="nothing", Description="")
    ec2.describe_addresses(DryRun=True)
    ec2.create_tags(Resources=[], Tags=[{"Key": "a", "Value": "b"}])
