import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { EC2 } from "../../../gen/aws/ec2.js";
import { Emulator } from "../../emulator.js";

const launch = { ImageId: "ami-12c6146b", InstanceType: "c5.large", MinCount: 1, MaxCount: 1 } as const;

let cloud: Emulator;

before(async () => {
  cloud = await Emulator.start();
});
beforeEach(() => cloud.reset());
after(() => cloud.close());

test("a host knows its instances, and is kept while it has any", async () => {
  const ec2 = cloud.aws().client(EC2);
  const zone = { AvailabilityZone: "us-east-1a", Quantity: 1 };
  await assert.rejects(ec2.allocateHosts({ ...zone, InstanceType: "c5.large", InstanceFamily: "c5" }), {
    code: "InvalidParameterCombination",
  });
  const { HostIds = [] } = await ec2.allocateHosts({ ...zone, InstanceFamily: "c5" });
  const [HostId = ""] = HostIds;
  const { Instances } = await ec2.runInstances({ ...launch, Placement: { HostId } });
  assert.equal(Instances?.[0]?.Placement?.Tenancy, "host");
  const { Hosts } = await ec2.describeHosts({ HostIds });
  const InstanceIds = [Instances?.[0]?.InstanceId ?? ""];
  assert.deepEqual(
    Hosts?.[0]?.Instances?.map(({ InstanceId }) => InstanceId),
    InstanceIds,
  );
  const kept = await ec2.releaseHosts({ HostIds: [HostId, "h-00000000000000000"] });
  assert.deepEqual(
    kept.Unsuccessful?.map(({ Error: error }) => error?.Code),
    ["Client.InvalidHost.Occupied", "Client.InvalidHostID.NotFound"],
  );
  await ec2.terminateInstances({ InstanceIds });
  await ec2.waitUntil.instanceTerminated({ InstanceIds }, { delayMs: 1 });
  assert.deepEqual((await ec2.releaseHosts({ HostIds })).Successful, HostIds);
  await assert.rejects(ec2.runInstances({ ...launch, Placement: { HostId } }), {
    code: "InvalidHostID.NotFound",
  });
});

test("an instance is placed in a group that is there", async () => {
  const ec2 = cloud.aws().client(EC2);
  const Placement = { GroupName: "near", Tenancy: "dedicated" as const };
  await assert.rejects(ec2.runInstances({ ...launch, Placement }), { code: "InvalidPlacementGroup.Unknown" });
  assert.deepEqual((await ec2.describeInstances()).Reservations, []);
  await ec2.createPlacementGroup({ GroupName: "near", Strategy: "cluster" });
  await ec2.runInstances({ ...launch, Placement });
  const Filters = [{ Name: "placement-group-name", Values: ["near"] }];
  const { Reservations } = await ec2.describeInstances({ Filters });
  assert.equal(Reservations?.[0]?.Instances?.[0]?.Placement?.Tenancy, "dedicated");
});
