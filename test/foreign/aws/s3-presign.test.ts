/** URLs and forms that AWS's JavaScript SDK signs, and how it addresses buckets. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { emulated, type Foreign, fetchByAddress, load, named, skip } from "./sdk.js";

const Bucket = "signed";
let S3: Foreign;
let s3: Foreign;
const target = emulated(({ options }) => {
  S3 = load("@aws-sdk/client-s3");
  s3 = new S3.S3({ ...options, forcePathStyle: true });
  return s3.createBucket({ Bucket });
});

function sign(command: Foreign, options: object = {}, client = s3): Promise<string> {
  return load("@aws-sdk/s3-request-presigner").getSignedUrl(client, command, { expiresIn: 60, ...options });
}

test("presigned: each method, and none but its own", { skip }, async () => {
  const Key = "a b/ö+.txt";
  const put = await sign(new S3.PutObjectCommand({ Bucket, Key }));
  assert.equal((await fetch(put, { method: "PUT", body: "hello" })).status, 200);
  assert.equal((await fetch(put)).status, 403);
  const get = await sign(
    new S3.GetObjectCommand({ Bucket, Key, ResponseContentType: "text/y", ResponseCacheControl: "no-store" }),
  );
  const got = await fetch(get);
  assert.deepEqual(
    [await got.text(), got.headers.get("content-type"), got.headers.get("cache-control")],
    ["hello", "text/y", "no-store"],
  );
  assert.equal(await (await fetch(get, { headers: { range: "bytes=1-2" } })).text(), "el");
  const head = await sign(new S3.HeadObjectCommand({ Bucket, Key }));
  assert.equal((await fetch(head, { method: "HEAD" })).headers.get("content-length"), "5");
  assert.equal((await fetch(head)).status, 403);
  const list = await sign(new S3.ListObjectsV2Command({ Bucket, Prefix: "a b/" }));
  assert.match(await (await fetch(list)).text(), /<Key>a b\/ö\+\.txt<\/Key>/);
  const remove = await sign(new S3.DeleteObjectCommand({ Bucket, Key }));
  assert.equal((await fetch(remove, { method: "DELETE" })).status, 204);
  assert.equal((await fetch(get)).status, 404);
});

test("presigned: headers that are signed must come, and come unchanged", { skip }, async () => {
  const Key = "headers";
  const command = () =>
    new S3.PutObjectCommand({
      Bucket,
      Key,
      ContentType: "text/plain",
      Metadata: { a: "b" },
      ContentLength: 5,
    });
  const url = await sign(command(), { signableHeaders: new Set(["content-type", "content-length"]) });
  assert.match(url, /content-length%3Bcontent-type%3Bhost/);
  const send = (headers: Record<string, string>, body = "hello") =>
    fetch(url, { method: "PUT", headers, body });
  assert.equal((await send({ "content-type": "text/plain" })).status, 200);
  assert.equal((await send({ "content-type": "text/html" })).status, 403);
  assert.equal((await send({ "content-type": "text/plain" }, "longer than signed")).status, 403);
  // Metadata is hoisted into the query.
  assert.deepEqual((await s3.headObject({ Bucket, Key })).Metadata, { a: "b" });
  const unhoisted = await sign(command(), { unhoistableHeaders: new Set(["x-amz-meta-a"]) });
  assert.equal((await fetch(unhoisted, { method: "PUT", body: "hello" })).status, 403);
  const headers = { "x-amz-meta-a": "b" };
  assert.equal((await fetch(unhoisted, { method: "PUT", body: "hello", headers })).status, 200);
});

test("presigned: parts and checksums", { skip }, async () => {
  const Key = "parts";
  const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
  const url = await sign(new S3.UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1 }));
  const put = await fetch(url, { method: "PUT", body: "part" });
  assert.equal(put.status, 200);
  const Parts = [{ PartNumber: 1, ETag: put.headers.get("etag") }];
  await s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
  assert.equal((await s3.headObject({ Bucket, Key })).ContentLength, 4);
  const ChecksumSHA256 = createHash("sha256").update("hello").digest("base64");
  // In the query a checksum says nothing, in a signed header it must be that of the body.
  const command = new S3.PutObjectCommand({ Bucket, Key: "summed", ChecksumSHA256 });
  assert.equal((await fetch(await sign(command), { method: "PUT", body: "other" })).status, 200);
  const name = "x-amz-checksum-sha256";
  const summed = await sign(command, { unhoistableHeaders: new Set([name]) });
  const send = (body: string, headers = {}) => fetch(summed, { method: "PUT", body, headers });
  assert.equal((await send("hello")).status, 403);
  assert.equal((await send("other", { [name]: ChecksumSHA256 })).status, 400);
  assert.equal((await send("hello", { [name]: ChecksumSHA256 })).status, 200);
});

test("presigned: expired, of another time, altered, of unknown keys", { skip }, async () => {
  await s3.putObject({ Bucket, Key: "k", Body: "x" });
  const command = new S3.GetObjectCommand({ Bucket, Key: "k" });
  const codeOf = async (url: string) => {
    const response = await fetch(url);
    return [response.status, /<Code>(\w+)/.exec(await response.text())?.[1]];
  };
  const past = await sign(command, { signingDate: new Date(Date.now() - 120_000) });
  assert.deepEqual(await codeOf(past), [403, "AccessDenied"]);
  const future = await sign(command, { signingDate: new Date(Date.now() + 3_600_000) });
  assert.deepEqual(await codeOf(future), [403, "AccessDenied"]);
  const url = await sign(command);
  assert.deepEqual(await codeOf(url.replace("Expires=60", "Expires=600")), [403, "SignatureDoesNotMatch"]);
  assert.deepEqual(await codeOf(url.replace("Expires=60", "Expires=900000")), [
    400,
    "AuthorizationQueryParametersError",
  ]);
  const stranger = new S3.S3({
    ...target.options,
    forcePathStyle: true,
    credentials: { accessKeyId: "AKIASTRANGER", secretAccessKey: "x" },
  });
  assert.deepEqual(await codeOf(await sign(command, {}, stranger)), [403, "InvalidAccessKeyId"]);
});

test("buckets in the host: the client's own calls and URLs", { skip }, async () => {
  const { NodeHttpHandler } = load("@smithy/node-http-handler");
  const { Agent } = await import("node:http");
  // No resolver is asked: every name is this machine.
  const lookup = (_host: string, options: Foreign, done: Foreign) =>
    options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
  const requestHandler = new NodeHttpHandler({ httpAgent: new Agent({ lookup, keepAlive: true } as object) });
  for (const host of ["localhost", "s3.localhost", "s3.us-east-1.localhost"]) {
    const virtual = new S3.S3({
      ...target.options,
      endpoint: `http://${host}:${target.port}`,
      requestHandler,
    });
    const Key = `by/${host}`;
    await virtual.putObject({ Bucket, Key, Body: host });
    assert.equal(await (await virtual.getObject({ Bucket, Key })).Body.transformToString(), host);
    const listed = await virtual.listObjectsV2({ Bucket, Prefix: "by/" });
    assert.ok(listed.Contents.some((each: Foreign) => each.Key === Key));
    assert.ok((await virtual.listBuckets({})).Buckets.some(({ Name }: Foreign) => Name === Bucket));
    const url = await sign(new S3.GetObjectCommand({ Bucket, Key }), {}, virtual);
    assert.equal(new URL(url).host, `${Bucket}.${host}:${target.port}`);
    assert.equal((await fetchByAddress(url)).text, host);
    await assert.rejects(virtual.getObject({ Bucket: "no-such-bucket", Key }), named("NoSuchBucket", 404));
  }
});

test("presigned posts: forms and the conditions of their policy", { skip }, async () => {
  const { createPresignedPost } = load("@aws-sdk/s3-presigned-post");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: S3 puts the file's own name there.
  const Key = "uploads/${filename}";
  const post = await createPresignedPost(s3, {
    Bucket,
    Key,
    Expires: 60,
    Conditions: [
      ["content-length-range", 2, 10],
      ["starts-with", "$Content-Type", "text/"],
      { "x-amz-meta-a": "b" },
    ],
    Fields: { "x-amz-meta-a": "b", success_action_status: "201" },
  });
  const send = async (changes: Record<string, string | undefined>, file = "hello") => {
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...post.fields, "Content-Type": "text/plain", ...changes }))
      if (value !== undefined) form.append(name, value as string);
    form.append("file", new Blob([file]), "my file.txt");
    const response = await fetch(post.url, { method: "POST", body: form });
    const text = await response.text();
    return [response.status, /<(?:Code|Key)>([^<]+)/.exec(text)?.[1], text] as const;
  };
  assert.deepEqual((await send({})).slice(0, 2), [201, "uploads/my file.txt"]);
  const got = await s3.getObject({ Bucket, Key: "uploads/my file.txt" });
  assert.deepEqual(
    [await got.Body.transformToString(), got.ContentType, got.Metadata],
    ["hello", "text/plain", { a: "b" }],
  );
  const codes = async (...args: Parameters<typeof send>) => (await send(...args)).slice(0, 2);
  assert.deepEqual(await codes({}, "x"), [400, "EntityTooSmall"]);
  assert.deepEqual(await codes({}, "x".repeat(11)), [400, "EntityTooLarge"]);
  assert.deepEqual(await codes({ "Content-Type": "image/png" }), [403, "AccessDenied"]);
  assert.deepEqual(await codes({ "x-amz-meta-a": "c" }), [403, "AccessDenied"]);
  assert.deepEqual(await codes({ "x-amz-meta-more": "c" }), [403, "AccessDenied"]);
  assert.deepEqual(await codes({ key: "elsewhere" }), [403, "AccessDenied"]);
  assert.deepEqual(await codes({ "X-Amz-Signature": "0".repeat(64) }), [403, "SignatureDoesNotMatch"]);
  assert.equal((await codes({ Policy: undefined }))[0], 403);
  assert.deepEqual((await codes({ success_action_status: "200" }))[0], 403);
  target.cloud.clock.advance(61_000);
  const [status, code, text] = await send({});
  assert.deepEqual([status, code], [403, "AccessDenied"]);
  assert.match(text, /Policy expired/);
  target.cloud.clock.reset();
});

test("presigned posts: where they lead to", { skip }, async () => {
  const { createPresignedPost } = load("@aws-sdk/s3-presigned-post");
  const redirect = "http://127.0.0.1/after?x=1";
  const { url, fields } = await createPresignedPost(s3, {
    Bucket,
    Key: "redirected",
    Fields: { success_action_redirect: redirect, acl: "public-read" },
  });
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value as string);
  form.append("file", "hello");
  const response = await fetch(url, { method: "POST", body: form, redirect: "manual" });
  assert.equal(response.status, 303);
  const location = new URL(response.headers.get("location") as string);
  assert.deepEqual(
    [location.searchParams.get("x"), location.searchParams.get("bucket"), location.searchParams.get("key")],
    ["1", Bucket, "redirected"],
  );
  // Public now: no signature at all.
  assert.equal(await (await fetch(`${target.url}/${Bucket}/redirected`)).text(), "hello");
});
