import assert from "node:assert/strict";
import { test } from "node:test";
import { StoredBytes } from "../../stored-bytes.js";
import { bucketOfHost } from "./address.js";
import { type ChecksumAlgorithm, checksumOf } from "./checksums.js";
import { contentRange, parseRange } from "./range.js";
import { compareUtf8 } from "./store.js";

test("keys are in the order of their UTF-8 bytes", () => {
  const keys = ["a", "b", "a/", "a-", "\uffff", "\u{1f600}", "é", "", "aa", "\ue000"];
  const byBytes = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.deepEqual([...keys].sort(compareUtf8), byBytes);
});

test("the check value of each CRC is the published one", () => {
  const bytes = new StoredBytes([Buffer.from("12345"), Buffer.from("6789")]);
  const published: [ChecksumAlgorithm, string][] = [
    ["CRC32", "cbf43926"],
    ["CRC32C", "e3069283"],
    ["CRC64NVME", "ae8b14860a799888"],
  ];
  for (const [algorithm, hex] of published) {
    assert.equal(Buffer.from(checksumOf(algorithm, bytes), "base64").toString("hex"), hex, algorithm);
  }
});

test("ranges", () => {
  assert.deepEqual(parseRange("bytes=0-0", 10), { start: 0, end: 1 });
  assert.deepEqual(parseRange("bytes=5-", 10), { start: 5, end: 10 });
  assert.deepEqual(parseRange("bytes=5-99", 10), { start: 5, end: 10 });
  assert.deepEqual(parseRange("bytes=-3", 10), { start: 7, end: 10 });
  assert.deepEqual(parseRange("bytes=-30", 10), { start: 0, end: 10 });
  for (const ignored of [undefined, "bytes=", "bytes=3-1", "bytes=0-1,3-4", "lines=1-2"]) {
    assert.equal(parseRange(ignored, 10), undefined, ignored);
  }
  for (const refused of ["bytes=10-", "bytes=-0"]) {
    assert.throws(() => parseRange(refused, 10), { code: "InvalidRange", status: 416 }, refused);
  }
  assert.equal(contentRange({ start: 1, end: 4 }, 10), "bytes 1-3/10");
});

test("buckets in host names", () => {
  assert.equal(bucketOfHost("my.bucket.s3.amazonaws.com"), "my.bucket");
  assert.equal(bucketOfHost("b.s3.eu-west-1.amazonaws.com"), "b");
  assert.equal(bucketOfHost("b.s3.dualstack.eu-west-1.amazonaws.com"), "b");
  assert.equal(bucketOfHost("b.s3-accelerate.amazonaws.com"), "b");
  assert.equal(bucketOfHost("b.localhost:4566"), "b");
  assert.equal(bucketOfHost("b.s3.localhost:4566"), "b");
  for (const none of [
    "s3.amazonaws.com",
    "s3.eu-west-1.amazonaws.com",
    "localhost:4566",
    "127.0.0.1:4566",
    "s3.localhost:4566",
  ]) {
    assert.equal(bucketOfHost(none), undefined, none);
  }
});
