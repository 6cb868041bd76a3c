import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Session } from "../../../aws/session.js";
import { S3 } from "../../../gen/aws/s3.js";
import { Storage } from "../../../gen/gcp/storage.js";
import { Emulator } from "../../emulator.js";
import { gcpSession } from "../session.js";

const bucket = "plain";
let cloud: Emulator;
let url: string;
let headers: Record<string, string>;

before(async () => {
  cloud = await Emulator.start();
  ({ url } = await cloud.listen());
  await gcpSession(cloud)
    .client(Storage)
    .buckets.insert({ body: { name: bucket } });
  const form = new URLSearchParams({ grant_type: "refresh_token", refresh_token: "1//local-refresh-token" });
  const { access_token } = (await (await fetch(`${url}/token`, { method: "POST", body: form })).json()) as {
    readonly access_token: string;
  };
  headers = { authorization: `Bearer ${access_token}` };
});
after(() => cloud.close());

const put = (name: string, more: Record<string, string> = {}, body = "hello") =>
  fetch(`${url}/${bucket}/${name}`, { method: "PUT", headers: { ...headers, ...more }, body });

test("on a shared port a token that Google issued leads to Google's bucket, whatever its encoding", async () => {
  assert.equal((await put("a")).status, 200);
  const read = await fetch(`${url}/pl%61in/a`, { headers });
  assert.equal(await read.text(), "hello");
});

test("a copy has the source's bytes, and its metadata unless the request has its own", async () => {
  await put("source", { "x-goog-meta-k": "v", "cache-control": "private" });
  const source = { "x-goog-copy-source": `/${bucket}/source` };
  const copied = await put("copy", source, "");
  assert.match(await copied.text(), /<CopyObjectResult.*<ETag>/);
  const read = await fetch(`${url}/${bucket}/copy`, { headers });
  assert.deepEqual(
    [await read.text(), read.headers.get("x-goog-meta-k"), read.headers.get("cache-control")],
    ["hello", "v", "private"],
  );
  await put("own", { ...source, "x-goog-metadata-directive": "REPLACE", "x-goog-meta-k": "w" }, "");
  const own = await fetch(`${url}/${bucket}/own`, { headers });
  assert.deepEqual([await own.text(), own.headers.get("x-goog-meta-k")], ["hello", "w"]);
  assert.equal((await put("none", { "x-goog-copy-source": `/${bucket}/missing` }, "")).status, 404);
});

test("reads keep HTTP's conditions", async () => {
  await put("c");
  const get = (more: Record<string, string>) =>
    fetch(`${url}/${bucket}/c`, { headers: { ...headers, ...more } });
  const first = await get({});
  const etag = first.headers.get("etag") ?? "";
  const at = first.headers.get("last-modified") ?? "";
  const before = new Date(Date.parse(at) - 3_600_000).toUTCString();
  const statuses = await Promise.all(
    [
      { "if-match": etag },
      { "if-match": '"other"' },
      { "if-none-match": etag },
      { "if-none-match": '"other"' },
      { "if-modified-since": at },
      { "if-modified-since": before },
      { "if-unmodified-since": at },
      { "if-unmodified-since": before },
    ].map(async (each) => (await get(each as Record<string, string>)).status),
  );
  assert.deepEqual(statuses, [200, 412, 304, 200, 304, 200, 200, 412]);
});

test("a list starts after a name", async () => {
  for (const name of ["l/1", "l/2", "l/3"]) await put(name);
  const listed = await fetch(`${url}/${bucket}?list-type=2&prefix=l/&start-after=l/1`, { headers });
  const keys = [...(await listed.text()).matchAll(/<Key>([^<]*)/g)].map(([, key]) => key);
  assert.deepEqual(keys, ["l/2", "l/3"]);
});

test("Go's client is told to go on by 200, as it asks", async () => {
  const begin = await fetch(`${url}/upload/storage/v1/b/${bucket}/o?uploadType=resumable&name=go`, {
    method: "POST",
    headers,
  });
  const answer = await fetch(begin.headers.get("location") ?? "", {
    method: "PUT",
    headers: { "content-range": "bytes 0-262143/*", "x-guploader-no-308": "yes" },
    body: new Uint8Array(262_144),
  });
  assert.deepEqual(
    [answer.status, answer.headers.get("x-http-status-code-override"), answer.headers.get("range")],
    [200, "308", "bytes=0-262143"],
  );
});

test("what Go's client leaves empty is not asked for", async () => {
  await put("only");
  const query = "delimiter=&endOffset=&matchGlob=&pageToken=&prefix=only&startOffset=";
  const listed = await fetch(`${url}/storage/v1/b/${bucket}/o?${query}`, { headers });
  const { items } = (await listed.json()) as { readonly items?: readonly { readonly name: string }[] };
  assert.deepEqual(
    items?.map(({ name }) => name),
    ["only"],
  );
});

test("S3's client works on Google's bucket by an HMAC key for as long as the key is active", async () => {
  const { hmacKeys } = gcpSession(cloud).client(Storage).projects;
  const projectId = "local-project";
  const { metadata, secret } = await hmacKeys.create({
    projectId,
    serviceAccountEmail: "default@local-project.iam.gserviceaccount.com",
  });
  const accessId = metadata?.accessId ?? "";
  const session = new Session({
    region: "auto",
    endpoint: url,
    s3AddressingStyle: "path",
    s3PayloadSigningEnabled: true,
    credentials: { accessKeyId: accessId, secretAccessKey: secret ?? "" },
  });
  const s3 = session.client(S3);
  const Body = new Blob(["hello"]).stream();
  await s3.putObject({ Bucket: bucket, Key: "hmac", Body, ContentLength: 5, ContentEncoding: "identity" });
  const read = await s3.getObject({ Bucket: bucket, Key: "hmac" });
  assert.deepEqual([await read.Body?.text(), read.ContentEncoding], ["hello", "identity"]);
  await hmacKeys.update({ projectId, accessId, body: { state: "INACTIVE" } });
  await assert.rejects(s3.getObject({ Bucket: bucket, Key: "hmac" }), { code: "InvalidAccessKeyId" });
});
