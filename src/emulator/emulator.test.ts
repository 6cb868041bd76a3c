import assert from "node:assert/strict";
import { test } from "node:test";
import { EC2 } from "../gen/aws/ec2.js";
import { S3 } from "../gen/aws/s3.js";
import { STS } from "../gen/aws/sts.js";
import { Emulator } from "./emulator.js";

const code = (expected: string) => (error: unknown) => {
  assert.equal((error as { code?: string }).code, expected);
  return true;
};
const once = { retry: { maxAttempts: 1 } };

async function bucket(options?: Parameters<typeof Emulator.start>[0]) {
  const cloud = await Emulator.start(options);
  const s3 = cloud.aws(once).client(S3);
  await s3.createBucket({ Bucket: "bucket" });
  return { cloud, s3 };
}

test("in process: an object goes in and comes out, by real host names", async () => {
  const { s3 } = await bucket();
  await s3.putObject({ Bucket: "bucket", Key: "a/b c", Body: "hello", Metadata: { x: "1" } });
  const { Body, Metadata } = await s3.getObject({ Bucket: "bucket", Key: "a/b c" });
  assert.equal(await Body.text(), "hello");
  assert.deepEqual(Metadata, { x: "1" });
  await assert.rejects(s3.getObject({ Bucket: "bucket", Key: "none" }), code("NoSuchKey"));
});

test("a body that its owner changes afterwards is stored as it was", async () => {
  const { s3 } = await bucket();
  const bytes = new Uint8Array([1, 2, 3]);
  await s3.putObject({ Bucket: "bucket", Key: "k", Body: bytes });
  bytes.fill(9);
  const { Body } = await s3.getObject({ Bucket: "bucket", Key: "k" });
  assert.deepEqual([...(await Body.bytes())], [1, 2, 3]);
});

test("over HTTP: the same clouds, by endpoint; close frees the port", async () => {
  const { cloud, s3: inside } = await bucket();
  const { url, env } = await cloud.listen();
  assert.equal(env.AWS_ENDPOINT_URL, url);
  const { Session } = await import("../aws/index.js");
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const session = new Session({ region: "us-east-1", credentials, endpoint: url, s3AddressingStyle: "path" });
  const outside = session.client(S3);
  await outside.putObject({ Bucket: "bucket", Key: "k", Body: "over the wire" });
  const { Body } = await inside.getObject({ Bucket: "bucket", Key: "k" });
  assert.equal(await Body.text(), "over the wire");
  session.close();
  await cloud.close();
  await assert.rejects(fetch(url));
});

test("signatures are checked, unless verify is false", async () => {
  const wrong = { ...once, credentials: { accessKeyId: "test", secretAccessKey: "wrong" } };
  const strict = await Emulator.start();
  await assert.rejects(strict.aws(wrong).client(S3).listBuckets(), code("SignatureDoesNotMatch"));
  await assert.rejects(strict.aws(wrong).client(STS).getCallerIdentity(), code("SignatureDoesNotMatch"));
  const lax = await Emulator.start({ verify: false });
  assert.deepEqual((await lax.aws(wrong).client(S3).listBuckets()).Buckets ?? [], []);
});

test("time: states change with the clock, and only with it once it is frozen", async () => {
  const cloud = await Emulator.start();
  cloud.clock.freeze();
  const ec2 = cloud.aws(once).client(EC2);
  const run = await ec2.runInstances({ ImageId: "ami-0abcdef1234567890", MinCount: 1, MaxCount: 1 });
  const id = run.Instances?.[0]?.InstanceId as string;
  const state = async () => {
    const found = await ec2.describeInstances({ InstanceIds: [id] });
    return found.Reservations?.[0]?.Instances?.[0]?.State?.Name;
  };
  assert.equal(await state(), "pending");
  cloud.clock.advance(1000);
  assert.equal(await state(), "running");
  await ec2.terminateInstances({ InstanceIds: [id] });
  assert.equal(await state(), "shutting-down");
  cloud.clock.advance(1000);
  assert.equal(await state(), "terminated");
  cloud.clock.advance(2 * 3_600_000);
  await assert.rejects(state(), code("InvalidInstanceID.NotFound"));
});

test("time: temporary keys and signed URLs end by the emulator's clock", async () => {
  const { cloud, s3 } = await bucket();
  await s3.putObject({ Bucket: "bucket", Key: "k", Body: "signed" });
  const { url } = await cloud.listen();
  const { Session } = await import("../aws/index.js");
  const root = { accessKeyId: "test", secretAccessKey: "test" };
  const outside = new Session({
    region: "us-east-1",
    endpoint: url,
    credentials: root,
    s3AddressingStyle: "path",
  });
  const link = await outside
    .client(S3)
    .getObject.presign({ Bucket: "bucket", Key: "k" }, { expiresInSeconds: 60 });
  const sts = cloud.aws(once).client(STS);
  const RoleArn = "arn:aws:iam::111111111111:role/R";
  const { Credentials } = await sts.assumeRole({ RoleArn, RoleSessionName: "me", DurationSeconds: 900 });
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId as string,
    secretAccessKey: Credentials?.SecretAccessKey as string,
    sessionToken: Credentials?.SessionToken,
  };
  const role = cloud.aws({ ...once, credentials }).client(STS);
  assert.equal((await role.getCallerIdentity()).Account, "111111111111");
  assert.equal(await (await fetch(link)).text(), "signed");
  cloud.clock.advance(61_000);
  const late = await fetch(link);
  assert.equal(late.status, 403);
  assert.match(await late.text(), /Request has expired/);
  cloud.clock.advance(900_000);
  await assert.rejects(role.getCallerIdentity(), code("ExpiredToken"));
  await cloud.close();
});

test("faults: throttling is retried away, errors come in the service's form and are counted", async () => {
  const { cloud } = await bucket();
  cloud.faults.add({ service: "s3", operation: "ListBuckets", throttle: true, times: 2 });
  const retrying = cloud.aws({ retry: { maxAttempts: 3, maxDelayMs: 1 } }).client(S3);
  assert.equal((await retrying.listBuckets()).Buckets?.length, 1);
  const s3 = cloud.aws(once).client(S3);
  const remove = cloud.faults.add({
    service: "s3",
    error: { code: "InternalError", status: 500 },
    times: Number.POSITIVE_INFINITY,
  });
  await assert.rejects(s3.listBuckets(), code("InternalError"));
  await assert.rejects(s3.headBucket({ Bucket: "bucket" }));
  remove();
  await s3.listBuckets();
  cloud.faults.add({ cloud: "aws", respond: { status: 502, body: "<html>bad gateway</html>" }, after: 1 });
  await s3.listBuckets();
  await assert.rejects(s3.listBuckets(), (error: { status?: number }) => error.status === 502);
});

test("faults: resets and cut bodies reach the client as broken connections, in process and over HTTP", async () => {
  const { cloud, s3 } = await bucket();
  await s3.putObject({ Bucket: "bucket", Key: "k", Body: "x".repeat(100_000) });
  const { url } = await cloud.listen();
  const { Session } = await import("../aws/index.js");
  const root = { accessKeyId: "test", secretAccessKey: "test" };
  const outside = new Session({
    ...once,
    region: "us-east-1",
    endpoint: url,
    credentials: root,
    s3AddressingStyle: "path",
  });
  for (const client of [s3, outside.client(S3)]) {
    cloud.faults.add({ operation: "GetObject", reset: "request" });
    await assert.rejects(client.getObject({ Bucket: "bucket", Key: "k" }), code("ConnectionReset"));
    cloud.faults.add({ operation: "GetObject", cutBodyAfterBytes: 10 });
    const { Body } = await client.getObject({ Bucket: "bucket", Key: "k" });
    await assert.rejects(Body.bytes(), code("BodyTruncated"));
    cloud.faults.add({ operation: "DeleteObject", reset: "response" });
    await assert.rejects(client.deleteObject({ Bucket: "bucket", Key: "k" }), code("ConnectionReset"));
    await assert.rejects(client.getObject({ Bucket: "bucket", Key: "k" }), code("NoSuchKey"));
    await s3.putObject({ Bucket: "bucket", Key: "k", Body: "x".repeat(100_000) });
  }
  outside.close();
  await cloud.close();
});

test("a client that goes away in the middle of its upload leaves nothing behind", async () => {
  const { cloud, s3 } = await bucket({ verify: false });
  const { port } = await cloud.listen();
  const { connect } = await import("node:net");
  const socket = connect(port, "127.0.0.1");
  socket.write("PUT /bucket/half HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n");
  socket.write("x".repeat(50_000));
  while (cloud.memory.usedBytes === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  socket.destroy();
  while (cloud.memory.usedBytes > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await assert.rejects(s3.getObject({ Bucket: "bucket", Key: "half" }), code("NoSuchKey"));
  await cloud.close();
});

test("reset forgets everything; the memory limit is told", async () => {
  const { cloud, s3 } = await bucket({ memoryLimitBytes: 1000 });
  await s3.putObject({ Bucket: "bucket", Key: "k", Body: "x".repeat(900) });
  await assert.rejects(
    s3.putObject({ Bucket: "bucket", Key: "l", Body: "x".repeat(200) }),
    /memoryLimitBytes of 1000/,
  );
  assert.equal(cloud.memory.usedBytes, 900);
  await s3.deleteObject({ Bucket: "bucket", Key: "k" });
  assert.equal(cloud.memory.usedBytes, 0);
  cloud.reset();
  await assert.rejects(
    s3.headBucket({ Bucket: "bucket" }),
    (error: { status?: number }) => error.status === 404,
  );
});

test("what is not there answers 501 with its name", async () => {
  const { s3 } = await bucket();
  await assert.rejects(
    s3.getObjectTorrent({ Bucket: "bucket", Key: "k" }),
    (error: Error & { status?: number }) => {
      assert.equal(error.status, 501);
      assert.match(error.message, /GetObjectTorrent/);
      return true;
    },
  );
});
