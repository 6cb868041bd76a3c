import assert from "node:assert/strict";
import { createHash, createPrivateKey } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import { EC2 } from "../../../gen/aws/ec2.js";
import { Emulator } from "../../emulator.js";

const ImageId = "ami-12c6146b";

let cloud: Emulator;

before(async () => {
  cloud = await Emulator.start();
});
beforeEach(() => cloud.reset());
after(() => cloud.close());

const client = () => cloud.aws().client(EC2);

test("a prefix list keeps each of its versions, and knows what uses it", async () => {
  const ec2 = client();
  const { PrefixList } = await ec2.createManagedPrefixList({
    PrefixListName: "mine",
    MaxEntries: 2,
    AddressFamily: "IPv4",
    Entries: [{ Cidr: "10.0.0.0/8" }],
  });
  const PrefixListId = PrefixList?.PrefixListId ?? "";
  const add = { PrefixListId, CurrentVersion: 1, AddEntries: [{ Cidr: "11.0.0.0/8" }] };
  assert.equal((await ec2.modifyManagedPrefixList(add)).PrefixList?.Version, 2);
  await assert.rejects(ec2.modifyManagedPrefixList(add), { code: "PrefixListVersionMismatch" });
  const many = { PrefixListId, CurrentVersion: 2, AddEntries: [{ Cidr: "12.0.0.0/8" }] };
  await assert.rejects(ec2.modifyManagedPrefixList(many), { code: "PrefixListMaxEntriesExceeded" });
  await ec2.restoreManagedPrefixListVersion({ PrefixListId, PreviousVersion: 1, CurrentVersion: 2 });
  const { Entries } = await ec2.getManagedPrefixListEntries({ PrefixListId });
  assert.deepEqual(
    Entries?.map(({ Cidr }) => Cidr),
    ["10.0.0.0/8"],
  );
  const { GroupId = "" } = await ec2.createSecurityGroup({ GroupName: "g", Description: "d" });
  const IpPermissions = [{ IpProtocol: "-1", PrefixListIds: [{ PrefixListId }] }];
  await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions });
  const { PrefixListAssociations } = await ec2.getManagedPrefixListAssociations({ PrefixListId });
  assert.equal(PrefixListAssociations?.[0]?.ResourceId, GroupId);
});

test("an image has a snapshot of its own, which stays while the image does", async () => {
  const ec2 = client();
  const { Instances } = await ec2.runInstances({ ImageId, MinCount: 1, MaxCount: 1 });
  const InstanceId = Instances?.[0]?.InstanceId ?? "";
  const made = await ec2.createImage({ InstanceId, Name: "mine" });
  const own = { ImageId: made.ImageId as string };
  const { Images } = await ec2.describeImages({ ImageIds: [own.ImageId] });
  const SnapshotId = Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? "";
  await assert.rejects(ec2.deleteSnapshot({ SnapshotId }), { code: "InvalidSnapshot.InUse" });
  await ec2.modifyImageAttribute({ ...own, LaunchPermission: { Add: [{ Group: "all" }] } });
  const { Images: open } = await ec2.describeImages({ ExecutableUsers: ["all"], Owners: ["self"] });
  assert.deepEqual(
    open?.map((image) => image.ImageId),
    [own.ImageId],
  );
  await assert.rejects(ec2.modifyImageAttribute({ ImageId, Description: { Value: "x" } }), {
    code: "AuthFailure",
  });
  await ec2.deregisterImage(own);
  await ec2.deleteSnapshot({ SnapshotId });
  await assert.rejects(ec2.runInstances({ ...own, MinCount: 1, MaxCount: 1 }), {
    code: "InvalidAMIID.Unavailable",
  });
});

test("a spot request is met with instances, which outlive it", async () => {
  const ec2 = client();
  const LaunchSpecification = { ImageId, InstanceType: "t3.micro" };
  const { SpotInstanceRequests } = await ec2.requestSpotInstances({ InstanceCount: 2, LaunchSpecification });
  const ids = SpotInstanceRequests?.map((each) => each.SpotInstanceRequestId as string) ?? [];
  await ec2.waitUntil.spotInstanceRequestFulfilled({ SpotInstanceRequestIds: ids }, { delayMs: 1 });
  await ec2.cancelSpotInstanceRequests({ SpotInstanceRequestIds: ids });
  const { SpotInstanceRequests: after } = await ec2.describeSpotInstanceRequests();
  assert.deepEqual(
    after?.map(({ State }) => State),
    ["cancelled", "cancelled"],
  );
  const Filters = [{ Name: "instance-lifecycle", Values: ["spot"] }];
  const { Reservations } = await ec2.describeInstances({ Filters });
  assert.equal(Reservations?.[0]?.Instances?.length, 2);
});

test("keys open, and their fingerprints are those that AWS's page computes", async () => {
  const ec2 = client();
  const rsa = await ec2.createKeyPair({ KeyName: "rsa" });
  const key = createPrivateKey(rsa.KeyMaterial ?? "");
  const sha1 = createHash("sha1").update(key.export({ type: "pkcs8", format: "der" }));
  assert.equal(rsa.KeyFingerprint?.replaceAll(":", ""), sha1.digest("hex"));
  const { KeyPairs } = await ec2.describeKeyPairs({ KeyNames: ["rsa"], IncludePublicKey: true });
  const PublicKeyMaterial = Buffer.from(KeyPairs?.[0]?.PublicKey ?? "");
  const imported = await ec2.importKeyPair({ KeyName: "again", PublicKeyMaterial });
  assert.match(imported.KeyFingerprint ?? "", /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
  const edwards = await ec2.createKeyPair({ KeyName: "edwards", KeyType: "ed25519" });
  assert.match(edwards.KeyMaterial ?? "", /^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
  assert.equal(Buffer.from(edwards.KeyFingerprint ?? "", "base64").length, 32);
  await assert.rejects(
    ec2.importKeyPair({ KeyName: "bad", PublicKeyMaterial: Buffer.from("ssh-rsa AAAA") }),
    {
      code: "InvalidKey.Format",
    },
  );
});

test("IPv6: a VPC's range, subnets within it, addresses of their interfaces", async () => {
  const ec2 = client();
  const { Vpc } = await ec2.createVpc({ CidrBlock: "10.0.0.0/16", AmazonProvidedIpv6CidrBlock: true });
  const VpcId = Vpc?.VpcId ?? "";
  const wide = Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock ?? "";
  const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock: "10.0.0.0/24" });
  const SubnetId = Subnet?.SubnetId ?? "";
  const Ipv6CidrBlock = wide.replace("/56", "/64");
  await ec2.associateSubnetCidrBlock({ SubnetId, Ipv6CidrBlock });
  await assert.rejects(ec2.createSubnet({ VpcId, CidrBlock: "10.0.1.0/24", Ipv6CidrBlock }), {
    code: "InvalidSubnet.Conflict",
  });
  await assert.rejects(
    ec2.createSubnet({ VpcId, CidrBlock: "10.0.1.0/24", Ipv6CidrBlock: "2001:db8::/64" }),
    {
      code: "InvalidSubnet.Range",
    },
  );
  await ec2.modifySubnetAttribute({ SubnetId, AssignIpv6AddressOnCreation: { Value: true } });
  const { NetworkInterface } = await ec2.createNetworkInterface({ SubnetId });
  const [address] = NetworkInterface?.Ipv6Addresses ?? [];
  assert.ok(address?.Ipv6Address?.startsWith(wide.split("::")[0] as string));
  const { SecurityGroups } = await ec2.describeSecurityGroups({
    Filters: [{ Name: "vpc-id", Values: [VpcId] }],
  });
  assert.equal(SecurityGroups?.[0]?.IpPermissionsEgress?.[0]?.Ipv6Ranges?.[0]?.CidrIpv6, "::/0");
});

test("instances of a launch template tell of it", async () => {
  const ec2 = client();
  const { LaunchTemplate } = await ec2.createLaunchTemplate({
    LaunchTemplateName: "t",
    LaunchTemplateData: {
      ImageId,
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "of", Value: "template" }] }],
    },
  });
  const { Instances } = await ec2.runInstances({
    MinCount: 1,
    MaxCount: 1,
    LaunchTemplate: { LaunchTemplateName: "t" },
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "k", Value: "v" }] }],
  });
  const tags = Object.fromEntries(Instances?.[0]?.Tags?.map(({ Key, Value }) => [Key, Value]) ?? []);
  assert.deepEqual(tags, {
    k: "v",
    of: "template",
    "aws:ec2launchtemplate:id": LaunchTemplate?.LaunchTemplateId,
    "aws:ec2launchtemplate:version": "1",
  });
});

test("an instance takes an interface that was there, and gives it back", async () => {
  const ec2 = client();
  const { Subnets } = await ec2.describeSubnets({ MaxResults: 5 });
  const SubnetId = Subnets?.[0]?.SubnetId ?? "";
  const made = await ec2.createNetworkInterface({
    SubnetId,
    Description: "kept",
    SecondaryPrivateIpAddressCount: 1,
  });
  const NetworkInterfaceId = made.NetworkInterface?.NetworkInterfaceId ?? "";
  const NetworkInterfaces = [
    { DeviceIndex: 0, NetworkInterfaceId },
    { DeviceIndex: 1, SubnetId, Description: "new" },
  ];
  const launch = { ImageId, MinCount: 1, MaxCount: 1, NetworkInterfaces };
  const { Instances } = await ec2.runInstances(launch);
  const [instance] = Instances ?? [];
  assert.equal(instance?.PrivateIpAddress, made.NetworkInterface?.PrivateIpAddress);
  assert.deepEqual(
    instance?.NetworkInterfaces?.map((each) => [each.Description, each.PrivateIpAddresses?.length]),
    [
      ["kept", 2],
      ["new", 1],
    ],
  );
  await assert.rejects(ec2.runInstances(launch), { code: "InvalidNetworkInterface.InUse" });
  const InstanceIds = [instance?.InstanceId ?? ""];
  const Filters = [{ Name: "attachment.instance-id", Values: InstanceIds }];
  assert.equal((await ec2.describeNetworkInterfaces({ Filters })).NetworkInterfaces?.length, 2);
  await ec2.terminateInstances({ InstanceIds });
  await ec2.waitUntil.instanceTerminated({ InstanceIds }, { delayMs: 1 });
  const { NetworkInterfaces: left } = await ec2.describeNetworkInterfaces({
    NetworkInterfaceIds: [NetworkInterfaceId],
  });
  assert.equal(left?.[0]?.Status, "available");
  assert.equal((await ec2.describeNetworkInterfaces()).NetworkInterfaces?.length, 1);
});
