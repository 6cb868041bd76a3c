/** S3 on moto. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { before, test } from "node:test";
import type { Session } from "../../../src/aws/index.js";
import { S3 } from "../../../src/gen/aws/s3.js";

const MIB = 1024 * 1024;
const Bucket = "suite";

export function runMotoS3Suite(session: Session): void {
  const s3 = session.client(S3);
  before(() => s3.createBucket({ Bucket }));
  objectTests(s3);
  listingTests(s3);
  transferTests(s3);
  versionTests(s3);
  checksumTests(s3);
}

function objectTests(s3: S3): void {
  test("moto S3: an object with its metadata, whole and in ranges", async () => {
    const Key = "a/ü ?&+.txt";
    const { ETag } = await s3.putObject({
      Bucket,
      Key,
      Body: "hello, moto",
      ContentType: "text/plain",
      Metadata: { owner: "ops" },
    });
    const whole = await s3.getObject({ Bucket, Key });
    assert.equal(await whole.Body.text(), "hello, moto");
    assert.deepEqual([whole.ContentType, whole.Metadata, whole.ETag], ["text/plain", { owner: "ops" }, ETag]);
    assert.ok(whole.LastModified instanceof Date);
    const range = await s3.getObject({ Bucket, Key, Range: "bytes=7-10" });
    assert.equal(await range.Body.text(), "moto");
    assert.equal(range.ContentRange, "bytes 7-10/11");
  });

  test("moto S3: conditions", async () => {
    const Key = "conditional";
    const { ETag = "" } = await s3.putObject({ Bucket, Key, Body: "1" });
    await assert.rejects(s3.getObject({ Bucket, Key, IfNoneMatch: ETag }), { status: 304 });
    await assert.rejects(s3.getObject({ Bucket, Key, IfMatch: '"other"' }), { kind: "preconditionFailed" });
    await assert.rejects(s3.putObject({ Bucket, Key, Body: "2", IfNoneMatch: "*" }), {
      code: "PreconditionFailed",
    });
  });

  test("moto S3: what is not there", async () => {
    await assert.rejects(s3.getObject({ Bucket, Key: "nowhere" }), (error) => {
      assert.ok(error instanceof s3.errors.NoSuchKey, String(error));
      assert.deepEqual([error.kind, error.status], ["notFound", 404]);
      return true;
    });
    await assert.rejects(s3.headObject({ Bucket, Key: "nowhere" }), { kind: "notFound" });
    await assert.rejects(s3.listObjectsV2({ Bucket: "no-such-bucket" }), { code: "NoSuchBucket" });
  });

  test("moto S3: copies, and a URL that anyone may fetch", async () => {
    await s3.putObject({ Bucket, Key: "from", Body: "copied" });
    await s3.copyObject({ Bucket, Key: "to", CopySource: `${Bucket}/from` });
    const url = await s3.getObject.presign({ Bucket, Key: "to" }, { expiresInSeconds: 60 });
    assert.equal(await (await fetch(url)).text(), "copied");
    const put = await s3.putObject.presign({ Bucket, Key: "by-url" }, { expiresInSeconds: 60 });
    assert.equal((await fetch(put, { method: "PUT", body: "put by fetch" })).status, 200);
    assert.equal(await (await s3.getObject({ Bucket, Key: "by-url" })).Body.text(), "put by fetch");
  });
}

function listingTests(s3: S3): void {
  test("moto S3: pages, common prefixes, and the deletion of many", async () => {
    const keys = Array.from({ length: 25 }, (_, n) => `list/${n % 2}/${String(n).padStart(2, "0")} +&.txt`);
    await Promise.all(keys.map((Key) => s3.putObject({ Bucket, Key, Body: Key })));
    let pages = 0;
    const seen: (string | undefined)[] = [];
    for await (const page of s3.listObjectsV2.pages({ Bucket, Prefix: "list/" }, { pageSize: 10 })) {
      pages++;
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
    }
    assert.deepEqual([pages, seen], [3, [...keys].sort()]);
    const { CommonPrefixes } = await s3.listObjectsV2({ Bucket, Prefix: "list/", Delimiter: "/" });
    assert.deepEqual(
      CommonPrefixes?.map(({ Prefix }) => Prefix),
      ["list/0/", "list/1/"],
    );
    const { Deleted } = await s3.deleteObjects({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } });
    assert.equal(Deleted?.length, 25);
    assert.deepEqual(await s3.listObjectsV2.items({ Bucket, Prefix: "list/" }).next(), {
      done: true,
      value: undefined,
    });
  });

  test("moto S3: buckets, and a bucket's location", async () => {
    const { Buckets = [] } = await s3.listBuckets();
    assert.ok(Buckets.some(({ Name, CreationDate }) => Name === Bucket && CreationDate instanceof Date));
    await s3.createBucket({
      Bucket: "suite-eu",
      CreateBucketConfiguration: { LocationConstraint: "eu-west-1" },
    });
    assert.equal((await s3.getBucketLocation({ Bucket: "suite-eu" })).LocationConstraint, "eu-west-1");
  });
}

function transferTests(s3: S3): void {
  test("moto S3: a file there in parts and back again, and a copy in parts", async () => {
    const folder = await mkdtemp(join(tmpdir(), "trivet-moto-"));
    try {
      const content = randomBytes(20 * MIB + 17);
      await writeFile(join(folder, "there"), content);
      const { ETag } = await s3.uploadFile(join(folder, "there"), { Bucket, Key: "large" });
      assert.match(ETag ?? "", /-3"$/);
      await s3.downloadFile({ Bucket, Key: "large" }, join(folder, "back"));
      assert.ok(content.equals(await readFile(join(folder, "back"))));
      await s3.copy(
        { Bucket, Key: "large" },
        { Bucket, Key: "larger" },
        { thresholdBytes: 8 * MIB, partBytes: 8 * MIB },
      );
      assert.equal((await s3.headObject({ Bucket, Key: "larger" })).ContentLength, content.length);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("moto S3: an aborted upload leaves no parts", async () => {
    await s3.createBucket({ Bucket: "suite-abort" });
    const aborting = new AbortController();
    const upload = s3.uploadStream(
      Readable.from(
        (async function* () {
          yield new Uint8Array(9 * MIB);
          aborting.abort();
          yield new Uint8Array(9 * MIB);
        })(),
      ),
      { Bucket: "suite-abort", Key: "gone" },
      { signal: aborting.signal },
    );
    await assert.rejects(upload, { kind: "aborted" });
    assert.deepEqual((await s3.listMultipartUploads({ Bucket: "suite-abort" })).Uploads ?? [], []);
  });
}

function versionTests(s3: S3): void {
  test("moto S3: versions, delete markers, tags", async () => {
    const versioned = { Bucket: "suite-versions", Key: "k" };
    await s3.createBucket({ Bucket: versioned.Bucket });
    await s3.putBucketVersioning({
      Bucket: versioned.Bucket,
      VersioningConfiguration: { Status: "Enabled" },
    });
    const first = await s3.putObject({ ...versioned, Body: "one", Tagging: "team=web&stage=a%20b" });
    await s3.putObject({ ...versioned, Body: "two" });
    await s3.deleteObject(versioned);
    const old = await s3.getObject({ ...versioned, VersionId: first.VersionId as string });
    assert.equal(await old.Body.text(), "one");
    const { Versions = [], DeleteMarkers = [] } = await s3.listObjectVersions({ Bucket: versioned.Bucket });
    assert.deepEqual([Versions.length, DeleteMarkers.length, DeleteMarkers[0]?.IsLatest], [2, 1, true]);
    const { TagSet } = await s3.getObjectTagging({ ...versioned, VersionId: first.VersionId as string });
    assert.deepEqual(TagSet.map(({ Key, Value }) => `${Key}=${Value}`).sort(), ["stage=a b", "team=web"]);
  });

  test("moto S3: rules with nested lists", async () => {
    await s3.putBucketLifecycleConfiguration({
      Bucket,
      LifecycleConfiguration: {
        Rules: [{ ID: "old", Status: "Enabled", Filter: { Prefix: "logs/" }, Expiration: { Days: 30 } }],
      },
    });
    const { Rules } = await s3.getBucketLifecycleConfiguration({ Bucket });
    assert.deepEqual([Rules?.[0]?.ID, Rules?.[0]?.Expiration?.Days], ["old", 30]);
  });
}

function checksumTests(s3: S3): void {
  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
    test(`moto S3: bytes with a ${ChecksumAlgorithm}`, async () => {
      const Key = `sum-${ChecksumAlgorithm}`;
      const put = await s3.putObject({ Bucket, Key, Body: "checked", ChecksumAlgorithm });
      const got = await s3.getObject({ Bucket, Key, ChecksumMode: "ENABLED" });
      assert.equal(await got.Body.text(), "checked");
      assert.equal(got[`Checksum${ChecksumAlgorithm}`], put[`Checksum${ChecksumAlgorithm}`]);
    });
  }

  test("moto S3: a stream in chunks, its checksum in a trailer", async () => {
    const chunks = [randomBytes(70_000), randomBytes(1), randomBytes(130_000)];
    const content = Buffer.concat(chunks);
    await s3.putObject({
      Bucket,
      Key: "streamed",
      Body: Readable.from(chunks),
      ContentLength: content.length,
    });
    assert.ok(content.equals(await (await s3.getObject({ Bucket, Key: "streamed" })).Body.bytes()));
  });
}
