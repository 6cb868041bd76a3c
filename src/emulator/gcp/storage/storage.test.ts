import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { emptyEnvironment } from "../../../auth/environment.js";
import { Session } from "../../../gcp/session.js";
import { Storage } from "../../../gen/gcp/storage.js";
import { Emulator } from "../../emulator.js";
import { gcpSession, serviceAccountKeyFile } from "../session.js";

async function start() {
  const cloud = await Emulator.start();
  const session = gcpSession(cloud);
  const storage = session.client(Storage);
  await storage.buckets.insert({ body: { name: "my-bucket" } });
  return { cloud, session, storage, bucket: session.resource(Storage).bucket("my-bucket") };
}

test("an object is written, read, listed, changed and deleted", async () => {
  const { storage, bucket } = await start();
  const blob = bucket.blob("dir/héllo.txt");
  assert.equal(await blob.exists(), false);
  const written = await blob.upload("hello", { metadata: { metadata: { owner: "me" } } });
  assert.deepEqual(
    [written.size, written.contentType, written.metageneration],
    ["5", "text/plain; charset=utf-8", "1"],
  );
  assert.equal(written.crc32c, "mnG7TA==");
  assert.equal(await blob.downloadText(), "hello");
  assert.equal(await blob.downloadText({ start: 1, end: 3 }), "ell");
  const changed = await blob.update({ metadata: { owner: null as unknown as string, other: "x" } });
  assert.deepEqual([changed.metadata, changed.metageneration], [{ other: "x" }, "2"]);
  const names = await storage.objects.list.all({ bucket: "my-bucket", prefix: "dir/" });
  assert.deepEqual(
    names.map(({ name }) => name),
    ["dir/héllo.txt"],
  );
  await blob.delete();
  assert.equal(await blob.exists(), false);
});

test("errors have kinds and the service's own codes", async () => {
  const { storage } = await start();
  await assert.rejects(storage.objects.get({ bucket: "my-bucket", object: "x" }), {
    kind: "notFound",
    code: "notFound",
    status: 404,
  });
  await assert.rejects(storage.objects.getMedia({ bucket: "no", object: "x" }), { kind: "notFound" });
  await assert.rejects(storage.buckets.insert({ body: { name: "my-bucket" } }), {
    kind: "alreadyExists",
    code: "conflict",
  });
  await assert.rejects(
    storage.objects.viewFullContext({ bucket: "my-bucket", object: "x", contextKey: "k" }),
    { kind: "notImplemented", status: 501, message: /viewFullContext/ },
  );
});

test("preconditions hold on generations", async () => {
  const { bucket } = await start();
  const blob = bucket.blob("x");
  const first = await blob.upload("1", { ifGenerationMatch: 0 });
  await assert.rejects(blob.upload("2", { ifGenerationMatch: 0 }), {
    kind: "preconditionFailed",
    code: "conditionNotMet",
  });
  await blob.upload("2", { ifGenerationMatch: first.generation as string });
  await assert.rejects(
    blob.download({ ifGenerationNotMatch: (await blob.metadata()).generation as string }),
    { status: 304 },
  );
});

test("a listing pages through objects and prefixes in the order of names", async () => {
  const { storage, bucket } = await start();
  const names = ["a", "b/", "b/1", "b/2", "c", "d/1", "é", "z"];
  for (const name of names) await bucket.blob(name).upload("");
  for (const maxResults of [1, 2, 3, 100]) {
    const seen: string[] = [];
    for await (const page of storage.objects.list.pages({
      bucket: "my-bucket",
      delimiter: "/",
      maxResults,
    })) {
      seen.push(...(page.items ?? []).map((each) => each.name as string), ...(page.prefixes ?? []));
    }
    assert.deepEqual(seen.sort(), ["a", "b/", "c", "d/", "z", "é"], `maxResults ${maxResults}`);
    const under = await storage.objects.list.all({
      bucket: "my-bucket",
      prefix: "b/",
      delimiter: "/",
      maxResults,
    });
    assert.deepEqual(
      under.map(({ name }) => name),
      ["b/", "b/1", "b/2"],
    );
  }
  assert.equal(
    (await storage.objects.list.all({ bucket: "my-bucket" }, { pageSize: 3 })).length,
    names.length,
  );
});

test("a bucket that keeps versions answers them all", async () => {
  const { storage, bucket } = await start();
  await bucket.update({ versioning: { enabled: true } });
  const first = await bucket.blob("x").upload("1");
  await bucket.blob("x").upload("2");
  await bucket.blob("x").delete();
  assert.equal(await bucket.blob("x").exists(), false);
  assert.equal(await bucket.blob("x", { generation: first.generation }).downloadText(), "1");
  const versions = await storage.objects.list.all({ bucket: "my-bucket", versions: true });
  assert.equal(versions.length, 2);
  assert.ok(versions.every(({ timeDeleted }) => timeDeleted !== undefined));
});

test("objects are composed, copied by tokens, and moved", async () => {
  const { storage, bucket } = await start();
  await bucket.blob("1").upload("one ");
  await bucket.blob("2").upload("two");
  const composed = await bucket.blob("12").compose(["1", "2"]);
  assert.deepEqual([composed.componentCount, composed.md5Hash], [2, undefined]);
  assert.equal(await bucket.blob("12").downloadText(), "one two");
  const step = {
    sourceBucket: "my-bucket",
    sourceObject: "12",
    destinationBucket: "my-bucket",
    destinationObject: "copy",
    maxBytesRewrittenPerCall: "4",
  };
  const begun = await storage.objects.rewrite(step);
  assert.deepEqual([begun.done, begun.totalBytesRewritten], [false, "4"]);
  const ended = await storage.objects.rewrite({ ...step, rewriteToken: begun.rewriteToken as string });
  assert.deepEqual([ended.done, ended.resource?.size], [true, "7"]);
  await storage.objects.move({ bucket: "my-bucket", sourceObject: "copy", destinationObject: "moved" });
  assert.equal(await bucket.blob("moved").downloadText(), "one two");
  assert.equal(await bucket.blob("copy").exists(), false);
});

test("large uploads go in chunks, files both ways", async (t) => {
  const { storage, bucket } = await start();
  const folder = await mkdtemp(join(tmpdir(), "trivet-"));
  t.after(() => rm(folder, { recursive: true }));
  const bytes = Uint8Array.from({ length: 1_000_003 }, (_, at) => (at * 31) % 251);
  await writeFile(join(folder, "in"), bytes);
  const options = { thresholdBytes: 1, partBytes: 256 * 1024 };
  const seen: number[] = [];
  const object = await storage.uploadFile(
    join(folder, "in"),
    { bucket: "my-bucket", body: { name: "big", contentType: "x/y" } },
    { ...options, onProgress: ({ transferredBytes }) => seen.push(transferredBytes) },
  );
  assert.deepEqual([object.size, object.contentType], ["1000003", "x/y"]);
  assert.equal(seen.at(-1), bytes.length);
  await storage.downloadFile({ bucket: "my-bucket", object: "big" }, join(folder, "out"), options);
  assert.ok(Buffer.from(bytes).equals(await readFile(join(folder, "out"))));
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
  }
  await bucket.blob("stream").upload(chunks(), options);
  assert.ok(Buffer.from(bytes).equals(await bucket.blob("stream").downloadBytes()));
  await bucket.blob("exact").upload(bytes.subarray(0, 512 * 1024), options);
  assert.equal((await bucket.blob("exact").downloadBytes()).length, 512 * 1024);
});

test("a chunk that is lost is taken up where the service stands", async () => {
  const { cloud, bucket } = await start();
  cloud.faults.add({ cloud: "gcp", service: "storage", times: 2, after: 2, reset: "response" });
  const bytes = new Uint8Array(1024 * 1024).fill(7);
  await bucket.blob("big").upload(bytes, { thresholdBytes: 1, partBytes: 256 * 1024 });
  assert.deepEqual(await bucket.blob("big").downloadBytes(), bytes);
});

test("damaged bytes are refused going up and coming down", async () => {
  const { storage, session } = await start();
  const body = { name: "x", crc32c: "AAAAAA==" };
  await assert.rejects(storage.objects.insert({ bucket: "my-bucket", body, media: "hello" }), {
    kind: "invalidInput",
  });
  await storage.objects.insert({ bucket: "my-bucket", body: { name: "x" }, media: "hello" });
  const damaged = session.client(Storage, {
    hooks: {
      onResponse(response) {
        response.headers["x-goog-hash"] = "crc32c=AAAAAA==";
      },
    },
  });
  const { media } = await damaged.objects.getMedia({ bucket: "my-bucket", object: "x" });
  await assert.rejects(media.bytes(), { code: "ChecksumMismatch" });
});

test("a signed URL needs no credentials, and works for what it was signed alone", async () => {
  const { cloud, storage, bucket } = await start();
  const { url: origin } = await cloud.listen();
  try {
    const there = gcpSession(cloud, { endpoint: origin }).client(Storage);
    await there.objects.insert({ bucket: "my-bucket", body: { name: "a b/c" }, media: "hello" });
    const url = await there.objects.get.presign(
      { bucket: "my-bucket", object: "a b/c" },
      { expiresInSeconds: 60 },
    );
    assert.equal(await (await fetch(url)).text(), "hello");
    assert.equal((await fetch(url.replace("a%20b", "other"))).status, 403);
    assert.equal((await fetch(url, { method: "DELETE" })).status, 403);
    assert.equal(
      (await fetch(new URL(url).origin + new URL(url).pathname)).ok,
      false,
      "unsigned, it is not read",
    );
    const blob = gcpSession(cloud, { endpoint: origin }).resource(Storage).bucket("my-bucket").blob("up");
    const put = await blob.signedUrl({ method: "PUT", contentType: "text/x" });
    assert.equal((await fetch(put, { method: "PUT", body: "new" })).status, 403, "the type was signed");
    assert.equal(
      (await fetch(put, { method: "PUT", body: "new", headers: { "content-type": "text/x" } })).status,
      200,
    );
    assert.equal(await bucket.blob("up").downloadText(), "new");
    cloud.clock.advance(61_000);
    const over = await fetch(url);
    assert.deepEqual(
      [over.status, /<Code>(\w+)<\/Code>/.exec(await over.text())?.[1]],
      [400, "ExpiredToken"],
    );
    assert.equal(storage.toString(), "Storage client");
  } finally {
    await cloud.close();
  }
});

test("a signed form uploads one object, as its policy allows", async () => {
  const { cloud, bucket } = await start();
  const { url: origin } = await cloud.listen();
  try {
    const blob = gcpSession(cloud, { endpoint: origin })
      .resource(Storage)
      .bucket("my-bucket")
      .blob("form/a b");
    const { url, fields } = await blob.signedPost({
      fields: { success_action_status: "201" },
      conditions: [["content-length-range", 0, 10]],
    });
    const post = (content: string, changed: Record<string, string> = {}) => {
      const form = new FormData();
      for (const [name, value] of Object.entries({ ...fields, ...changed })) form.append(name, value);
      form.append("file", new globalThis.Blob([content]), "any.txt");
      return fetch(url, { method: "POST", body: form });
    };
    assert.equal((await post("hello")).status, 201);
    assert.equal(await bucket.blob("form/a b").downloadText(), "hello");
    assert.equal((await post("longer than ten")).ok, false);
    assert.equal((await post("hello", { key: "other" })).ok, false);
    cloud.clock.advance(16 * 60_000);
    assert.equal((await post("hello")).ok, false, "it is over");
  } finally {
    await cloud.close();
  }
});

test("unknown and expired tokens are refused", async () => {
  const { cloud } = await start();
  const stranger = gcpSession(cloud, { credentials: { accessToken: "ya29.unknown" } }).client(Storage);
  await assert.rejects(stranger.buckets.get({ bucket: "my-bucket" }), {
    kind: "unauthenticated",
    code: "authError",
    status: 401,
  });
  const anonymous = gcpSession(cloud, { credentials: "anonymous" }).client(Storage);
  await assert.rejects(anonymous.buckets.get({ bucket: "my-bucket" }), {
    kind: "unauthenticated",
    status: 401,
  });
});

test("a public bucket is read without credentials", async () => {
  const { cloud, bucket } = await start();
  await bucket.blob("x").upload("public");
  const policy = await bucket.policy();
  const members = ["allUsers"];
  await bucket.setPolicy({
    ...policy,
    bindings: [...(policy.bindings ?? []), { role: "roles/storage.objectViewer", members }],
  });
  const anonymous = gcpSession(cloud, { credentials: "anonymous" }).resource(Storage).bucket("my-bucket");
  assert.equal(await anonymous.blob("x").downloadText(), "public");
  await assert.rejects(anonymous.blob("y").upload("no"), { kind: "unauthenticated" });
});

test("a policy that changed meanwhile is not overwritten", async () => {
  const { bucket } = await start();
  const policy = await bucket.policy();
  await bucket.setPolicy(policy);
  await assert.rejects(bucket.setPolicy(policy), { kind: "preconditionFailed" });
});

test("a URL is signed by IAM where no key is at hand", async () => {
  const { cloud, bucket } = await start();
  await bucket.blob("x").upload("hello");
  // The machine's service account, as its metadata server gives it, has no key.
  const environment = {
    ...emptyEnvironment({ METADATA_SERVER_DETECTION: "assume-present" }),
    now: () => cloud.clock.now(),
  };
  const session = new Session({ environment, transport: cloud.transport });
  const url = new URL(await session.resource(Storage).bucket("my-bucket").blob("x").signedUrl());
  const request = {
    method: "GET",
    origin: url.origin,
    path: url.pathname,
    query: url.search.slice(1),
    headers: {},
  };
  const answer = await cloud.transport.send(request);
  assert.equal(new TextDecoder().decode(await answer.body.bytes()), "hello");
  const altered = await cloud.transport.send({ ...request, path: "/my-bucket/y" });
  assert.equal(altered.status, 403);
});

test("a service account's key file works: the assertion is verified", async () => {
  const { cloud } = await start();
  const json = await serviceAccountKeyFile(cloud);
  const storage = gcpSession(cloud, { credentials: { json } }).client(Storage);
  assert.equal((await storage.buckets.get({ bucket: "my-bucket" })).name, "my-bucket");
  const other = await serviceAccountKeyFile(await Emulator.start());
  const forged = gcpSession(cloud, { credentials: { json: { ...json, private_key: other.private_key } } });
  await assert.rejects(forged.client(Storage).buckets.get({ bucket: "my-bucket" }), {
    kind: "unauthenticated",
    code: "invalid_grant",
  });
});

test("a token that is over is renewed, one that was taken back is replaced", async () => {
  const { cloud, storage } = await start();
  cloud.clock.advance(3_700_000);
  await storage.buckets.get({ bucket: "my-bucket" });
  const statuses: number[] = [];
  const watched = gcpSession(cloud, {
    hooks: { onResponse: ({ status }) => void statuses.push(status) },
  }).client(Storage);
  await watched.buckets.get({ bucket: "my-bucket" });
  cloud.faults.add({ service: "storage", error: { code: "authError", status: 401 } });
  await watched.buckets.get({ bucket: "my-bucket" });
  assert.deepEqual(statuses, [200, 401, 200]);
});

test("calls in a batch are answered one by one", async () => {
  const { cloud, storage, bucket } = await start();
  await bucket.blob("a").upload("1");
  const calls = ["DELETE /storage/v1/b/my-bucket/o/a", "DELETE /storage/v1/b/my-bucket/o/none"];
  const parts = calls.map(
    (call, at) =>
      `--x\r\nContent-Type: application/http\r\nContent-ID: <id+${at}>\r\n\r\n${call} HTTP/1.1\r\n\r\n\r\n`,
  );
  const token = await gcpSession(cloud).credentials.accessToken([]);
  const answer = await cloud.transport.send({
    method: "POST",
    origin: "https://storage.googleapis.com",
    path: "/batch/storage/v1",
    query: "",
    headers: { "content-type": "multipart/mixed; boundary=x", authorization: `Bearer ${token.token}` },
    body: `${parts.join("")}--x--\r\n`,
  });
  const text = new TextDecoder().decode(await answer.body.bytes());
  assert.deepEqual(
    [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ["204", "404"],
  );
  assert.match(text, /content-id: <response-id\+1>/);
  await assert.rejects(storage.objects.get({ bucket: "my-bucket", object: "a" }), { kind: "notFound" });
});

test("access lists are kept with the object, and given to new ones", async () => {
  const { storage, bucket } = await start();
  const defaults = { bucket: "my-bucket", body: { entity: "allUsers", role: "READER" } };
  await storage.defaultObjectAccessControls.insert(defaults);
  await bucket.blob("x").upload("1");
  const entity = "allUsers";
  assert.equal(
    (await storage.objectAccessControls.get({ bucket: "my-bucket", object: "x", entity })).role,
    "READER",
  );
  await storage.objectAccessControls.delete({ bucket: "my-bucket", object: "x", entity });
  await assert.rejects(storage.objectAccessControls.get({ bucket: "my-bucket", object: "x", entity }), {
    kind: "notFound",
  });
});

test("an object under a customer's key is read with that key alone", async () => {
  const { storage } = await start();
  const key = new Uint8Array(32).fill(7);
  const encryptionKeySha256 = Buffer.from(await crypto.subtle.digest("SHA-256", key)).toString("base64");
  const keys = {
    encryptionAlgorithm: "AES256",
    encryptionKey: Buffer.from(key).toString("base64"),
    encryptionKeySha256,
  };
  await storage.objects.insert({ bucket: "my-bucket", body: { name: "x" }, media: "secret", ...keys });
  const at = { bucket: "my-bucket", object: "x" };
  await assert.rejects(storage.objects.getMedia(at), {
    kind: "invalidInput",
    code: "resourceIsEncryptedWithCustomerEncryptionKey",
  });
  assert.equal(await (await storage.objects.getMedia({ ...at, ...keys })).media.text(), "secret");
});
