import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { IAM } from "../../../gen/aws/iam.js";
import { Emulator } from "../../emulator.js";

let cloud: Emulator;

before(async () => {
  cloud = await Emulator.start();
});
after(() => cloud.close());

test("a user changes the password that is known, to one that the account's policy allows", async () => {
  const iam = cloud.aws().client(IAM);
  await iam.createUser({ UserName: "ann" });
  await iam.createLoginProfile({ UserName: "ann", Password: "first-one", PasswordResetRequired: true });
  const { AccessKey } = await iam.createAccessKey({ UserName: "ann" });
  const credentials = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  const own = cloud.aws({ credentials }).client(IAM);
  await iam.updateAccountPasswordPolicy({ MinimumPasswordLength: 8 });
  const change = { OldPassword: "first-one", NewPassword: "second-one" };
  await assert.rejects(iam.changePassword(change), { code: "InvalidUserType" });
  await assert.rejects(own.changePassword({ ...change, OldPassword: "another" }), { code: "AccessDenied" });
  await assert.rejects(own.changePassword({ ...change, NewPassword: "short" }), {
    code: "PasswordPolicyViolation",
  });
  await own.changePassword(change);
  const { LoginProfile } = await iam.getLoginProfile({ UserName: "ann" });
  assert.equal(LoginProfile.PasswordResetRequired, false);
  await assert.rejects(own.changePassword(change), { code: "AccessDenied" });
});

test("a thing has at most 50 tags, over all requests", async () => {
  const iam = cloud.aws().client(IAM);
  const tags = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => ({ Key: `k${from + index}`, Value: "" }));
  await iam.createUser({ UserName: "tagged", Tags: tags(0, 30) });
  await iam.tagUser({ UserName: "tagged", Tags: tags(20, 50) });
  await assert.rejects(iam.tagUser({ UserName: "tagged", Tags: tags(50, 51) }), { code: "LimitExceeded" });
  await assert.rejects(iam.tagUser({ UserName: "tagged", Tags: tags(0, 51) }), { code: "ValidationError" });
  const twice = ["a", "A"].map((Key) => ({ Key, Value: "" }));
  await assert.rejects(iam.tagUser({ UserName: "tagged", Tags: twice }), { code: "InvalidInput" });
});
