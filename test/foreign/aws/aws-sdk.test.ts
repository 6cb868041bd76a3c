/** AWS's own JavaScript clients drive the emulator over HTTP, with verification on. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { Emulator } from "../../../src/emulator/emulator.js";

const FOLDER = resolve("test/foreign/aws");
const installed = existsSync(`${FOLDER}/node_modules/@aws-sdk/client-s3`);
const skip = installed ? false : "test/foreign/aws is not installed: AWS's own clients did not run";
const load = createRequire(`${FOLDER}/package.json`);

/** What the tests use of clients that are not a dependency of ours. */
// biome-ignore lint/suspicious/noExplicitAny: foreign clients, installed apart
type Foreign = any;

const MIB = 1024 * 1024;
let cloud: Emulator;
let options: object;
let s3: Foreign;
let S3: Foreign;

before(start);
after(() => cloud?.close());

async function start(): Promise<void> {
  if (!installed) return;
  cloud = await Emulator.start();
  const { url } = await cloud.listen();
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  options = { region: "us-east-1", endpoint: url, credentials, maxAttempts: 1 };
  S3 = load("@aws-sdk/client-s3");
  s3 = new S3.S3({ ...options, forcePathStyle: true });
  await s3.createBucket({ Bucket: "sdk" });
}

const named = (name: string) => (error: Error) => {
  assert.equal(error.name, name);
  return true;
};

test("S3: a query over an object, as a stream of events", { skip }, async () => {
  await s3.putObject({ Bucket: "sdk", Key: "rows.csv", Body: "a,b\n1,x\n2,y\n" });
  const { Payload } = await s3.selectObjectContent({
    Bucket: "sdk",
    Key: "rows.csv",
    Expression: "SELECT s.b FROM S3Object s WHERE s.a = '2'",
    ExpressionType: "SQL",
    InputSerialization: { CSV: { FileHeaderInfo: "USE" } },
    OutputSerialization: { JSON: {} },
  });
  const events = [];
  for await (const event of Payload) events.push(event);
  assert.equal(Buffer.from(events[0].Records.Payload).toString(), '{"b":"y"}\n');
  assert.deepEqual(events[1].Stats.Details, { BytesScanned: 12, BytesProcessed: 12, BytesReturned: 10 });
  assert.deepEqual(events[2], { End: {} });
});

test("S3: objects, their errors and checksums", { skip }, async () => {
  const put = await s3.putObject({
    Bucket: "sdk",
    Key: "a/ö+ .txt",
    Body: "hello",
    ContentType: "text/plain",
    Metadata: { m: "1" },
  });
  assert.equal(put.ETag, '"5d41402abc4b2a76b9719d911017c592"');
  assert.equal(put.ChecksumCRC32, "NhCmhg==");
  const got = await s3.getObject({ Bucket: "sdk", Key: "a/ö+ .txt" });
  assert.equal(await got.Body.transformToString(), "hello");
  assert.equal(got.ContentType, "text/plain");
  assert.deepEqual(got.Metadata, { m: "1" });
  const part = await s3.getObject({ Bucket: "sdk", Key: "a/ö+ .txt", Range: "bytes=1-2" });
  assert.equal(await part.Body.transformToString(), "el");
  assert.equal(part.ContentRange, "bytes 1-2/5");
  await assert.rejects(s3.getObject({ Bucket: "sdk", Key: "none" }), named("NoSuchKey"));
  await assert.rejects(s3.headObject({ Bucket: "sdk", Key: "none" }), named("NotFound"));
  await assert.rejects(s3.getObject({ Bucket: "no-such-bucket", Key: "k" }), named("NoSuchBucket"));
  for (const ChecksumAlgorithm of ["CRC32C", "CRC64NVME", "SHA1", "SHA256"]) {
    const summed = await s3.putObject({
      Bucket: "sdk",
      Key: ChecksumAlgorithm,
      Body: "hello",
      ChecksumAlgorithm,
    });
    assert.ok(summed[`Checksum${ChecksumAlgorithm}`]);
    const back = await s3.getObject({ Bucket: "sdk", Key: ChecksumAlgorithm, ChecksumMode: "ENABLED" });
    assert.equal(await back.Body.transformToString(), "hello");
  }
});

test("S3: a stream of unknown sum travels in chunks with a trailer", { skip }, async () => {
  const bytes = randomBytes(200_000);
  const Body = Readable.from([bytes.subarray(0, 70_000), bytes.subarray(70_000)]);
  await s3.putObject({ Bucket: "sdk", Key: "stream", Body, ContentLength: bytes.length });
  const got = await s3.getObject({ Bucket: "sdk", Key: "stream" });
  assert.ok(bytes.equals(await got.Body.transformToByteArray()));
  assert.equal(got.ContentEncoding, undefined);
});

test("S3: pages of a listing", { skip }, async () => {
  await s3.createBucket({ Bucket: "listed" });
  for (let n = 0; n < 25; n++)
    await s3.putObject({ Bucket: "listed", Key: `k/${String(n).padStart(2, "0")}`, Body: "x" });
  const keys: string[] = [];
  for await (const page of S3.paginateListObjectsV2({ client: s3, pageSize: 10 }, { Bucket: "listed" })) {
    keys.push(...page.Contents.map((object: { Key: string }) => object.Key));
  }
  assert.equal(keys.length, 25);
  const grouped = await s3.listObjectsV2({ Bucket: "listed", Delimiter: "/" });
  assert.deepEqual(grouped.CommonPrefixes, [{ Prefix: "k/" }]);
  const { Deleted } = await s3.deleteObjects({
    Bucket: "listed",
    Delete: { Objects: keys.map((Key) => ({ Key })) },
  });
  assert.equal(Deleted.length, 25);
  await s3.deleteBucket({ Bucket: "listed" });
  await S3.waitUntilBucketNotExists({ client: s3, maxWaitTime: 10, minDelay: 1 }, { Bucket: "listed" });
});

test("lib-storage: an upload in parts", { skip }, async () => {
  const { Upload } = load("@aws-sdk/lib-storage") as Foreign;
  const bytes = randomBytes(12 * MIB + 3);
  const upload = new Upload({
    client: s3,
    params: { Bucket: "sdk", Key: "big", Body: Readable.from([bytes]) },
    partSize: 5 * MIB,
    queueSize: 2,
  });
  const done = await upload.done();
  assert.match(done.ETag, /^"[0-9a-f]{32}-3"$/);
  const got = await s3.getObject({ Bucket: "sdk", Key: "big" });
  assert.ok(bytes.equals(await got.Body.transformToByteArray()));
  const second = await s3.headObject({ Bucket: "sdk", Key: "big", PartNumber: 2 });
  assert.equal(second.PartsCount, 3);
  assert.equal(second.ContentLength, 5 * MIB);
});

test("presigned URLs; virtual hosts", { skip }, async () => {
  const { getSignedUrl } = load("@aws-sdk/s3-request-presigner") as Foreign;
  await s3.putObject({ Bucket: "sdk", Key: "signed", Body: "signed" });
  const url = await getSignedUrl(s3, new S3.GetObjectCommand({ Bucket: "sdk", Key: "signed" }), {
    expiresIn: 60,
  });
  assert.equal(await (await fetch(url)).text(), "signed");
  assert.equal((await fetch(url.replace("signed", "other"))).status, 403);
  const put = await getSignedUrl(s3, new S3.PutObjectCommand({ Bucket: "sdk", Key: "put" }), {
    expiresIn: 60,
  });
  assert.equal((await fetch(put, { method: "PUT", body: "by URL" })).status, 200);
  const { port } = new URL(url);
  const virtual = new S3.S3({ ...options, endpoint: `http://localhost:${port}` });
  const hosted = await getSignedUrl(virtual, new S3.GetObjectCommand({ Bucket: "sdk", Key: "signed" }), {
    expiresIn: 60,
  });
  assert.equal(new URL(hosted).host, `sdk.localhost:${port}`);
  assert.equal(await getWithHost(hosted, "127.0.0.1"), "signed");
});

/** `*.localhost` is not resolved everywhere: connects to the address, asks for the host. */
async function getWithHost(url: string, address: string): Promise<string> {
  const { get } = await import("node:http");
  const { host, port, pathname, search } = new URL(url);
  return new Promise((done, fail) => {
    get({ host: address, port, path: pathname + search, headers: { host } }, async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      done(text);
    }).on("error", fail);
  });
}

test("EC2: a waiter waits; describe pages", { skip }, async () => {
  const EC2 = load("@aws-sdk/client-ec2") as Foreign;
  const ec2 = new EC2.EC2(options);
  const run = await ec2.runInstances({
    ImageId: "ami-0abcdef1234567890",
    MinCount: 1,
    MaxCount: 1,
    InstanceType: "t3.micro",
  });
  const InstanceIds = [run.Instances[0].InstanceId];
  assert.equal(run.Instances[0].State.Name, "pending");
  await EC2.waitUntilInstanceRunning(
    { client: ec2, maxWaitTime: 10, minDelay: 1, maxDelay: 1 },
    { InstanceIds },
  );
  const found = await ec2.describeInstances({ InstanceIds });
  assert.equal(found.Reservations[0].Instances[0].State.Name, "running");
  await assert.rejects(
    ec2.describeInstances({ InstanceIds: ["i-00000000000000000"] }),
    named("InvalidInstanceID.NotFound"),
  );
  await assert.rejects(ec2.terminateInstances({ InstanceIds, DryRun: true }), named("DryRunOperation"));
  await ec2.terminateInstances({ InstanceIds });
});

test("STS and IAM: keys that they give sign", { skip }, async () => {
  const STS = load("@aws-sdk/client-sts") as Foreign;
  const IAM = load("@aws-sdk/client-iam") as Foreign;
  const sts = new STS.STS(options);
  assert.equal((await sts.getCallerIdentity({})).Arn, "arn:aws:iam::000000000000:root");
  const { Credentials } = await sts.assumeRole({
    RoleArn: "arn:aws:iam::222222222222:role/R",
    RoleSessionName: "me",
  });
  const role = {
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken,
  };
  const assumed = new STS.STS({ ...options, credentials: role });
  assert.equal((await assumed.getCallerIdentity({})).Arn, "arn:aws:sts::222222222222:assumed-role/R/me");
  const iam = new IAM.IAM(options);
  await iam.createUser({ UserName: "bob" });
  const { AccessKey } = await iam.createAccessKey({ UserName: "bob" });
  const bob = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  const his = new STS.STS({ ...options, credentials: bob });
  assert.equal((await his.getCallerIdentity({})).Arn, "arn:aws:iam::000000000000:user/bob");
  await assert.rejects(iam.getUser({ UserName: "nobody" }), named("NoSuchEntityException"));
});
