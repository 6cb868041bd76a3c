// What every runtime runs, by the package's name: the emulator in its own process, calls on the three clouds over sockets, files.
// Prints {name: "ok" or the error} of each step.
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Session as AwsSession } from "trivet/aws";
import { EC2 } from "trivet/aws/ec2";
import { S3 } from "trivet/aws/s3";
import { Session as AzureSession } from "trivet/azure";
import { Blob as BlobService } from "trivet/azure/blob";
import { Emulator } from "trivet/emulator";
import { Session as GcpSession } from "trivet/gcp";
import { Storage } from "trivet/gcp/storage";

const results = {};
const cloud = await Emulator.start();
const { url, env } = await cloud.listen();
const folder = await mkdtemp(join(tmpdir(), "trivet-runtime-"));
try {
  const aws = new AwsSession({
    region: "us-east-1",
    endpoint: url,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY },
  });
  const s3 = aws.client(S3);
  await step("aws: objects and pages", async () => {
    await s3.createBucket({ Bucket: "runtime" });
    for (const Key of ["a", "b", "c"]) await s3.putObject({ Bucket: "runtime", Key, Body: `body of ${Key}` });
    equal(await (await s3.getObject({ Bucket: "runtime", Key: "b" })).Body.text(), "body of b");
    const keys = [];
    for await (const { Key } of s3.listObjectsV2.items({ Bucket: "runtime" }, { pageSize: 2 }))
      keys.push(Key);
    equal(keys.join(), "a,b,c");
  });
  await step("aws: a body that streams", async () => {
    const parts = ["one ", "two ", "three"];
    const Body = new ReadableStream({
      pull(controller) {
        const next = parts.shift();
        if (next === undefined) controller.close();
        else controller.enqueue(new TextEncoder().encode(next));
      },
    });
    await s3.putObject({ Bucket: "runtime", Key: "stream", Body, ContentLength: 13 });
    const { Body: answer } = await s3.getObject({ Bucket: "runtime", Key: "stream" });
    let text = "";
    for await (const chunk of answer) text += new TextDecoder().decode(chunk);
    equal(text, "one two three");
  });
  await step("aws: files in parts", async () => {
    const [from, to] = [join(folder, "from"), join(folder, "to")];
    await writeFile(from, randomBytes(18_000_001));
    await s3.uploadFile(from, { Bucket: "runtime", Key: "file" });
    await s3.downloadFile({ Bucket: "runtime", Key: "file" }, to);
    equal((await readFile(from)).equals(await readFile(to)), true);
  });
  await step("aws: a presigned URL", async () => {
    const signed = await s3.getObject.presign({ Bucket: "runtime", Key: "a" }, { expiresInSeconds: 60 });
    equal(await (await fetch(signed)).text(), "body of a");
  });
  await step("aws: errors, and an abort", async () => {
    const error = await s3.getObject({ Bucket: "runtime", Key: "absent" }).catch((caught) => caught);
    equal([error.kind, error.code, error instanceof s3.errors.NoSuchKey].join(), "notFound,NoSuchKey,true");
    const aborted = await s3
      .getObject({ Bucket: "runtime", Key: "a" }, { signal: AbortSignal.abort() })
      .catch((caught) => caught);
    equal(aborted.kind, "aborted");
  });
  await step("aws: instances", async () => {
    equal((await aws.client(EC2).describeInstances()).Reservations?.length ?? 0, 0);
  });
  await step("azure: blobs", async () => {
    const accountKey = /AccountKey=([^;]+)/.exec(env.AZURE_STORAGE_CONNECTION_STRING)[1];
    const azure = new AzureSession({ account: "devstoreaccount1", accountKey, endpoint: url });
    const container = azure.resource(BlobService).container("runtime");
    await container.create();
    await container.blob("k").upload("hello");
    equal(await container.blob("k").downloadText(), "hello");
  });
  await step("gcp: objects", async () => {
    const gcp = new GcpSession({ project: "local-project", credentials: "anonymous", endpoint: url });
    const bucket = gcp.resource(Storage).bucket("runtime-bucket");
    await bucket.create();
    await bucket.blob("k").upload("hello");
    equal(await bucket.blob("k").downloadText(), "hello");
  });
  await step("the emulator in process", async () => {
    const session = cloud.aws();
    equal((await session.client(S3).listBuckets()).Buckets.length, 1);
  });
} finally {
  await rm(folder, { recursive: true, force: true });
  await cloud.close();
}
console.log(JSON.stringify(results));
process.exit(0);

async function step(name, run) {
  try {
    await run();
    results[name] = "ok";
  } catch (error) {
    results[name] = String(error?.stack ?? error);
  }
}

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
}
