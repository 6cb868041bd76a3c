import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { EC2 } from "../../../gen/aws/ec2.js";
import { Emulator } from "../../emulator.js";

const BALANCER = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/mine/0123456789abcdef";

let cloud: Emulator;

before(async () => {
  cloud = await Emulator.start({ verify: false });
});
beforeEach(() => cloud.reset());
after(() => cloud.close());

/** Without verification a key of twelve digits names its account. */
const clientOf = (accessKeyId: string) =>
  cloud.aws({ credentials: { accessKeyId, secretAccessKey: "s" } }).client(EC2);

async function subnetOf(ec2: EC2) {
  const { Subnets } = await ec2.describeSubnets({ MaxResults: 5 });
  return { VpcId: Subnets?.[0]?.VpcId ?? "", SubnetIds: [Subnets?.[0]?.SubnetId ?? ""] };
}

test("an endpoint in another account waits until the service's owner accepts it", async () => {
  const [owner, user] = [clientOf("111111111111"), clientOf("222222222222")];
  await assert.rejects(owner.createVpcEndpointServiceConfiguration(), { code: "InvalidParameter" });
  const made = await owner.createVpcEndpointServiceConfiguration({ NetworkLoadBalancerArns: [BALANCER] });
  const { ServiceId = "", ServiceName = "" } = made.ServiceConfiguration ?? {};
  const endpoint = { VpcEndpointType: "Interface", ServiceName, ...(await subnetOf(user)) } as const;
  await assert.rejects(user.createVpcEndpoint(endpoint), { code: "InvalidServiceName" });
  await owner.modifyVpcEndpointServicePermissions({
    ServiceId,
    AddAllowedPrincipals: ["arn:aws:iam::222222222222:root"],
  });
  const { VpcEndpoint } = await user.createVpcEndpoint(endpoint);
  assert.equal(VpcEndpoint?.State, "pendingAcceptance");
  const VpcEndpointIds = [VpcEndpoint?.VpcEndpointId ?? ""];
  const { VpcEndpointConnections } = await owner.describeVpcEndpointConnections();
  assert.equal(VpcEndpointConnections?.[0]?.VpcEndpointOwner, "222222222222");
  assert.deepEqual(
    (await owner.acceptVpcEndpointConnections({ ServiceId, VpcEndpointIds })).Unsuccessful,
    [],
  );
  const { VpcEndpoints } = await user.describeVpcEndpoints({ VpcEndpointIds });
  assert.equal(VpcEndpoints?.[0]?.State, "available");
  const again = await owner.acceptVpcEndpointConnections({ ServiceId, VpcEndpointIds });
  assert.equal(again.Unsuccessful?.[0]?.Error?.Code, "InvalidState");
});

test("an interface endpoint has an interface in each subnet, and takes it along", async () => {
  const ec2 = clientOf("test");
  const place = await subnetOf(ec2);
  const { VpcEndpoint } = await ec2.createVpcEndpoint({
    VpcEndpointType: "Interface",
    ServiceName: "com.amazonaws.us-east-1.sts",
    ...place,
  });
  assert.equal(VpcEndpoint?.Groups?.[0]?.GroupName, "default");
  const NetworkInterfaceIds = VpcEndpoint?.NetworkInterfaceIds ?? [];
  const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({ NetworkInterfaceIds });
  assert.equal(NetworkInterfaces?.[0]?.InterfaceType, "vpc_endpoint");
  const { GroupId = "" } = await ec2.createSecurityGroup({ GroupName: "g", Description: "d" });
  const VpcEndpointId = VpcEndpoint?.VpcEndpointId ?? "";
  await ec2.modifyVpcEndpoint({ VpcEndpointId, AddSecurityGroupIds: [GroupId] });
  const { NetworkInterfaces: changed } = await ec2.describeNetworkInterfaces({ NetworkInterfaceIds });
  assert.equal(changed?.[0]?.Groups?.length, 2);
  await ec2.deleteVpcEndpoints({ VpcEndpointIds: [VpcEndpointId] });
  assert.deepEqual((await ec2.describeNetworkInterfaces()).NetworkInterfaces, []);
});

test("a service's balancers and names change, but it keeps one balancer", async () => {
  const ec2 = clientOf("test");
  const made = await ec2.createVpcEndpointServiceConfiguration({
    NetworkLoadBalancerArns: [BALANCER],
    PrivateDnsName: "example.com",
  });
  const { ServiceId = "", ServiceName = "" } = made.ServiceConfiguration ?? {};
  const all = { ServiceId, RemoveNetworkLoadBalancerArns: [BALANCER] };
  await assert.rejects(ec2.modifyVpcEndpointServiceConfiguration(all), { code: "InvalidParameter" });
  await ec2.modifyVpcEndpointServiceConfiguration({
    ServiceId,
    AddNetworkLoadBalancerArns: [`${BALANCER}0`],
    RemovePrivateDnsName: true,
    AcceptanceRequired: false,
  });
  const { ServiceDetails } = await ec2.describeVpcEndpointServices({ ServiceNames: [ServiceName] });
  assert.equal(ServiceDetails?.[0]?.PrivateDnsName, undefined);
  assert.equal(ServiceDetails?.[0]?.AcceptanceRequired, false);
  const gateways = await ec2.describeVpcEndpointServices({
    Filters: [{ Name: "service-type", Values: ["Gateway"] }],
  });
  assert.deepEqual(gateways.ServiceNames, ["com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.dynamodb"]);
  const { Unsuccessful } = await ec2.deleteVpcEndpointServiceConfigurations({
    ServiceIds: [ServiceId, "vpce-svc-00000000000000000"],
  });
  assert.deepEqual(
    Unsuccessful?.map(({ ResourceId }) => ResourceId),
    ["vpce-svc-00000000000000000"],
  );
});
