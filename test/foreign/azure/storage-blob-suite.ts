/** What @azure/storage-blob does against any Blob service: ours, and Azurite beside it as a second opinion. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

/** The package is not ours: its types are not looked at here. */
// biome-ignore lint/suspicious/noExplicitAny: see above.
export type Foreign = any;

export interface Harness {
  readonly name: string;
  readonly storage: Foreign;
  /** Known once the server runs. */
  url(): string;
  readonly accountKey: string;
  /** Scenarios that this service answers otherwise, each with its reason. */
  readonly lacking?: Readonly<Record<string, string>>;
}

export interface Tools {
  readonly storage: Foreign;
  readonly service: Foreign;
  readonly credential: Foreign;
  readonly container: Foreign;
  readonly url: string;
}

export type Scenario = (tools: Tools) => Promise<void>;

let made = 0;

export function runStorageSuite(harness: Harness, scenarios: Readonly<Record<string, Scenario>>): void {
  for (const [name, scenario] of Object.entries(scenarios)) {
    test(`@azure/storage-blob on ${harness.name}: ${name}`, async (t) => {
      const lacking = harness.lacking?.[name];
      if (lacking !== undefined) return t.skip(lacking);
      const { storage } = harness;
      const credential = new storage.StorageSharedKeyCredential("devstoreaccount1", harness.accountKey);
      const url = `${harness.url()}/devstoreaccount1`;
      const service = new storage.BlobServiceClient(url, credential, { retryOptions: { maxTries: 1 } });
      const container = service.getContainerClient(`suite-${process.pid}-${++made}`);
      await container.create();
      try {
        await scenario({ storage, service, credential, container, url });
      } finally {
        await container.deleteIfExists();
      }
    });
  }
}

export const refused = (code: string, statusCode: number) => (error: Foreign) => {
  assert.deepEqual(
    [error.code ?? error.details?.errorCode, error.statusCode],
    [code, statusCode],
    error.message,
  );
  return true;
};

export async function collect(items: AsyncIterable<Foreign>): Promise<Foreign[]> {
  const all: Foreign[] = [];
  for await (const each of items) all.push(each);
  return all;
}

export const textOf = async (blob: Foreign) => String(await blob.downloadToBuffer());
const md5Of = (text: string | Uint8Array) => createHash("md5").update(text).digest();

export const CONTENT_SCENARIOS: Readonly<Record<string, Scenario>> = {
  "blocks are staged, listed and committed in their order": async ({ container }) => {
    const blob = container.getBlockBlobClient("blocks");
    const id = (n: number) => Buffer.from(`block-${n}`).toString("base64");
    for (const n of [0, 1, 2]) {
      const text = `part ${n};`;
      const staged = await blob.stageBlock(id(n), text, text.length, {
        transactionalContentMD5: md5Of(text),
      });
      assert.equal(staged.errorCode, undefined);
    }
    await assert.rejects(blob.download(), refused("BlobNotFound", 404));
    await assert.rejects(
      blob.stageBlock(id(3), "x", 1, { transactionalContentMD5: md5Of("y") }),
      refused("Md5Mismatch", 400),
    );
    const uncommitted = await blob.getBlockList("uncommitted");
    assert.deepEqual(
      uncommitted.uncommittedBlocks.map((each: Foreign) => [each.name, each.size]),
      [
        [id(0), 7],
        [id(1), 7],
        [id(2), 7],
      ],
    );
    await blob.commitBlockList([id(2), id(0)], {
      blobHTTPHeaders: {
        blobContentType: "text/x",
        blobContentEncoding: "utf-8",
        blobCacheControl: "no-store",
      },
      metadata: { A: "b" },
    });
    assert.equal(await textOf(blob), "part 2;part 0;");
    const properties = await blob.getProperties();
    assert.deepEqual(
      [properties.contentType, properties.contentEncoding, properties.cacheControl, properties.blobType],
      ["text/x", "utf-8", "no-store", "BlockBlob"],
    );
    await blob.stageBlock(id(4), "new", 3);
    await blob.commitBlockList([id(0), id(4)]);
    assert.equal(await textOf(blob), "part 0;new");
    await assert.rejects(blob.commitBlockList([id(9)]), refused("InvalidBlockList", 400));
    const lists = await blob.getBlockList("all");
    assert.deepEqual(
      lists.committedBlocks.map(({ name }: Foreign) => name),
      [id(0), id(4)],
    );
  },

  "uploads of every kind come back whole": async ({ container }) => {
    const bytes = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, at) => (at * 31) % 251));
    const data = container.getBlockBlobClient("data");
    const progress: number[] = [];
    await data.uploadData(bytes, {
      blockSize: 1_000_000,
      maxSingleShotSize: 1000,
      concurrency: 3,
      onProgress: ({ loadedBytes }: Foreign) => progress.push(loadedBytes),
    });
    assert.equal(Math.max(...progress), bytes.length);
    assert.ok(
      bytes.equals(await data.downloadToBuffer(0, undefined, { blockSize: 700_000, concurrency: 2 })),
    );
    const { Readable } = await import("node:stream");
    const stream = container.getBlockBlobClient("stream");
    await stream.uploadStream(Readable.from([bytes.subarray(0, 10), bytes.subarray(10)]), 1_000_000, 2);
    assert.ok(bytes.equals(await stream.downloadToBuffer()));
    const part = await data.download(1000, 500);
    const chunks: Buffer[] = [];
    for await (const chunk of part.readableStreamBody) chunks.push(chunk);
    assert.ok(bytes.subarray(1000, 1500).equals(Buffer.concat(chunks)));
    assert.equal(part.contentRange, "bytes 1000-1499/3000000");
  },

  "ranges, and the hashes of ranges": async ({ container }) => {
    const blob = container.getBlockBlobClient("ranged");
    await blob.upload("0123456789", 10);
    const hashed = await blob.download(2, 4, { rangeGetContentMD5: true });
    assert.deepEqual(Buffer.from(hashed.contentMD5), md5Of("2345"));
    assert.deepEqual(Buffer.from(hashed.blobContentMD5), md5Of("0123456789"));
    assert.equal(hashed.contentLength, 4);
    const rest = await blob.download(8);
    assert.deepEqual([rest.contentLength, rest.contentRange], [2, "bytes 8-9/10"]);
    const whole = await blob.download();
    assert.deepEqual(Buffer.from(whole.contentMD5), md5Of("0123456789"));
  },

  "a range behind the end": async ({ container }) => {
    const blob = container.getBlockBlobClient("short");
    await blob.upload("0123456789", 10);
    await assert.rejects(blob.download(10, 5), refused("InvalidRange", 416));
  },

  "a single put holds the body against its MD5": async ({ container }) => {
    const blob = container.getBlockBlobClient("md5");
    const { contentMD5 } = await blob.upload("hello", 5);
    assert.deepEqual(Buffer.from(contentMD5), md5Of("hello"));
    await assert.rejects(
      blob.upload("hello", 5, { blobHTTPHeaders: { blobContentMD5: md5Of("other") } }),
      refused("Md5Mismatch", 400),
    );
  },

  "conditions of reads and writes": async ({ container }) => {
    const blob = container.getBlockBlobClient("conditional");
    const first = await blob.upload("1", 1, { conditions: { ifNoneMatch: "*" } });
    await assert.rejects(
      blob.upload("2", 1, { conditions: { ifNoneMatch: "*" } }),
      refused("BlobAlreadyExists", 409),
    );
    const past = new Date(Date.now() - 3_600_000);
    const future = new Date(Date.now() + 3_600_000);
    await assert.rejects(
      blob.upload("2", 1, { conditions: { ifMatch: '"0x0"' } }),
      refused("ConditionNotMet", 412),
    );
    await assert.rejects(
      blob.setMetadata({ a: "b" }, { conditions: { ifModifiedSince: future } }),
      refused("ConditionNotMet", 412),
    );
    await assert.rejects(
      blob.setHTTPHeaders({}, { conditions: { ifUnmodifiedSince: past } }),
      refused("ConditionNotMet", 412),
    );
    await blob.setMetadata({ a: "b" }, { conditions: { ifMatch: first.etag, ifUnmodifiedSince: future } });
    const { etag } = await blob.getProperties({ conditions: { ifModifiedSince: past } });
    assert.notEqual(etag, first.etag);
    await assert.rejects(
      blob.download(0, undefined, { conditions: { ifNoneMatch: etag } }),
      (error: Foreign) => error.statusCode === 304,
    );
    await assert.rejects(
      blob.getProperties({ conditions: { ifMatch: first.etag } }),
      (error: Foreign) => error.statusCode === 412,
    );
    await assert.rejects(
      blob.delete({ conditions: { ifMatch: first.etag } }),
      refused("ConditionNotMet", 412),
    );
    await blob.delete({ conditions: { ifMatch: etag } });
  },

  "headers and metadata are set and cleared": async ({ container }) => {
    const blob = container.getBlockBlobClient("headers");
    await blob.upload("x", 1, {
      blobHTTPHeaders: {
        blobContentType: "text/plain",
        blobContentLanguage: "de",
        blobContentDisposition: "attachment",
      },
    });
    const set = await blob.getProperties();
    assert.deepEqual(
      [set.contentType, set.contentLanguage, set.contentDisposition],
      ["text/plain", "de", "attachment"],
    );
    await blob.setHTTPHeaders({ blobContentType: "text/html" });
    const cleared = await blob.getProperties();
    assert.deepEqual(
      [cleared.contentType, cleared.contentLanguage, cleared.contentDisposition],
      ["text/html", undefined, undefined],
    );
    await blob.setMetadata({ one: "1", two: "two words" });
    assert.deepEqual((await blob.getProperties()).metadata, { one: "1", two: "two words" });
    await blob.setMetadata();
    assert.deepEqual((await blob.getProperties()).metadata, {});
  },

  "leases of blobs, through their states": async ({ container }) => {
    const blob = container.getBlockBlobClient("leased");
    await blob.upload("x", 1);
    const lease = blob.getBlobLeaseClient();
    const { leaseId } = await lease.acquireLease(-1);
    const conditions = { leaseId };
    assert.deepEqual(
      (({ leaseState, leaseStatus, leaseDuration }) => [leaseState, leaseStatus, leaseDuration])(
        await blob.getProperties(),
      ),
      ["leased", "locked", "infinite"],
    );
    await assert.rejects(blob.upload("y", 1), refused("LeaseIdMissing", 412));
    await assert.rejects(blob.delete(), refused("LeaseIdMissing", 412));
    await assert.rejects(
      blob.upload("y", 1, { conditions: { leaseId: "00000000-0000-0000-0000-000000000000" } }),
      refused("LeaseIdMismatchWithBlobOperation", 412),
    );
    await blob.upload("y", 1, { conditions });
    await assert.rejects(
      blob.getBlobLeaseClient("11111111-1111-1111-1111-111111111111").acquireLease(15),
      refused("LeaseAlreadyPresent", 409),
    );
    await lease.renewLease();
    await lease.changeLease("22222222-2222-2222-2222-222222222222");
    assert.equal(lease.leaseId, "22222222-2222-2222-2222-222222222222");
    await lease.breakLease(0);
    assert.equal((await blob.getProperties()).leaseState, "broken");
    await assert.rejects(lease.renewLease(), refused("LeaseIsBrokenAndCannotBeRenewed", 409));
    await lease.releaseLease();
    assert.equal((await blob.getProperties()).leaseState, "available");
    const next = blob.getBlobLeaseClient();
    await next.acquireLease(15);
    await next.breakLease(0);
    // A write ends a broken lease for good.
    await blob.upload("z", 1);
    assert.equal((await blob.getProperties()).leaseState, "available");
    await assert.rejects(next.releaseLease(), (error: Foreign) => error.statusCode === 409);
    await assert.rejects(
      blob.upload("y", 1, { conditions }),
      refused("LeaseNotPresentWithBlobOperation", 412),
    );
    await assert.rejects(
      blob.getBlobLeaseClient().acquireLease(5),
      (error: Foreign) => error.statusCode === 400,
    );
  },

  "leases of containers": async ({ container }) => {
    const lease = container.getBlobLeaseClient();
    const { leaseId } = await lease.acquireLease(15);
    await assert.rejects(container.delete(), refused("LeaseIdMissing", 412));
    await container.getBlockBlobClient("free").upload("x", 1);
    assert.equal((await container.getProperties()).leaseState, "leased");
    await container.setMetadata({ a: "b" }, { conditions: { leaseId } });
    await lease.releaseLease();
  },

  snapshots: async ({ container }) => {
    const blob = container.getBlockBlobClient("kept");
    await blob.upload("old", 3, { metadata: { a: "1" } });
    const { snapshot } = await blob.createSnapshot();
    const named = await blob.createSnapshot({ metadata: { b: "2" } });
    await blob.upload("new", 3);
    assert.equal(await textOf(blob.withSnapshot(snapshot)), "old");
    assert.deepEqual((await blob.withSnapshot(named.snapshot).getProperties()).metadata, { b: "2" });
    const listed = await collect(container.listBlobsFlat({ includeSnapshots: true }));
    assert.equal(listed.filter((each) => each.snapshot).length, 2);
    await assert.rejects(blob.delete(), refused("SnapshotsPresent", 409));
    await blob.withSnapshot(snapshot).delete();
    await assert.rejects(
      blob.withSnapshot(snapshot).getProperties(),
      (error: Foreign) => error.statusCode === 404,
    );
    await blob.delete({ deleteSnapshots: "only" });
    assert.equal(await textOf(blob), "new");
    await blob.createSnapshot();
    await blob.delete({ deleteSnapshots: "include" });
    assert.equal(await blob.exists(), false);
  },

  "a version, of a blob that keeps none": async ({ container }) => {
    const blob = container.getBlockBlobClient("unversioned");
    await blob.upload("x", 1);
    const version = blob.withVersion("2026-01-01T00:00:00.0000000Z");
    for (const call of [() => version.download(), () => version.getProperties(), () => version.delete()])
      await assert.rejects(call(), (error: Foreign) => error.statusCode === 404);
    assert.equal(await blob.exists(), true);
  },

  "tags, and blobs found by them": async ({ container, service }) => {
    const mark = `m${made}`;
    for (const [name, stage] of [
      ["a", "dev"],
      ["b", "dev"],
      ["c", "prod"],
    ] as const)
      await container.getBlockBlobClient(name).upload("x", 1, { tags: { mark, stage, "with space": "u-" } });
    assert.deepEqual((await container.getBlockBlobClient("a").getTags()).tags, {
      mark,
      stage: "dev",
      "with space": "u-",
    });
    const find = async (where: string) =>
      (await collect(service.findBlobsByTags(where))).map(({ name }) => name).sort();
    assert.deepEqual(await find(`mark='${mark}'`), ["a", "b", "c"]);
    assert.deepEqual(await find(`mark='${mark}' AND stage='dev'`), ["a", "b"]);
    assert.deepEqual(await find(`@container='${container.containerName}' AND stage >= 'e'`), ["c"]);
    const within = await collect(container.findBlobsByTags(`stage='dev'`));
    assert.deepEqual(
      within.map(({ name, tagValue }) => [name, tagValue]),
      [
        ["a", "dev"],
        ["b", "dev"],
      ],
    );
    await container.getBlockBlobClient("a").setTags({ mark, stage: "prod" });
    assert.deepEqual(await find(`mark='${mark}' AND stage='dev'`), ["b"]);
    assert.equal((await container.getBlockBlobClient("a").getProperties()).tagCount, 2);
    const conditions = { tagConditions: "stage = 'dev'" };
    await assert.rejects(
      container.getBlockBlobClient("a").download(0, undefined, { conditions }),
      refused("ConditionNotMet", 412),
    );
    await container.getBlockBlobClient("b").download(0, undefined, { conditions });
  },

  "append blobs": async ({ container }) => {
    const log = container.getAppendBlobClient("log");
    await log.create();
    const first = await log.appendBlock("one", 3);
    assert.deepEqual([first.blobAppendOffset, first.blobCommittedBlockCount], ["0", 1]);
    const second = await log.appendBlock("two", 3, { conditions: { appendPosition: 3, maxSize: 6 } });
    assert.deepEqual([second.blobAppendOffset, second.blobCommittedBlockCount], ["3", 2]);
    await assert.rejects(
      log.appendBlock("x", 1, { conditions: { appendPosition: 3 } }),
      refused("AppendPositionConditionNotMet", 412),
    );
    await assert.rejects(
      log.appendBlock("x", 1, { conditions: { maxSize: 6 } }),
      refused("MaxBlobSizeConditionNotMet", 412),
    );
    await assert.rejects(
      log.appendBlock("x", 1, { transactionalContentMD5: md5Of("y") }),
      refused("Md5Mismatch", 400),
    );
    assert.equal(await textOf(log), "onetwo");
    assert.equal((await log.createIfNotExists()).succeeded, false);
    await container.getBlockBlobClient("block").upload("x", 1);
    await assert.rejects(
      container.getAppendBlobClient("block").appendBlock("x", 1),
      refused("InvalidBlobType", 409),
    );
  },

  "page blobs": async ({ container }) => {
    const disk = container.getPageBlobClient("disk");
    await disk.create(4096, { blobSequenceNumber: 7 });
    const page = (value: number) => Buffer.alloc(512, value);
    await disk.uploadPages(page(1), 0, 512);
    await disk.uploadPages(Buffer.concat([page(2), page(3)]), 1024, 1024);
    const ranges = async () => (await disk.getPageRanges(0, 4096)).pageRange;
    assert.deepEqual(await ranges(), [
      { offset: 0, count: 511 },
      { offset: 1024, count: 1023 },
    ]);
    await disk.clearPages(1024, 512);
    assert.deepEqual(await ranges(), [
      { offset: 0, count: 511 },
      { offset: 1536, count: 511 },
    ]);
    const bytes = await disk.downloadToBuffer();
    assert.deepEqual([bytes.length, bytes[0], bytes[512], bytes[1536]], [4096, 1, 0, 3]);
    await disk.resize(8192);
    assert.equal((await disk.getProperties()).contentLength, 8192);
    assert.equal((await disk.getProperties()).blobSequenceNumber, 7);
    await disk.updateSequenceNumber("increment");
    assert.equal((await disk.getProperties()).blobSequenceNumber, 8);
    await disk.updateSequenceNumber("update", 20);
    await assert.rejects(
      disk.uploadPages(page(9), 0, 512, { conditions: { ifSequenceNumberLessThan: 20 } }),
      refused("SequenceNumberConditionNotMet", 412),
    );
    await assert.rejects(
      disk.uploadPages(Buffer.alloc(100), 0, 100),
      (error: Foreign) => error.statusCode >= 400,
    );
    await assert.rejects(
      container.getPageBlobClient("odd").create(100),
      (error: Foreign) => error.statusCode === 400,
    );
  },

  "page blobs: what changed since a snapshot": async ({ container }) => {
    const disk = container.getPageBlobClient("changing");
    const page = (value: number) => Buffer.alloc(512, value);
    await disk.create(4096);
    await disk.uploadPages(page(1), 0, 512);
    await disk.uploadPages(page(2), 1536, 512);
    const { snapshot } = await disk.createSnapshot();
    await disk.uploadPages(page(4), 2048, 512);
    await disk.clearPages(0, 512);
    const diff = await disk.getPageRangesDiff(0, 4096, snapshot);
    assert.deepEqual(
      [diff.pageRange, diff.clearRange],
      [[{ offset: 2048, count: 511 }], [{ offset: 0, count: 511 }]],
    );
    assert.deepEqual((await disk.getPageRanges(1536, 512)).pageRange, [{ offset: 1536, count: 511 }]);
  },

  "copies: begun and done, at once, from signed URLs, with conditions": async ({ container, storage }) => {
    const source = container.getBlockBlobClient("source");
    await source.upload("copied", 6, {
      metadata: { from: "source" },
      blobHTTPHeaders: { blobContentType: "text/x" },
    });
    const begun = container.getBlockBlobClient("begun");
    const result = await (await begun.beginCopyFromURL(source.url)).pollUntilDone();
    assert.deepEqual([result.copyStatus, await textOf(begun)], ["success", "copied"]);
    const properties = await begun.getProperties();
    assert.deepEqual(
      [properties.copyStatus, properties.metadata, properties.contentType, properties.copyProgress],
      ["success", { from: "source" }, "text/x", "6/6"],
    );
    await assert.rejects(begun.abortCopyFromURL(result.copyId), refused("NoPendingCopyOperation", 409));
    const sas = await source.generateSasUrl({
      permissions: storage.BlobSASPermissions.parse("r"),
      expiresOn: new Date(Date.now() + 60_000),
    });
    const synced = container.getBlockBlobClient("synced");
    const sync = await synced.syncCopyFromURL(sas, { metadata: { own: "1" } });
    assert.equal(sync.copyStatus, "success");
    assert.deepEqual(
      [await textOf(synced), (await synced.getProperties()).metadata],
      ["copied", { own: "1" }],
    );
    await assert.rejects(
      container.getBlockBlobClient("x").syncCopyFromURL(container.getBlockBlobClient("none").url),
      (error: Foreign) => error.statusCode === 404,
    );
    await assert.rejects(
      begun.beginCopyFromURL(source.url, { conditions: { ifNoneMatch: "*" } }),
      (error: Foreign) => [409, 412].includes(error.statusCode),
    );
  },

  tiers: async ({ container }) => {
    const blob = container.getBlockBlobClient("tiered");
    await blob.upload("x", 1, { tier: "Cool" });
    assert.equal((await blob.getProperties()).accessTier, "Cool");
    await blob.setAccessTier("Hot");
    const hot = await blob.getProperties();
    assert.equal(hot.accessTier, "Hot");
    assert.ok(hot.accessTierChangedOn instanceof Date);
  },

  "listings: pages, prefixes, delimiters, what they include": async ({ container }) => {
    const names = ["a/1", "a/2", "a/b/3", "b/4", "c", "d e", "ü"];
    for (const name of names)
      await container
        .getBlockBlobClient(name)
        .upload(name, Buffer.byteLength(name), { metadata: { own: "1" }, tags: { t: "1" } });
    const pages: string[][] = [];
    let token: string | undefined;
    do {
      const page = await container
        .listBlobsFlat()
        .byPage({ maxPageSize: 3, continuationToken: token })
        .next();
      pages.push(page.value.segment.blobItems.map(({ name }: Foreign) => name));
      token = page.value.continuationToken;
    } while (token);
    assert.deepEqual(pages, [["a/1", "a/2", "a/b/3"], ["b/4", "c", "d e"], ["ü"]]);
    const hierarchy = async (options: object) =>
      (await collect(container.listBlobsByHierarchy("/", options)))
        .map(({ kind, name }) => `${kind} ${name}`)
        .sort();
    assert.deepEqual(await hierarchy({}), ["blob c", "blob d e", "blob ü", "prefix a/", "prefix b/"]);
    assert.deepEqual(await hierarchy({ prefix: "a/" }), ["blob a/1", "blob a/2", "prefix a/b/"]);
    const [first] = await collect(container.listBlobsFlat({ includeMetadata: true, includeTags: true }));
    assert.deepEqual([first.metadata, first.tags], [{ own: "1" }, { t: "1" }]);
    assert.deepEqual(
      [first.properties.contentLength, first.properties.blobType, first.properties.contentType],
      [3, "BlockBlob", "application/octet-stream"],
    );
    assert.deepEqual(Buffer.from(first.properties.contentMD5), md5Of("a/1"));
    await container.getBlockBlobClient("staged").stageBlock(Buffer.from("1").toString("base64"), "x", 1);
    assert.deepEqual(
      (await collect(container.listBlobsFlat({ includeUncommitedBlobs: true, prefix: "st" }))).map(
        ({ name }) => name,
      ),
      ["staged"],
    );
  },
};
