/** Containers, settings of the account, batches, and who may do what: more of the program that @azure/storage-blob runs on any Blob service. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collect, type Foreign, refused, type Scenario, textOf } from "./storage-blob-suite.js";

export const ACCESS_SCENARIOS: Readonly<Record<string, Scenario>> = {
  "files, and content taken from addresses": async ({ container, storage }) => {
    const folder = await mkdtemp(join(tmpdir(), "trivet-"));
    try {
      const bytes = Buffer.from(Uint8Array.from({ length: 2_000_000 }, (_, at) => (at * 7) % 253));
      await writeFile(join(folder, "up"), bytes);
      const blob = container.getBlockBlobClient("file");
      await blob.uploadFile(join(folder, "up"), { blockSize: 600_000, maxSingleShotSize: 1000 });
      await blob.downloadToFile(join(folder, "down"));
      assert.ok(bytes.equals(await readFile(join(folder, "down"))));
      const address = await blob.generateSasUrl({
        permissions: storage.BlobSASPermissions.parse("r"),
        expiresOn: new Date(Date.now() + 60_000),
      });
      const staged = container.getBlockBlobClient("staged");
      const id = Buffer.from("1").toString("base64");
      await staged.stageBlockFromURL(id, address, 10, 20);
      await staged.commitBlockList([id]);
      assert.ok(bytes.subarray(10, 30).equals(await staged.downloadToBuffer()));
    } finally {
      await rm(folder, { recursive: true });
    }
  },

  "more content taken from addresses": async ({ container, storage }) => {
    const source = container.getBlockBlobClient("source");
    await source.upload("0123456789", 10, { blobHTTPHeaders: { blobContentType: "text/x" } });
    const address = await source.generateSasUrl({
      permissions: storage.BlobSASPermissions.parse("r"),
      expiresOn: new Date(Date.now() + 60_000),
    });
    const whole = container.getBlockBlobClient("whole");
    await whole.syncUploadFromURL(address);
    assert.deepEqual(
      [await textOf(whole), (await whole.getProperties()).contentType],
      ["0123456789", "text/x"],
    );
    const log = container.getAppendBlobClient("log");
    await log.create();
    await log.appendBlockFromURL(address, 2, 3);
    assert.equal(await textOf(log), "234");
    await log.seal();
    await assert.rejects(log.appendBlock("x", 1), refused("BlobIsSealed", 409));
    const pages = container.getBlockBlobClient("pages");
    await pages.upload(Buffer.alloc(512, 3), 512);
    const disk = container.getPageBlobClient("disk");
    await disk.create(1024);
    const pagesAddress = await pages.generateSasUrl({
      permissions: storage.BlobSASPermissions.parse("r"),
      expiresOn: new Date(Date.now() + 60_000),
    });
    await disk.uploadPagesFromURL(pagesAddress, 0, 512, 512);
    assert.deepEqual((await disk.getPageRanges()).pageRange, [{ offset: 512, count: 511 }]);
  },

  "holds and immutability": async ({ container }) => {
    const blob = container.getBlockBlobClient("held");
    await blob.upload("x", 1);
    await blob.setLegalHold(true);
    await assert.rejects(blob.delete(), refused("BlobImmutableDueToPolicy", 409));
    await blob.setLegalHold(false);
    const expiriesOn = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000);
    await blob.setImmutabilityPolicy({ expiriesOn, policyMode: "Unlocked" });
    assert.deepEqual((await blob.getProperties()).immutabilityPolicyExpiresOn, expiriesOn);
    await assert.rejects(blob.upload("y", 1), refused("BlobImmutableDueToPolicy", 409));
    await blob.deleteImmutabilityPolicy();
    await blob.delete();
  },

  "deletions that are kept": async ({ service, container }) => {
    await service.setProperties({ deleteRetentionPolicy: { enabled: true, days: 2 } });
    try {
      const blob = container.getBlockBlobClient("kept");
      await blob.upload("kept", 4);
      await blob.delete();
      const [deleted] = await collect(container.listBlobsFlat({ includeDeleted: true }));
      assert.deepEqual([deleted.name, deleted.deleted], ["kept", true]);
      await blob.undelete();
      assert.equal(await textOf(blob), "kept");
      await blob.upload("new!", 4);
      const kept = await collect(container.listBlobsFlat({ includeDeleted: true, includeSnapshots: true }));
      assert.deepEqual(kept.map((each) => [Boolean(each.snapshot), Boolean(each.deleted)]).sort(), [
        [false, false],
        [true, true],
      ]);
      await blob.undelete();
      assert.equal((await collect(container.listBlobsFlat({ includeSnapshots: true }))).length, 2);
      await blob.delete({ deleteSnapshots: "include" });
    } finally {
      await service.setProperties({ deleteRetentionPolicy: { enabled: false } });
    }
  },

  "batches of a container": async ({ container }) => {
    const blobs = ["1", "2"].map((name) => container.getBlockBlobClient(name));
    for (const blob of blobs) await blob.upload("x", 1);
    const deleted = await container.getBlobBatchClient().deleteBlobs(blobs);
    assert.equal(deleted.subResponsesSucceededCount, 2);
  },

  "containers: listed, described, access policies": async ({ container, service }) => {
    await container.setMetadata({ owner: "me" });
    const listed = await collect(
      service.listContainers({ prefix: container.containerName, includeMetadata: true }),
    );
    assert.deepEqual(
      listed.map(({ name, metadata }) => [name, metadata]),
      [[container.containerName, { owner: "me" }]],
    );
    const startsOn = new Date("2026-01-01T00:00:00Z");
    const expiresOn = new Date("2027-01-01T00:00:00Z");
    await container.setAccessPolicy("blob", [
      { id: "p", accessPolicy: { startsOn, expiresOn, permissions: "rl" } },
    ]);
    const policy = await container.getAccessPolicy();
    assert.equal(policy.blobPublicAccess, "blob");
    assert.deepEqual(policy.signedIdentifiers, [
      { id: "p", accessPolicy: { startsOn, expiresOn, permissions: "rl" } },
    ]);
    await assert.rejects(container.create(), refused("ContainerAlreadyExists", 409));
    assert.equal((await container.createIfNotExists()).succeeded, false);
    const none = service.getContainerClient("not-there");
    await assert.rejects(none.getProperties(), refused("ContainerNotFound", 404));
    await assert.rejects(none.getBlockBlobClient("x").upload("x", 1), refused("ContainerNotFound", 404));
    assert.equal((await none.deleteIfExists()).succeeded, false);
    assert.equal(await none.exists(), false);
    await assert.rejects(
      service.getContainerClient("Bad_Name").create(),
      (error: Foreign) => error.statusCode === 400,
    );
  },

  "properties of the service: CORS, logging, static pages": async ({ service, container, url }) => {
    const before = await service.getProperties();
    const cors = {
      allowedOrigins: "http://example.com",
      allowedMethods: "GET,PUT",
      allowedHeaders: "x-ms-*",
      exposedHeaders: "x-ms-*",
      maxAgeInSeconds: 60,
    };
    await service.setProperties({ ...before, cors: [cors] });
    assert.deepEqual((await service.getProperties()).cors, [cors]);
    const preflight = (origin: string) =>
      fetch(`${url}/${container.containerName}/x`, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "PUT" },
      });
    const allowed = await preflight("http://example.com");
    assert.deepEqual(
      [allowed.status, allowed.headers.get("access-control-allow-origin")],
      [200, "http://example.com"],
    );
    assert.equal((await preflight("http://other.com")).status, 403);
    await service.setProperties({ cors: [] });
    const info = await service.getAccountInfo();
    assert.deepEqual([info.accountKind, info.skuName], ["StorageV2", "Standard_RAGRS"]);
  },

  "batches of deletions and tiers": async ({ service, container }) => {
    const blobs = ["1", "2", "3"].map((name) => container.getBlockBlobClient(name));
    for (const blob of blobs) await blob.upload("x", 1);
    const batch = service.getBlobBatchClient();
    const tiers = await batch.setBlobsAccessTier(blobs, "Cool");
    assert.deepEqual([tiers.subResponsesSucceededCount, tiers.subResponsesFailedCount], [3, 0]);
    assert.equal((await blobs[0].getProperties()).accessTier, "Cool");
    const deleted = await batch.deleteBlobs([blobs[0], container.getBlockBlobClient("none"), blobs[1]]);
    assert.deepEqual([deleted.subResponsesSucceededCount, deleted.subResponsesFailedCount], [2, 1]);
    assert.deepEqual(
      deleted.subResponses.map(({ status, errorCode }: Foreign) => [status, errorCode]),
      [
        [202, undefined],
        [404, "BlobNotFound"],
        [202, undefined],
      ],
    );
    assert.equal(await blobs[2].exists(), true);
  },

  "shared access signatures: of the account, of containers and blobs": async ({
    storage,
    service,
    container,
  }) => {
    const blob = container.getBlockBlobClient("dir/a b+c.txt");
    await blob.upload("shared", 6);
    const expiresOn = new Date(Date.now() + 60_000);
    const past = new Date(Date.now() - 60_000);
    const { BlobSASPermissions, ContainerSASPermissions, SASProtocol } = storage;
    const get = async (address: string, init?: RequestInit) => (await fetch(address, init)).status;
    const read = { permissions: BlobSASPermissions.parse("r"), expiresOn };
    assert.equal(await get(await blob.generateSasUrl(read)), 200);
    assert.equal(
      await get(await blob.generateSasUrl({ ...read, expiresOn: past, startsOn: new Date(0) })),
      403,
    );
    assert.equal(await get(await blob.generateSasUrl({ ...read, startsOn: expiresOn })), 403);
    assert.equal(
      await get(await blob.generateSasUrl({ ...read, permissions: BlobSASPermissions.parse("w") })),
      403,
    );
    assert.equal(await get(await blob.generateSasUrl({ ...read, ipRange: { start: "127.0.0.1" } })), 200);
    assert.equal(await get(await blob.generateSasUrl({ ...read, protocol: SASProtocol.HttpsAndHttp })), 200);
    const shown = await fetch(
      await blob.generateSasUrl({ ...read, contentDisposition: "attachment", contentType: "text/y" }),
    );
    assert.deepEqual(
      [shown.headers.get("content-disposition"), shown.headers.get("content-type")],
      ["attachment", "text/y"],
    );
    const write = await blob.generateSasUrl({ ...read, permissions: BlobSASPermissions.parse("cw") });
    await new storage.BlockBlobClient(write).upload("written", 7);
    assert.equal(await get(write), 403);
    const listing = await container.generateSasUrl({
      permissions: ContainerSASPermissions.parse("rl"),
      expiresOn,
    });
    const shared = new storage.ContainerClient(listing);
    assert.equal((await collect(shared.listBlobsFlat())).length, 1);
    assert.equal(await textOf(shared.getBlobClient("dir/a b+c.txt")), "written");
    await assert.rejects(
      shared.getBlockBlobClient("new").upload("x", 1),
      refused("AuthorizationPermissionMismatch", 403),
    );
    const account = service.generateAccountSasUrl(
      expiresOn,
      storage.AccountSASPermissions.parse("rwdlc"),
      "sco",
    );
    const whole = new storage.BlobServiceClient(account);
    assert.ok((await collect(whole.listContainers({ prefix: container.containerName }))).length === 1);
    await whole.getContainerClient(container.containerName).getBlockBlobClient("by-account").upload("x", 1);
    const objects = new storage.BlobServiceClient(
      service.generateAccountSasUrl(expiresOn, storage.AccountSASPermissions.parse("rl"), "o"),
    );
    await assert.rejects(
      collect(objects.getContainerClient(container.containerName).listBlobsFlat()),
      refused("AuthorizationResourceTypeMismatch", 403),
    );
    await container.setAccessPolicy(undefined, [
      { id: "readers", accessPolicy: { startsOn: past, expiresOn, permissions: "r" } },
    ]);
    assert.equal(await get(await blob.generateSasUrl({ identifier: "readers" })), 200);
    assert.equal(await get(await blob.generateSasUrl({ identifier: "nobody" })), 403);
    await container.setAccessPolicy();
    assert.equal(await get(await blob.generateSasUrl({ identifier: "readers" })), 403);
  },

  "another key than the account's": async ({ storage, url }) => {
    const stranger = new storage.BlobServiceClient(
      url,
      new storage.StorageSharedKeyCredential(
        "devstoreaccount1",
        Buffer.from("another key").toString("base64"),
      ),
    );
    await assert.rejects(stranger.getProperties(), refused("AuthenticationFailed", 403));
  },

  "shared access signatures: for other addresses": async ({ container, storage }) => {
    const blob = container.getBlockBlobClient("near");
    await blob.upload("x", 1);
    const url = await blob.generateSasUrl({
      permissions: storage.BlobSASPermissions.parse("r"),
      expiresOn: new Date(Date.now() + 60_000),
      ipRange: { start: "10.0.0.1", end: "10.0.0.9" },
    });
    const response = await fetch(url);
    assert.deepEqual(
      [response.status, response.headers.get("x-ms-error-code")],
      [403, "AuthorizationSourceIPMismatch"],
    );
  },

  "public containers": async ({ container, storage }) => {
    const blob = container.getBlockBlobClient("public");
    await blob.upload("open", 4);
    assert.ok((await fetch(blob.url)).status >= 400);
    await container.setAccessPolicy("blob");
    assert.equal(await (await fetch(blob.url)).text(), "open");
    const anonymous = new storage.ContainerClient(container.url);
    await assert.rejects(collect(anonymous.listBlobsFlat()), (error: Foreign) => error.statusCode >= 400);
    await container.setAccessPolicy("container");
    assert.equal((await collect(anonymous.listBlobsFlat())).length, 1);
    await assert.rejects(
      anonymous.getBlockBlobClient("x").upload("x", 1),
      (error: Foreign) => error.statusCode >= 400,
    );
  },
};
