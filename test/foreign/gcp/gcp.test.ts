/** Google's own Node clients drive the emulator over HTTP, with verification on. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { Emulator } from "../../../src/emulator/emulator.js";
import { serviceAccountKeyFile } from "../../../src/emulator/gcp/session.js";

const FOLDER = resolve("test/foreign/gcp");
const installed = existsSync(`${FOLDER}/node_modules/@google-cloud/storage`);
const skip = installed ? false : "test/foreign/gcp is not installed: Google's own clients did not run";
const load = createRequire(`${FOLDER}/package.json`);

/** What the tests use of clients that are not a dependency of ours. */
// biome-ignore lint/suspicious/noExplicitAny: foreign clients, installed apart
type Foreign = any;

let cloud: Emulator;
let url: string;
let storage: Foreign;

before(start);

async function start(): Promise<void> {
  if (!installed) return;
  cloud = await Emulator.start();
  const listening = await cloud.listen();
  url = listening.url;
  Object.assign(process.env, listening.env, {
    METADATA_SERVER_DETECTION: "assume-present",
    HOME: "/nonexistent",
  });
  delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
  const { Storage } = load("@google-cloud/storage") as Foreign;
  storage = new Storage({ apiEndpoint: url, useAuthWithCustomEndpoint: true });
}

after(() => cloud?.close());

test("storage: buckets and objects", { skip }, async () => {
  const [bucket] = await storage.createBucket("foreign", { location: "EU", storageClass: "STANDARD" });
  const [metadata] = await bucket.getMetadata();
  assert.deepEqual([metadata.location, metadata.storageClass], ["EU", "STANDARD"]);
  const file = bucket.file("dir/a b?.txt");
  await file.save("hello", {
    contentType: "text/plain",
    metadata: { metadata: { owner: "me" } },
    resumable: false,
  });
  assert.equal((await file.download({ validation: "crc32c" }))[0].toString(), "hello");
  assert.equal((await file.download({ start: 1, end: 3 }))[0].toString(), "ell");
  const [fileMetadata] = await file.getMetadata();
  assert.deepEqual(
    [fileMetadata.size, fileMetadata.metadata.owner, fileMetadata.crc32c],
    ["5", "me", "mnG7TA=="],
  );
  await file.setMetadata({ metadata: { owner: null, other: "x" } });
  assert.deepEqual((await file.getMetadata())[0].metadata, { other: "x" });
  assert.equal((await bucket.file("none").exists())[0], false);
  await assert.rejects(bucket.file("none").download(), { code: 404 });
  await assert.rejects(file.save("again", { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } }), {
    code: 412,
  });
});

test("storage: listings page, group and keep versions", { skip }, async () => {
  const [bucket] = await storage.createBucket("foreign-list", { versioning: { enabled: true } });
  for (const name of ["a", "b/1", "b/2", "c"]) await bucket.file(name).save(name, { resumable: false });
  const paged: string[] = [];
  for (let query: Foreign = { maxResults: 1, autoPaginate: false }; query !== null; ) {
    const [files, next] = await bucket.getFiles(query);
    paged.push(...files.map(({ name }: Foreign) => name));
    query = next;
  }
  assert.deepEqual(paged, ["a", "b/1", "b/2", "c"]);
  const [files, , response] = await bucket.getFiles({ delimiter: "/", autoPaginate: false });
  assert.deepEqual([files.map(({ name }: Foreign) => name), response.prefixes], [["a", "c"], ["b/"]]);
  await bucket.file("a").save("new", { resumable: false });
  assert.equal((await bucket.getFiles({ prefix: "a", versions: true }))[0].length, 2);
  await bucket.deleteFiles({ versions: true, force: true });
  assert.equal((await bucket.getFiles({ versions: true }))[0].length, 0);
  await bucket.delete();
});

test("storage: resumable uploads in chunks", { skip }, async () => {
  const [bucket] = await storage.createBucket("foreign-resumable");
  const bytes = Buffer.from(Uint8Array.from({ length: 1_500_000 }, (_, at) => (at * 13) % 255));
  await bucket.file("whole").save(bytes, { resumable: true });
  await bucket.file("chunked").save(bytes, { resumable: true, chunkSize: 256 * 1024 });
  for (const name of ["whole", "chunked"])
    assert.ok(bytes.equals((await bucket.file(name).download())[0]), name);
});

test("storage: copy, move, compose, policy, notifications", { skip }, async () => {
  const [bucket] = await storage.createBucket("foreign-copy");
  await bucket.file("1").save("one ", { resumable: false });
  await bucket.file("2").save("two", { resumable: false });
  await bucket.combine(["1", "2"], "12");
  await bucket.file("12").copy(bucket.file("copy"));
  await bucket.file("copy").move("moved");
  assert.equal((await bucket.file("moved").download())[0].toString(), "one two");
  const [policy] = await bucket.iam.getPolicy({ requestedPolicyVersion: 3 });
  policy.bindings.push({ role: "roles/storage.objectViewer", members: ["allUsers"] });
  await bucket.iam.setPolicy(policy);
  assert.ok(
    (await bucket.iam.getPolicy())[0].bindings.some(({ members }: Foreign) => members.includes("allUsers")),
  );
  assert.deepEqual((await bucket.iam.testPermissions(["storage.objects.get"]))[0], {
    "storage.objects.get": true,
  });
});

test("storage: URLs that it signs by key are verified", { skip }, async () => {
  const [bucket] = await storage.createBucket("foreign-signed");
  await bucket.file("a b/c.txt").save("hello", { resumable: false });
  const credentials = await serviceAccountKeyFile(cloud);
  const { Storage } = load("@google-cloud/storage") as Foreign;
  const signing = new Storage({ apiEndpoint: url, credentials, projectId: "local-project" });
  const config = { version: "v4", action: "read", expires: Date.now() + 60_000 };
  const [signed] = await signing.bucket("foreign-signed").file("a b/c.txt").getSignedUrl(config);
  assert.equal(await (await fetch(signed)).text(), "hello");
  assert.equal((await fetch(signed.replace("c.txt", "d.txt"))).status, 403);
  const write = { version: "v4", action: "write", expires: Date.now() + 60_000, contentType: "text/x" };
  const [upload] = await signing.bucket("foreign-signed").file("up").getSignedUrl(write);
  assert.equal(
    (await fetch(upload, { method: "PUT", body: "new", headers: { "content-type": "text/x" } })).status,
    200,
  );
  assert.equal((await bucket.file("up").download())[0].toString(), "new");
});

test("storage: access control lists and keys", { skip }, async () => {
  const [bucket] = await storage.createBucket("foreign-acl");
  const file = bucket.file("x");
  await file.save("hello", { resumable: false });
  await file.acl.add({ entity: "allUsers", role: "READER" });
  assert.ok((await file.acl.get())[0].some(({ entity }: Foreign) => entity === "allUsers"));
  await file.acl.delete({ entity: "allUsers" });
  await bucket.acl.default.add({ entity: "allAuthenticatedUsers", role: "READER" });
  const [key] = await storage.createHmacKey("default@local-project.iam.gserviceaccount.com");
  await key.setMetadata({ state: "INACTIVE" });
  await key.delete();
});

test("storage: with STORAGE_EMULATOR_HOST alone it sends no credentials and works", { skip }, async () => {
  const { Storage } = load("@google-cloud/storage") as Foreign;
  const anonymous = new Storage({ projectId: "local-project" });
  const [bucket] = await anonymous.createBucket("foreign-anonymous");
  await bucket.file("x").save("hello", { resumable: false });
  assert.equal((await bucket.file("x").download())[0].toString(), "hello");
});

async function compute(t: TestContext, name: string): Promise<Foreign> {
  const module = load("@google-cloud/compute") as Foreign;
  const { hostname, port } = new URL(url);
  const client = new module.v1[name]({
    fallback: true,
    apiEndpoint: hostname,
    port: Number(port),
    protocol: "http",
  });
  t.after(() => client.close());
  return client;
}

test("compute: an instance's life by its REST client", { skip }, async (t) => {
  const instances = await compute(t, "InstancesClient");
  const operations = await compute(t, "ZoneOperationsClient");
  const at = { project: "local-project", zone: "us-central1-a" };
  const [begun] = await instances.insert({
    ...at,
    instanceResource: { name: "vm-1", machineType: "zones/us-central1-a/machineTypes/e2-micro" },
  });
  cloud.clock.advance(5_000);
  const [done] = await operations.wait({ ...at, operation: begun.latestResponse.name });
  assert.equal(done.status, "DONE");
  const [instance] = await instances.get({ ...at, instance: "vm-1" });
  assert.deepEqual([instance.name, instance.status], ["vm-1", "RUNNING"]);
  assert.deepEqual(
    (await instances.list(at))[0].map((each: Foreign) => each.name),
    ["vm-1"],
  );
  const zones: string[] = [];
  for await (const [zone, scoped] of instances.aggregatedListAsync({ project: "local-project" })) {
    if (scoped.instances?.length > 0) zones.push(zone);
  }
  assert.deepEqual(zones, ["zones/us-central1-a"]);
  await instances.delete({ ...at, instance: "vm-1" });
  cloud.clock.advance(5_000);
  await assert.rejects(instances.get({ ...at, instance: "vm-1" }), { code: 404 });
});

test("compute: zones and machine types", { skip }, async (t) => {
  const zones = await compute(t, "ZonesClient");
  assert.ok(
    (await zones.list({ project: "local-project" }))[0].some(({ name }: Foreign) => name === "us-central1-a"),
  );
  const types = await compute(t, "MachineTypesClient");
  const [type] = await types.get({
    project: "local-project",
    zone: "us-central1-a",
    machineType: "e2-micro",
  });
  assert.equal(type.memoryMb, 1024);
});
