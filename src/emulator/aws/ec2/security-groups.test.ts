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

const ranges = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ CidrIp: `10.0.${from + index}.0/24` }));

test("a group has sixty rules of each direction", async () => {
  const ec2 = cloud.aws().client(EC2);
  const { GroupId = "" } = await ec2.createSecurityGroup({ GroupName: "g", Description: "d" });
  const allow = (IpRanges: { CidrIp: string }[]) =>
    ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [{ IpProtocol: "-1", IpRanges }] });
  await assert.rejects(allow(ranges(61)), { code: "RulesPerSecurityGroupLimitExceeded" });
  await allow(ranges(60));
  await assert.rejects(allow(ranges(1, 60)), { code: "RulesPerSecurityGroupLimitExceeded" });
});

test("a rule is changed to exactly one side, with its protocol", async () => {
  const ec2 = cloud.aws().client(EC2);
  const { GroupId = "" } = await ec2.createSecurityGroup({ GroupName: "g", Description: "d" });
  const IpPermissions = [{ IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: ranges(1) }];
  const { SecurityGroupRules } = await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions });
  const SecurityGroupRuleId = SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? "";
  const change = (SecurityGroupRule: object) =>
    ec2.modifySecurityGroupRules({
      GroupId,
      SecurityGroupRules: [{ SecurityGroupRuleId, SecurityGroupRule }],
    });
  const ports = { IpProtocol: "udp", FromPort: 1, ToPort: 2 };
  await assert.rejects(change(ports), { code: "MissingParameter" });
  await assert.rejects(change({ ...ports, CidrIpv4: "1.2.3.4/32", CidrIpv6: "::/0" }), {
    code: "InvalidParameterCombination",
  });
  await assert.rejects(change({ CidrIpv4: "1.2.3.4/32" }), { message: /Invalid value 'null' for protocol/ });
});
