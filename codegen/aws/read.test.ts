import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync, gzipSync } from "node:zlib";
import { Zip } from "../zip.js";
import { readServices } from "./read.js";

const SERVICE = {
  metadata: { protocol: "json", serviceId: "Old" },
  operations: {},
  shapes: { A: { type: "string" } },
};

test("reads the latest version of a service, with its extras merged and its resources", () => {
  const botocore = zipOf({
    "botocore/data/things/2010-01-01/service-2.json": "{}",
    "botocore/data/things/2020-01-01/service-2.json.gz": gzipSync(JSON.stringify(SERVICE)),
    "botocore/data/things/2020-01-01/service-2.sdk-extras.json": JSON.stringify({
      merge: { metadata: { serviceId: "New" }, shapes: { B: { type: "blob" } } },
    }),
    "botocore/data/things/2020-01-01/waiters-2.json": JSON.stringify({ waiters: {} }),
    "botocore/data/things/2020-01-01/endpoint-rule-set-1.json": JSON.stringify({ version: "1.0" }),
    "botocore/data/partitions.json": "{}",
  });
  const boto3 = zipOf({ "boto3/data/things/2020-01-01/resources-1.json": JSON.stringify({ service: {} }) });
  assert.deepEqual(readServices(botocore, boto3), [
    {
      id: "things",
      service: {
        metadata: { protocol: "json", serviceId: "New" },
        operations: {},
        shapes: { A: { type: "string" }, B: { type: "blob" } },
      },
      paginators: undefined,
      waiters: { waiters: {} },
      ruleSet: { version: "1.0" },
      resources: { service: {} },
    },
  ]);
});

test("an archive that is none is refused", () => {
  assert.throws(() => new Zip(Buffer.from("not a zip")), /not a zip/);
});

/** An archive as wheels are: each file deflated, the directory at the end. */
function zipOf(files: Readonly<Record<string, string | Buffer>>): Zip {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const data = deflateRawSync(content);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    parts.push(local, Buffer.from(name), data);
    directory.push(entry, Buffer.from(name));
    offset += local.length + name.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(offset, 16);
  return new Zip(Buffer.concat([...parts, ...directory, end]));
}
