import assert from "node:assert/strict";
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

async function template(ec2: EC2) {
  const { LaunchTemplate } = await ec2.createLaunchTemplate({
    LaunchTemplateName: "t",
    LaunchTemplateData: { ImageId, InstanceType: "t3.micro" },
  });
  return { LaunchTemplateId: LaunchTemplate?.LaunchTemplateId ?? "", Version: "$Latest" };
}

test("an instant fleet tells what it launched, of both lifecycles", async () => {
  const ec2 = client();
  const LaunchTemplateSpecification = await template(ec2);
  const made = await ec2.createFleet({
    Type: "instant",
    LaunchTemplateConfigs: [{ LaunchTemplateSpecification, Overrides: [{ InstanceType: "t3.large" }] }],
    TargetCapacitySpecification: {
      TotalTargetCapacity: 3,
      OnDemandTargetCapacity: 1,
      DefaultTargetCapacityType: "spot",
    },
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "k", Value: "v" }] }],
  });
  assert.deepEqual(made.Errors, []);
  assert.deepEqual(
    made.Instances?.map(({ Lifecycle, InstanceType, InstanceIds }) => [
      Lifecycle,
      InstanceType,
      InstanceIds?.length,
    ]),
    [
      ["on-demand", "t3.large", 1],
      ["spot", "t3.large", 2],
    ],
  );
  const [first] = made.Instances ?? [];
  assert.equal(first?.LaunchTemplateAndOverrides?.LaunchTemplateSpecification?.Version, "1");
  const { Reservations } = await ec2.describeInstances({ Filters: [{ Name: "tag:k", Values: ["v"] }] });
  assert.equal(Reservations?.flatMap(({ Instances = [] }) => Instances).length, 3);
  assert.deepEqual((await ec2.describeFleets()).Fleets, []);
  const FleetIds = [made.FleetId ?? ""];
  const { UnsuccessfulFleetDeletions } = await ec2.deleteFleets({ FleetIds, TerminateInstances: false });
  assert.equal(UnsuccessfulFleetDeletions?.[0]?.Error?.Code, "fleetNotInDeletableState");
});

test("a maintained fleet replaces what is terminated, and follows its target", async () => {
  const ec2 = client();
  const LaunchTemplateSpecification = await template(ec2);
  const { FleetId = "" } = await ec2.createFleet({
    LaunchTemplateConfigs: [{ LaunchTemplateSpecification }],
    TargetCapacitySpecification: { TotalTargetCapacity: 2, DefaultTargetCapacityType: "on-demand" },
  });
  const members = async () => {
    const { ActiveInstances = [] } = await ec2.describeFleetInstances({ FleetId });
    return ActiveInstances.map(({ InstanceId = "" }) => InstanceId);
  };
  const [gone = "", stays] = await members();
  await ec2.terminateInstances({ InstanceIds: [gone] });
  const replaced = await members();
  assert.equal(replaced.length, 2);
  assert.ok(!replaced.includes(gone) && replaced.includes(stays ?? ""));
  await ec2.modifyFleet({ FleetId, TargetCapacitySpecification: { TotalTargetCapacity: 1 } });
  assert.deepEqual(await members(), [stays]);
  await ec2.deleteFleets({ FleetIds: [FleetId], TerminateInstances: true });
  assert.deepEqual(await members(), []);
});

test("a fleet that cannot launch is made, and says why", async () => {
  const ec2 = client();
  const LaunchTemplateSpecification = await template(ec2);
  const made = await ec2.createFleet({
    Type: "instant",
    LaunchTemplateConfigs: [
      { LaunchTemplateSpecification, Overrides: [{ SubnetId: "subnet-00000000000000000" }] },
    ],
    TargetCapacitySpecification: { TotalTargetCapacity: 1, DefaultTargetCapacityType: "spot" },
  });
  assert.equal(made.Errors?.[0]?.ErrorCode, "InvalidSubnetID.NotFound");
  const missing = { LaunchTemplateName: "none", Version: "1" };
  await assert.rejects(
    ec2.createFleet({
      LaunchTemplateConfigs: [{ LaunchTemplateSpecification: missing }],
      TargetCapacitySpecification: { TotalTargetCapacity: 1 },
    }),
    { code: "InvalidLaunchTemplateName.NotFoundException" },
  );
});

test("a Spot Fleet counts its capacity by weights", async () => {
  const ec2 = client();
  const { SpotFleetRequestId = "" } = await ec2.requestSpotFleet({
    SpotFleetRequestConfig: {
      IamFleetRole: "arn:aws:iam::000000000000:role/fleet",
      TargetCapacity: 6,
      AllocationStrategy: "diversified",
      LaunchSpecifications: [
        { ImageId, InstanceType: "t3.small", WeightedCapacity: 2 },
        { ImageId, InstanceType: "t3.large", WeightedCapacity: 4 },
      ],
    },
  });
  const types = async () => {
    const { ActiveInstances = [] } = await ec2.describeSpotFleetInstances({ SpotFleetRequestId });
    return ActiveInstances.map(({ InstanceType }) => InstanceType);
  };
  assert.deepEqual(await types(), ["t3.small", "t3.large"]);
  await ec2.modifySpotFleetRequest({ SpotFleetRequestId, TargetCapacity: 1 });
  assert.deepEqual(await types(), ["t3.small"]);
  const ids = { SpotFleetRequestIds: [SpotFleetRequestId] };
  await ec2.cancelSpotFleetRequests({ ...ids, TerminateInstances: false });
  const { SpotFleetRequestConfigs } = await ec2.describeSpotFleetRequests(ids);
  assert.equal(SpotFleetRequestConfigs?.[0]?.SpotFleetRequestState, "cancelled_running");
  assert.equal(SpotFleetRequestConfigs?.[0]?.SpotFleetRequestConfig?.FulfilledCapacity, 2);
  await ec2.cancelSpotFleetRequests({ ...ids, TerminateInstances: true });
  assert.deepEqual(await types(), []);
});
