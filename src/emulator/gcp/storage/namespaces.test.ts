import assert from "node:assert/strict";
import { test } from "node:test";
import { Storage } from "../../../gen/gcp/storage.js";
import { Emulator } from "../../emulator.js";
import { gcpSession } from "../session.js";

async function start() {
  const cloud = await Emulator.start();
  return { cloud, storage: gcpSession(cloud).client(Storage) };
}

const uniform = { uniformBucketLevelAccess: { enabled: true } };
const names = (items: readonly { readonly name?: string }[] | undefined) => items?.map(({ name }) => name);

test("a hierarchical bucket has folders: made with objects, renamed with what is in them", async () => {
  const { storage } = await start();
  const bucket = "tree";
  const hierarchicalNamespace = { enabled: true };
  await assert.rejects(storage.buckets.insert({ body: { name: bucket, hierarchicalNamespace } }), {
    kind: "invalidInput",
  });
  await storage.buckets.insert({ body: { name: bucket, hierarchicalNamespace, iamConfiguration: uniform } });
  await assert.rejects(storage.folders.insert({ bucket, body: { name: "a/b/" } }), { kind: "notFound" });
  await storage.folders.insert({ bucket, recursive: true, body: { name: "a/b/" } });
  await storage.objects.insert({ bucket, name: "a/c/file", media: "x" });
  assert.deepEqual(names(await storage.folders.list.all({ bucket })), ["a/", "a/b/", "a/c/"]);
  assert.deepEqual(names(await storage.folders.list.all({ bucket, prefix: "a/", delimiter: "/" })), [
    "a/",
    "a/b/",
    "a/c/",
  ]);
  await assert.rejects(storage.folders.delete({ bucket, folder: "a/c/" }), { status: 409 });
  const moved = await storage.folders.rename({ bucket, sourceFolder: "a/", destinationFolder: "z/" });
  assert.equal(moved.done, true);
  assert.deepEqual(names(await storage.folders.list.all({ bucket })), ["z/", "z/b/", "z/c/"]);
  assert.deepEqual(names(await storage.objects.list.all({ bucket })), ["z/c/file"]);
  assert.equal((await storage.objects.get({ bucket, object: "z/c/file" })).bucket, bucket);
  const listed = await storage.objects.list({
    bucket,
    delimiter: "/",
    prefix: "z/",
    includeFoldersAsPrefixes: true,
  });
  assert.deepEqual(listed.prefixes, ["z/b/", "z/c/"]);
  await storage.folders.deleteRecursive({ bucket, folder: "z/" });
  assert.deepEqual(names(await storage.objects.list.all({ bucket })), []);
  assert.equal((await storage.buckets.getStorageLayout({ bucket })).hierarchicalNamespace?.enabled, true);
});

test("folders are of hierarchical buckets alone, managed folders of uniform ones", async () => {
  const { storage } = await start();
  await storage.buckets.insert({ body: { name: "flat" } });
  await assert.rejects(storage.folders.list({ bucket: "flat" }), { status: 409 });
  await assert.rejects(storage.managedFolders.insert({ bucket: "flat", body: { name: "m" } }), {
    status: 400,
  });
  await storage.buckets.insert({ body: { name: "uniform", iamConfiguration: uniform } });
  const at = { bucket: "uniform", managedFolder: "m/" };
  assert.equal((await storage.managedFolders.insert({ bucket: "uniform", body: { name: "m" } })).name, "m/");
  const bindings = [{ role: "roles/storage.objectViewer", members: ["user:a@example.com"] }];
  const { etag } = await storage.managedFolders.setIamPolicy({ ...at, body: { bindings } });
  const policy = await storage.managedFolders.getIamPolicy(at);
  assert.deepEqual([policy.etag, policy.bindings], [etag, bindings]);
  await assert.rejects(storage.managedFolders.setIamPolicy({ ...at, body: { etag: "old" } }), {
    status: 412,
  });
  await storage.objects.insert({ bucket: "uniform", name: "m/x", media: "x" });
  await assert.rejects(storage.managedFolders.delete(at), { status: 409 });
  await storage.managedFolders.delete({ ...at, allowNonEmpty: true });
  await assert.rejects(storage.managedFolders.get(at), { kind: "notFound" });
});

test("a deleted bucket can be restored for as long as its policy says", async () => {
  const { cloud, storage } = await start();
  const { generation = "" } = await storage.buckets.insert({ body: { name: "gone", labels: { a: "b" } } });
  const at = { bucket: "gone", generation };
  await storage.buckets.delete({ bucket: "gone" });
  const deleted = await storage.buckets.get({ ...at, softDeleted: true });
  assert.ok(deleted.softDeleteTime && deleted.hardDeleteTime);
  assert.deepEqual(names(await storage.buckets.list.all({ softDeleted: true })), ["gone"]);
  const restored = await storage.buckets.restore(at);
  assert.deepEqual([restored.labels, restored.softDeleteTime], [{ a: "b" }, undefined]);
  await storage.buckets.delete({ bucket: "gone" });
  cloud.clock.advance(8 * 86_400_000);
  await assert.rejects(storage.buckets.restore(at), { kind: "notFound" });
});
