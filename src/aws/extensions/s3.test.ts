import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { Client, type ClientCore } from "../../client/service.js";
import type { S3 } from "../../gen/aws/s3.js";
import { createBody } from "../../http/body.js";
import { checksumBase64 } from "../../http/checksum/checksum.js";
import { bytesBody, streamBody } from "../../http/response-body.js";
import { transportError } from "../../http/transport-error.js";
import { CloudError } from "../../internal/cloud-error.js";
import { s3Extension } from "./s3.js";

const MIB = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), "trivet-s3-"));
after(() => rm(folder, { recursive: true }));

interface Call {
  operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: the fake takes what the extension sends, checked by each test.
  input: any;
}

type Operations = Record<string, (input: Call["input"], cut: number | undefined) => unknown>;

/** A client's inside as far as the extension looks into it. */
const core = {
  session: { settings: async () => ({ with: () => ({ get: () => "when_supported" }) }) },
  options: {},
} as unknown as ClientCore;

/** What the extension needs of S3, in memory. `fault` may throw, or break a body off after so many bytes. */
class FakeS3 {
  readonly calls: Call[] = [];
  readonly objects = new Map<string, { bytes: Buffer; tag: string; head: Record<string, unknown> }>();
  readonly uploads = new Map<string, Map<number, Buffer>>();
  fault: (call: Call, count: number) => number | undefined = () => undefined;
  #tags = 0;

  put(key: string, bytes: Buffer, head: Record<string, unknown> = {}): void {
    this.objects.set(key, { bytes, tag: `"${++this.#tags}"`, head });
  }

  called(operation: string): Call["input"][] {
    return this.calls.filter((call) => call.operation === operation).map(({ input }) => input);
  }

  #objectOperations(): Operations {
    return {
      putObject: ({ Key, Body }) => {
        this.put(Key, Buffer.from(Body));
        return { ETag: this.objects.get(Key)?.tag };
      },
      copyObject: ({ Key, CopySource }) => {
        this.put(Key, this.objects.get(CopySource.slice(CopySource.indexOf("/") + 1))?.bytes as Buffer);
        return { CopyObjectResult: { ETag: '"copied"' } };
      },
      headObject: ({ Key }) => {
        const object = this.#object(Key);
        return { ContentLength: object.bytes.length, ETag: object.tag, ...object.head };
      },
      getObject: ({ Key, Range, IfMatch }, cut) => {
        const object = this.#object(Key);
        if (IfMatch !== undefined && IfMatch !== object.tag) {
          throw new CloudError("changed", {
            kind: "preconditionFailed",
            code: "PreconditionFailed",
            status: 412,
          });
        }
        const bytes = range(object.bytes, Range);
        if (cut === undefined) return { Body: createBody(bytesBody(bytes), bytes.length) };
        async function* broken() {
          yield bytes.subarray(0, cut);
          throw transportError("BodyTruncated", "cut");
        }
        return { Body: createBody(streamBody(broken()), bytes.length) };
      },
    };
  }

  #multipartOperations(): Operations {
    return {
      createMultipartUpload: () => {
        const UploadId = `upload-${this.uploads.size + 1}`;
        this.uploads.set(UploadId, new Map());
        return { UploadId };
      },
      uploadPart: ({ UploadId, PartNumber, Body }) => {
        this.uploads.get(UploadId)?.set(PartNumber, Buffer.from(Body));
        return {
          ETag: `"part-${PartNumber}"`,
          ChecksumCRC32: `sum-${PartNumber}`,
          ServerSideEncryption: "AES256",
        };
      },
      uploadPartCopy: ({ UploadId, PartNumber, CopySource, CopySourceRange }) => {
        const source = this.objects.get(CopySource.slice(CopySource.indexOf("/") + 1));
        this.uploads.get(UploadId)?.set(PartNumber, range(source?.bytes as Buffer, CopySourceRange));
        return { CopyPartResult: { ETag: `"part-${PartNumber}"`, LastModified: new Date() } };
      },
      completeMultipartUpload: ({ UploadId, Key, MultipartUpload }) => {
        const parts = this.uploads.get(UploadId) as Map<number, Buffer>;
        this.uploads.delete(UploadId);
        this.put(
          Key,
          Buffer.concat(
            MultipartUpload.Parts.map((part: { PartNumber: number }) => parts.get(part.PartNumber)),
          ),
        );
        return { ETag: this.objects.get(Key)?.tag };
      },
      abortMultipartUpload: ({ UploadId }) => {
        this.uploads.delete(UploadId);
        return {};
      },
    };
  }

  client(): S3 {
    const operations = { ...this.#objectOperations(), ...this.#multipartOperations() };
    const client = Object.defineProperties(
      new Client(core),
      Object.getOwnPropertyDescriptors(s3Extension),
    ) as unknown as Record<string, unknown>;
    for (const [operation, run] of Object.entries(operations)) {
      client[operation] = async (input: Call["input"], options?: { signal?: AbortSignal }) => {
        options?.signal?.throwIfAborted();
        const call = { operation, input };
        this.calls.push(call);
        await new Promise((resolve) => setImmediate(resolve));
        return run(input, this.fault(call, this.calls.length));
      };
    }
    client.listObjectsV2 = {
      items: async function* (this: void, { Prefix }: { Prefix: string }) {
        for (const Key of [...objects.keys()].sort()) if (Key.startsWith(Prefix)) yield { Key };
      },
    };
    const { objects } = this;
    return client as unknown as S3;
  }

  #object(key: string) {
    const object = this.objects.get(key);
    if (object === undefined)
      throw new CloudError("none", { kind: "notFound", code: "NoSuchKey", status: 404 });
    return object;
  }
}

function range(bytes: Buffer, header: string | undefined): Buffer {
  if (header === undefined) return bytes;
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(header) as RegExpExecArray;
  return bytes.subarray(Number(from), Number(to) + 1);
}

const pattern = (length: number) =>
  Buffer.alloc(length, Buffer.from(Array.from({ length: 1009 }, (_, i) => i & 255)));

test("uploadFile: boto3's threshold and part size; members go where they belong", async () => {
  const s3 = new FakeS3();
  const client = s3.client();
  const small = join(folder, "small");
  await writeFile(small, pattern(8 * MIB - 1));
  const input = {
    Bucket: "b",
    Key: "k",
    ContentType: "text/plain",
    RequestPayer: "requester",
    SSECustomerKey: "key",
    IfNoneMatch: "*",
  };
  await client.uploadFile(small, input);
  assert.deepEqual(
    s3.calls.map(({ operation }) => operation),
    ["putObject"],
  );
  assert.equal(s3.calls[0]?.input.ContentType, "text/plain");

  const large = join(folder, "large");
  await writeFile(large, pattern(20 * MIB));
  const output = await client.uploadFile(large, input);
  assert.ok(s3.objects.get("k")?.bytes.equals(pattern(20 * MIB)));
  assert.equal(output.ETag, s3.objects.get("k")?.tag);
  assert.deepEqual(s3.called("createMultipartUpload"), [
    {
      Bucket: "b",
      Key: "k",
      ContentType: "text/plain",
      RequestPayer: "requester",
      SSECustomerKey: "key",
      ChecksumAlgorithm: "CRC32",
    },
  ]);
  const part = {
    Bucket: "b",
    Key: "k",
    RequestPayer: "requester",
    SSECustomerKey: "key",
    ChecksumAlgorithm: "CRC32",
    UploadId: "upload-1",
  };
  const parts = s3.called("uploadPart").map(({ Body, ...rest }) => ({ ...rest, length: Body.length }));
  assert.deepEqual(
    parts,
    [8, 8, 4].map((mib, index) => ({ ...part, PartNumber: index + 1, length: mib * MIB })),
  );
  const { ChecksumAlgorithm: _, ...completed } = part;
  assert.deepEqual(s3.called("completeMultipartUpload"), [
    {
      ...completed,
      IfNoneMatch: "*",
      MultipartUpload: {
        Parts: [1, 2, 3].map((number) => ({
          PartNumber: number,
          ETag: `"part-${number}"`,
          ChecksumCRC32: `sum-${number}`,
        })),
      },
    },
  ]);
});

test("uploadFile: a checksum of the whole that the caller knows is compared at the end", async () => {
  const s3 = new FakeS3();
  const path = join(folder, "summed");
  await writeFile(path, pattern(9 * MIB));
  await s3.client().uploadFile(path, { Bucket: "b", Key: "k", ChecksumCRC64NVME: "sum" });
  const create = s3.called("createMultipartUpload")[0];
  assert.deepEqual(
    [create.ChecksumAlgorithm, create.ChecksumType, create.ChecksumCRC64NVME],
    ["CRC64NVME", "FULL_OBJECT", undefined],
  );
  const complete = s3.called("completeMultipartUpload")[0];
  assert.deepEqual(
    [complete.ChecksumCRC64NVME, complete.ChecksumType, complete.MpuObjectSize],
    ["sum", "FULL_OBJECT", 9 * MIB],
  );
});

test("uploadFile: failure and abort abort the multipart upload", async () => {
  const path = join(folder, "failing");
  await writeFile(path, pattern(40 * MIB));
  const failing = new FakeS3();
  const failure = new CloudError("no", { kind: "accessDenied", code: "AccessDenied" });
  failing.fault = ({ operation, input }) => {
    if (operation === "uploadPart" && input.PartNumber === 3) throw failure;
    return undefined;
  };
  await assert.rejects(
    failing.client().uploadFile(path, { Bucket: "b", Key: "k" }, { concurrency: 2 }),
    failure,
  );
  assert.deepEqual(failing.called("abortMultipartUpload"), [{ Bucket: "b", Key: "k", UploadId: "upload-1" }]);
  assert.equal(failing.uploads.size, 0);

  const aborted = new FakeS3();
  const abort = new AbortController();
  aborted.fault = ({ operation }) => {
    if (operation === "uploadPart") abort.abort();
    return undefined;
  };
  const options = { concurrency: 2, signal: abort.signal };
  await assert.rejects(aborted.client().uploadFile(path, { Bucket: "b", Key: "k" }, options), {
    kind: "aborted",
  });
  assert.equal(aborted.uploads.size, 0);
  assert.equal(aborted.objects.size, 0);
  await assert.rejects(aborted.client().uploadFile(join(folder, "missing"), { Bucket: "b", Key: "k" }), {
    code: "ENOENT",
  });
});

test("uploadStream: a stream of unknown length", async () => {
  const s3 = new FakeS3();
  const bytes = pattern(11 * MIB);
  await s3
    .client()
    .uploadStream(Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]), { Bucket: "b", Key: "k" });
  assert.ok(s3.objects.get("k")?.bytes.equals(bytes));
  assert.deepEqual(
    s3.called("uploadPart").map(({ Body }) => Body.length),
    [8 * MIB, 3 * MIB],
  );
  await s3.client().uploadStream(Readable.from(["tiny"]), { Bucket: "b", Key: "tiny" });
  assert.equal(s3.objects.get("tiny")?.bytes.toString(), "tiny");
});

test("downloadFile: one GET when small, ranges of one version when large", async () => {
  const s3 = new FakeS3();
  s3.put("small", pattern(100));
  s3.put("large", pattern(20 * MIB), { VersionId: "v7" });
  const path = join(folder, "down");
  const client = s3.client();
  await client.downloadFile({ Bucket: "b", Key: "small" }, path);
  assert.deepEqual(s3.called("getObject"), [
    { Bucket: "b", Key: "small", IfMatch: s3.objects.get("small")?.tag },
  ]);
  const head = await client.downloadFile({ Bucket: "b", Key: "large" }, path);
  assert.equal(head.ContentLength, 20 * MIB);
  assert.ok((await readFile(path)).equals(pattern(20 * MIB)));
  const gets = s3.called("getObject").slice(1);
  assert.deepEqual(
    gets.map(({ Range }) => Range).sort(),
    [
      `bytes=${16 * MIB}-${20 * MIB - 1}`,
      `bytes=${8 * MIB}-${16 * MIB - 1}`,
      `bytes=0-${8 * MIB - 1}`,
    ].sort(),
  );
  for (const { IfMatch, VersionId } of gets)
    assert.deepEqual([IfMatch, VersionId], [s3.objects.get("large")?.tag, "v7"]);
});

test("downloadFile: bodies that break off are taken up; an object that changes is refused", async () => {
  const s3 = new FakeS3();
  s3.put("k", pattern(20 * MIB));
  s3.fault = ({ operation, input }) =>
    operation === "getObject" && input.Range?.startsWith("bytes=0-") ? 1_000 : undefined;
  const path = join(folder, "taken-up");
  await s3.client().downloadFile({ Bucket: "b", Key: "k" }, path);
  assert.ok((await readFile(path)).equals(pattern(20 * MIB)));
  assert.ok(s3.called("getObject").some(({ Range }) => Range === `bytes=1000-${8 * MIB - 1}`));

  const changing = new FakeS3();
  changing.put("k", pattern(20 * MIB));
  changing.fault = ({ operation, input }) => {
    if (operation === "getObject" && input.Range?.startsWith(`bytes=${8 * MIB}`))
      changing.put("k", pattern(20 * MIB));
    return undefined;
  };
  const own = await mkdtemp(join(folder, "changing-"));
  const run = changing
    .client()
    .downloadFile({ Bucket: "b", Key: "k" }, join(own, "file"), { concurrency: 1 });
  await assert.rejects(run, { code: "PreconditionFailed" });
  assert.deepEqual(await readdir(own), []);
});

test("downloads in parts are compared with the checksum of the whole, where S3 has one", async () => {
  const s3 = new FakeS3();
  const bytes = pattern(20 * MIB);
  const good = { ChecksumType: "FULL_OBJECT", ChecksumCRC64NVME: checksumBase64("CRC64NVME", bytes) };
  s3.put("good", bytes, good);
  s3.put("damaged", Buffer.concat([bytes.subarray(1), bytes.subarray(0, 1)]), good);
  s3.put("composite", bytes, { ChecksumType: "COMPOSITE", ChecksumCRC32: "AAAAAA==-3" });
  const client = s3.client();
  const own = await mkdtemp(join(folder, "compared-"));
  for (const Key of ["good", "composite"]) {
    await client.downloadFile({ Bucket: "b", Key }, join(own, Key));
    assert.ok(bytes.equals(await (await client.downloadStream({ Bucket: "b", Key })).bytes()));
  }
  await assert.rejects(client.downloadFile({ Bucket: "b", Key: "damaged" }, join(own, "damaged")), {
    code: "ChecksumMismatch",
  });
  await assert.rejects((await client.downloadStream({ Bucket: "b", Key: "damaged" })).bytes(), {
    code: "ChecksumMismatch",
  });
  assert.deepEqual((await readdir(own)).sort(), ["composite", "good"]);
  assert.equal(s3.called("headObject")[0].ChecksumMode, "ENABLED");
});

test("downloadStream: in order, whatever comes first", async () => {
  const s3 = new FakeS3();
  s3.put("k", pattern(20 * MIB));
  const body = await s3.client().downloadStream({ Bucket: "b", Key: "k" });
  assert.equal(body.contentLength, 20 * MIB);
  assert.ok(pattern(20 * MIB).equals(await body.bytes()));
});

test("copy: CopyObject when small; in parts of one version when large, with its metadata", async () => {
  const s3 = new FakeS3();
  s3.put("small", pattern(10));
  s3.put("a large", pattern(9 * MIB), { ContentType: "text/plain", Metadata: { a: "1" } });
  const client = s3.client();
  const result = await client.copy({ Bucket: "b", Key: "small" }, { Bucket: "c", Key: "k" });
  assert.equal(result.ETag, '"copied"');
  assert.deepEqual(s3.called("copyObject"), [{ Bucket: "c", Key: "k", CopySource: "b/small" }]);

  s3.objects.set("a%20large", s3.objects.get("a large") as never);
  await client.copy({ Bucket: "b", Key: "a large" }, { Bucket: "c", Key: "k", ACL: "private" });
  assert.ok(s3.objects.get("k")?.bytes.equals(pattern(9 * MIB)));
  assert.deepEqual(s3.called("createMultipartUpload"), [
    { Bucket: "c", Key: "k", ACL: "private", ContentType: "text/plain", Metadata: { a: "1" } },
  ]);
  const [first] = s3.called("uploadPartCopy");
  assert.equal(first.CopySource, "b/a%20large");
  assert.equal(first.CopySourceIfMatch, s3.objects.get("a large")?.tag);
  await client.copy(
    { Bucket: "b", Key: "a large" },
    { Bucket: "c", Key: "k2", CopySourceIfMatch: '"other"' },
  );
  assert.equal(s3.called("uploadPartCopy").at(-1).CopySourceIfMatch, '"other"');
  assert.deepEqual(s3.called("completeMultipartUpload")[0].MultipartUpload.Parts, [
    { PartNumber: 1, ETag: '"part-1"' },
    { PartNumber: 2, ETag: '"part-2"' },
  ]);
});

test("uploadDirectory and downloadDirectory: a tree there and back; keys that lead out are refused", async () => {
  const from = join(folder, "tree");
  await mkdir(join(from, "a/b"), { recursive: true });
  await writeFile(join(from, "one"), "1");
  await writeFile(join(from, "a/b/two"), "2");
  await symlink(join(from, "one"), join(from, "link"));
  await symlink(from, join(from, "a/circle"));
  const s3 = new FakeS3();
  const client = s3.client();
  const up = await client.uploadDirectory(from, { Bucket: "b" }, { prefix: "p/" });
  assert.deepEqual(up.keys, ["p/a/b/two", "p/link", "p/one"]);
  s3.put("p/empty/", Buffer.alloc(0));
  s3.put("other", Buffer.from("x"));
  const to = join(folder, "back");
  const seen = new Set<string>();
  const options = {
    prefix: "p/",
    filter: (key: string) => key !== "p/link",
    onProgress: ({ key }: { key: string }) => seen.add(key),
  };
  const down = await client.downloadDirectory({ Bucket: "b" }, to, options);
  assert.deepEqual(down.keys, ["p/a/b/two", "p/one"]);
  assert.deepEqual([...seen].sort(), ["p/a/b/two", "p/one"]);
  assert.equal(await readFile(join(to, "a/b/two"), "utf8"), "2");
  s3.put("p/../../escaped", Buffer.from("x"));
  await assert.rejects(client.downloadDirectory({ Bucket: "b" }, to, { prefix: "p/" }), {
    code: "PathOutsideFolder",
  });
  assert.ok(!(await readdir(folder)).includes("escaped"));
});
