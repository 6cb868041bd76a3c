import assert from "node:assert/strict";
import { test } from "node:test";
import { Compute } from "../../../gen/gcp/compute.js";
import { Emulator } from "../../emulator.js";
import { gcpSession } from "../session.js";

const zone = "us-central1-a";

async function start() {
  const cloud = await Emulator.start();
  return { cloud, compute: gcpSession(cloud).client(Compute) };
}

function vm(name: string) {
  return {
    name,
    machineType: `zones/${zone}/machineTypes/e2-micro`,
    labels: { env: name.startsWith("w") ? "web" : "job" },
  };
}

test("an instance comes to run, stops, starts and goes, each after its time", async () => {
  const { cloud, compute } = await start();
  const begun = await compute.instances.insert({ zone, body: vm("web-1") });
  assert.deepEqual([begun.status, begun.operationType], ["PENDING", "insert"]);
  const status = async () => (await compute.instances.get({ zone, instance: "web-1" })).status;
  assert.equal(await status(), "PROVISIONING");
  cloud.clock.advance(1_000);
  assert.equal(
    (await compute.zoneOperations.get({ zone, operation: begun.name as string })).status,
    "RUNNING",
  );
  cloud.clock.advance(2_000);
  assert.equal((await compute.zoneOperations.get({ zone, operation: begun.name as string })).status, "DONE");
  assert.equal(await status(), "RUNNING");
  await compute.instances.stop({ zone, instance: "web-1" });
  assert.equal(await status(), "STOPPING");
  cloud.clock.advance(3_000);
  assert.equal(await status(), "TERMINATED");
  await compute.instances.start({ zone, instance: "web-1" });
  cloud.clock.advance(3_000);
  assert.equal(await status(), "RUNNING");
  await compute.instances.delete({ zone, instance: "web-1" });
  assert.equal(await status(), "STOPPING");
  cloud.clock.advance(3_000);
  await assert.rejects(status(), { kind: "notFound", code: "notFound" });
});

test("untilDone follows the operation where it lives", async () => {
  const { cloud, compute } = await start();
  const ticking = setInterval(() => cloud.clock.advance(500), 1);
  try {
    const done = await compute.instances.insert.untilDone({ zone, body: vm("web-1") }, { pollIntervalMs: 1 });
    assert.deepEqual([done.status, done.progress], ["DONE", 100]);
    assert.equal((await compute.instances.get({ zone, instance: "web-1" })).status, "RUNNING");
  } finally {
    clearInterval(ticking);
  }
});

test("a request that is sent again by its id changes nothing", async () => {
  const { compute } = await start();
  const input = { zone, body: vm("web-1"), requestId: "5b3a1a9e-8f3c-4a57-9d70-0f6d5a3e8b11" };
  const first = await compute.instances.insert(input);
  assert.equal((await compute.instances.insert(input)).name, first.name);
  await assert.rejects(compute.instances.insert({ zone, body: vm("web-1") }), {
    kind: "alreadyExists",
    code: "alreadyExists",
  });
});

test("a reset after the insert took effect is repeated without a second instance", async () => {
  const { cloud, compute } = await start();
  cloud.faults.add({ service: "compute", operation: "instances.insert", reset: "response" });
  await compute.instances.insert({ zone, body: vm("web-1") });
  assert.equal((await compute.instances.list.all({ zone })).length, 1);
});

test("lists are filtered, paged and aggregated", async () => {
  const { compute } = await start();
  for (const name of ["job-1", "web-1", "web-2"]) await compute.instances.insert({ zone, body: vm(name) });
  await compute.instances.insert({ zone: "europe-west1-b", body: vm("web-3") });
  const names = async (filter?: string) =>
    (
      await compute.instances.list.all({ zone, ...(filter !== undefined && { filter }) }, { pageSize: 1 })
    ).map(({ name }) => name);
  assert.deepEqual(await names(), ["job-1", "web-1", "web-2"]);
  assert.deepEqual(await names("labels.env = web AND name != web-1"), ["web-2"]);
  assert.deepEqual(await names("name eq web-.*"), ["web-1", "web-2"]);
  const all = await compute.instances.aggregatedList.all({}, { pageSize: 2 });
  assert.deepEqual(all.map(({ name }) => name).sort(), ["job-1", "web-1", "web-2", "web-3"]);
  const page = await compute.instances.aggregatedList({});
  assert.equal(page.items?.["zones/us-east1-b"]?.warning?.code, "NO_RESULTS_ON_PAGE");
});

test("zones, regions and machine types are there", async () => {
  const { compute } = await start();
  assert.ok((await compute.zones.list.all()).some(({ name }) => name === zone));
  assert.equal((await compute.regions.get({ region: "us-central1" })).zones?.length, 4);
  assert.equal((await compute.machineTypes.get({ zone, machineType: "e2-micro" })).memoryMb, 1024);
});

test("what is not emulated says so in Compute's own form", async () => {
  const { compute } = await start();
  await assert.rejects(compute.routers.list({ region: "us-central1" }), {
    kind: "notImplemented",
    status: 501,
    message: /routers\.list/,
  });
  await assert.rejects(compute.instances.list({ zone: "mars-a" }), { kind: "notFound" });
});

test("throttling is waited out", async () => {
  const { cloud, compute } = await start();
  cloud.faults.add({ service: "compute", operation: "zones.list", throttle: true });
  assert.ok((await compute.zones.list({}, { retry: { maxDelayMs: 1 } })).items);
});
