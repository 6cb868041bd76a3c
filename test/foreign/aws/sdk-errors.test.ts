/** Error classes, waiters and paginators of AWS's JavaScript SDK. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { emulated, type Foreign, load, named, skip } from "./sdk.js";

const Bucket = "errors";
let S3: Foreign;
let s3: Foreign;
let EC2: Foreign;
let ec2: Foreign;
const target = emulated(({ options }) => {
  S3 = load("@aws-sdk/client-s3");
  EC2 = load("@aws-sdk/client-ec2");
  s3 = new S3.S3({ ...options, forcePathStyle: true });
  ec2 = new EC2.EC2(options);
  return s3.createBucket({ Bucket });
});

/** Of the SDK's own class, with the status and a request id. */
const instance = (Class: Foreign, status: number) => (error: Foreign) => {
  assert.ok(error instanceof Class, `${error.name}: ${error.message}`);
  assert.equal(error.$metadata.httpStatusCode, status);
  assert.ok(error.$metadata.requestId);
  return true;
};

test("S3: errors are of their classes", { skip }, async () => {
  await s3.putObject({ Bucket, Key: "k", Body: "x" });
  await assert.rejects(s3.getObject({ Bucket, Key: "none" }), instance(S3.NoSuchKey, 404));
  await assert.rejects(s3.headObject({ Bucket, Key: "none" }), instance(S3.NotFound, 404));
  await assert.rejects(s3.headBucket({ Bucket: "no-such-bucket" }), instance(S3.NotFound, 404));
  await assert.rejects(s3.listObjectsV2({ Bucket: "no-such-bucket" }), instance(S3.NoSuchBucket, 404));
  await assert.rejects(
    s3.abortMultipartUpload({ Bucket, Key: "k", UploadId: "none" }),
    instance(S3.NoSuchUpload, 404),
  );
  const elsewhere = new S3.S3({ ...target.options, region: "eu-west-1", forcePathStyle: true });
  const again = { Bucket: "mine", CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } };
  await elsewhere.createBucket(again);
  await assert.rejects(elsewhere.createBucket(again), instance(S3.BucketAlreadyOwnedByYou, 409));
  const sts = new (load("@aws-sdk/client-sts").STS)(target.options);
  const { Credentials } = await sts.assumeRole({
    RoleArn: "arn:aws:iam::111111111111:role/other",
    RoleSessionName: "other",
  });
  const other = new S3.S3({
    ...target.options,
    forcePathStyle: true,
    credentials: {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken,
    },
  });
  await assert.rejects(other.createBucket({ Bucket }), instance(S3.BucketAlreadyExists, 409));
  await assert.rejects(s3.deleteBucket({ Bucket }), named("BucketNotEmpty", 409));
  const appended = s3.putObject({ Bucket, Key: "k", Body: "y", WriteOffsetBytes: 1 });
  await assert.rejects(appended, named("NotImplemented", 501));
  await assert.rejects(s3.createBucket({ Bucket: "No_Good" }), named("InvalidBucketName", 400));
  await assert.rejects(s3.getObject({ Bucket, Key: "k", Range: "bytes=9-" }), named("InvalidRange", 416));
});

test("S3: conditions", { skip }, async () => {
  const Key = "conditions";
  const { ETag } = await s3.putObject({ Bucket, Key, Body: "x" });
  const get = (conditions: object) => s3.getObject({ Bucket, Key, ...conditions });
  await get({ IfMatch: ETag });
  await assert.rejects(get({ IfMatch: '"other"' }), named("PreconditionFailed", 412));
  await assert.rejects(
    get({ IfNoneMatch: ETag }),
    (error: Foreign) => error.$metadata.httpStatusCode === 304,
  );
  await assert.rejects(get({ IfUnmodifiedSince: new Date(0) }), named("PreconditionFailed", 412));
  const put = (conditions: object) => s3.putObject({ Bucket, Key, Body: "y", ...conditions });
  await assert.rejects(put({ IfNoneMatch: "*" }), named("PreconditionFailed", 412));
  await assert.rejects(put({ IfMatch: '"other"' }), named("PreconditionFailed", 412));
  await put({ IfMatch: ETag });
  await assert.rejects(
    s3.putObject({ Bucket, Key: "new", Body: "y", IfMatch: ETag }),
    instance(S3.NoSuchKey, 404),
  );
  await assert.rejects(
    s3.copyObject({ Bucket, Key: "copy", CopySource: `${Bucket}/${Key}`, CopySourceIfMatch: '"other"' }),
    named("PreconditionFailed", 412),
  );
});

test("S3: waiters", { skip }, async () => {
  const options = { client: s3, maxWaitTime: 10, minDelay: 1, maxDelay: 1 };
  const Key = "awaited";
  const waiting = S3.waitUntilObjectExists(options, { Bucket, Key });
  await s3.putObject({ Bucket, Key, Body: "x" });
  assert.equal((await waiting).state, "SUCCESS");
  await s3.deleteObject({ Bucket, Key });
  assert.equal((await S3.waitUntilObjectNotExists(options, { Bucket, Key })).state, "SUCCESS");
  assert.equal((await S3.waitUntilBucketExists(options, { Bucket })).state, "SUCCESS");
  await assert.rejects(
    S3.waitUntilBucketExists({ ...options, maxWaitTime: 2 }, { Bucket: "never-made" }),
    named("TimeoutError"),
  );
});

test("S3: every paginator", { skip }, async () => {
  const many = "many";
  await s3.createBucket({ Bucket: many });
  await s3.putBucketVersioning({ Bucket: many, VersioningConfiguration: { Status: "Enabled" } });
  for (let n = 0; n < 7; n++) await s3.putObject({ Bucket: many, Key: `k ${n % 5}`, Body: "x" });
  for (let n = 0; n < 3; n++) await s3.createMultipartUpload({ Bucket: many, Key: `u${n}` });
  const count = async (pages: AsyncIterable<Foreign>, member: string) => {
    let all = 0;
    let pageCount = 0;
    for await (const page of pages) {
      all += page[member]?.length ?? 0;
      pageCount++;
    }
    return [all, pageCount];
  };
  const options = { client: s3, pageSize: 2 };
  assert.deepEqual(await count(S3.paginateListObjectsV2(options, { Bucket: many }), "Contents"), [5, 3]);
  const start = S3.paginateListObjectsV2(options, { Bucket: many, StartAfter: "k 1", EncodingType: "url" });
  assert.deepEqual(await count(start, "Contents"), [3, 2]);
  const versions = await s3.listObjectVersions({ Bucket: many, MaxKeys: 4 });
  assert.deepEqual([versions.Versions.length, versions.IsTruncated], [4, true]);
  const more = await s3.listObjectVersions({
    Bucket: many,
    KeyMarker: versions.NextKeyMarker,
    VersionIdMarker: versions.NextVersionIdMarker,
  });
  assert.equal(more.Versions.length, 3);
  const uploads = await s3.listMultipartUploads({ Bucket: many, MaxUploads: 2 });
  assert.deepEqual([uploads.Uploads.length, uploads.IsTruncated], [2, true]);
  const buckets = S3.paginateListBuckets({ client: s3, pageSize: 1 }, { Prefix: "" });
  assert.ok(((await count(buckets, "Buckets"))[0] as number) >= 2);
});

test("EC2: dry runs, waiters, paginators, errors", { skip }, async () => {
  const run = (more: object) =>
    ec2.runInstances({ ImageId: "ami-0abcdef1234567890", MinCount: 1, MaxCount: 3, ...more });
  await assert.rejects(run({ DryRun: true }), named("DryRunOperation", 412));
  await assert.rejects(ec2.describeInstances({ DryRun: true }), named("DryRunOperation", 412));
  const { Instances } = await run({
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "suite", Value: "js" }] }],
  });
  const InstanceIds = Instances.map((each: Foreign) => each.InstanceId);
  assert.equal(InstanceIds.length, 3);
  const options = { client: ec2, maxWaitTime: 20, minDelay: 1, maxDelay: 1 };
  await EC2.waitUntilInstanceExists(options, { InstanceIds });
  await EC2.waitUntilInstanceRunning(options, { InstanceIds });
  target.cloud.clock.advance(300_000);
  await EC2.waitUntilInstanceStatusOk(options, { InstanceIds });
  await EC2.waitUntilSystemStatusOk(options, { InstanceIds });
  const found: string[] = [];
  const Filters = [{ Name: "tag:suite", Values: ["js"] }];
  for await (const page of EC2.paginateDescribeInstances({ client: ec2, pageSize: 5 }, { Filters }))
    for (const { Instances: each } of page.Reservations)
      found.push(...each.map((instance: Foreign) => instance.InstanceId));
  assert.deepEqual(found.sort(), [...InstanceIds].sort());
  await ec2.stopInstances({ InstanceIds });
  await EC2.waitUntilInstanceStopped(options, { InstanceIds });
  await ec2.terminateInstances({ InstanceIds });
  await EC2.waitUntilInstanceTerminated(options, { InstanceIds });
  const running = EC2.waitUntilInstanceRunning(options, { InstanceIds });
  await assert.rejects(running, (error: Error) => /FAILURE/.test(error.message));
  const types = EC2.paginateDescribeInstanceTypes({ client: ec2, pageSize: 5 }, {});
  const names = new Set<string>();
  for await (const page of types) for (const each of page.InstanceTypes) names.add(each.InstanceType);
  assert.ok(names.has("t3.micro"));
  await assert.rejects(ec2.describeVpcs({ VpcIds: ["vpc-00000000"] }), named("InvalidVpcID.NotFound", 400));
  const { KeyPairId, KeyMaterial } = await ec2.createKeyPair({ KeyName: "pair" });
  assert.match(KeyMaterial, /PRIVATE KEY/);
  await EC2.waitUntilKeyPairExists(options, { KeyPairIds: [KeyPairId] });
  await assert.rejects(ec2.createKeyPair({ KeyName: "pair" }), named("InvalidKeyPair.Duplicate", 400));
});

test("IAM: classes, waiters, paginators", { skip }, async () => {
  const IAM = load("@aws-sdk/client-iam");
  const iam = new IAM.IAM(target.options);
  for (let n = 0; n < 5; n++) await iam.createUser({ UserName: `user-${n}`, Path: "/many/" });
  const users: string[] = [];
  for await (const page of IAM.paginateListUsers({ client: iam, pageSize: 2 }, { PathPrefix: "/many/" }))
    users.push(...page.Users.map(({ UserName }: Foreign) => UserName));
  assert.equal(users.length, 5);
  await assert.rejects(
    iam.createUser({ UserName: "user-0" }),
    instance(IAM.EntityAlreadyExistsException, 409),
  );
  await assert.rejects(iam.getRole({ RoleName: "none" }), instance(IAM.NoSuchEntityException, 404));
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
  });
  await iam.createRole({ RoleName: "role", AssumeRolePolicyDocument });
  const options = { client: iam, maxWaitTime: 10, minDelay: 1, maxDelay: 1 };
  assert.equal((await IAM.waitUntilRoleExists(options, { RoleName: "role" })).state, "SUCCESS");
  assert.equal((await IAM.waitUntilUserExists(options, { UserName: "user-1" })).state, "SUCCESS");
  await assert.rejects(
    iam.createRole({ RoleName: "bad", AssumeRolePolicyDocument: "{" }),
    instance(IAM.MalformedPolicyDocumentException, 400),
  );
  await iam.putRolePolicy({
    RoleName: "role",
    PolicyName: "inline",
    PolicyDocument: AssumeRolePolicyDocument.replace(/"Principal":{[^}]*},/, '"Resource":"*",'),
  });
  await assert.rejects(iam.deleteRole({ RoleName: "role" }), instance(IAM.DeleteConflictException, 409));
});
