/** EC2, STS and IAM on moto: the EC2 and query protocols, waiters and the object layer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Session } from "../../../src/aws/index.js";
import { EC2 } from "../../../src/gen/aws/ec2.js";
import { IAM } from "../../../src/gen/aws/iam.js";
import { STS } from "../../../src/gen/aws/sts.js";

const ImageId = "ami-12c6146b";

export function runMotoEc2Suite(session: Session): void {
  const ec2 = session.client(EC2);

  test("moto EC2: run, describe by filters and in pages, wait, terminate", async () => {
    const { Instances = [] } = await ec2.runInstances({
      ImageId,
      MinCount: 7,
      MaxCount: 7,
      InstanceType: "t3.large",
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "suite", Value: "a & <b>" }] }],
    });
    const InstanceIds = Instances.map(({ InstanceId }) => InstanceId as string);
    assert.equal(InstanceIds.length, 7);
    await ec2.waitUntil.instanceRunning({ InstanceIds }, { delayMs: 10 });
    const Filters = [{ Name: "tag:suite", Values: ["a & <b>"] }];
    const found: (string | undefined)[] = [];
    for await (const { Instances: some = [] } of ec2.describeInstances.items({ Filters }, { pageSize: 5 }))
      found.push(...some.map(({ InstanceId }) => InstanceId));
    assert.deepEqual(found.sort(), [...InstanceIds].sort());
    await ec2.terminateInstances({ InstanceIds });
    await ec2.waitUntil.instanceTerminated({ InstanceIds }, { delayMs: 10 });
  });

  test("moto EC2: errors by code, and a dry run", async () => {
    await assert.rejects(ec2.describeInstances({ InstanceIds: ["i-0123456789abcdef0"] }), {
      code: "InvalidInstanceID.NotFound",
      kind: "notFound",
    });
    await assert.rejects(ec2.runInstances({ ImageId, MinCount: 1, MaxCount: 1, DryRun: true }), {
      code: "DryRunOperation",
    });
  });

  test("moto EC2: networks, and the object layer", async () => {
    const { Vpc } = await ec2.createVpc({ CidrBlock: "10.9.0.0/16" });
    const { Subnet } = await ec2.createSubnet({ VpcId: Vpc?.VpcId as string, CidrBlock: "10.9.1.0/24" });
    const { GroupId = "" } = await ec2.createSecurityGroup({
      GroupName: "suite",
      Description: "suite",
      VpcId: Vpc?.VpcId as string,
    });
    await ec2.authorizeSecurityGroupIngress({
      GroupId,
      IpPermissions: [{ IpProtocol: "tcp", FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
    });
    const { SecurityGroups } = await ec2.describeSecurityGroups({ GroupIds: [GroupId] });
    assert.equal(SecurityGroups?.[0]?.IpPermissions?.[0]?.IpRanges?.[0]?.CidrIp, "0.0.0.0/0");
    await ec2.runInstances({ ImageId, MinCount: 2, MaxCount: 2, SubnetId: Subnet?.SubnetId as string });
    const states: unknown[] = [];
    for await (const instance of session
      .resource(EC2)
      .instances.filter({ Filters: [{ Name: "vpc-id", Values: [Vpc?.VpcId as string] }] }))
      states.push(((await instance.state()) as { Name?: string }).Name);
    assert.deepEqual(states, ["running", "running"]);
  });

  identityTests(session);
}

function identityTests(session: Session): void {
  const iam = session.client(IAM);

  test("moto STS: who calls, and as which role", async () => {
    const { Account } = await session.client(STS).getCallerIdentity();
    assert.match(Account ?? "", /^\d{12}$/);
    const RoleArn = "arn:aws:iam::222222222222:role/CrossAccountRead";
    const identity = await session.assumeRole({ RoleArn }).client(STS).getCallerIdentity();
    assert.equal(identity.Account, "222222222222");
    assert.match(identity.Arn ?? "", /assumed-role\/CrossAccountRead\/trivet-session-/);
  });

  test("moto IAM: users in pages, roles with their documents, keys", async () => {
    const names = Array.from({ length: 5 }, (_, n) => `suite-${n}`);
    for (const UserName of names) await iam.createUser({ UserName, Path: "/suite/" });
    const seen: string[] = [];
    for await (const user of iam.listUsers.items({ PathPrefix: "/suite/" }, { pageSize: 2 }))
      seen.push(user.UserName);
    assert.deepEqual(seen, names);
    const { AccessKey } = await iam.createAccessKey({ UserName: "suite-0" });
    assert.match(AccessKey.AccessKeyId, /^AKIA/);
    const document = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
    };
    await iam.createRole({ RoleName: "suite", AssumeRolePolicyDocument: JSON.stringify(document) });
    const { Role } = await iam.getRole({ RoleName: "suite" });
    assert.deepEqual(Role.AssumeRolePolicyDocument, document);
    await assert.rejects(iam.getUser({ UserName: "nobody" }), (error) => {
      assert.ok(error instanceof iam.errors.NoSuchEntityException, String(error));
      return error.kind === "notFound";
    });
    await assert.rejects(iam.createUser({ UserName: "suite-0" }), { kind: "alreadyExists" });
  });
}
