/** Every checksum of S3's, every way a body travels, as AWS's JavaScript SDK does them. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { test } from "node:test";
import { emulated, type Foreign, load, named, skip } from "./sdk.js";

const MIB = 1024 * 1024;
const ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
const Bucket = "checksums";
let S3: Foreign;
let s3: Foreign;
const target = emulated(({ options }) => {
  S3 = load("@aws-sdk/client-s3");
  s3 = new S3.S3({ ...options, forcePathStyle: true });
  return s3.createBucket({ Bucket });
});

const member = (algorithm: string) => `Checksum${algorithm}`;
const client = (mode: string) =>
  new S3.S3({
    ...target.options,
    forcePathStyle: true,
    requestChecksumCalculation: mode,
    responseChecksumValidation: mode,
  });

function bodies(bytes: Uint8Array): Readonly<Record<string, () => unknown>> {
  return {
    bytes: () => bytes,
    text: () => "x".repeat(bytes.length),
    "a Node stream": () => Readable.from([bytes.subarray(0, 70_000), bytes.subarray(70_000)]),
  };
}

/** Without TLS the SDK sums no web stream itself, and its handler for Node takes none. */
test("S3: web streams and Blobs, by fetch", { skip }, async () => {
  const { FetchHttpHandler } = load("@smithy/fetch-http-handler");
  const bytes = randomBytes(200_000);
  const fetching = new S3.S3({
    ...target.options,
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    requestHandler: new FetchHttpHandler(),
  });
  for (const Body of [new Blob([bytes]).stream(), new Blob([bytes])]) {
    await fetching.putObject({ Bucket, Key: "web", Body, ContentLength: bytes.length });
    const got = await fetching.getObject({ Bucket, Key: "web" });
    assert.ok(bytes.equals(await got.Body.transformToByteArray()));
  }
});

for (const mode of ["WHEN_REQUIRED", "WHEN_SUPPORTED"]) {
  test(`S3: bodies of every kind, checksums ${mode}`, { skip }, async () => {
    const bytes = randomBytes(200_000);
    for (const [kind, body] of Object.entries(bodies(bytes))) {
      for (const ChecksumAlgorithm of [undefined, ...ALGORITHMS]) {
        const Key = `${mode}/${kind}/${ChecksumAlgorithm}`;
        const put = await client(mode).putObject({
          Bucket,
          Key,
          Body: body(),
          ContentLength: bytes.length,
          ...(ChecksumAlgorithm && { ChecksumAlgorithm }),
        });
        if (ChecksumAlgorithm !== undefined) {
          assert.ok(put[member(ChecksumAlgorithm)], Key);
          assert.equal(put.ChecksumType, "FULL_OBJECT", Key);
        } else if (mode === "WHEN_SUPPORTED") assert.ok(put.ChecksumCRC32, Key);
        const got = await client(mode).getObject({ Bucket, Key, ChecksumMode: "ENABLED" });
        const read = await got.Body.transformToByteArray();
        assert.equal(read.length, bytes.length, Key);
        if (kind !== "text") assert.ok(bytes.equals(read), Key);
        assert.equal(got.ContentEncoding, undefined, Key);
        if (ChecksumAlgorithm !== undefined)
          assert.equal(got[member(ChecksumAlgorithm)], put[member(ChecksumAlgorithm)], Key);
      }
    }
  });
}

test("S3: a checksum that is given is held against the body", { skip }, async () => {
  const right = createHash("sha256").update("hello").digest("base64");
  const wrong = createHash("sha256").update("other").digest("base64");
  await s3.putObject({ Bucket, Key: "given", Body: "hello", ChecksumSHA256: right });
  const refused = s3.putObject({ Bucket, Key: "given", Body: "hello", ChecksumSHA256: wrong });
  await assert.rejects(refused, named("BadDigest", 400));
  const md5 = createHash("md5").update("other").digest("base64");
  await assert.rejects(
    s3.putObject({ Bucket, Key: "given", Body: "hello", ContentMD5: md5 }),
    named("BadDigest", 400),
  );
  await assert.rejects(
    s3.putObject({ Bucket, Key: "given", Body: "hello", ContentMD5: "x" }),
    named("InvalidDigest", 400),
  );
  const attributes = await s3.getObjectAttributes({
    Bucket,
    Key: "given",
    ObjectAttributes: ["Checksum", "ETag", "ObjectSize", "StorageClass"],
  });
  assert.equal(attributes.Checksum.ChecksumSHA256, right);
  assert.deepEqual([attributes.ObjectSize, attributes.StorageClass], [5, "STANDARD"]);
});

/** Parts of the least size, and a last one. */
async function upload(algorithm: string, type: string | undefined) {
  const Key = `parts/${algorithm}/${type}`;
  const bytes = randomBytes(5 * MIB + 1000);
  const parts = [bytes.subarray(0, 5 * MIB), bytes.subarray(5 * MIB)];
  const { UploadId, ChecksumAlgorithm, ChecksumType } = await s3.createMultipartUpload({
    Bucket,
    Key,
    ChecksumAlgorithm: algorithm,
    ...(type && { ChecksumType: type }),
  });
  assert.equal(ChecksumAlgorithm, algorithm);
  const Parts: Foreign[] = [];
  for (const [index, Body] of parts.entries()) {
    const PartNumber = index + 1;
    const put = await s3.uploadPart({
      Bucket,
      Key,
      UploadId,
      PartNumber,
      Body,
      ChecksumAlgorithm: algorithm,
    });
    assert.ok(put[member(algorithm)], Key);
    Parts.push({ PartNumber, ETag: put.ETag, [member(algorithm)]: put[member(algorithm)] });
  }
  const listed = await s3.listParts({ Bucket, Key, UploadId });
  assert.deepEqual(
    listed.Parts.map((part: Foreign) => part[member(algorithm)]),
    Parts.map((part) => part[member(algorithm)]),
  );
  const done = await s3.completeMultipartUpload({
    Bucket,
    Key,
    UploadId,
    MultipartUpload: { Parts },
    ...(type && { ChecksumType: type }),
  });
  return { Key, bytes, done, ChecksumType };
}

test("S3: checksums of objects that came in parts", { skip }, async () => {
  const kinds: [string, string][] = [
    ["CRC32", "COMPOSITE"],
    ["CRC32", "FULL_OBJECT"],
    ["CRC32C", "COMPOSITE"],
    ["CRC32C", "FULL_OBJECT"],
    ["CRC64NVME", "FULL_OBJECT"],
    ["SHA1", "COMPOSITE"],
    ["SHA256", "COMPOSITE"],
  ];
  for (const [algorithm, type] of kinds) {
    const { Key, bytes, done, ChecksumType } = await upload(algorithm, type);
    assert.equal(ChecksumType, type);
    assert.equal(done.ChecksumType, type);
    if (type === "COMPOSITE") assert.match(done[member(algorithm)], /-2$/);
    else assert.doesNotMatch(done[member(algorithm)], /-\d$/);
    const got = await s3.getObject({ Bucket, Key, ChecksumMode: "ENABLED" });
    assert.ok(bytes.equals(await got.Body.transformToByteArray()), Key);
    assert.equal(got[member(algorithm)], done[member(algorithm)]);
    const whole = await s3.putObject({ Bucket, Key: "whole", Body: bytes, ChecksumAlgorithm: algorithm });
    if (type === "FULL_OBJECT") assert.equal(done[member(algorithm)], whole[member(algorithm)], Key);
    const { ObjectParts } = await s3.getObjectAttributes({ Bucket, Key, ObjectAttributes: ["ObjectParts"] });
    assert.equal(ObjectParts.TotalPartsCount, 2);
  }
  for (const [algorithm, type] of [
    ["SHA1", "FULL_OBJECT"],
    ["SHA256", "FULL_OBJECT"],
    ["CRC64NVME", "COMPOSITE"],
  ] as const) {
    const begun = s3.createMultipartUpload({
      Bucket,
      Key: "no",
      ChecksumAlgorithm: algorithm,
      ChecksumType: type,
    });
    await assert.rejects(begun, named("InvalidRequest", 400));
  }
});

test("S3: the checksum of the whole is held against what the parts make", { skip }, async () => {
  const Key = "whole-given";
  const begin = () =>
    s3.createMultipartUpload({ Bucket, Key, ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" });
  const { UploadId } = await begin();
  const part = await s3.uploadPart({
    Bucket,
    Key,
    UploadId,
    PartNumber: 1,
    Body: "hello",
    ChecksumAlgorithm: "CRC32",
  });
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 }] };
  const complete = (more: object) =>
    s3.completeMultipartUpload({
      Bucket,
      Key,
      UploadId,
      MultipartUpload,
      ChecksumType: "FULL_OBJECT",
      ...more,
    });
  await assert.rejects(complete({ ChecksumCRC32: "AAAAAA==" }), named("BadDigest", 400));
  await assert.rejects(complete({ MpuObjectSize: 6 }), named("InvalidRequest", 400));
  const done = await complete({ ChecksumCRC32: "NhCmhg==", MpuObjectSize: 5 });
  assert.equal(done.ChecksumCRC32, "NhCmhg==");
  await assert.rejects(
    s3.completeMultipartUpload({ Bucket, Key, UploadId: "gone", MultipartUpload }),
    named("NoSuchUpload", 404),
  );
});

test("lib-storage: parts, progress, tags; abort and failure leave nothing or all", { skip }, async () => {
  const { Upload } = load("@aws-sdk/lib-storage");
  const bytes = randomBytes(11 * MIB);
  const loaded: number[] = [];
  const upload = new Upload({
    client: s3,
    params: {
      Bucket,
      Key: "managed",
      Body: new Blob([bytes]).stream(),
      ContentType: "text/x",
      ChecksumAlgorithm: "CRC32C",
      Metadata: { a: "b" },
    },
    tags: [{ Key: "k", Value: "v w" }],
    partSize: 5 * MIB,
    queueSize: 3,
  });
  upload.on("httpUploadProgress", (progress: Foreign) => loaded.push(progress.loaded));
  const done = await upload.done();
  assert.equal(Math.max(...loaded), bytes.length);
  assert.ok(done.ChecksumCRC32C);
  const got = await s3.getObject({ Bucket, Key: "managed", ChecksumMode: "ENABLED" });
  assert.ok(bytes.equals(await got.Body.transformToByteArray()));
  assert.deepEqual([got.ContentType, got.Metadata], ["text/x", { a: "b" }]);
  assert.deepEqual((await s3.getObjectTagging({ Bucket, Key: "managed" })).TagSet, [
    { Key: "k", Value: "v w" },
  ]);

  const uploads = async (Prefix: string) => (await s3.listMultipartUploads({ Bucket, Prefix })).Uploads ?? [];
  for (const leavePartsOnError of [false, true]) {
    const Key = `broken-${leavePartsOnError}`;
    const Body = Readable.from(
      (async function* () {
        yield bytes;
        throw new Error("the source broke");
      })(),
    );
    const broken = new Upload({
      client: s3,
      params: { Bucket, Key, Body },
      partSize: 5 * MIB,
      leavePartsOnError,
    });
    await assert.rejects(broken.done(), /the source broke/);
    assert.equal((await uploads(Key)).length, leavePartsOnError ? 1 : 0);
  }
  const aborted = new Upload({
    client: s3,
    params: {
      Bucket,
      Key: "aborted",
      Body: Readable.from(
        (async function* () {
          yield bytes;
          await aborted.abort();
          yield bytes;
        })(),
      ),
    },
    partSize: 5 * MIB,
  });
  await assert.rejects(aborted.done(), named("AbortError"));
  await assert.rejects(s3.headObject({ Bucket, Key: "aborted" }), named("NotFound", 404));
});
