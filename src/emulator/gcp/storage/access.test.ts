import assert from "node:assert/strict";
import { test } from "node:test";
import { Storage } from "../../../gen/gcp/storage.js";
import { Emulator } from "../../emulator.js";
import { DEFAULT_EMAIL } from "../identity.js";
import { gcpSession } from "../session.js";

const bucket = "lists";

async function start() {
  const cloud = await Emulator.start();
  const storage = gcpSession(cloud).client(Storage);
  await storage.buckets.insert({ body: { name: bucket } });
  return { cloud, storage };
}

const rolesOf = (acl: readonly { readonly entity?: string; readonly role?: string }[] | undefined) =>
  Object.fromEntries((acl ?? []).map(({ entity = "", role }) => [entity.replace(/-\d+$/, ""), role]));

const team = { "project-owners": "OWNER", "project-editors": "OWNER", "project-viewers": "READER" };
const owner = { [`user-${DEFAULT_EMAIL}`]: "OWNER" };

test("new buckets and objects belong to the project's team, an object to who wrote it too", async () => {
  const { storage } = await start();
  assert.deepEqual(rolesOf((await storage.buckets.get({ bucket, projection: "full" })).acl), team);
  await storage.objects.insert({ bucket, name: "a", media: "x" });
  const { acl } = await storage.objects.get({ bucket, object: "a", projection: "full" });
  assert.deepEqual(rolesOf(acl), { ...team, ...owner });
});

test("a predefined list takes the place of what was, and a stated one keeps the owner", async () => {
  const { storage } = await start();
  await storage.objects.insert({ bucket, name: "a", media: "x" });
  const at = { bucket, object: "a" };
  const named = await storage.objects.patch({ ...at, predefinedAcl: "publicRead", body: {} });
  assert.deepEqual(rolesOf(named.acl), { allUsers: "READER", ...owner });
  const stated = await storage.objects.patch({ ...at, body: { acl: [] } });
  assert.deepEqual(rolesOf(stated.acl), owner);
  const copied = await storage.objects.copy({
    sourceBucket: bucket,
    sourceObject: "a",
    destinationBucket: bucket,
    destinationObject: "b",
    destinationPredefinedAcl: "authenticatedRead",
  });
  assert.equal(copied.acl, undefined);
  const { acl } = await storage.objects.get({ bucket, object: "b", projection: "full" });
  assert.deepEqual(rolesOf(acl), { allAuthenticatedUsers: "READER", ...owner });
});

test("where public access is prevented no list, policy or object lets everybody in", async () => {
  const { storage } = await start();
  const body = { iamConfiguration: { publicAccessPrevention: "enforced" } };
  await storage.buckets.patch({ bucket, body });
  const everybody = [{ role: "roles/storage.objectViewer", members: ["allUsers"] }];
  const refused = { status: 412, code: "conditionNotMet" };
  await assert.rejects(storage.buckets.setIamPolicy({ bucket, body: { bindings: everybody } }), refused);
  await assert.rejects(storage.buckets.patch({ bucket, predefinedAcl: "publicRead", body: {} }), refused);
  await assert.rejects(
    storage.objects.insert({ bucket, name: "a", predefinedAcl: "publicRead", media: "x" }),
    refused,
  );
});

test("an object's own retention only grows once it is locked", async () => {
  const { cloud, storage } = await start();
  const inHours = (hours: number) => new Date(cloud.clock.now() + hours * 3_600_000).toISOString();
  const set = (mode: string, hours: number, override = false) =>
    storage.objects.patch({
      bucket,
      object: "a",
      overrideUnlockedRetention: override,
      body: { retention: { mode, retainUntilTime: inHours(hours) } },
    });
  await storage.objects.insert({ bucket, name: "a", media: "x" });
  await set("Unlocked", 2);
  await assert.rejects(set("Unlocked", 1), { status: 403 });
  await set("Unlocked", 1, true);
  await set("Locked", 2);
  await assert.rejects(set("Unlocked", 3, true), { status: 403 });
  await assert.rejects(set("Locked", 1, true), { status: 403 });
  assert.equal((await set("Locked", 4)).retention?.mode, "Locked");
});

test("contexts have their times, and lists are filtered by them", async () => {
  const { cloud, storage } = await start();
  for (const [name, value] of [
    ["a", "x"],
    ["b", "y"],
  ] as const) {
    await storage.objects.insert({
      bucket,
      body: { name, contexts: { custom: { k: { value } } } },
      media: "x",
    });
  }
  await storage.objects.insert({ bucket, name: "c", media: "x" });
  const list = async (filter: string) =>
    (await storage.objects.list.all({ bucket, filter })).map(({ name }) => name);
  assert.deepEqual(await list('contexts."k"="x"'), ["a"]);
  assert.deepEqual(await list('-contexts."k"="x"'), ["b", "c"]);
  assert.deepEqual(await list('contexts."k":*'), ["a", "b"]);
  await assert.rejects(list("size > 3"), { status: 400 });
  cloud.clock.advance(1_000);
  const { contexts } = await storage.objects.patch({
    bucket,
    object: "a",
    body: { contexts: { custom: { k: { value: "z" } } } },
  });
  const { createTime = "", updateTime = "" } = contexts?.custom?.k ?? {};
  assert.ok(createTime < updateTime);
});
