import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { EC2 } from "../../../gen/aws/ec2.js";
import { Emulator } from "../../emulator.js";

const launch = { ImageId: "ami-12c6146b", MinCount: 1, MaxCount: 1 } as const;

let cloud: Emulator;

before(async () => {
  cloud = await Emulator.start();
});
beforeEach(() => cloud.reset());
after(() => cloud.close());

async function smallSubnet(ec2: EC2, ipv6 = false) {
  const { Vpc } = await ec2.createVpc({ CidrBlock: "10.0.0.0/16", AmazonProvidedIpv6CidrBlock: ipv6 });
  const range = Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock;
  const { Subnet } = await ec2.createSubnet({
    VpcId: Vpc?.VpcId ?? "",
    CidrBlock: "10.0.0.0/28",
    ...(range && { Ipv6CidrBlock: range.replace("/56", "/64") }),
  });
  return Subnet?.SubnetId ?? "";
}

async function freeIn(ec2: EC2, SubnetId: string) {
  const { Subnets } = await ec2.describeSubnets({ SubnetIds: [SubnetId] });
  return Subnets?.[0]?.AvailableIpAddressCount;
}

test("an address is given once, and free again when what had it is gone", async () => {
  const ec2 = cloud.aws().client(EC2);
  const SubnetId = await smallSubnet(ec2);
  assert.equal(await freeIn(ec2, SubnetId), 11);
  const made = await ec2.createNetworkInterface({ SubnetId, PrivateIpAddress: "10.0.0.4" });
  const { Instances } = await ec2.runInstances({ ...launch, SubnetId });
  assert.equal(Instances?.[0]?.PrivateIpAddress, "10.0.0.5");
  await assert.rejects(ec2.createNetworkInterface({ SubnetId, PrivateIpAddress: "10.0.0.5" }), {
    code: "InvalidIPAddress.InUse",
  });
  for (const PrivateIpAddress of ["10.0.0.1", "10.0.0.15", "10.0.1.4"]) {
    await assert.rejects(ec2.createNetworkInterface({ SubnetId, PrivateIpAddress }), {
      code: "InvalidParameterValue",
    });
  }
  assert.equal(await freeIn(ec2, SubnetId), 9);
  await assert.rejects(ec2.runInstances({ ...launch, SubnetId, MinCount: 10, MaxCount: 10 }), {
    code: "InsufficientFreeAddressesInSubnet",
  });
  const InstanceIds = [Instances?.[0]?.InstanceId ?? ""];
  await ec2.terminateInstances({ InstanceIds });
  await ec2.waitUntil.instanceTerminated({ InstanceIds }, { delayMs: 1 });
  const NetworkInterfaceId = made.NetworkInterface?.NetworkInterfaceId ?? "";
  await ec2.deleteNetworkInterface({ NetworkInterfaceId });
  assert.equal(await freeIn(ec2, SubnetId), 11);
});

test("a secondary address moves to another interface only when that is allowed", async () => {
  const ec2 = cloud.aws().client(EC2);
  const SubnetId = await smallSubnet(ec2);
  const interfaceOf = async (SecondaryPrivateIpAddressCount: number) =>
    (await ec2.createNetworkInterface({ SubnetId, SecondaryPrivateIpAddressCount })).NetworkInterface;
  const [one, two] = [await interfaceOf(1), await interfaceOf(0)];
  const moved = one?.PrivateIpAddresses?.[1]?.PrivateIpAddress ?? "";
  const NetworkInterfaceId = two?.NetworkInterfaceId ?? "";
  const assign = { NetworkInterfaceId, PrivateIpAddresses: [moved] };
  await assert.rejects(ec2.assignPrivateIpAddresses(assign), { code: "InvalidIPAddress.InUse" });
  await ec2.assignPrivateIpAddresses({ ...assign, AllowReassignment: true });
  const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({
    NetworkInterfaceIds: [one?.NetworkInterfaceId ?? ""],
  });
  assert.equal(NetworkInterfaces?.[0]?.PrivateIpAddresses?.length, 1);
});

test("an instance has the IPv6 addresses that it is asked for", async () => {
  const ec2 = cloud.aws().client(EC2);
  const SubnetId = await smallSubnet(ec2, true);
  const { Instances } = await ec2.runInstances({ ...launch, SubnetId, Ipv6AddressCount: 2 });
  const [instance] = Instances ?? [];
  const addresses = instance?.NetworkInterfaces?.[0]?.Ipv6Addresses?.map(({ Ipv6Address }) => Ipv6Address);
  assert.equal(addresses?.length, 2);
  const Filters = [{ Name: "ipv6-address", Values: [addresses?.[0] ?? ""] }];
  assert.equal((await ec2.describeInstances({ Filters })).Reservations?.length, 1);
});

test("where no default subnet is, an instance needs a subnet", async () => {
  const ec2 = cloud.aws().client(EC2);
  const { Subnets = [] } = await ec2.describeSubnets();
  const [kept, ...others] = Subnets;
  for (const { SubnetId = "" } of others) await ec2.deleteSubnet({ SubnetId });
  const elsewhere = { ...launch, Placement: { AvailabilityZone: others[0]?.AvailabilityZone ?? "" } };
  await assert.rejects(ec2.runInstances(elsewhere), { code: "InvalidInput" });
  await ec2.deleteSubnet({ SubnetId: kept?.SubnetId ?? "" });
  await assert.rejects(ec2.runInstances(launch), { code: "MissingInput", message: /default VPC 'vpc-/ });
});
