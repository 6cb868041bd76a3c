import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { IAM } from "../../../gen/aws/iam.js";
import { Emulator } from "../../emulator.js";

let cloud: Emulator;
let iam: IAM;

before(async () => {
  cloud = await Emulator.start();
  iam = cloud.aws().client(IAM);
});
after(() => cloud.close());

const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const ALLOW = document({ Effect: "Allow", Action: "s3:*", Resource: "*" });
const BUCKET = "arn:aws:s3:::bucket";

test("a user's policies are its own, those attached, and its groups'", async () => {
  const { User } = await iam.createUser({ UserName: "ann" });
  const { Policy } = await iam.createPolicy({ PolicyName: "reading", PolicyDocument: ALLOW });
  await iam.createGroup({ GroupName: "writers" });
  await iam.addUserToGroup({ GroupName: "writers", UserName: "ann" });
  const simulate = async (...ActionNames: string[]) => {
    const { EvaluationResults = [] } = await iam.simulatePrincipalPolicy({
      PolicySourceArn: User?.Arn ?? "",
      ActionNames,
    });
    return EvaluationResults.map(({ EvalDecision, MatchedStatements = [] }) => [
      EvalDecision,
      MatchedStatements.map(({ SourcePolicyId }) => SourcePolicyId),
    ]);
  };
  assert.deepEqual(await simulate("s3:GetObject"), [["implicitDeny", []]]);
  await iam.attachUserPolicy({ UserName: "ann", PolicyArn: Policy?.Arn ?? "" });
  await iam.putGroupPolicy({
    GroupName: "writers",
    PolicyName: "compute",
    PolicyDocument: document({ Effect: "Allow", Action: "ec2:*", Resource: "*" }),
  });
  assert.deepEqual(await simulate("s3:GetObject", "ec2:RunInstances", "iam:GetUser"), [
    ["allowed", ["reading"]],
    ["allowed", ["group_writers_compute"]],
    ["implicitDeny", []],
  ]);
  await iam.putUserPolicy({
    UserName: "ann",
    PolicyName: "not",
    PolicyDocument: document({ Effect: "Deny", Action: "s3:Get*", Resource: "*" }),
  });
  assert.deepEqual(await simulate("s3:GetObject", "s3:PutObject"), [
    ["explicitDeny", ["user_ann_not"]],
    ["allowed", ["reading"]],
  ]);
  const excluding = await iam.simulatePrincipalPolicy({
    PolicySourceArn: User?.Arn ?? "",
    ActionNames: ["s3:GetObject"],
    PolicyExclusionList: [{ PolicyType: "inline" }],
  });
  assert.equal(excluding.EvaluationResults?.[0]?.EvalDecision, "allowed");
  await iam.putUserPermissionsBoundary({ UserName: "ann", PermissionsBoundary: Policy?.Arn ?? "" });
  const bounded = await iam.simulatePrincipalPolicy({
    PolicySourceArn: User?.Arn ?? "",
    ActionNames: ["ec2:RunInstances"],
  });
  assert.equal(bounded.EvaluationResults?.[0]?.EvalDecision, "implicitDeny");
  assert.deepEqual(bounded.EvaluationResults?.[0]?.PermissionsBoundaryDecisionDetail, {
    AllowedByPermissionsBoundary: false,
  });
});

test("each resource has a result of its own, and an action the strictest of them", async () => {
  const { EvaluationResults = [] } = await iam.simulateCustomPolicy({
    PolicyInputList: [document({ Effect: "Allow", Action: "s3:GetObject", Resource: `${BUCKET}/a/*` })],
    ActionNames: ["s3:GetObject"],
    ResourceArns: [`${BUCKET}/a/1`, `${BUCKET}/b/1`],
  });
  const [result] = EvaluationResults;
  assert.equal(result?.EvalDecision, "implicitDeny");
  assert.deepEqual(
    result?.ResourceSpecificResults?.map((each) => [each.EvalResourceName, each.EvalResourceDecision]),
    [
      [`${BUCKET}/a/1`, "allowed"],
      [`${BUCKET}/b/1`, "implicitDeny"],
    ],
  );
});

test("keys that no entry brings are told, and change the outcome once they are there", async () => {
  const Condition = { Bool: { "aws:MultiFactorAuthPresent": "true" } };
  const policy = document({ Effect: "Allow", Action: "s3:*", Resource: "*", Condition });
  const run = { PolicyInputList: [policy], ActionNames: ["s3:GetObject"] };
  const { EvaluationResults: without = [] } = await iam.simulateCustomPolicy(run);
  assert.equal(without[0]?.EvalDecision, "implicitDeny");
  assert.deepEqual(without[0]?.MissingContextValues, ["aws:MultiFactorAuthPresent"]);
  const { EvaluationResults: given = [] } = await iam.simulateCustomPolicy({
    ...run,
    ContextEntries: [
      {
        ContextKeyName: "aws:multifactorauthpresent",
        ContextKeyValues: ["true"],
        ContextKeyType: "boolean",
      },
    ],
  });
  assert.equal(given[0]?.EvalDecision, "allowed");
  assert.deepEqual(given[0]?.MissingContextValues, []);
  const { ContextKeyNames } = await iam.getContextKeysForCustomPolicy({ PolicyInputList: [policy] });
  assert.deepEqual(ContextKeyNames, ["aws:MultiFactorAuthPresent"]);
});

test("a resource's policy needs a caller, and another account's both policies", async () => {
  const ResourcePolicy = document({
    Effect: "Allow",
    Principal: { AWS: "arn:aws:iam::000000000000:user/ann" },
    Action: "s3:*",
    Resource: "*",
  });
  const nothing = document({ Effect: "Allow", Action: "ec2:*", Resource: "*" });
  const run = { PolicyInputList: [nothing], ActionNames: ["s3:GetObject"], ResourcePolicy };
  await assert.rejects(iam.simulateCustomPolicy(run), { code: "InvalidInput" });
  const CallerArn = "arn:aws:iam::000000000000:user/ann";
  const { EvaluationResults: same = [] } = await iam.simulateCustomPolicy({ ...run, CallerArn });
  assert.equal(same[0]?.EvalDecision, "allowed");
  const ResourceOwner = "arn:aws:iam::222222222222:root";
  const { EvaluationResults: across = [] } = await iam.simulateCustomPolicy({
    ...run,
    CallerArn,
    ResourceOwner,
  });
  assert.equal(across[0]?.EvalDecision, "implicitDeny");
  assert.deepEqual(across[0]?.EvalDecisionDetails, {
    "IAM Policy": "implicitDeny",
    "Resource Policy": "allowed",
  });
});

test("what cannot be simulated is refused", async () => {
  const run = { PolicyInputList: [ALLOW], ActionNames: ["s3:GetObject"] };
  await assert.rejects(iam.simulateCustomPolicy({ ...run, ActionNames: ["s3:*"] }), { code: "InvalidInput" });
  const PolicySourceArn = "arn:aws:iam::000000000000:user/nobody";
  await assert.rejects(iam.simulatePrincipalPolicy({ ...run, PolicySourceArn }), { code: "NoSuchEntity" });
});
