/** Versions of blobs as @azure/storage-blob sees them, on an account that keeps them. */
import assert from "node:assert/strict";
import { collect, type Foreign, refused, type Scenario, textOf } from "./storage-blob-suite.js";

const VERSIONS = { includeVersions: true };

export const VERSION_SCENARIOS: Readonly<Record<string, Scenario>> = {
  "each write is a version": async ({ container }) => {
    const blob = container.getBlockBlobClient("b");
    const { versionId: first } = await blob.upload("one", 3);
    const { versionId: second } = await blob.upload("two", 3);
    const { versionId: third } = await blob.setMetadata({ of: "third" });
    assert.ok(first < second && second < third);
    await blob.setHTTPHeaders({ blobContentType: "text/x" });
    const properties = await blob.getProperties();
    assert.deepEqual([properties.versionId, properties.isCurrentVersion], [third, true]);
    assert.equal(await textOf(blob.withVersion(first)), "one");
    const before = await blob.withVersion(second).getProperties();
    assert.deepEqual([before.versionId, before.isCurrentVersion, before.metadata], [second, undefined, {}]);
    const { snapshot, versionId: fourth } = await blob.createSnapshot();
    assert.ok(fourth > third);
    const listed = await collect(container.listBlobsFlat({ ...VERSIONS, includeSnapshots: true }));
    assert.deepEqual(
      listed.map(({ versionId, snapshot: time, isCurrentVersion }) => versionId ?? time ?? isCurrentVersion),
      [first, second, third, snapshot, fourth],
    );
    const pages = await collect(container.listBlobsFlat(VERSIONS).byPage({ maxPageSize: 1 }));
    assert.deepEqual(
      pages.flatMap(({ segment }) => segment.blobItems.map(({ versionId }: Foreign) => versionId)),
      [first, second, third, fourth],
    );
  },

  "a deletion leaves versions, and a copy promotes one": async ({ container }) => {
    const blob = container.getBlockBlobClient("b");
    const { versionId: first } = await blob.upload("one", 3);
    const { versionId: second } = await blob.upload("two", 3);
    await assert.rejects(blob.withVersion(second).delete(), refused("OperationNotAllowedOnRootBlob", 403));
    await assert.rejects(blob.withVersion(first).delete({ deleteSnapshots: "include" }), { statusCode: 400 });
    await blob.delete();
    await assert.rejects(blob.download(), refused("BlobNotFound", 404));
    assert.equal((await collect(container.listBlobsFlat())).length, 0);
    assert.equal((await collect(container.listBlobsFlat(VERSIONS))).length, 2);
    const [gone] = await collect(container.listBlobsFlat({ includeDeletedWithVersions: true }));
    assert.equal(gone.hasVersionsOnly, true);
    await blob.syncCopyFromURL(blob.withVersion(first).url);
    assert.equal(await textOf(blob), "one");
    await blob.withVersion(second).delete();
    await assert.rejects(blob.withVersion(second).download(), refused("BlobNotFound", 404));
  },

  "a deleted version comes back where deletions are kept": async ({ container, service }) => {
    const settings = await service.getProperties();
    await service.setProperties({ ...settings, deleteRetentionPolicy: { enabled: true, days: 3 } });
    try {
      const blob = container.getBlockBlobClient("b");
      const { versionId: first } = await blob.upload("one", 3);
      await blob.upload("two", 3);
      await blob.withVersion(first).delete();
      const listed = await collect(container.listBlobsFlat({ ...VERSIONS, includeDeleted: true }));
      assert.deepEqual(
        listed.map(({ versionId, deleted }) => (deleted ? versionId : undefined)),
        [first, undefined],
      );
      await blob.undelete();
      assert.equal(await textOf(blob.withVersion(first)), "one");
    } finally {
      await service.setProperties({ ...settings, deleteRetentionPolicy: { enabled: false } });
    }
  },

  "to delete a version is a permission of its own": async ({ storage, container }) => {
    const blob = container.getBlockBlobClient("b");
    const { versionId } = await blob.upload("one", 3);
    await blob.upload("two", 3);
    const signed = async (permissions: string) => {
      const address = await container.generateSasUrl({
        permissions: storage.ContainerSASPermissions.parse(permissions),
        expiresOn: new Date(Date.now() + 60_000),
      });
      return new storage.ContainerClient(address).getBlobClient("b").withVersion(versionId);
    };
    await assert.rejects((await signed("d")).delete(), refused("AuthorizationPermissionMismatch", 403));
    await (await signed("x")).delete();
    await assert.rejects(blob.withVersion(versionId).getProperties(), { statusCode: 404 });
  },

  "what is held stays as a version": async ({ container }) => {
    const blob = container.getBlockBlobClient("b");
    const { versionId: first } = await blob.upload("one", 3);
    await blob.setLegalHold(true);
    await assert.rejects(
      blob.setHTTPHeaders({ blobContentType: "text/x" }),
      refused("BlobImmutableDueToPolicy", 409),
    );
    await blob.upload("two", 3);
    assert.ok(!(await blob.getProperties()).legalHold);
    const held = blob.withVersion(first);
    await assert.rejects(held.delete(), refused("BlobImmutableDueToPolicy", 409));
    await held.setLegalHold(false);
    await held.delete();
    await blob.upload("three", 5, { legalHold: true });
    assert.equal((await blob.getProperties()).legalHold, true);
    await blob.setLegalHold(false);
  },

  "appends and pages change the version that is there": async ({ container }) => {
    const log = container.getAppendBlobClient("log");
    const { versionId } = await log.create();
    await log.appendBlock("one", 3);
    assert.equal((await log.getProperties()).versionId, versionId);
    await log.setMetadata({ a: "1" });
    await log.appendBlock("two", 3);
    assert.equal(await textOf(log.withVersion(versionId)), "one");
    assert.equal(await textOf(log), "onetwo");
  },
};
