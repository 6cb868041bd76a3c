import assert from "node:assert/strict";
import { test } from "node:test";
import { Compute } from "../../../gen/gcp/compute.js";
import { Emulator } from "../../emulator.js";
import { gcpSession } from "../session.js";
import { filterOf } from "./filter.js";

const zone = "us-central1-a";
const region = "us-central1";
const machineType = `zones/${zone}/machineTypes/e2-micro`;
const debian = "projects/debian-cloud/global/images/family/debian-12";
const lastPart = (url: string | undefined) => url?.split("/").at(-1);

async function start() {
  const cloud = await Emulator.start();
  const compute = gcpSession(cloud).client(Compute);
  const settled = () => cloud.clock.advance(5_000);
  return { cloud, compute, settled };
}

test("a disk is made of an image, grows, and gives a snapshot and an image", async () => {
  const { compute, settled } = await start();
  await compute.disks.insert({ zone, body: { name: "d", sourceImage: debian, labels: { a: "b" } } });
  assert.equal((await compute.disks.get({ zone, disk: "d" })).status, "CREATING");
  settled();
  const disk = await compute.disks.get({ zone, disk: "d" });
  assert.deepEqual([disk.status, disk.sizeGb, lastPart(disk.type)], ["READY", "10", "pd-standard"]);
  assert.match(lastPart(disk.sourceImage) ?? "", /^debian-12-bookworm/);
  await assert.rejects(compute.disks.resize({ zone, disk: "d", body: { sizeGb: "5" } }), { status: 400 });
  await compute.disks.resize({ zone, disk: "d", body: { sizeGb: "20" } });
  await compute.disks.createSnapshot({ zone, disk: "d", body: { name: "s" } });
  await compute.images.insert({ body: { name: "i", family: "own", sourceDisk: `zones/${zone}/disks/d` } });
  settled();
  assert.equal((await compute.snapshots.get({ snapshot: "s" })).diskSizeGb, "20");
  assert.equal((await compute.images.getFromFamily({ family: "own" })).name, "i");
  await compute.images.deprecate({ image: "i", body: { state: "DEPRECATED" } });
  await assert.rejects(compute.images.getFromFamily({ family: "own" }), { kind: "notFound" });
  await assert.rejects(
    compute.disks.insert({ zone, body: { name: "e", sourceSnapshot: "global/snapshots/x" } }),
    {
      status: 400,
      message: /referenced snapshot resource cannot be found/,
    },
  );
});

test("labels are set by who knows their fingerprint", async () => {
  const { compute } = await start();
  await compute.disks.insert({ zone, body: { name: "d" } });
  const { labelFingerprint = "" } = await compute.disks.get({ zone, disk: "d" });
  const set = (fingerprint: string) =>
    compute.disks.setLabels({
      zone,
      resource: "d",
      body: { labels: { x: "y" }, labelFingerprint: fingerprint },
    });
  await set(labelFingerprint);
  assert.deepEqual((await compute.disks.get({ zone, disk: "d" })).labels, { x: "y" });
  await assert.rejects(set(labelFingerprint), { status: 412, code: "conditionNotMet" });
});

test("an instance's disks come, are attached and detached, and go with it", async () => {
  const { compute, settled } = await start();
  const boot = { boot: true, autoDelete: true, initializeParams: { sourceImage: debian } };
  await compute.instances.insert({ zone, body: { name: "vm", machineType, disks: [boot] } });
  await compute.disks.insert({ zone, body: { name: "data" } });
  settled();
  const source = `zones/${zone}/disks/data`;
  await compute.instances.attachDisk({ zone, instance: "vm", body: { source, deviceName: "data" } });
  const { disks } = await compute.instances.get({ zone, instance: "vm" });
  assert.deepEqual(
    disks?.map((each) => lastPart(each.source)),
    ["vm", "data"],
  );
  assert.deepEqual((await compute.disks.get({ zone, disk: "data" })).users?.map(lastPart), ["vm"]);
  const inUse = { code: "resourceInUseByAnotherResource", status: 400 };
  await assert.rejects(compute.disks.delete({ zone, disk: "data" }), inUse);
  const other = { name: "vm-2", machineType, disks: [{ source }] };
  await assert.rejects(compute.instances.insert({ zone, body: other }), inUse);
  await compute.instances.detachDisk({ zone, instance: "vm", deviceName: "data" });
  assert.deepEqual((await compute.disks.get({ zone, disk: "data" })).users, []);
  await compute.instances.delete({ zone, instance: "vm" });
  settled();
  assert.deepEqual(
    (await compute.disks.list.all({ zone })).map(({ name }) => name),
    ["data"],
  );
});

test("a project has the default network; a network of one's own goes when nothing is in it", async () => {
  const { compute, settled } = await start();
  const { subnetworks } = await compute.networks.get({ network: "default" });
  assert.equal(subnetworks?.length, (await compute.regions.list.all()).length);
  assert.equal((await compute.firewalls.list.all()).length, 4);
  await compute.networks.insert({ body: { name: "net", autoCreateSubnetworks: false } });
  const subnetwork = (name: string, ipCidrRange: string) =>
    compute.subnetworks.insert({ region, body: { name, network: "global/networks/net", ipCidrRange } });
  await subnetwork("sub", "10.0.0.0/24");
  assert.equal((await compute.subnetworks.get({ region, subnetwork: "sub" })).gatewayAddress, "10.0.0.1");
  await assert.rejects(subnetwork("same", "10.0.0.128/25"), {
    message: /conflicts with existing subnetwork 'sub'/,
  });
  await assert.rejects(subnetwork("odd", "10.0.1.1/24"), { status: 400 });
  await assert.rejects(compute.networks.delete({ network: "net" }), {
    code: "resourceInUseByAnotherResource",
    message: /already being used by 'projects\/local-project\/regions\/us-central1\/subnetworks\/sub'/,
  });
  await compute.subnetworks.delete({ region, subnetwork: "sub" });
  settled();
  await compute.networks.delete({ network: "net" });
  settled();
  await assert.rejects(compute.networks.get({ network: "net" }), { kind: "notFound" });
});

test("an instance takes addresses of its subnetwork and a reserved one", async () => {
  const { compute, settled } = await start();
  await compute.addresses.insert({ region, body: { name: "ip" } });
  const { address: natIP = "", status } = await compute.addresses.get({ region, address: "ip" });
  assert.equal(status, "RESERVED");
  const networkInterfaces = [{ network: "global/networks/default", accessConfigs: [{ natIP }] }];
  await compute.instances.insert({ zone, body: { name: "vm", machineType, networkInterfaces } });
  const [nic] = (await compute.instances.get({ zone, instance: "vm" })).networkInterfaces ?? [];
  assert.deepEqual(
    [nic?.networkIP, lastPart(nic?.subnetwork), nic?.accessConfigs?.[0]?.natIP],
    ["10.128.0.2", "default", natIP],
  );
  const used = await compute.addresses.get({ region, address: "ip" });
  assert.deepEqual([used.status, used.users?.map(lastPart)], ["IN_USE", ["vm"]]);
  await assert.rejects(compute.addresses.delete({ region, address: "ip" }), { status: 400 });
  await compute.instances.deleteAccessConfig({
    zone,
    instance: "vm",
    accessConfig: "External NAT",
    networkInterface: "nic0",
  });
  await compute.addresses.delete({ region, address: "ip" });
  settled();
  assert.deepEqual(await compute.addresses.list.all({ region }), []);
});

test("firewall rules are patched, and refused without an action", async () => {
  const { compute } = await start();
  await assert.rejects(compute.firewalls.insert({ body: { name: "fw" } }), { status: 400 });
  await compute.firewalls.insert({ body: { name: "fw", allowed: [{ IPProtocol: "tcp", ports: ["80"] }] } });
  await compute.firewalls.patch({ firewall: "fw", body: { priority: 5 } });
  const rule = await compute.firewalls.get({ firewall: "fw" });
  assert.deepEqual([rule.priority, rule.direction, rule.sourceRanges], [5, "INGRESS", ["0.0.0.0/0"]]);
});

test("a template makes instances", async () => {
  const { compute } = await start();
  const properties = { machineType: "e2-small", labels: { from: "template" } };
  await compute.instanceTemplates.insert({ body: { name: "t", properties } });
  const sourceInstanceTemplate = "global/instanceTemplates/t";
  await compute.instances.insert({ zone, sourceInstanceTemplate, body: { name: "vm" } });
  const vm = await compute.instances.get({ zone, instance: "vm" });
  assert.deepEqual([lastPart(vm.machineType), vm.labels], ["e2-small", { from: "template" }]);
});

test("lists are ordered by time, and pages go on where one ended though it is gone", async () => {
  const { cloud, compute, settled } = await start();
  for (const name of ["a", "b", "c"]) {
    await compute.disks.insert({ zone, body: { name } });
    cloud.clock.advance(1_000);
  }
  const orderBy = "creationTimestamp desc";
  const first = await compute.disks.list({ zone, orderBy, maxResults: 1 });
  assert.deepEqual(
    first.items?.map(({ name }) => name),
    ["c"],
  );
  await compute.disks.delete({ zone, disk: "c" });
  settled();
  const pageToken = first.nextPageToken ?? "";
  const next = await compute.disks.list({ zone, orderBy, pageToken });
  assert.deepEqual(
    next.items?.map(({ name }) => name),
    ["b", "a"],
  );
  await assert.rejects(compute.disks.list({ zone, orderBy: "sizeGb" }), { status: 400 });
  const { items } = await compute.disks.aggregatedList({});
  assert.deepEqual(
    items?.[`zones/${zone}`]?.disks?.map(({ name }) => name),
    ["a", "b"],
  );
});

test("filters join terms, turn them round, and look into lists", () => {
  const vm = { name: "web-1", labels: { env: "prod" }, cpus: 4, tags: { items: ["http", "ssh"] }, on: true };
  for (const [filter, fits] of [
    ["name = web-1", true],
    ["name = WEB-*", true],
    ['(labels.env = "prod") (cpus > 3)', true],
    ["labels.env = test OR (cpus >= 4 AND on = true)", true],
    ["NOT labels.env:*", false],
    ["-name:web", false],
    ["tags.items = ssh", true],
    ["name eq web-[0-9]", true],
    ["(name ne 'web-.*')", false],
    ["labels.none != x", true],
  ] as const)
    assert.equal(filterOf(filter)(vm), fits, filter);
  for (const wrong of ["name", "(name = a", "name = a)", "= a", "name eq ("])
    assert.throws(() => filterOf(wrong)(vm), { code: "invalid" }, wrong);
});
