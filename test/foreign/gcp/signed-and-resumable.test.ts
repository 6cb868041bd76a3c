/** What Google's Node client signs for others, and uploads that break off and go on. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";
import { test } from "node:test";
import { serviceAccountKeyFile } from "../../../src/emulator/gcp/session.js";
import { emulated, type Foreign, later, load, skip } from "./sdk.js";

const target = emulated();
const MIN = 60_000;
let made = 0;

/** The bucket twice: as a client with tokens has it, and as one that signs. */
async function buckets(): Promise<{ bucket: Foreign; signing: Foreign }> {
  const name = `signed-${process.pid}-${++made}`;
  const [bucket] = await target.storage.createBucket(name);
  return { bucket, signing: target.signing.bucket(name) };
}

const sign = async (file: Foreign, action: string, options: object = {}): Promise<string> =>
  (await file.getSignedUrl({ version: "v4", action, expires: Date.now() + MIN, ...options }))[0];

const codeOf = async (response: Response) => [
  response.status,
  /<Code>(\w+)/.exec(await response.text())?.[1],
];

test("signed URLs: each method, headers, queries, versions 2 and 4", { skip }, async () => {
  const { bucket, signing } = await buckets();
  const file = signing.file("dir/a b+ü.txt");
  for (const version of ["v2", "v4"]) {
    const put = await sign(file, "write", { version, contentType: "text/x" });
    const headers = { "content-type": "text/x" };
    assert.equal((await fetch(put, { method: "PUT", body: version, headers })).status, 200);
    assert.equal((await fetch(put, { method: "PUT", body: version })).status, 403);
    const read = await sign(file, "read", { version });
    assert.equal(await (await fetch(read)).text(), version);
    assert.equal((await fetch(read, { method: "DELETE" })).status, 403);
  }
  const shown = await sign(file, "read", { responseDisposition: "attachment", responseType: "text/y" });
  const { headers } = await fetch(shown);
  assert.deepEqual(
    [headers.get("content-disposition"), headers.get("content-type")],
    ["attachment", "text/y"],
  );
  assert.equal(
    await (await fetch(await sign(file, "read"), { headers: { range: "bytes=1-1" } })).text(),
    "4",
  );
  const head = await sign(file, "read", { version: "v4" });
  assert.equal((await fetch(head, { method: "HEAD" })).status, 403);
  const extension = { "x-goog-meta-a": "b", "x-goog-content-length-range": "1,5" };
  const limited = await sign(signing.file("limited"), "write", { extensionHeaders: extension });
  const write = (body: string, more = extension) => fetch(limited, { method: "PUT", body, headers: more });
  assert.equal((await write("hello")).status, 200);
  assert.equal((await write("longer than five")).status, 400);
  assert.equal((await write("hello", { ...extension, "x-goog-meta-a": "c" })).status, 403);
  assert.deepEqual((await bucket.file("limited").getMetadata())[0].metadata, { a: "b" });
  const remove = await sign(file, "delete");
  assert.equal((await fetch(remove, { method: "DELETE" })).status, 204);
  assert.deepEqual(await codeOf(await fetch(await sign(file, "read"))), [404, "NoSuchKey"]);
  const [list] = await signing.getSignedUrl({ version: "v4", action: "list", expires: Date.now() + MIN });
  assert.match(await (await fetch(list)).text(), /<Key>limited<\/Key>/);
});

test("signed URLs: expired, altered, by nobody's key", { skip }, async () => {
  const { bucket, signing } = await buckets();
  await bucket.file("x").save("x", { resumable: false });
  const url = await sign(signing.file("x"), "read");
  assert.deepEqual(await codeOf(await fetch(url.replace("/x?", "/y?"))), [403, "SignatureDoesNotMatch"]);
  assert.deepEqual(await codeOf(await fetch(`${url.slice(0, -4)}0000`)), [403, "SignatureDoesNotMatch"]);
  await later(target, 2 * MIN, async () =>
    assert.deepEqual(await codeOf(await fetch(url)), [400, "ExpiredToken"]),
  );
  assert.equal((await fetch(url)).status, 200);
  const key = await serviceAccountKeyFile(target.cloud, {
    email: "other@local-project.iam.gserviceaccount.com",
  });
  const { Storage } = load("@google-cloud/storage");
  const credentials = { ...key, client_email: "stranger@nowhere.iam.gserviceaccount.com" };
  const stranger = new Storage({ apiEndpoint: target.url, projectId: "local-project", credentials });
  assert.equal((await fetch(await sign(stranger.bucket(bucket.name).file("x"), "read"))).status, 403);
});

test("signed URLs: resumable uploads begun by whoever has the address", { skip }, async () => {
  const { bucket, signing } = await buckets();
  const url = await sign(signing.file("resumed"), "resumable", { contentType: "text/x" });
  const headers = { "x-goog-resumable": "start", "content-type": "text/x" };
  const begun = await fetch(url, { method: "POST", headers });
  assert.equal(begun.status, 201);
  const session = begun.headers.get("location") as string;
  const unit = 256 * 1024;
  const bytes = randomBytes(unit + 100);
  const put = (body: Uint8Array | undefined, range: string) =>
    fetch(session, {
      method: "PUT",
      headers: { "content-range": range },
      ...(body && { body: Buffer.from(body) }),
    });
  const first = await put(bytes.subarray(0, unit), `bytes 0-${unit - 1}/*`);
  assert.deepEqual([first.status, first.headers.get("range")], [308, `bytes=0-${unit - 1}`]);
  assert.equal((await put(undefined, "bytes */*")).status, 308);
  assert.equal((await put(bytes.subarray(unit), `bytes ${unit}-${unit + 99}/${unit + 100}`)).status, 200);
  const [got] = await bucket.file("resumed").download();
  assert.ok(bytes.equals(got));
  assert.equal((await bucket.file("resumed").getMetadata())[0].contentType, "text/x");
  assert.equal((await fetch(url, { method: "POST" })).status, 403);
});

test("forms under a policy", { skip }, async () => {
  const { bucket, signing } = await buckets();
  const [policy] = await signing.file("forms/x").generateSignedPostPolicyV4({
    expires: Date.now() + MIN,
    conditions: [["content-length-range", 2, 10]],
    fields: { "x-goog-meta-a": "b", "content-type": "text/x", success_action_status: "201" },
  });
  const send = (changes: Record<string, string | undefined> = {}, file = "hello") => {
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...policy.fields, ...changes }))
      if (value !== undefined) form.append(name, value as string);
    form.append("file", new Blob([file]), "file.txt");
    // For an endpoint of one's own the client leaves the bucket out.
    return fetch(`${policy.url}/${bucket.name}/`, { method: "POST", body: form });
  };
  const done = await send();
  assert.equal(done.status, 201);
  assert.match(await done.text(), /<Key>forms\/x<\/Key>/);
  const [{ metadata, contentType }] = await bucket.file("forms/x").getMetadata();
  assert.deepEqual([metadata, contentType], [{ a: "b" }, "text/x"]);
  assert.equal((await send({}, "x")).status, 403);
  assert.equal((await send({}, "x".repeat(11))).status, 403);
  assert.equal((await send({ key: "elsewhere" })).status, 403);
  assert.equal((await send({ "x-goog-meta-a": "c" })).status, 403);
  assert.equal((await send({ "x-goog-signature": "00" })).status, 403);
  assert.equal((await send({ policy: undefined, "x-goog-signature": undefined })).status, 401);
  await later(target, 2 * MIN, async () => assert.equal((await send()).status, 400));
});

/** Sends a part of a body and hangs up. */
function breakOff(url: string, headers: Record<string, string>, bytes: Uint8Array): Promise<void> {
  return new Promise((done) => {
    const sent = httpRequest(url, { method: "PUT", headers });
    sent.on("error", () => undefined);
    sent.write(bytes, () => sent.destroy());
    sent.on("close", () => done());
  });
}

test("resumable uploads: broken off, asked after, sent again, cancelled", { skip }, async () => {
  const { bucket } = await buckets();
  const unit = 256 * 1024;
  const bytes = randomBytes(3 * unit + 17);
  const [uri] = await bucket.file("broken").createResumableUpload({ metadata: { contentType: "text/x" } });
  const put = (headers: Record<string, string>, body?: Uint8Array) =>
    fetch(uri, { method: "PUT", headers, ...(body && { body: Buffer.from(body) }) });
  const ask = async () => {
    const answer = await put({ "content-range": `bytes */${bytes.length}` });
    return [answer.status, answer.headers.get("range")];
  };
  assert.deepEqual(await ask(), [308, null]);
  const head = {
    "content-range": `bytes 0-${bytes.length - 1}/${bytes.length}`,
    "content-length": String(bytes.length),
  };
  await breakOff(uri, head, bytes.subarray(0, unit + 5));
  let state = await ask();
  for (let tries = 0; state[1] === null && tries < 100; tries++) {
    await new Promise((wait) => setTimeout(wait, 10));
    state = await ask();
  }
  const received = Number(/-(\d+)$/.exec(String(state[1]))?.[1]) + 1;
  assert.ok(received > 0 && received <= unit + 5);
  // What came before is not counted twice, and nothing may be left out.
  const gap = await put(
    { "content-range": `bytes ${2 * unit}-${3 * unit - 1}/*` },
    bytes.subarray(2 * unit, 3 * unit),
  );
  assert.deepEqual([gap.status, (await ask())[1]], [308, `bytes=0-${received - 1}`]);
  const again = await put({ "content-range": `bytes 0-${2 * unit - 1}/*` }, bytes.subarray(0, 2 * unit));
  assert.deepEqual([again.status, again.headers.get("range")], [308, `bytes=0-${2 * unit - 1}`]);
  const rest = await put(
    { "content-range": `bytes ${2 * unit}-${bytes.length - 1}/${bytes.length}` },
    bytes.subarray(2 * unit),
  );
  assert.equal(rest.status, 200);
  const { md5Hash, contentType } = (await rest.json()) as Foreign;
  assert.deepEqual([md5Hash, contentType], [createHash("md5").update(bytes).digest("base64"), "text/x"]);
  assert.equal((await ask())[0], 200);
  assert.ok(bytes.equals((await bucket.file("broken").download())[0]));

  const [other] = await bucket.file("cancelled").createResumableUpload();
  assert.equal((await fetch(other, { method: "DELETE" })).status, 499);
  assert.equal((await fetch(other, { method: "PUT", body: "x" })).status, 404);
  const [odd] = await bucket.file("odd").createResumableUpload();
  const uneven = await fetch(odd, {
    method: "PUT",
    headers: { "content-range": "bytes 0-9/*" },
    body: "0123456789",
  });
  assert.equal(uneven.status, 400);
  const bad = await fetch(odd, { method: "PUT", headers: { "content-range": "bytes x-y/z" }, body: "x" });
  assert.equal(bad.status, 400);
});

test("resumable uploads: the client's own streams go on after failures", { skip }, async () => {
  const { bucket } = await buckets();
  const { Storage } = load("@google-cloud/storage");
  const retrying = new Storage({
    apiEndpoint: target.url,
    useAuthWithCustomEndpoint: true,
    projectId: "local-project",
    retryOptions: { autoRetry: true, maxRetries: 5, retryDelayMultiplier: 1, maxRetryDelay: 1 },
  });
  const bytes = randomBytes(900_000);
  target.cloud.faults.add({
    service: "storage",
    error: { code: "backendError", status: 503 },
    times: 1,
    after: 2,
  });
  const file = retrying.bucket(bucket.name).file("retried", { preconditionOpts: { ifGenerationMatch: 0 } });
  await file.save(bytes, { resumable: true, chunkSize: 256 * 1024 });
  target.cloud.faults.clear();
  assert.ok(bytes.equals((await bucket.file("retried").download())[0]));
});

test("resumable uploads: conditions and sums are held at the end", { skip }, async () => {
  const { bucket } = await buckets();
  await bucket.file("x").save("there", { resumable: false });
  const begun = bucket.file("x").createResumableUpload({ preconditionOpts: { ifGenerationMatch: 0 } });
  await assert.rejects(begun, (error: Foreign) => Number(error.code ?? error.status) === 412);
  const [uri] = await bucket
    .file("race")
    .createResumableUpload({ preconditionOpts: { ifGenerationMatch: 0 } });
  await bucket.file("race").save("first", { resumable: false });
  assert.equal((await fetch(uri, { method: "PUT", body: "second" })).status, 412);
  const [summed] = await bucket.file("summed").createResumableUpload({ metadata: { crc32c: "AAAAAA==" } });
  assert.equal((await fetch(summed, { method: "PUT", body: "hello" })).status, 400);
  assert.equal((await bucket.file("summed").exists())[0], false);
});
