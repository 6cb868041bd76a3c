import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { EC2 } from "../../../gen/aws/ec2.js";
import { IAM } from "../../../gen/aws/iam.js";
import { STS } from "../../../gen/aws/sts.js";
import { Emulator } from "../../emulator.js";

let cloud: Emulator;
let iam: IAM;

before(async () => {
  cloud = await Emulator.start();
  iam = cloud.aws().client(IAM);
});
after(() => cloud.close());

const allow = (...Action: string[]) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });

async function report(Arn: string, Granularity?: string) {
  const { JobId = "" } = await iam.generateServiceLastAccessedDetails({
    Arn,
    ...(Granularity !== undefined && { Granularity }),
  });
  return { JobId, details: await iam.getServiceLastAccessedDetails({ JobId }) };
}

test("a report tells which services a user may use, and which it has used", async () => {
  const { User } = await iam.createUser({ UserName: "ann" });
  const arn = User?.Arn ?? "";
  await iam.createGroup({ GroupName: "readers" });
  await iam.addUserToGroup({ GroupName: "readers", UserName: "ann" });
  await iam.putGroupPolicy({
    GroupName: "readers",
    PolicyName: "read",
    PolicyDocument: allow("ec2:Describe*", "s3:Get*"),
  });
  const { AccessKey } = await iam.createAccessKey({ UserName: "ann" });
  const credentials = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  const before = await report(arn);
  await cloud.aws({ credentials, region: "eu-west-1" }).client(EC2).describeVpcs();
  const { JobId, details } = await report(arn, "ACTION_LEVEL");
  const used = (each: typeof details) =>
    each.ServicesLastAccessed.map((service) => [
      service.ServiceNamespace,
      service.LastAuthenticatedRegion,
      service.TrackedActionsLastAccessed?.map(({ ActionName }) => ActionName),
    ]);
  assert.deepEqual(used(details), [
    ["ec2", "eu-west-1", ["DescribeVpcs"]],
    ["s3", undefined, undefined],
  ]);
  assert.equal(details.ServicesLastAccessed[0]?.LastAuthenticatedEntity, arn);
  // The first report stays as it was.
  const again = await iam.getServiceLastAccessedDetails({ JobId: before.JobId });
  assert.deepEqual(used(again), [
    ["ec2", undefined, undefined],
    ["s3", undefined, undefined],
  ]);
  const group = await report("arn:aws:iam::000000000000:group/readers");
  const { EntityDetailsList } = await iam.getServiceLastAccessedDetailsWithEntities({
    JobId: group.JobId,
    ServiceNamespace: "ec2",
  });
  assert.deepEqual(
    EntityDetailsList.map(({ EntityInfo, LastAuthenticated }) => [
      EntityInfo.Name,
      LastAuthenticated !== undefined,
    ]),
    [["ann", true]],
  );
  const none = { JobId, ServiceNamespace: "iam" };
  assert.deepEqual((await iam.getServiceLastAccessedDetailsWithEntities(none)).EntityDetailsList, []);
  await assert.rejects(iam.getServiceLastAccessedDetails({ JobId: crypto.randomUUID() }), {
    code: "NoSuchEntity",
  });
});

test("policies that grant a service are told with whose they are", async () => {
  const { Policy } = await iam.createPolicy({ PolicyName: "all", PolicyDocument: allow("*") });
  await iam.createUser({ UserName: "bob" });
  await iam.attachUserPolicy({ UserName: "bob", PolicyArn: Policy?.Arn ?? "" });
  await iam.putUserPolicy({ UserName: "bob", PolicyName: "own", PolicyDocument: allow("s3:*") });
  const { PoliciesGrantingServiceAccess } = await iam.listPoliciesGrantingServiceAccess({
    Arn: "arn:aws:iam::000000000000:user/bob",
    ServiceNamespaces: ["s3", "ec2"],
  });
  assert.deepEqual(PoliciesGrantingServiceAccess, [
    {
      ServiceNamespace: "s3",
      Policies: [
        { PolicyName: "own", PolicyType: "INLINE", EntityType: "USER", EntityName: "bob" },
        { PolicyName: "all", PolicyType: "MANAGED", PolicyArn: Policy?.Arn },
      ],
    },
    {
      ServiceNamespace: "ec2",
      Policies: [{ PolicyName: "all", PolicyType: "MANAGED", PolicyArn: Policy?.Arn }],
    },
  ]);
  const { details } = await report(Policy?.Arn ?? "");
  assert.deepEqual(
    details.ServicesLastAccessed.map(({ ServiceNamespace }) => ServiceNamespace),
    ["ec2", "iam", "s3", "sts"],
  );
});

test("a role is used when a session of it signs", async () => {
  const trust = { Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" };
  const { Role } = await iam.createRole({
    RoleName: "reader",
    AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
  });
  const lastUsed = async () => (await iam.getRole({ RoleName: "reader" })).Role.RoleLastUsed;
  assert.equal((await lastUsed())?.LastUsedDate, undefined);
  const session = cloud.aws({ region: "eu-west-1" }).assumeRole({ RoleArn: Role.Arn });
  await session.client(STS).getCallerIdentity();
  assert.equal((await lastUsed())?.Region, "eu-west-1");
});
