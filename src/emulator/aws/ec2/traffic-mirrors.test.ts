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

test("a mirror session needs its filter, its target, and a number that is free on its interface", async () => {
  const ec2 = cloud.aws().client(EC2);
  const { Subnets } = await ec2.describeSubnets({ MaxResults: 5 });
  const interfaceOf = async () => {
    const made = await ec2.createNetworkInterface({ SubnetId: Subnets?.[0]?.SubnetId ?? "" });
    return made.NetworkInterface?.NetworkInterfaceId ?? "";
  };
  const [NetworkInterfaceId, other] = [await interfaceOf(), await interfaceOf()];
  const { TrafficMirrorTarget } = await ec2.createTrafficMirrorTarget({ NetworkInterfaceId: other });
  const { TrafficMirrorFilter } = await ec2.createTrafficMirrorFilter();
  const TrafficMirrorFilterId = TrafficMirrorFilter?.TrafficMirrorFilterId ?? "";
  const rule = {
    TrafficMirrorFilterId,
    TrafficDirection: "ingress" as const,
    RuleNumber: 1,
    RuleAction: "accept" as const,
    DestinationCidrBlock: "0.0.0.0/0",
    SourceCidrBlock: "0.0.0.0/0",
    Description: "all",
  };
  const { TrafficMirrorFilterRule } = await ec2.createTrafficMirrorFilterRule(rule);
  await assert.rejects(ec2.createTrafficMirrorFilterRule(rule), {
    code: "TrafficMirrorFilterRuleAlreadyExists",
  });
  const changed = await ec2.modifyTrafficMirrorFilterRule({
    TrafficMirrorFilterRuleId: TrafficMirrorFilterRule?.TrafficMirrorFilterRuleId ?? "",
    RuleAction: "reject",
    RemoveFields: ["description"],
  });
  assert.equal(changed.TrafficMirrorFilterRule?.RuleAction, "reject");
  assert.equal(changed.TrafficMirrorFilterRule?.Description, undefined);
  const session = {
    NetworkInterfaceId,
    TrafficMirrorTargetId: TrafficMirrorTarget?.TrafficMirrorTargetId ?? "",
    TrafficMirrorFilterId,
    SessionNumber: 1,
  };
  const { TrafficMirrorSession } = await ec2.createTrafficMirrorSession(session);
  await assert.rejects(ec2.createTrafficMirrorSession(session), { code: "TrafficMirrorSessionNumberInUse" });
  await assert.rejects(ec2.deleteTrafficMirrorFilter({ TrafficMirrorFilterId }), {
    code: "TrafficMirrorFilterInUse",
  });
  const TrafficMirrorSessionId = TrafficMirrorSession?.TrafficMirrorSessionId ?? "";
  await ec2.deleteTrafficMirrorSession({ TrafficMirrorSessionId });
  await ec2.deleteTrafficMirrorFilter({ TrafficMirrorFilterId });
  assert.deepEqual((await ec2.describeTrafficMirrorFilterRules()).TrafficMirrorFilterRules, []);
});

test("a carrier gateway holds its VPC", async () => {
  const ec2 = cloud.aws().client(EC2);
  const { Vpc } = await ec2.createVpc({ CidrBlock: "10.0.0.0/16" });
  const VpcId = Vpc?.VpcId ?? "";
  const { CarrierGateway } = await ec2.createCarrierGateway({ VpcId });
  const CarrierGatewayId = CarrierGateway?.CarrierGatewayId ?? "";
  await assert.rejects(ec2.deleteVpc({ VpcId }), { code: "DependencyViolation" });
  await ec2.deleteCarrierGateway({ CarrierGatewayId });
  await ec2.deleteVpc({ VpcId });
});
