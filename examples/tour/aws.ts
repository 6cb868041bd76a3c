import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isCloudError, stub } from "trivet";
import { Session } from "trivet/aws";
import { EC2 } from "trivet/aws/ec2";
import { S3 } from "trivet/aws/s3";
import { STS } from "trivet/aws/sts";
import { type Clouds, expect, type Step, statusOf, withEnvironment } from "./step.js";

const BUCKET = "trivet-tour";
const MIB = 1024 * 1024;
const IMAGE = "ami-12c6146b";

async function bucket(clouds: Clouds): Promise<S3> {
  const s3 = clouds.aws().client(S3);
  try {
    await s3.createBucket({ Bucket: BUCKET });
  } catch (error) {
    if (!(isCloudError(error) && error.code === "BucketAlreadyOwnedByYou")) throw error;
  }
  return s3;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

export const awsSteps: readonly Step[] = [
  {
    id: "aws-credentials-chain",
    cloud: "aws",
    title: "new Session().credentials.explain()",
    notForeign: "the step shows where credentials come from: the embedded cloud answers for it",
    run: (clouds) =>
      withEnvironment(
        { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_SESSION_TOKEN: undefined },
        async () => {
          // What a program has in its environment; only the way to the cloud is the tour's.
          const session = new Session({ region: "eu-west-1", transport: clouds.emulator.transport });
          const explained = await session.credentials.explain();
          const answered = explained.find((each) => each.outcome === "answered");
          expect(answered !== undefined, "no source answered");
          const { Account } = await session.client(STS).getCallerIdentity();
          return `${answered.source} answered, account ${Account}; skipped: ${explained.filter((each) => each.outcome === "skipped").length}`;
        },
      ),
  },
  {
    id: "aws-ec2-client",
    cloud: "aws",
    title: "ec2.describeInstances()",
    async run(clouds) {
      const ec2 = clouds.aws().client(EC2);
      await ec2.runInstances({ ImageId: IMAGE, MinCount: 2, MaxCount: 2, InstanceType: "t3.micro" });
      const { Reservations = [] } = await ec2.describeInstances();
      const instances = Reservations.flatMap((each) => each.Instances ?? []);
      expect(instances.length >= 2, `saw ${instances.length} instances`);
      return `${instances.length} instances, first ${instances[0]?.InstanceId} ${instances[0]?.State?.Name}`;
    },
  },
  {
    id: "aws-ec2-resource",
    cloud: "aws",
    title: "for await (const instance of aws.resource(EC2).instances.all())",
    async run(clouds) {
      const seen: string[] = [];
      for await (const instance of clouds.aws().resource(EC2).instances.all()) {
        const state = (await instance.state()) as { Name?: string } | undefined;
        seen.push(`${instance.id} ${state?.Name}`);
      }
      expect(seen.length >= 2, `saw ${seen.length} instances`);
      return seen.slice(0, 2).join(", ");
    },
  },
  {
    id: "aws-s3-upload-file",
    cloud: "aws",
    title: 's3.uploadFile("local.bin", { Bucket, Key }) of 64 MiB, in parts',
    async run(clouds) {
      const s3 = await bucket(clouds);
      const path = join(clouds.folder, "local.bin");
      await writeFile(path, randomBytes(64 * MIB));
      let last = 0;
      await s3.uploadFile(
        path,
        { Bucket: BUCKET, Key: "remote.bin" },
        { onProgress: ({ transferredBytes }) => (last = transferredBytes) },
      );
      const { ContentLength } = await s3.headObject({ Bucket: BUCKET, Key: "remote.bin" });
      expect(
        ContentLength === 64 * MIB && last === 64 * MIB,
        `sent ${last} bytes, there are ${ContentLength}`,
      );
      return `${ContentLength} bytes, progress to the last byte`;
    },
  },
  {
    id: "aws-s3-download-file",
    cloud: "aws",
    title: 's3.downloadFile({ Bucket, Key }, "copy.bin"), compared byte for byte',
    async run(clouds) {
      const s3 = await bucket(clouds);
      const copy = join(clouds.folder, "copy.bin");
      await s3.downloadFile({ Bucket: BUCKET, Key: "remote.bin" }, copy);
      const [there, here] = await Promise.all([sha256(join(clouds.folder, "local.bin")), sha256(copy)]);
      expect(there === here, "the copy differs");
      return `64 MiB, sha256 ${here.slice(0, 16)}... on both sides`;
    },
  },
  {
    id: "aws-s3-get-object",
    cloud: "aws",
    title: "s3.getObject({ Bucket, Key }) and Body.json()",
    async run(clouds) {
      const s3 = await bucket(clouds);
      await s3.putObject({
        Bucket: BUCKET,
        Key: "config.json",
        Body: '{"answer":42}',
        ContentType: "application/json",
      });
      const { Body, ContentType } = await s3.getObject({ Bucket: BUCKET, Key: "config.json" });
      const config = (await Body.json()) as { answer: number };
      expect(config.answer === 42, "the object came back changed");
      return `${ContentType}: ${JSON.stringify(config)}`;
    },
  },
  {
    id: "aws-s3-list-paginated",
    cloud: "aws",
    title: "s3.listObjectsV2.items({ Bucket, Prefix }) over 2,500 objects",
    async run(clouds) {
      const s3 = await bucket(clouds);
      const keys = Array.from({ length: 2500 }, (_, n) => `logs/${String(n).padStart(5, "0")}`);
      const waiting = [...keys];
      await Promise.all(
        Array.from({ length: 16 }, async () => {
          for (let Key = waiting.pop(); Key !== undefined; Key = waiting.pop())
            await s3.putObject({ Bucket: BUCKET, Key, Body: Key });
        }),
      );
      const seen: string[] = [];
      for await (const object of s3.listObjectsV2.items({ Bucket: BUCKET, Prefix: "logs/" }))
        seen.push(object.Key ?? "");
      let pages = 0;
      for await (const _ of s3.listObjectsV2.pages({ Bucket: BUCKET, Prefix: "logs/" })) pages++;
      expect(seen.length === 2500 && seen.every((key, n) => key === keys[n]), `saw ${seen.length} of 2,500`);
      return `${seen.length} objects in ${pages} pages`;
    },
  },
  {
    id: "aws-s3-presigned-url",
    cloud: "aws",
    title: "s3.getObject.presign({ Bucket, Key }), fetched without credentials",
    async run(clouds) {
      const s3 = clouds.foreign.has("aws")
        ? await bucket(clouds)
        : clouds.aws({ endpoint: (await clouds.served()).url, transport: undefined }).client(S3);
      const Bucket = "trivet-tour-signed";
      await s3.createBucket({ Bucket });
      await s3.putObject({ Bucket, Key: "report.txt", Body: "quarterly" });
      const at = (seconds: number) => new Date(Date.now() + seconds * 1000);
      const url = await s3.getObject.presign({ Bucket, Key: "report.txt" }, { expiresInSeconds: 60 });
      const text = await (await fetch(url)).text();
      expect(text === "quarterly", `the URL answered ${text}`);
      if (clouds.foreign.has("aws"))
        return "200; refusal is not shown: this server checks neither signature nor expiry";
      const altered = await statusOf(url.replace("report.txt", "secret.txt"));
      const expired = await statusOf(
        await s3.getObject.presign({ Bucket, Key: "report.txt" }, { expiresInSeconds: 60, at: at(-3600) }),
      );
      expect(altered === 403 && expired === 403, `altered ${altered}, expired ${expired}`);
      return `200 "${text}"; altered ${altered}; expired ${expired}`;
    },
  },
  {
    id: "aws-ec2-paginator-filters",
    cloud: "aws",
    title: 'ec2.describeInstances.items({ Filters: [{ Name: "instance-type", Values }] }, { pageSize: 5 })',
    async run(clouds) {
      const ec2 = clouds.aws().client(EC2);
      await ec2.runInstances({ ImageId: IMAGE, MinCount: 7, MaxCount: 7, InstanceType: "t3.large" });
      let found = 0;
      const Filters = [{ Name: "instance-type", Values: ["t3.large"] }];
      for await (const reservation of ec2.describeInstances.items({ Filters }, { pageSize: 5 }))
        found += reservation.Instances?.length ?? 0;
      expect(found >= 7, `found ${found} of 7`);
      return `${found} instances of type t3.large`;
    },
  },
  {
    id: "aws-ec2-run-and-wait",
    cloud: "aws",
    title: "ec2.runInstances(...) and ec2.waitUntil.instanceRunning({ InstanceIds })",
    async run(clouds) {
      const ec2 = clouds.aws().client(EC2);
      const { Instances = [] } = await ec2.runInstances({ ImageId: IMAGE, MinCount: 1, MaxCount: 1 });
      const id = Instances[0]?.InstanceId ?? "";
      const before = Instances[0]?.State?.Name;
      await ec2.waitUntil.instanceRunning({ InstanceIds: [id] }, { delayMs: 50, maxWaitSeconds: 30 });
      await ec2.terminateInstances({ InstanceIds: [id] });
      await ec2.waitUntil.instanceTerminated({ InstanceIds: [id] }, { delayMs: 50, maxWaitSeconds: 30 });
      return `${id}: ${before}, running, terminated`;
    },
  },
  {
    id: "aws-profile-session",
    cloud: "aws",
    title: 'new Session({ profile: "staging" })',
    notForeign: "the step shows where settings come from: the embedded cloud answers for it",
    async run(clouds) {
      const path = join(clouds.folder, "aws-config");
      await writeFile(
        path,
        "[profile staging]\nregion = eu-west-1\naws_access_key_id = test\naws_secret_access_key = test\n",
      );
      return withEnvironment(
        { AWS_CONFIG_FILE: path, AWS_SHARED_CREDENTIALS_FILE: join(clouds.folder, "none") },
        async () => {
          const session = new Session({ profile: "staging", transport: clouds.emulator.transport });
          const { Arn } = await session.client(STS).getCallerIdentity();
          const region = await session.region();
          expect(region === "eu-west-1", `region is ${region}`);
          return `region ${region}, ${Arn}`;
        },
      );
    },
  },
  {
    id: "aws-assume-role",
    cloud: "aws",
    title: "aws.assumeRole({ RoleArn }).client(STS).getCallerIdentity()",
    async run(clouds) {
      const RoleArn = "arn:aws:iam::222222222222:role/CrossAccountRead";
      const reader = clouds.aws().assumeRole({ RoleArn });
      const { Account, Arn } = await reader.client(STS).getCallerIdentity();
      expect(Arn?.includes("assumed-role/CrossAccountRead/") === true, `is ${Arn}`);
      return `account ${Account}, ${Arn}`;
    },
  },
  {
    id: "region-from-environment",
    cloud: "aws",
    title: "new Session() reads AWS_REGION, and AWS_DEFAULT_REGION where that is not set",
    run: () =>
      withEnvironment({ AWS_REGION: "ap-southeast-2", AWS_DEFAULT_REGION: "eu-west-3" }, async () => {
        const first = await new Session().region();
        const second = await withEnvironment({ AWS_REGION: undefined }, () => new Session().region());
        expect(first === "ap-southeast-2" && second === "eu-west-3", `regions ${first}, ${second}`);
        return `${first}; then ${second}`;
      }),
  },
  {
    id: "typed-error",
    cloud: "aws",
    title: "catch (error) { if (error instanceof s3.errors.NoSuchKey) ... }",
    async run(clouds) {
      const s3 = await bucket(clouds);
      try {
        await s3.getObject({ Bucket: BUCKET, Key: "nowhere" });
      } catch (error) {
        expect(error instanceof s3.errors.NoSuchKey, `is ${error}`);
        const { code, kind, status, requestId } = error;
        return `${code}: kind ${kind}, status ${status}, request ${requestId}`;
      }
      throw new Error("the call did not fail");
    },
  },
  {
    id: "throttled-and-retried",
    cloud: "aws",
    title: "two injected 503s, then the answer",
    notForeign: "faults are injected by the embedded cloud",
    async run(clouds) {
      await bucket(clouds);
      const waits: string[] = [];
      const s3 = clouds
        .aws({
          hooks: { onRetry: (error, { attempt }) => void waits.push(`attempt ${attempt} ${error.code}`) },
        })
        .client(S3);
      clouds.emulator.faults.add({ service: "s3", operation: "ListBuckets", times: 2, throttle: true });
      const { Buckets = [] } = await s3.listBuckets();
      expect(waits.length === 2, `retried ${waits.length} times`);
      return `${waits.join(", ")}, then ${Buckets.length} buckets`;
    },
  },
  {
    id: "stubbed-unit-test",
    cloud: "aws",
    title: "stub(s3).respond(...): a unit test without a server",
    async run() {
      const s3 = new Session({
        region: "eu-west-1",
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
      }).client(S3);
      const stubbed = stub(s3);
      stubbed.respond("getObject", { Body: "hello", ContentLength: 5 }, { Bucket: "b", Key: "k" });
      stubbed.fail("headBucket", { code: "NotFound", status: 404 });
      const text = await (await s3.getObject({ Bucket: "b", Key: "k" })).Body.text();
      const kind = await s3.headBucket({ Bucket: "b" }).then(
        () => "none",
        (error: unknown) => (isCloudError(error) ? error.kind : String(error)),
      );
      stubbed.assertDone();
      expect(text === "hello" && kind === "notFound", `answered ${text}, ${kind}`);
      return `"${text}", then an error of kind ${kind}; nothing left to ask`;
    },
  },
];
