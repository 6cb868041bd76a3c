import assert from "node:assert/strict";
import { test } from "node:test";
import { signV4 } from "../../../auth/sigv4.js";
import { S3 } from "../../../gen/aws/s3.js";
import { Emulator } from "../../emulator.js";

const Bucket = "fast--use1-az4--x-s3";
const once = { maxAttempts: 1 };

async function directory() {
  const cloud = await Emulator.start();
  const s3 = cloud.aws(once).client(S3);
  await s3.createBucket({
    Bucket,
    CreateBucketConfiguration: {
      Location: { Type: "AvailabilityZone", Name: "use1-az4" },
      Bucket: { Type: "Directory", DataRedundancy: "SingleAvailabilityZone" },
    },
  });
  return { cloud, s3 };
}

test("a directory bucket: its name has its zone, its objects are signed for with its own sessions", async () => {
  const { s3 } = await directory();
  await s3.putObject({ Bucket, Key: "a/k", Body: "fast" });
  const read = await s3.getObject({ Bucket, Key: "a/k" });
  assert.deepEqual([await read.Body.text(), read.StorageClass], ["fast", "EXPRESS_ONEZONE"]);
  const { BucketLocationName, BucketLocationType, BucketArn } = await s3.headBucket({ Bucket });
  assert.deepEqual([BucketLocationName, BucketLocationType], ["use1-az4", "AvailabilityZone"]);
  assert.equal(BucketArn, `arn:aws:s3express:us-east-1:000000000000:bucket/${Bucket}`);
  for (const config of [
    undefined,
    { Bucket: { Type: "Directory" as const }, Location: { Name: "use1-az5" } },
  ]) {
    await assert.rejects(
      s3.createBucket({
        Bucket: "other--use1-az4--x-s3",
        ...(config && { CreateBucketConfiguration: config }),
      }),
      { code: "InvalidBucketName" },
    );
  }
});

test("directory buckets are listed apart from others", async () => {
  const { s3 } = await directory();
  await s3.createBucket({ Bucket: "plain" });
  const names = async (list: AsyncIterable<{ Name?: string }>) => {
    const found = [];
    for await (const { Name } of list) found.push(Name);
    return found;
  };
  assert.deepEqual(await names(s3.listBuckets.items({})), ["plain"]);
  assert.deepEqual(await names(s3.listDirectoryBuckets.items({})), [Bucket]);
});

test("the keys of a session are good for their bucket, in their mode, for five minutes", async () => {
  const { cloud, s3 } = await directory();
  await s3.putObject({ Bucket, Key: "k", Body: "x" });
  const { Credentials } = await s3.createSession({ Bucket, SessionMode: "ReadOnly" });
  const { url } = await cloud.listen();
  const send = async (method: string, path: string, service = "s3express") => {
    const request = { method, origin: url, path, query: "", headers: { host: new URL(url).host } };
    const signed = await signV4(request, {
      credentials: {
        accessKeyId: Credentials.AccessKeyId,
        secretAccessKey: Credentials.SecretAccessKey,
        sessionToken: Credentials.SessionToken,
      },
      service,
      region: "us-east-1",
      at: cloud.clock.date(),
      tokenHeader: "x-amz-s3session-token",
      pathAsSent: true,
      payloadHeader: true,
    });
    const response = await fetch(url + path, { method, headers: signed.headers });
    const text = await response.text();
    return response.ok ? text : (/<Code>(\w+)</.exec(text)?.[1] ?? response.status);
  };
  try {
    assert.equal(await send("GET", `/${Bucket}/k`), "x");
    assert.equal(await send("PUT", `/${Bucket}/k`), "AccessDenied");
    assert.equal(await send("GET", "/"), "AccessDenied");
    assert.equal(await send("GET", `/${Bucket}/k`, "s3"), "InvalidAccessKeyId");
    cloud.clock.advance(301_000);
    assert.equal(await send("GET", `/${Bucket}/k`), "ExpiredToken");
  } finally {
    await cloud.close();
  }
});

test("a rename moves an object, under conditions, and once for each token", async () => {
  const { s3 } = await directory();
  const { ETag = "" } = await s3.putObject({ Bucket, Key: "from", Body: "moved", Metadata: { a: "1" } });
  await s3.putObject({ Bucket, Key: "taken", Body: "other" });
  const rename = { Bucket, Key: "taken", RenameSource: "from" };
  await assert.rejects(s3.renameObject({ ...rename, DestinationIfNoneMatch: "*" }), {
    code: "PreconditionFailed",
  });
  await assert.rejects(s3.renameObject({ ...rename, SourceIfNoneMatch: ETag }), {
    code: "PreconditionFailed",
  });
  await assert.rejects(s3.renameObject({ ...rename, Key: "a/" }), { code: "InvalidRequest" });
  for (let i = 0; i < 2; i++) {
    await s3.renameObject({
      ...rename,
      RenameSource: `/${Bucket}/from`,
      SourceIfMatch: ETag,
      ClientToken: "once",
    });
  }
  await assert.rejects(s3.renameObject({ ...rename, Key: "else", ClientToken: "once" }), {
    code: "IdempotencyParameterMismatch",
  });
  const read = await s3.getObject({ Bucket, Key: "taken" });
  assert.deepEqual([await read.Body.text(), read.Metadata, read.ETag], ["moved", { a: "1" }, ETag]);
  await assert.rejects(s3.renameObject(rename), { code: "NoSuchKey" });
});

test("an object of a directory bucket grows at its end", async () => {
  const { s3 } = await directory();
  await s3.putObject({ Bucket, Key: "log", Body: "one", WriteOffsetBytes: 0 });
  const { Size } = await s3.putObject({ Bucket, Key: "log", Body: " two", WriteOffsetBytes: 3 });
  assert.equal(Number(Size), 7);
  await assert.rejects(s3.putObject({ Bucket, Key: "log", Body: "x", WriteOffsetBytes: 3 }), {
    code: "InvalidWriteOffset",
  });
  assert.equal(await (await s3.getObject({ Bucket, Key: "log" })).Body.text(), "one two");
});

test("what directory buckets do not know they refuse", async () => {
  const { s3 } = await directory();
  await assert.rejects(s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } }), {
    code: "MethodNotAllowed",
  });
  await assert.rejects(s3.listObjectsV2({ Bucket, Prefix: "a" }), { code: "InvalidArgument" });
  await s3.createBucket({ Bucket: "plain" });
  const renaming = s3.renameObject({ Bucket: "plain", Key: "a", RenameSource: "b" });
  await assert.rejects(renaming, { code: "MethodNotAllowed" });
});
