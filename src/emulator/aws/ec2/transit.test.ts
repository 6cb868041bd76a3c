import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { EC2 } from "../../../gen/aws/ec2.js";
import { Emulator } from "../../emulator.js";

let cloud: Emulator;

before(async () => {
  cloud = await Emulator.start();
});
beforeEach(() => cloud.reset());
after(() => cloud.close());

const client = (region = "us-east-1") => cloud.aws({ region }).client(EC2);

async function vpcWithSubnet(ec2: EC2, CidrBlock: string) {
  const { Vpc } = await ec2.createVpc({ CidrBlock });
  const VpcId = Vpc?.VpcId ?? "";
  const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock: CidrBlock.replace("/16", "/24") });
  return { VpcId, SubnetIds: [Subnet?.SubnetId ?? ""] };
}

async function gatewayOf(ec2: EC2) {
  const { TransitGateway } = await ec2.createTransitGateway();
  const TransitGatewayId = TransitGateway?.TransitGatewayId ?? "";
  const TransitGatewayRouteTableId = TransitGateway?.Options?.AssociationDefaultRouteTableId ?? "";
  return { TransitGatewayId, TransitGatewayRouteTableId };
}

const found = (routes: Awaited<ReturnType<EC2["searchTransitGatewayRoutes"]>>) =>
  routes.Routes?.map(({ DestinationCidrBlock, Type, State }) => [DestinationCidrBlock, Type, State]);

test("an attached VPC joins the default table, which takes over its ranges", async () => {
  const ec2 = client();
  const { TransitGatewayId, TransitGatewayRouteTableId } = await gatewayOf(ec2);
  const place = await vpcWithSubnet(ec2, "10.0.0.0/16");
  const made = await ec2.createTransitGatewayVpcAttachment({ TransitGatewayId, ...place });
  const TransitGatewayAttachmentId = made.TransitGatewayVpcAttachment?.TransitGatewayAttachmentId ?? "";
  await assert.rejects(ec2.createTransitGatewayVpcAttachment({ TransitGatewayId, ...place }), {
    code: "DuplicateTransitGatewayAttachment",
  });
  const table = { TransitGatewayRouteTableId };
  const route = { ...table, TransitGatewayAttachmentId, DestinationCidrBlock: "10.0.7.0/24" };
  await ec2.createTransitGatewayRoute(route);
  await assert.rejects(ec2.createTransitGatewayRoute(route), { code: "RouteAlreadyExists" });
  const longest = [{ Name: "route-search.longest-prefix-match", Values: ["10.0.7.9"] }];
  assert.deepEqual(found(await ec2.searchTransitGatewayRoutes({ ...table, Filters: longest })), [
    ["10.0.7.0/24", "static", "active"],
  ]);
  const Filters = [{ Name: "type", Values: ["propagated"] }];
  assert.deepEqual(found(await ec2.searchTransitGatewayRoutes({ ...table, Filters })), [
    ["10.0.0.0/16", "propagated", "active"],
  ]);
  await assert.rejects(ec2.deleteTransitGateway({ TransitGatewayId }), { code: "IncorrectState" });
  await assert.rejects(ec2.deleteSubnet({ SubnetId: place.SubnetIds[0] ?? "" }), {
    code: "DependencyViolation",
  });
  await ec2.deleteTransitGatewayVpcAttachment({ TransitGatewayAttachmentId });
  const all = [{ Name: "state", Values: ["active", "blackhole"] }];
  assert.deepEqual(found(await ec2.searchTransitGatewayRoutes({ ...table, Filters: all })), [
    ["10.0.7.0/24", "static", "blackhole"],
  ]);
  await ec2.deleteSubnet({ SubnetId: place.SubnetIds[0] ?? "" });
  await ec2.deleteTransitGateway({ TransitGatewayId });
  const { TransitGateways } = await ec2.describeTransitGateways({ TransitGatewayIds: [TransitGatewayId] });
  assert.equal(TransitGateways?.[0]?.State, "deleted");
});

test("a route of a VPC leads to a transit gateway that it is attached to", async () => {
  const ec2 = client();
  const { TransitGatewayId } = await gatewayOf(ec2);
  const place = await vpcWithSubnet(ec2, "10.0.0.0/16");
  const { RouteTable } = await ec2.createRouteTable({ VpcId: place.VpcId });
  const RouteTableId = RouteTable?.RouteTableId ?? "";
  const route = { RouteTableId, DestinationCidrBlock: "10.1.0.0/16", TransitGatewayId };
  await assert.rejects(ec2.createRoute(route), { code: "InvalidTransitGatewayID.NotFound" });
  await ec2.createTransitGatewayVpcAttachment({ TransitGatewayId, ...place });
  await ec2.createRoute(route);
  const { RouteTables } = await ec2.describeRouteTables({ RouteTableIds: [RouteTableId] });
  const shown = RouteTables?.[0]?.Routes?.find((each) => each.TransitGatewayId === TransitGatewayId);
  assert.equal(shown?.State, "active");
});

test("an attachment is of one table, and its routes go where they are propagated to", async () => {
  const ec2 = client();
  const { TransitGatewayId, TransitGatewayRouteTableId: first } = await gatewayOf(ec2);
  const made = await ec2.createTransitGatewayVpcAttachment({
    TransitGatewayId,
    ...(await vpcWithSubnet(ec2, "10.0.0.0/16")),
  });
  const TransitGatewayAttachmentId = made.TransitGatewayVpcAttachment?.TransitGatewayAttachmentId ?? "";
  const second = await ec2.createTransitGatewayRouteTable({ TransitGatewayId });
  const TransitGatewayRouteTableId = second.TransitGatewayRouteTable?.TransitGatewayRouteTableId ?? "";
  const pair = { TransitGatewayRouteTableId, TransitGatewayAttachmentId };
  await assert.rejects(ec2.associateTransitGatewayRouteTable(pair), { code: "Resource.AlreadyAssociated" });
  await ec2.disassociateTransitGatewayRouteTable({ ...pair, TransitGatewayRouteTableId: first });
  await ec2.associateTransitGatewayRouteTable(pair);
  await assert.rejects(ec2.deleteTransitGatewayRouteTable({ TransitGatewayRouteTableId }), {
    code: "IncorrectState",
  });
  await ec2.enableTransitGatewayRouteTablePropagation(pair);
  await assert.rejects(ec2.enableTransitGatewayRouteTablePropagation(pair), {
    code: "TransitGatewayRouteTablePropagation.Duplicate",
  });
  const { TransitGatewayAttachmentPropagations } = await ec2.getTransitGatewayAttachmentPropagations({
    TransitGatewayAttachmentId,
  });
  assert.deepEqual(
    TransitGatewayAttachmentPropagations?.map((each) => each.TransitGatewayRouteTableId),
    [first, TransitGatewayRouteTableId],
  );
});

test("a prefix list in a table stands for routes to its ranges, whichever version it has", async () => {
  const ec2 = client();
  const { TransitGatewayId, TransitGatewayRouteTableId } = await gatewayOf(ec2);
  const made = await ec2.createTransitGatewayVpcAttachment({
    TransitGatewayId,
    ...(await vpcWithSubnet(ec2, "10.0.0.0/16")),
  });
  const TransitGatewayAttachmentId = made.TransitGatewayVpcAttachment?.TransitGatewayAttachmentId ?? "";
  const list = {
    PrefixListName: "l",
    MaxEntries: 2,
    AddressFamily: "IPv4",
    Entries: [{ Cidr: "10.5.0.0/16" }],
  };
  const { PrefixList } = await ec2.createManagedPrefixList(list);
  const PrefixListId = PrefixList?.PrefixListId ?? "";
  const reference = { TransitGatewayRouteTableId, PrefixListId };
  const twoways = { ...reference, TransitGatewayAttachmentId, Blackhole: true };
  await assert.rejects(ec2.createTransitGatewayPrefixListReference(twoways), {
    code: "InvalidParameterCombination",
  });
  await ec2.createTransitGatewayPrefixListReference({ ...reference, Blackhole: true });
  await ec2.modifyTransitGatewayPrefixListReference({ ...reference, TransitGatewayAttachmentId });
  const AddEntries = [{ Cidr: "10.6.0.0/16" }];
  await ec2.modifyManagedPrefixList({ PrefixListId, CurrentVersion: 1, AddEntries });
  const Filters = [{ Name: "prefix-list-id", Values: [PrefixListId] }];
  assert.deepEqual(found(await ec2.searchTransitGatewayRoutes({ TransitGatewayRouteTableId, Filters })), [
    ["10.5.0.0/16", "static", "active"],
    ["10.6.0.0/16", "static", "active"],
  ]);
  await ec2.deleteTransitGatewayPrefixListReference(reference);
  const { TransitGatewayPrefixListReferences } = await ec2.getTransitGatewayPrefixListReferences({
    TransitGatewayRouteTableId,
  });
  assert.deepEqual(TransitGatewayPrefixListReferences, []);
});

test("transit gateways of two regions are peered once the other side accepts", async () => {
  const [here, there] = [client(), client("eu-west-1")];
  const [own, peer] = [await gatewayOf(here), await gatewayOf(there)];
  const { TransitGatewayPeeringAttachment } = await here.createTransitGatewayPeeringAttachment({
    TransitGatewayId: own.TransitGatewayId,
    PeerTransitGatewayId: peer.TransitGatewayId,
    PeerAccountId: "000000000000",
    PeerRegion: "eu-west-1",
  });
  const TransitGatewayAttachmentId = TransitGatewayPeeringAttachment?.TransitGatewayAttachmentId ?? "";
  await assert.rejects(here.acceptTransitGatewayPeeringAttachment({ TransitGatewayAttachmentId }), {
    message: /as the source of the peering request/,
  });
  await there.acceptTransitGatewayPeeringAttachment({ TransitGatewayAttachmentId });
  const { TransitGatewayAttachments } = await here.describeTransitGatewayAttachments();
  assert.deepEqual(
    TransitGatewayAttachments?.map(({ ResourceId, State }) => [ResourceId, State]),
    [[peer.TransitGatewayId, "available"]],
  );
  await assert.rejects(here.deleteTransitGateway({ TransitGatewayId: own.TransitGatewayId }), {
    message: /has non-deleted Transit Gateway Cross Region Peering Attachments/,
  });
  await there.deleteTransitGatewayPeeringAttachment({ TransitGatewayAttachmentId });
  await here.deleteTransitGateway({ TransitGatewayId: own.TransitGatewayId });
});

test("a VPN connection tells the customer's side its ends and keys, and its static routes spread", async () => {
  const ec2 = client();
  const { CustomerGateway } = await ec2.createCustomerGateway({
    Type: "ipsec.1",
    IpAddress: "203.0.113.7",
    BgpAsn: 65_010,
  });
  const CustomerGatewayId = CustomerGateway?.CustomerGatewayId ?? "";
  const { VpnGateway } = await ec2.createVpnGateway({ Type: "ipsec.1" });
  const VpnGatewayId = VpnGateway?.VpnGatewayId ?? "";
  const made = await ec2.createVpnConnection({
    Type: "ipsec.1",
    CustomerGatewayId,
    VpnGatewayId,
    Options: {
      StaticRoutesOnly: true,
      TunnelOptions: [{ TunnelInsideCidr: "169.254.33.0/30", PreSharedKey: "a<b" }],
    },
  });
  const xml = made.VpnConnection?.CustomerGatewayConfiguration ?? "";
  assert.match(xml, /<ip_address>203\.0\.113\.7<\/ip_address>/);
  assert.match(xml, /<vpn_gateway>[\s\S]*<ip_address>169\.254\.33\.1<\/ip_address>/);
  assert.match(xml, /<pre_shared_key>a&lt;b<\/pre_shared_key>/);
  const VpnConnectionId = made.VpnConnection?.VpnConnectionId ?? "";
  await ec2.createVpnConnectionRoute({ VpnConnectionId, DestinationCidrBlock: "192.168.0.0/16" });
  const { Vpc } = await ec2.createVpc({ CidrBlock: "10.0.0.0/16" });
  const VpcId = Vpc?.VpcId ?? "";
  const { RouteTable } = await ec2.createRouteTable({ VpcId });
  const RouteTableId = RouteTable?.RouteTableId ?? "";
  const spread = { RouteTableId, GatewayId: VpnGatewayId };
  await assert.rejects(ec2.enableVgwRoutePropagation(spread), { code: "Gateway.NotAttached" });
  await ec2.attachVpnGateway({ VpnGatewayId, VpcId });
  await ec2.enableVgwRoutePropagation(spread);
  const { RouteTables } = await ec2.describeRouteTables({ RouteTableIds: [RouteTableId] });
  assert.deepEqual(
    RouteTables?.[0]?.Routes?.map(({ DestinationCidrBlock, Origin }) => [DestinationCidrBlock, Origin]),
    [
      ["10.0.0.0/16", "CreateRouteTable"],
      ["192.168.0.0/16", "EnableVgwRoutePropagation"],
    ],
  );
  await assert.rejects(ec2.deleteCustomerGateway({ CustomerGatewayId }), { code: "IncorrectState" });
  await ec2.deleteVpnConnection({ VpnConnectionId });
  await ec2.deleteCustomerGateway({ CustomerGatewayId });
});

test("a VPN connection to a transit gateway is an attachment of it, until it moves", async () => {
  const ec2 = client();
  const { TransitGatewayId } = await gatewayOf(ec2);
  const { CustomerGateway } = await ec2.createCustomerGateway({ Type: "ipsec.1", IpAddress: "203.0.113.7" });
  const { VpnConnection } = await ec2.createVpnConnection({
    Type: "ipsec.1",
    CustomerGatewayId: CustomerGateway?.CustomerGatewayId ?? "",
    TransitGatewayId,
  });
  const VpnConnectionId = VpnConnection?.VpnConnectionId ?? "";
  const Filters = [{ Name: "resource-type", Values: ["vpn"] }];
  const before = await ec2.describeTransitGatewayAttachments({ Filters });
  assert.equal(before.TransitGatewayAttachments?.[0]?.ResourceId, VpnConnectionId);
  const { VpnGateway } = await ec2.createVpnGateway({ Type: "ipsec.1" });
  const VpnGatewayId = VpnGateway?.VpnGatewayId ?? "";
  const moved = await ec2.modifyVpnConnection({ VpnConnectionId, VpnGatewayId });
  assert.equal(moved.VpnConnection?.VpnGatewayId, VpnGatewayId);
  const after = await ec2.describeTransitGatewayAttachments({ Filters });
  assert.equal(after.TransitGatewayAttachments?.[0]?.State, "deleted");
});

test("ids that are names of Object's own members are unknown ids", async () => {
  const ec2 = client();
  for (const id of ["constructor-1", "toString-1", "__proto__-1"]) {
    const Tags = [{ Key: "k", Value: "v" }];
    await assert.rejects(ec2.createTags({ Resources: [id], Tags }), { code: "InvalidID" });
  }
});
