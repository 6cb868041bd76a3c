/** What the service refuses and what it says of itself: more of the program that @azure/storage-blob runs on any Blob service. */
import assert from "node:assert/strict";
import { collect, type Foreign, refused, type Scenario, textOf } from "./storage-blob-suite.js";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const inAMinute = () => new Date(Date.now() + 60_000);

/** The container again, by a signature that allows this. */
function signedContainer({ storage, container, credential }: Foreign, permissions: string): Foreign {
  const signature = storage.generateBlobSASQueryParameters(
    {
      containerName: container.containerName,
      expiresOn: inAMinute(),
      permissions: storage.ContainerSASPermissions.parse(permissions),
    },
    credential,
  );
  const options = { retryOptions: { maxTries: 1 } };
  return new storage.ContainerClient(
    `${container.url}?${signature}`,
    new storage.AnonymousCredential(),
    options,
  );
}

export const RULE_SCENARIOS: Readonly<Record<string, Scenario>> = {
  "names of metadata are identifiers": async ({ container, service }) => {
    const blob = container.getBlockBlobClient("b");
    for (const name of ["a-b", "1a", "a.b"]) {
      const metadata = { [name]: "v" };
      const other = service.getContainerClient(`${container.containerName}-2`);
      await assert.rejects(other.create({ metadata }), refused("InvalidMetadata", 400));
      await assert.rejects(blob.upload("x", 1, { metadata }), refused("InvalidMetadata", 400));
    }
  },

  "tags have limits, and snapshots their own": async ({ container }) => {
    const blob = container.getBlockBlobClient("b");
    await blob.upload("x", 1, { tags: { "a +-./:=_": "v".repeat(256) } });
    const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`t${n}`, "v"]));
    for (const tags of [eleven, { "": "v" }, { ["k".repeat(129)]: "v" }, { t: "v".repeat(257) }, { t: "%" }])
      await assert.rejects(blob.setTags(tags), { statusCode: 400 });
    const { snapshot } = await blob.createSnapshot();
    await blob.withSnapshot(snapshot).setTags({ of: "the snapshot" });
    assert.deepEqual((await blob.getTags()).tags, { "a +-./:=_": "v".repeat(256) });
    assert.deepEqual((await blob.withSnapshot(snapshot).getTags()).tags, { of: "the snapshot" });
  },

  "a search is narrower than a condition": async ({ container }) => {
    await container.getBlockBlobClient("b").upload("x", 1, { tags: { a: "1" } });
    const eleven = Array.from({ length: 11 }, (_, n) => `k${n}='v'`).join(" and ");
    for (const where of [eleven, "a<>'2'", "a='1' or b='2'", "a='@'", `a='${"v".repeat(257)}'`, "a"])
      await assert.rejects(
        collect(container.findBlobsByTags(where)),
        refused("InvalidQueryParameterValue", 400),
      );
  },

  "the archive is neither read nor copied": async ({ container }) => {
    const blob = container.getBlockBlobClient("b");
    await blob.upload("x", 1);
    await blob.setAccessTier("Archive");
    await assert.rejects(blob.download(), refused("BlobArchived", 409));
    const copy = container.getBlockBlobClient("copy");
    await assert.rejects(copy.beginCopyFromURL(blob.url), refused("BlobArchived", 409));
    await copy.beginCopyFromURL(blob.url, { tier: "Cool" });
    assert.equal((await copy.getProperties()).accessTier, "Cool");
    await blob.setAccessTier("Hot");
    assert.equal((await blob.getProperties()).archiveStatus, "rehydrate-pending-to-hot");
  },

  "permission to create is none to write over": async (tools) => {
    const { container } = tools;
    for (const name of ["source", "there"])
      await container.getBlockBlobClient(name).upload(name, name.length);
    const { url } = container.getBlobClient("source");
    const creates = signedContainer(tools, "c");
    await assert.rejects(creates.getBlockBlobClient("there").syncCopyFromURL(url), { statusCode: 403 });
    await creates.getBlockBlobClient("new").syncCopyFromURL(url);
    await signedContainer(tools, "w").getBlockBlobClient("there").syncCopyFromURL(url);
    assert.equal(await textOf(container.getBlobClient("there")), "source");
    const tagged = { tags: { a: "1" } };
    await assert.rejects(creates.getBlockBlobClient("tagged").upload("x", 1, tagged), { statusCode: 403 });
    await signedContainer(tools, "ct").getBlockBlobClient("tagged").upload("x", 1, tagged);
  },

  "another account's blob takes a signature": async ({ storage, container, credential, url }) => {
    const source = container.getBlockBlobClient("source");
    await source.upload("source", 6);
    const { accountKey } = credential;
    const key = new storage.StorageSharedKeyCredential("devstoreaccount2", accountKey.toString("base64"));
    const service = new storage.BlobServiceClient(url.replace(/1$/, "2"), key, {
      retryOptions: { maxTries: 1 },
    });
    const other = service.getContainerClient(container.containerName);
    await other.create();
    const target = other.getBlockBlobClient("target");
    await assert.rejects(target.beginCopyFromURL(source.url), refused("CannotVerifyCopySource", 404));
    const signed = await source.generateSasUrl({
      permissions: storage.BlobSASPermissions.parse("r"),
      expiresOn: inAMinute(),
    });
    await target.syncCopyFromURL(signed);
    assert.equal(await textOf(target), "source");
    await other.delete();
  },

  "tags of a copy are the copy's or the source's": async ({ container }) => {
    const [source, target] = ["source", "target"].map((name) => container.getBlockBlobClient(name));
    await source.upload("x", 1, { tags: { of: "source" } });
    await target.syncCopyFromURL(source.url, { tags: { of: "target" } });
    assert.deepEqual((await target.getTags()).tags, { of: "target" });
    await target.syncCopyFromURL(source.url);
    assert.deepEqual((await target.getTags()).tags, {});
    await target.syncCopyFromURL(source.url, { copySourceTags: "COPY" });
    assert.deepEqual((await target.getTags()).tags, { of: "source" });
  },

  "blocks are of one kind, pages stay written": async ({ container }) => {
    const blob = container.getBlockBlobClient("blocks");
    await blob.stageBlock(base64("one"), "x", 1);
    await assert.rejects(blob.stageBlock(base64("longer"), "x", 1), refused("InvalidBlobOrBlock", 400));
    await assert.rejects(blob.stageBlock(base64("two"), "", 0), refused("InvalidHeaderValue", 400));
    const disk = container.getPageBlobClient("disk");
    await disk.create(2048);
    await disk.uploadPages(Buffer.alloc(512), 512, 512);
    assert.deepEqual((await disk.getPageRanges(0, 2048)).pageRange, [{ offset: 512, count: 511 }]);
    await assert.rejects(
      container.getBlockBlobClient("disk").stageBlock(base64("one"), "x", 1),
      refused("InvalidBlobType", 409),
    );
  },

  "an incremental copy is read by its snapshots": async ({ container }) => {
    const disk = container.getPageBlobClient("disk");
    await disk.create(512);
    await disk.uploadPages(Buffer.alloc(512, 1), 0, 512);
    const { snapshot } = await disk.createSnapshot();
    const copy = container.getPageBlobClient("copy");
    await copy.startCopyIncremental(disk.withSnapshot(snapshot).url);
    const { isIncrementalCopy, destinationSnapshot } = await copy.getProperties();
    assert.equal(isIncrementalCopy, true);
    assert.equal((await copy.withSnapshot(destinationSnapshot).downloadToBuffer())[511], 1);
    await assert.rejects(copy.download(), refused("OperationNotAllowedOnIncrementalCopyBlob", 409));
  },

  "queries over text and JSON": async ({ container }) => {
    const asked = async (blob: Foreign, expression: string, options: object = {}) => {
      const errors: Foreign[] = [];
      const { readableStreamBody } = await blob.query(expression, {
        ...options,
        onError: (error: Foreign) => void errors.push(error),
      });
      return [String(Buffer.concat(await collect(readableStreamBody))), errors] as const;
    };
    const rows = container.getBlockBlobClient("rows.csv");
    const csv = 'name,age\nAnn,31\n"Bo, Jr",7\n';
    await rows.upload(csv, csv.length);
    assert.deepEqual(await asked(rows, "SELECT * FROM BlobStorage"), [csv, []]);
    const headers = {
      kind: "csv",
      hasHeaders: true,
      columnSeparator: ",",
      fieldQuote: '"',
      recordSeparator: "\n",
    };
    const old = "SELECT name FROM BlobStorage WHERE CAST(age AS INT) > 10";
    assert.deepEqual(await asked(rows, old, { inputTextConfiguration: headers }), ["Ann\n", []]);
    const json = { kind: "json", recordSeparator: "\n" };
    const both = { inputTextConfiguration: headers, outputTextConfiguration: json };
    const [text] = await asked(rows, "SELECT name, age FROM BlobStorage LIMIT 1", both);
    assert.equal(text, '{"name":"Ann","age":"31"}\n');
    const documents = container.getBlockBlobClient("rows.json");
    const lines = '{"a":{"b":1}}\n{"a":{"b":2}}\n';
    await documents.upload(lines, lines.length);
    const path = { inputTextConfiguration: json, outputTextConfiguration: json };
    const [found] = await asked(documents, "SELECT s.a.b FROM BlobStorage s WHERE s.a.b > 1", path);
    assert.equal(found, '{"b":2}\n');
    await assert.rejects(rows.query("SELECT FROM"), refused("InvalidInput", 400));
    const large = container.getBlockBlobClient("large.csv");
    const many = "0123456789,abc\n".repeat(30_000);
    await large.upload(many, many.length);
    assert.equal((await asked(large, "SELECT * FROM BlobStorage"))[0], many);
  },

  "backslashes in names are slashes, and one name is in the root container": async ({
    storage,
    container,
    service,
    credential,
    url,
  }) => {
    await container.getBlockBlobClient("a\\b").upload("x", 1);
    assert.deepEqual(
      (await collect(container.listBlobsFlat())).map(({ name }: Foreign) => name),
      ["a/b"],
    );
    const root = service.getContainerClient("$root");
    await root.createIfNotExists();
    const name = `of-${container.containerName}`;
    await root.getBlockBlobClient(name).upload("rooted", 6);
    assert.equal(await textOf(new storage.BlobClient(`${url}/${name}`, credential)), "rooted");
    await root.deleteBlob(name);
  },
};
