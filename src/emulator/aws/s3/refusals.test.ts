import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { test } from "node:test";
import { signV4 } from "../../../auth/sigv4.js";
import { S3 } from "../../../gen/aws/s3.js";
import { Emulator } from "../../emulator.js";
import { ROOT_ACCESS_KEY_ID, ROOT_SECRET_ACCESS_KEY } from "../identity.js";

const once = { maxAttempts: 1 };
const Bucket = "bucket";

async function bucket(authorize = false) {
  const cloud = await Emulator.start({ authorize });
  const s3 = cloud.aws({ ...once, requestChecksumCalculation: "when_required" }).client(S3);
  await s3.createBucket({ Bucket });
  return { cloud, s3 };
}

const REFUSALS: Readonly<Record<string, (s3: S3) => Promise<unknown>>> = {
  "InvalidRedirectLocation: a redirect to no URL": (s3) =>
    s3.putObject({ Bucket, Key: "k", WebsiteRedirectLocation: "elsewhere" }),
  "InvalidArgument: a version that S3 cannot have given": (s3) =>
    s3.deleteObject({ Bucket, Key: "k", VersionId: "nonsense" }),
  "InvalidArgument: a version without a name": (s3) => s3.deleteObject({ Bucket, Key: "k", VersionId: "" }),
  "InvalidArgument: a part before the first, of no object": (s3) =>
    s3.getObject({ Bucket, Key: "none", PartNumber: -3 }),
  "InvalidArgument: an attribute that objects have not, of no object": (s3) =>
    s3.getObjectAttributes({ Bucket, Key: "none", ObjectAttributes: ["Nonsense"] }),
  "InvalidArgument: a source in no bucket": (s3) => s3.copyObject({ Bucket, Key: "k", CopySource: "B/k" }),
  "InvalidArgument: a tag twice": (s3) => s3.putObject({ Bucket, Key: "k", Tagging: "a=1&a=2" }),
  "InvalidTag: a tag with a sign that tags have not": (s3) =>
    s3.putObject({ Bucket, Key: "k", Tagging: "a%2A=1" }),
  "InvalidArgument: more buckets than a page has": (s3) => s3.listBuckets({ MaxBuckets: 10_001 }),
  "InvalidArgument: a lock without its date, though no lock is there": (s3) =>
    s3.putObject({ Bucket, Key: "k", ObjectLockMode: "GOVERNANCE" }),
  "MalformedXML: a lock's configuration before the bucket's state": (s3) =>
    s3.putObjectLockConfiguration({ Bucket, ObjectLockConfiguration: { ObjectLockEnabled: "No" } }),
  "InvalidRequest: two checksums": (s3) =>
    s3.putObject({ Bucket, Key: "k", Body: "x", ChecksumCRC32: "jNwWgw==", ChecksumSHA1: "x" }),
  "NotImplemented: both conditions of a write": (s3) =>
    s3.putObject({ Bucket, Key: "k", IfMatch: '"a"', IfNoneMatch: "*" }),
  "NotImplemented: a checksum that the emulator does not know": (s3) =>
    s3.putObject({ Bucket, Key: "k", Body: "x", ChecksumXXHASH64: "AAAAAAAAAAA=" }),
  "InvalidArgument: an ownership that buckets have not": (s3) =>
    s3.createBucket({ Bucket: "other", ObjectOwnership: "Nobody" }),
  "InvalidBucketName: a name that is reserved": (s3) => s3.createBucket({ Bucket: "amzn-s3-demo-bucket" }),
  "UnexpectedContent: an ACL twice": (s3) =>
    s3.putBucketAcl({ Bucket, ACL: "private", AccessControlPolicy: { Owner: { ID: "x" }, Grants: [] } }),
  "InvalidArgument: a queue that is none": (s3) =>
    s3.putBucketNotificationConfiguration({
      Bucket,
      NotificationConfiguration: {
        QueueConfigurations: [{ QueueArn: "queue", Events: ["s3:ObjectCreated:*"] }],
      },
    }),
  "InvalidRequest: a website's redirect of a code that is none": (s3) =>
    s3.putBucketWebsite({
      Bucket,
      WebsiteConfiguration: {
        IndexDocument: { Suffix: "i" },
        RoutingRules: [{ Redirect: { HttpRedirectCode: "300" } }],
      },
    }),
};

for (const [name, call] of Object.entries(REFUSALS)) {
  test(`refused: ${name}`, async () => {
    const { s3 } = await bucket();
    await assert.rejects(call(s3), { code: name.split(":")[0] as string });
  });
}

test("where access is enforced a new bucket takes no ACLs and nothing public, until its settings say otherwise", async () => {
  const { s3 } = await bucket(true);
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket/*" },
    ],
  });
  await assert.rejects(s3.putObject({ Bucket, Key: "k", ACL: "private" }), {
    code: "AccessControlListNotSupported",
  });
  await s3.putObject({ Bucket, Key: "k", ACL: "bucket-owner-full-control" });
  await assert.rejects(s3.putBucketPolicy({ Bucket, Policy }), { code: "AccessDenied" });
  await s3.putBucketOwnershipControls({
    Bucket,
    OwnershipControls: { Rules: [{ ObjectOwnership: "ObjectWriter" }] },
  });
  await assert.rejects(s3.putObject({ Bucket, Key: "k", ACL: "public-read" }), { code: "AccessDenied" });
  await s3.deletePublicAccessBlock({ Bucket });
  await s3.putObject({ Bucket, Key: "k", ACL: "public-read" });
  await s3.putBucketPolicy({ Bucket, Policy });
  assert.equal((await s3.getObjectAcl({ Bucket, Key: "k" })).Grants?.length, 2);
  await s3.putBucketOwnershipControls({
    Bucket,
    OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
  });
  assert.equal((await s3.getObjectAcl({ Bucket, Key: "k" })).Grants?.length, 1);
});

test("an upload's parts are held to the checksum that it was begun with", async () => {
  const { s3 } = await bucket();
  const begin = async (given: { ChecksumAlgorithm?: "SHA1"; ChecksumType?: "COMPOSITE" }) => {
    const { UploadId = "" } = await s3.createMultipartUpload({ Bucket, Key: "k", ...given });
    return { Bucket, Key: "k", UploadId };
  };
  await assert.rejects(begin({ ChecksumType: "COMPOSITE" }), { code: "InvalidRequest" });
  const sums = await begin({ ChecksumAlgorithm: "SHA1" });
  await assert.rejects(s3.uploadPart({ ...sums, PartNumber: 1, Body: "x" }), { code: "InvalidRequest" });
  const part = await s3.uploadPart({ ...sums, PartNumber: 1, Body: "x", ChecksumAlgorithm: "SHA1" });
  const listed = { PartNumber: 1, ETag: part.ETag as string };
  await assert.rejects(s3.completeMultipartUpload({ ...sums, MultipartUpload: { Parts: [listed] } }), {
    code: "InvalidRequest",
    message: /missing for part 1/,
  });
  const Parts = [{ ...listed, ChecksumSHA1: part.ChecksumSHA1 as string }];
  await assert.rejects(
    s3.completeMultipartUpload({ ...sums, ChecksumType: "FULL_OBJECT", MultipartUpload: { Parts } }),
    { code: "InvalidRequest" },
  );
  assert.match(
    (await s3.completeMultipartUpload({ ...sums, MultipartUpload: { Parts } })).ChecksumSHA1 ?? "",
    /-1$/,
  );

  const plain = await begin({});
  const { ETag = "" } = await s3.uploadPart({ ...plain, PartNumber: 1, Body: "x" });
  const done = { ...plain, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } };
  const { ChecksumType, ChecksumCRC64NVME } = await s3.completeMultipartUpload(done);
  const whole = await s3.putObject({ Bucket, Key: "whole", Body: "x" });
  assert.deepEqual([ChecksumType, ChecksumCRC64NVME], ["FULL_OBJECT", whole.ChecksumCRC64NVME]);
  assert.ok(ChecksumCRC64NVME);
});

test("who may not list a bucket is not told that a key is not there", async () => {
  const { cloud } = await bucket();
  const { url } = await cloud.listen();
  try {
    assert.equal((await fetch(`${url}/${Bucket}/none`)).status, 403);
  } finally {
    await cloud.close();
  }
});

test("a header that is sent twice is signed once; one that is not signed is refused", async () => {
  const { cloud, s3 } = await bucket();
  await s3.putObject({ Bucket, Key: "k", Body: "x" });
  const { url } = await cloud.listen();
  const path = `/${Bucket}/k`;
  const { headers } = await signV4(
    {
      method: "GET",
      origin: url,
      path,
      query: "attributes=",
      headers: { host: new URL(url).host, "x-amz-object-attributes": "ETag,ObjectSize" },
    },
    {
      credentials: { accessKeyId: ROOT_ACCESS_KEY_ID, secretAccessKey: ROOT_SECRET_ACCESS_KEY },
      service: "s3",
      region: "us-east-1",
      at: new Date(),
      pathAsSent: true,
      payloadHeader: true,
    },
  );
  const send = (further: Record<string, string[]>) =>
    new Promise<string>((resolve, reject) => {
      httpRequest(`${url}${path}?attributes=`, { headers: { ...headers, ...further } }, async (response) => {
        let text = "";
        for await (const chunk of response) text += chunk;
        resolve(text);
      })
        .on("error", reject)
        .end();
    });
  try {
    const twice = { "x-amz-object-attributes": ["ETag", "ObjectSize"] };
    assert.match(await send(twice), /<ObjectSize>1</);
    assert.match(await send({ ...twice, "x-amz-meta-a": ["1"] }), /<HeadersNotSigned>x-amz-meta-a</);
  } finally {
    await cloud.close();
  }
});
