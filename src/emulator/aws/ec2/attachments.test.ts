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
