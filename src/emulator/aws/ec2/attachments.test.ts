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

test("a first interface that is to be kept outlives its instance", async () => {
  const ec2 = cloud.aws().client(EC2);
  const NetworkInterfaces = [{ DeviceIndex: 0, DeleteOnTermination: false }];
  const { Instances } = await ec2.runInstances({ ...launch, NetworkInterfaces });
  const [shown] = Instances?.[0]?.NetworkInterfaces ?? [];
  assert.equal(shown?.Attachment?.DeleteOnTermination, false);
  const AttachmentId = shown?.Attachment?.AttachmentId ?? "";
  await assert.rejects(ec2.detachNetworkInterface({ AttachmentId }), { code: "OperationNotPermitted" });
  const InstanceIds = [Instances?.[0]?.InstanceId ?? ""];
  await ec2.terminateInstances({ InstanceIds });
  await ec2.waitUntil.instanceTerminated({ InstanceIds }, { delayMs: 1 });
  const { NetworkInterfaces: left } = await ec2.describeNetworkInterfaces();
  assert.deepEqual(
    left?.map(({ NetworkInterfaceId, Status }) => [NetworkInterfaceId, Status]),
    [[shown?.NetworkInterfaceId, "available"]],
  );
});

test("a volume is detached from the instance and device that it is at", async () => {
  const ec2 = cloud.aws().client(EC2);
  const { Instances } = await ec2.runInstances(launch);
  const InstanceId = Instances?.[0]?.InstanceId ?? "";
  const { Volumes } = await ec2.describeVolumes();
  const VolumeId = Volumes?.[0]?.VolumeId ?? "";
  await assert.rejects(ec2.detachVolume({ VolumeId, InstanceId, Device: "/dev/sdz" }), {
    code: "InvalidAttachment.NotFound",
    message: /as device \/dev\/sdz$/,
  });
  await ec2.detachVolume({ VolumeId, InstanceId });
});

test("what an instance was launched with makes a template for another like it", async () => {
  const ec2 = cloud.aws().client(EC2);
  const TagSpecifications = [{ ResourceType: "instance" as const, Tags: [{ Key: "k", Value: "v" }] }];
  const { Instances } = await ec2.runInstances({ ...launch, InstanceType: "c5.large", TagSpecifications });
  const InstanceId = Instances?.[0]?.InstanceId ?? "";
  const { LaunchTemplateData } = await ec2.getLaunchTemplateData({ InstanceId });
  assert.deepEqual(LaunchTemplateData?.TagSpecifications, TagSpecifications);
  const { ImageId, InstanceType, BlockDeviceMappings } = LaunchTemplateData ?? {};
  await ec2.createLaunchTemplate({
    LaunchTemplateName: "like",
    LaunchTemplateData: { ImageId, InstanceType, BlockDeviceMappings } as { ImageId: string },
  });
  const made = await ec2.runInstances({
    MinCount: 1,
    MaxCount: 1,
    LaunchTemplate: { LaunchTemplateName: "like" },
  });
  assert.equal(made.Instances?.[0]?.InstanceType, "c5.large");
});

test("a subnet resolves names of hosts with only IPv4 once it is told to", async () => {
  const ec2 = cloud.aws().client(EC2);
  const { Subnets } = await ec2.describeSubnets({ MaxResults: 5 });
  const SubnetId = Subnets?.[0]?.SubnetId ?? "";
  await ec2.modifySubnetAttribute({ SubnetId, EnableDns64: { Value: true } });
  const Filters = [{ Name: "enable-dns64", Values: ["true"] }];
  const { Subnets: told } = await ec2.describeSubnets({ Filters });
  assert.deepEqual(
    told?.map((subnet) => [subnet.SubnetId, subnet.EnableDns64]),
    [[SubnetId, true]],
  );
});
