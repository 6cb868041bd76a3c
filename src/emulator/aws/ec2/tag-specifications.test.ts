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

test("wrong tags are refused before anything is made", async () => {
  const ec2 = cloud.aws().client(EC2);
  const vpc = { CidrBlock: "10.0.0.0/16" };
  const Tags = [{ Key: "k", Value: "v" }];
  const message = "Tag specification must have at least one tag";
  const TagSpecifications = [{ ResourceType: "vpc" as const }];
  await assert.rejects(ec2.createVpc({ ...vpc, TagSpecifications }), { code: "InvalidParameter", message });
  await assert.rejects(ec2.createVpc({ ...vpc, TagSpecifications: [{ Tags }] }), {
    code: "InvalidParameter",
  });
  const reserved = [{ ResourceType: "vpc" as const, Tags: [{ Key: "aws:k", Value: "v" }] }];
  await assert.rejects(ec2.createVpc({ ...vpc, TagSpecifications: reserved }), {
    code: "InvalidParameterValue",
  });
  const zone = { AvailabilityZone: "us-east-1a", Size: 1 };
  await assert.rejects(
    ec2.createVolume({ ...zone, TagSpecifications: [{ ResourceType: "volume", Tags: [] }] }),
    { code: "InvalidParameterValue", message },
  );
  assert.equal((await ec2.describeVpcs()).Vpcs?.length, 1);
});
