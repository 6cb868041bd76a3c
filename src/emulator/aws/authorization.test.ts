import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Session } from "../../aws/session.js";
import { EC2 } from "../../gen/aws/ec2.js";
import { IAM } from "../../gen/aws/iam.js";
import { S3 } from "../../gen/aws/s3.js";
import { STS } from "../../gen/aws/sts.js";
import { Emulator } from "../emulator.js";

let cloud: Emulator;
let root: Session;
let iam: IAM;

before(async () => {
  cloud = await Emulator.start({ authorize: true });
  root = cloud.aws();
  iam = root.client(IAM);
});
after(() => cloud.close());

const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const allow = (Action: unknown, Resource: unknown = "*", more: object = {}) =>
  document({ Effect: "Allow", Action, Resource, ...more });

interface Keys {
  readonly AccessKeyId?: string;
  readonly SecretAccessKey?: string;
  readonly SessionToken?: string;
}

function sessionOf(keys: Keys | undefined): Session {
  return cloud.aws({
    credentials: {
      accessKeyId: keys?.AccessKeyId ?? "",
      secretAccessKey: keys?.SecretAccessKey ?? "",
      ...(keys?.SessionToken !== undefined && { sessionToken: keys.SessionToken }),
    },
  });
}

/** A new user who has one inline policy, or none. */
async function user(UserName: string, PolicyDocument?: string): Promise<Session> {
  await iam.createUser({ UserName });
  if (PolicyDocument !== undefined) await iam.putUserPolicy({ UserName, PolicyName: "own", PolicyDocument });
  return sessionOf((await iam.createAccessKey({ UserName })).AccessKey);
}

const arn = (path: string) => `arn:aws:iam::000000000000:${path}`;

test("the root user may do everything, a user what its policies allow", async () => {
  await root.client(S3).createBucket({ Bucket: "rooms" });
  await root.client(S3).putObject({ Bucket: "rooms", Key: "a/1", Body: "1" });
  const ann = await user(
    "ann",
    allow(["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::rooms", "arn:aws:s3:::rooms/a/*"]),
  );
  const s3 = ann.client(S3);
  await s3.getObject({ Bucket: "rooms", Key: "a/1" });
  await s3.headObject({ Bucket: "rooms", Key: "a/1" });
  await s3.listObjectsV2({ Bucket: "rooms" });
  await assert.rejects(s3.getObject({ Bucket: "rooms", Key: "b/1" }), {
    code: "AccessDenied",
    message:
      /user\/ann is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::rooms\/b\/1" because no identity-based policy allows the s3:GetObject action/,
  });
  await assert.rejects(s3.putObject({ Bucket: "rooms", Key: "a/1", Body: "2" }), { code: "AccessDenied" });
  await assert.rejects(s3.listBuckets(), { code: "AccessDenied" });
  await assert.rejects(s3.copyObject({ Bucket: "rooms", Key: "a/2", CopySource: "rooms/a/1" }), {
    code: "AccessDenied",
  });
  const deleted = await s3.deleteObjects({ Bucket: "rooms", Delete: { Objects: [{ Key: "a/1" }] } });
  assert.equal(deleted.Errors?.[0]?.Code, "AccessDenied");
  await root.client(S3).getObject({ Bucket: "rooms", Key: "a/1" });
});

test("EC2 refuses in its own words, which STS decodes", async () => {
  const bob = await user("bob", allow("ec2:Describe*"));
  const ec2 = bob.client(EC2);
  const { Vpcs = [] } = await ec2.describeVpcs();
  const failure = await ec2.deleteVpc({ VpcId: Vpcs[0]?.VpcId ?? "" }).catch((error: unknown) => error);
  assert.ok(failure instanceof Error);
  assert.match(failure.message, /ec2:DeleteVpc on resource: arn:aws:ec2:us-east-1:000000000000:vpc\/vpc-/);
  assert.equal((failure as { code?: string }).code, "UnauthorizedOperation");
  const EncodedMessage = /message: (\S+)$/.exec(failure.message)?.[1] ?? "";
  await assert.rejects(bob.client(STS).decodeAuthorizationMessage({ EncodedMessage }), {
    code: "AccessDenied",
  });
  const { DecodedMessage = "" } = await root.client(STS).decodeAuthorizationMessage({ EncodedMessage });
  const decoded = JSON.parse(DecodedMessage) as { context: { action: string; principal: { arn: string } } };
  assert.equal(decoded.context.action, "ec2:DeleteVpc");
  assert.equal(decoded.context.principal.arn, arn("user/bob"));
  await assert.rejects(root.client(STS).decodeAuthorizationMessage({ EncodedMessage: "nonsense" }), {
    code: "InvalidAuthorizationMessageException",
  });
});

test("policies may ask for tags: of what is there, and of what is made", async () => {
  const own = (key: string) => ({ Condition: { StringEquals: { [key]: "cara" } } });
  const cara = await user(
    "cara",
    document(
      { Effect: "Allow", Action: "ec2:CreateVolume", Resource: "*", ...own("aws:RequestTag/owner") },
      {
        Effect: "Allow",
        Action: "ec2:CreateTags",
        Resource: "*",
        Condition: { StringEquals: { "ec2:CreateAction": "CreateVolume" } },
      },
      { Effect: "Allow", Action: "ec2:DeleteVolume", Resource: "*", ...own("ec2:ResourceTag/owner") },
    ),
  );
  const volume = { AvailabilityZone: "us-east-1a", Size: 1 };
  const { VolumeId: foreign = "" } = await root.client(EC2).createVolume(volume);
  const ec2 = cara.client(EC2);
  await assert.rejects(ec2.createVolume(volume), { code: "UnauthorizedOperation" });
  const { VolumeId = "" } = await ec2.createVolume({
    ...volume,
    TagSpecifications: [{ ResourceType: "volume", Tags: [{ Key: "owner", Value: "cara" }] }],
  });
  await assert.rejects(ec2.deleteVolume({ VolumeId: foreign }), { code: "UnauthorizedOperation" });
  await ec2.deleteVolume({ VolumeId });
});

test("who gives a role to instances must be allowed to pass it", async () => {
  const trust = document({
    Effect: "Allow",
    Principal: { Service: "ec2.amazonaws.com" },
    Action: "sts:AssumeRole",
  });
  await iam.createRole({ RoleName: "server", Path: "/ec2/", AssumeRolePolicyDocument: trust });
  await iam.createInstanceProfile({ InstanceProfileName: "server" });
  const pass = allow("iam:PassRole", arn("role/ec2/*"));
  const actions = ["ec2:RunInstances", "iam:AddRoleToInstanceProfile"];
  const leo = await user("leo", allow(actions));
  const add = { InstanceProfileName: "server", RoleName: "server" };
  await assert.rejects(leo.client(IAM).addRoleToInstanceProfile(add), {
    message: /iam:PassRole on resource: \S+role\/ec2\/server/,
  });
  await iam.addRoleToInstanceProfile(add);
  const { Images = [] } = await root.client(EC2).describeImages();
  const run = {
    ImageId: Images[0]?.ImageId ?? "",
    MinCount: 1,
    MaxCount: 1,
    IamInstanceProfile: { Name: "server" },
  };
  await assert.rejects(leo.client(EC2).runInstances(run), { message: /iam:PassRole on resource/ });
  const tagged = {
    ...run,
    TagSpecifications: [{ ResourceType: "instance" as const, Tags: [{ Key: "a", Value: "1" }] }],
  };
  await iam.putUserPolicy({ UserName: "leo", PolicyName: "pass", PolicyDocument: pass });
  await leo.client(EC2).runInstances(run);
  await assert.rejects(leo.client(EC2).runInstances(tagged), {
    message: /ec2:CreateTags on resource: \S+instance\/\*/,
  });
});

test("users change what is theirs where policies name them by a variable", async () => {
  const dan = await user("dan", allow("iam:*", arn(`user/\${aws:username}`)));
  const own = dan.client(IAM);
  await own.getUser();
  await own.createAccessKey();
  await own.tagUser({ UserName: "dan", Tags: [{ Key: "a", Value: "1" }] });
  await assert.rejects(own.getUser({ UserName: "ann" }), {
    code: "AccessDenied",
    message: /iam:GetUser on resource: arn:aws:iam::000000000000:user\/ann because/,
  });
  await assert.rejects(own.listRoles(), { code: "AccessDenied" });
});

test("groups give, boundaries limit, denials outweigh", async () => {
  const eve = await user("eve");
  const s3 = eve.client(S3);
  const { Policy } = await iam.createPolicy({ PolicyName: "storage", PolicyDocument: allow("s3:*") });
  await iam.createGroup({ GroupName: "all" });
  await iam.attachGroupPolicy({ GroupName: "all", PolicyArn: Policy?.Arn ?? "" });
  await assert.rejects(s3.listBuckets(), { code: "AccessDenied" });
  await iam.addUserToGroup({ GroupName: "all", UserName: "eve" });
  await s3.listBuckets();
  const { Policy: compute } = await iam.createPolicy({
    PolicyName: "compute",
    PolicyDocument: allow("ec2:*"),
  });
  await iam.putUserPermissionsBoundary({ UserName: "eve", PermissionsBoundary: compute?.Arn ?? "" });
  await assert.rejects(s3.listBuckets(), { message: /because no permissions boundary allows/ });
  await iam.deleteUserPermissionsBoundary({ UserName: "eve" });
  const denial = document({ Effect: "Deny", Action: "s3:*", Resource: "*" });
  await iam.putUserPolicy({ UserName: "eve", PolicyName: "deny", PolicyDocument: denial });
  await assert.rejects(s3.listBuckets(), { message: /with an explicit deny in an identity-based policy/ });
});

test("a bucket's policy gives to users that have no policy, and denies to all", async () => {
  await root.client(S3).createBucket({ Bucket: "shared" });
  await root.client(S3).putObject({ Bucket: "shared", Key: "k", Body: "1" });
  const fay = await user("fay");
  const Policy = document(
    {
      Effect: "Allow",
      Principal: { AWS: arn("user/fay") },
      Action: "s3:GetObject",
      Resource: "arn:aws:s3:::shared/*",
    },
    {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:PutObject",
      Resource: "arn:aws:s3:::shared/*",
      Condition: { StringNotEquals: { "s3:x-amz-server-side-encryption": "AES256" } },
    },
  );
  await root.client(S3).putBucketPolicy({ Bucket: "shared", Policy });
  await fay.client(S3).getObject({ Bucket: "shared", Key: "k" });
  await assert.rejects(fay.client(S3).deleteObject({ Bucket: "shared", Key: "k" }), { code: "AccessDenied" });
  const put = { Bucket: "shared", Key: "k", Body: "2" };
  await assert.rejects(root.client(S3).putObject(put), {
    message: /with an explicit deny in a resource-based policy/,
  });
  await root.client(S3).putObject({ ...put, ServerSideEncryption: "AES256" });
});

test("a role is assumed by whom it trusts, and its sessions have its policies", async () => {
  const gil = await user("gil");
  const trust = document({
    Effect: "Allow",
    Principal: { AWS: arn("user/gil") },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "sts:ExternalId": "secret" } },
  });
  const RoleArn = arn("role/reader");
  await iam.createRole({ RoleName: "reader", AssumeRolePolicyDocument: trust });
  await iam.putRolePolicy({
    RoleName: "reader",
    PolicyName: "read",
    PolicyDocument: allow(["s3:Get*", "s3:List*"]),
  });
  const sts = gil.client(STS);
  const request = { RoleArn, RoleSessionName: "one" };
  await assert.rejects(sts.assumeRole(request), {
    code: "AccessDenied",
    message:
      /user\/gil is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::000000000000:role\/reader$/,
  });
  // Its own policy is not enough: the role does not trust it.
  const hal = await user("hal", allow("sts:AssumeRole"));
  await assert.rejects(hal.client(STS).assumeRole({ ...request, ExternalId: "secret" }), {
    code: "AccessDenied",
  });
  await assert.rejects(sts.assumeRole({ ...request, RoleArn: arn("role/none") }), { code: "AccessDenied" });
  const { Credentials } = await sts.assumeRole({ ...request, ExternalId: "secret" });
  const reader = sessionOf(Credentials);
  await reader.client(S3).listObjectsV2({ Bucket: "rooms" });
  await reader.client(STS).getCallerIdentity();
  await assert.rejects(reader.client(S3).putObject({ Bucket: "rooms", Key: "b", Body: "1" }), {
    message: /assumed-role\/reader\/one is not authorized/,
  });
  const { Credentials: narrow } = await sts.assumeRole({
    ...request,
    ExternalId: "secret",
    Policy: allow("s3:GetObject"),
  });
  await assert.rejects(sessionOf(narrow).client(S3).listObjectsV2({ Bucket: "rooms" }), {
    message: /because no session policy allows/,
  });
});

test("another account's role and bucket need both accounts' consent", async () => {
  const here = await user("ida", allow("sts:AssumeRole", "arn:aws:iam::222222222222:role/*"));
  const trust = document({ Effect: "Allow", Principal: { AWS: "000000000000" }, Action: "sts:AssumeRole" });
  const elsewhere = await Emulator.start({ authorize: true, verify: false });
  const there = elsewhere
    .aws({ credentials: { accessKeyId: "222222222222", secretAccessKey: "any" } })
    .client(IAM);
  await there.createRole({ RoleName: "guest", AssumeRolePolicyDocument: trust });
  const request = { RoleArn: "arn:aws:iam::222222222222:role/guest", RoleSessionName: "one" };
  // On this emulator nobody has made the role.
  await assert.rejects(here.client(STS).assumeRole(request), { code: "AccessDenied" });
  const same = elsewhere.aws().client(IAM);
  await same.createUser({ UserName: "ida" });
  const { AccessKey } = await same.createAccessKey({ UserName: "ida" });
  const credentials = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  const ida = elsewhere.aws({ credentials }).client(STS);
  await assert.rejects(ida.assumeRole(request), { code: "AccessDenied" });
  await same.putUserPolicy({
    UserName: "ida",
    PolicyName: "own",
    PolicyDocument: allow("sts:AssumeRole", request.RoleArn),
  });
  const { AssumedRoleUser } = await ida.assumeRole(request);
  assert.equal(AssumedRoleUser?.Arn, "arn:aws:sts::222222222222:assumed-role/guest/one");
  await elsewhere.close();
});

test("federated users have what their user and their own policy allow; sessions know of a device's code", async () => {
  const jim = await user(
    "jim",
    document(
      { Effect: "Allow", Action: ["s3:ListAllMyBuckets", "sts:GetFederationToken"], Resource: "*" },
      {
        Effect: "Allow",
        Action: "s3:CreateBucket",
        Resource: "*",
        Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
      },
    ),
  );
  const sts = jim.client(STS);
  const { Credentials: bare } = await sts.getFederationToken({ Name: "guest" });
  await assert.rejects(sessionOf(bare).client(S3).listBuckets(), { code: "AccessDenied" });
  const { Credentials: federated } = await sts.getFederationToken({ Name: "guest", Policy: allow("*") });
  await sessionOf(federated).client(S3).listBuckets();
  await assert.rejects(sessionOf(federated).client(S3).createBucket({ Bucket: "jims" }), {
    code: "AccessDenied",
  });
  await assert.rejects(jim.client(S3).createBucket({ Bucket: "jims" }), { code: "AccessDenied" });
  const { Credentials: without } = await sts.getSessionToken();
  await assert.rejects(sessionOf(without).client(S3).createBucket({ Bucket: "jims" }), {
    code: "AccessDenied",
  });
  const { Credentials: coded } = await sts.getSessionToken({
    SerialNumber: arn("mfa/jim"),
    TokenCode: "123456",
  });
  await sessionOf(coded).client(S3).createBucket({ Bucket: "jims" });
});

test("a policy of AWS whose document is not held cannot be weighed", async () => {
  const kim = await user("kim");
  await iam.attachUserPolicy({ UserName: "kim", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" });
  await kim.client(S3).listBuckets();
  await iam.attachUserPolicy({ UserName: "kim", PolicyArn: "arn:aws:iam::aws:policy/SecurityAudit" });
  await assert.rejects(kim.client(S3).listBuckets(), { code: "NotImplemented" });
});

test("without the option who has keys may do everything", async () => {
  const open = await Emulator.start();
  const { AccessKey } = await open
    .aws()
    .client(IAM)
    .createUser({ UserName: "ann" })
    .then(() => open.aws().client(IAM).createAccessKey({ UserName: "ann" }));
  const credentials = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  await open.aws({ credentials }).client(S3).listBuckets();
  await open.close();
});
