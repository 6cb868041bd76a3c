/** What trivet's Blob client must be able to do against any Blob service: our emulator, Azurite, the service itself. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { Session, type SessionOptions } from "../../src/azure/index.js";
import { Blob as BlobService } from "../../src/gen/azure/blob.js";
import { isCloudError } from "../../src/internal/cloud-error.js";

export interface BlobHarness {
  readonly name: string;
  options(): SessionOptions;
  /** Sends a request that is not signed; undefined where there is no way around the session. */
  fetch(url: string): Promise<{ readonly status: number; readonly text: string }>;
  /** Cases that this service lacks, each with its reason. */
  readonly lacking?: Readonly<Record<string, string>>;
}

let made = 0;

type Scenario = (
  client: BlobService,
  containerName: string,
  session: Session,
  harness: BlobHarness,
) => Promise<void>;

export function runBlobSuite(harness: BlobHarness): void {
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    test(`${harness.name}: ${name}`, async (t) => {
      const lacking = harness.lacking?.[name];
      if (lacking !== undefined) return t.skip(lacking);
      const session = new Session(harness.options());
      const client = session.client(BlobService);
      const containerName = `suite-${process.pid}-${++made}`;
      await client.createContainer({ containerName });
      try {
        await scenario(client, containerName, session, harness);
      } finally {
        await client.deleteContainer({ containerName });
        session.close();
      }
    });
  }
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "containers are listed, described and deleted": async (client, containerName) => {
    const names = (await client.listContainers.all({ prefix: containerName })).map(({ name }) => name);
    assert.deepEqual(names, [containerName]);
    await client.setContainerMetadata({ containerName, metadata: { owner: "me" } });
    assert.deepEqual((await client.getContainerProperties({ containerName })).metadata, { owner: "me" });
    await assert.rejects(client.createContainer({ containerName }), {
      kind: "alreadyExists",
      code: "ContainerAlreadyExists",
    });
    await assert.rejects(client.getContainerProperties({ containerName: "not-there" }), { kind: "notFound" });
  },

  "a blob comes back as it was put": async (client, containerName) => {
    const blobName = "dir/a b+c%2F~ü.txt";
    const put = await client.putBlob({
      containerName,
      blobName,
      body: "héllo",
      blobContentType: "text/plain",
      metadata: { k: "v" },
    });
    const got = await client.getBlob({ containerName, blobName });
    assert.equal(await got.body.text(), "héllo");
    assert.equal(got.contentType, "text/plain");
    assert.equal(got.contentLength, 6);
    assert.deepEqual(got.metadata, { k: "v" });
    assert.equal(got.etag, put.etag);
    assert.equal(got.blobType, "BlockBlob");
    const part = await client.getBlob({ containerName, blobName, range: "bytes=1-2" });
    assert.equal(await part.body.text(), "é");
    assert.equal(part.contentRange, "bytes 1-2/6");
    assert.deepEqual(
      (await client.listBlobs.all({ containerName })).map((each) => each.name),
      [blobName],
    );
    await client.deleteBlob({ containerName, blobName });
    await assert.rejects(client.getBlob({ containerName, blobName }), {
      kind: "notFound",
      code: "BlobNotFound",
      status: 404,
    });
    await assert.rejects(client.getBlobProperties({ containerName, blobName }), {
      kind: "notFound",
      code: "BlobNotFound",
    });
  },

  "blocks are staged and committed": async (client, containerName) => {
    const blobName = "blocks";
    const ids = ["0001", "0002", "0003"].map(btoa);
    for (const [index, blockId] of ids.entries())
      await client.putBlock({ containerName, blobName, blockId, body: `part${index};` });
    const staged = await client.getBlockList({ containerName, blobName, listType: "uncommitted" });
    assert.deepEqual(
      staged.uncommittedBlocks?.map(({ size }) => size),
      [6, 6, 6],
    );
    await client.putBlockList({
      containerName,
      blobName,
      blocks: { latest: [ids[0] as string, ids[2] as string] },
    });
    assert.equal(await (await client.getBlob({ containerName, blobName })).body.text(), "part0;part2;");
    const committed = await client.getBlockList({ containerName, blobName, listType: "all" });
    assert.deepEqual(
      committed.committedBlocks?.map(({ name }) => name),
      [ids[0], ids[2]],
    );
    const unknown = client.putBlockList({ containerName, blobName, blocks: { latest: [btoa("nope")] } });
    await assert.rejects(unknown, { code: "InvalidBlockList" });
  },

  "listings page, and group by delimiter": async (client, containerName) => {
    const names = ["a/1", "a/2", "b/1", "c", "d"];
    for (const blobName of names) await client.putBlob({ containerName, blobName, body: blobName });
    const pages = [];
    for await (const page of client.listBlobs.pages({ containerName }, { pageSize: 2 }))
      pages.push(page.segment?.blobItems.map(({ name }) => name));
    assert.deepEqual(pages, [["a/1", "a/2"], ["b/1", "c"], ["d"]]);
    const grouped = await client.listBlobs({ containerName, delimiter: "/" });
    assert.deepEqual(
      grouped.segment?.blobPrefixes?.map(({ name }) => name),
      ["a/", "b/"],
    );
    assert.deepEqual(
      grouped.segment?.blobItems.map(({ name }) => name),
      ["c", "d"],
    );
    assert.deepEqual(
      (await client.listBlobs.all({ containerName, prefix: "a/" })).map(({ name }) => name),
      ["a/1", "a/2"],
    );
    assert.deepEqual((await client.listBlobs.all({ containerName }, { maxItems: 3 })).length, 3);
  },

  "conditions are met or refused": async (client, containerName) => {
    const blobName = "once";
    const { etag } = await client.putBlob({ containerName, blobName, body: "1", ifNoneMatch: "*" });
    await assert.rejects(client.putBlob({ containerName, blobName, body: "2", ifNoneMatch: "*" }), {
      kind: "alreadyExists",
      code: "BlobAlreadyExists",
    });
    await assert.rejects(client.putBlob({ containerName, blobName, body: "2", ifMatch: '"0x0"' }), {
      kind: "preconditionFailed",
      code: "ConditionNotMet",
    });
    await client.putBlob({ containerName, blobName, body: "2", ifMatch: etag as string });
    const fresh = await client.getBlobProperties({ containerName, blobName });
    await assert.rejects(client.getBlob({ containerName, blobName, ifNoneMatch: fresh.etag as string }), {
      kind: "preconditionFailed",
      status: 304,
    });
  },

  "leases guard a blob": async (client, containerName) => {
    const blobName = "leased";
    await client.putBlob({ containerName, blobName, body: "x" });
    const { leaseId } = await client.acquireBlobLease({ containerName, blobName, duration: 15 });
    await assert.rejects(client.setBlobMetadata({ containerName, blobName, metadata: { a: "b" } }), {
      code: "LeaseIdMissing",
    });
    await client.setBlobMetadata({
      containerName,
      blobName,
      metadata: { a: "b" },
      leaseId: leaseId as string,
    });
    await assert.rejects(client.acquireBlobLease({ containerName, blobName, duration: 15 }), {
      code: "LeaseAlreadyPresent",
    });
    await client.releaseBlobLease({ containerName, blobName, leaseId: leaseId as string });
    assert.equal((await client.getBlobProperties({ containerName, blobName })).leaseState, "available");
  },

  "snapshots keep the content of their time": async (client, containerName) => {
    const blobName = "kept";
    await client.putBlob({ containerName, blobName, body: "old" });
    const { snapshot } = await client.snapshotBlob({ containerName, blobName });
    await client.putBlob({ containerName, blobName, body: "new" });
    assert.equal(
      await (await client.getBlob({ containerName, blobName, snapshot: snapshot as string })).body.text(),
      "old",
    );
    const listed = await client.listBlobs.all({ containerName, include: ["snapshots"] });
    // Azure lists a blob after its snapshots, Azurite before them.
    assert.deepEqual(listed.map((each) => each.snapshot || "current").sort(), [snapshot, "current"]);
    await assert.rejects(client.deleteBlob({ containerName, blobName }), { code: "SnapshotsPresent" });
    await client.deleteBlob({ containerName, blobName, deleteSnapshots: "include" });
  },

  "tags are set and read": async (client, containerName) => {
    const blobName = "tagged";
    await client.putBlob({ containerName, blobName, body: "x", blobTagsString: "project=trivet&stage=test" });
    const sorted = (tags: { blobTagSet: { key: string; value: string }[] }) =>
      tags.blobTagSet.map(({ key, value }) => `${key}=${value}`).sort();
    assert.deepEqual(sorted(await client.getBlobTags({ containerName, blobName })), [
      "project=trivet",
      "stage=test",
    ]);
    await client.setBlobTags({ containerName, blobName, tags: { blobTagSet: [{ key: "a", value: "b c" }] } });
    assert.deepEqual(sorted(await client.getBlobTags({ containerName, blobName })), ["a=b c"]);
  },

  "append and page blobs grow in their own ways": async (client, containerName) => {
    await client.createAppendBlob({ containerName, blobName: "log" });
    await client.appendBlock({ containerName, blobName: "log", body: "one" });
    await client.appendBlock({ containerName, blobName: "log", body: "two", appendPosition: 3 });
    await assert.rejects(
      client.appendBlock({ containerName, blobName: "log", body: "x", appendPosition: 3 }),
      { code: "AppendPositionConditionNotMet" },
    );
    assert.equal(await (await client.getBlob({ containerName, blobName: "log" })).body.text(), "onetwo");
    await client.createPageBlob({ containerName, blobName: "disk", blobContentLength: 2048 });
    await client.putPage({
      containerName,
      blobName: "disk",
      range: "bytes=512-1023",
      body: new Uint8Array(512).fill(7),
    });
    const { pageRange } = await client.getPageRanges({ containerName, blobName: "disk" });
    assert.deepEqual(
      pageRange?.map(({ start, end }) => [start, end]),
      [[512, 1023]],
    );
    const disk = await (await client.getBlob({ containerName, blobName: "disk" })).body.bytes();
    assert.deepEqual([disk.length, disk[511], disk[512], disk[1023], disk[1024]], [2048, 0, 7, 7, 0]);
  },

  "copies are made on the service's side": async (client, containerName, session) => {
    const container = session.resource(BlobService).container(containerName);
    await container.blob("source").upload("copied", { metadata: { from: "source" } });
    await container.blob("source").copyTo(container.blob("target"));
    assert.equal(await container.blob("target").downloadText(), "copied");
    assert.deepEqual((await client.getBlobProperties({ containerName, blobName: "target" })).metadata, {
      from: "source",
    });
  },

  "a signed URL reads one blob until it expires, and nothing else": async (
    client,
    containerName,
    _session,
    harness,
  ) => {
    await client.putBlob({ containerName, blobName: "dir/shared file.txt", body: "shared" });
    await client.putBlob({ containerName, blobName: "other", body: "private" });
    const url = await client.getBlob.presign(
      { containerName, blobName: "dir/shared file.txt" },
      { expiresInSeconds: 60 },
    );
    assert.deepEqual(await harness.fetch(url), { status: 200, text: "shared" });
    assert.equal((await harness.fetch(url.replace("dir/shared%20file.txt", "other"))).status, 403);
    assert.equal((await harness.fetch(url.replace("sp=r", "sp=rw"))).status, 403);
    const expired = await client.getBlob.presign(
      { containerName, blobName: "other" },
      { at: new Date(Date.now() - 120_000), expiresInSeconds: 60 },
    );
    assert.equal((await harness.fetch(expired)).status, 403);
  },

  "the object layer moves files in blocks": async (_client, containerName, session) => {
    const folder = await mkdtemp(join(tmpdir(), "trivet-"));
    try {
      const bytes = new Uint8Array(5 * 1024 * 1024).map((_, index) => (index * 31) % 251);
      await writeFile(join(folder, "up"), bytes);
      const blob = session.resource(BlobService).container(containerName).blob("file");
      assert.equal(await blob.exists(), false);
      const seen: number[] = [];
      await blob.uploadFile(join(folder, "up"), {
        thresholdBytes: 1024 * 1024,
        partBytes: 1024 * 1024,
        onProgress: ({ transferredBytes }) => seen.push(transferredBytes),
      });
      assert.equal(seen.at(-1), bytes.length);
      await blob.downloadFile(join(folder, "down"), { thresholdBytes: 1024 * 1024, partBytes: 1024 * 1024 });
      assert.deepEqual(new Uint8Array(await readFile(join(folder, "down"))), bytes);
      await blob.upload("hello");
      assert.equal(await blob.downloadText(), "hello");
      const names = [];
      for await (const each of session.resource(BlobService).container(containerName).blobs())
        names.push(each.name);
      assert.deepEqual(names, ["file"]);
      await blob.delete();
    } finally {
      await rm(folder, { recursive: true });
    }
  },

  "wrong keys are refused": async (_client, containerName, session, harness) => {
    const { connectionString } = harness.options();
    const other = session.client(BlobService, {
      accountKey: btoa("another key of thirty-two bytes!"),
      ...(connectionString !== undefined && {
        connectionString: connectionString.replace(/AccountKey=[^;]+;?/, ""),
      }),
    });
    await assert.rejects(
      other.listBlobs({ containerName }),
      (error: unknown) =>
        isCloudError(error) && (error.kind === "unauthenticated" || error.kind === "accessDenied"),
    );
  },
};
