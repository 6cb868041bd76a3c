import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesBody, streamBody } from "../response-body.js";
import { type ChecksumAlgorithm, checksumBase64, createChecksum } from "./checksum.js";
import { combineCrc } from "./combine.js";
import { crc32Of } from "./crc32.js";
import { chunkedLength, inChunks } from "./trailer.js";
import { verifiedBody } from "./verify.js";

const text = (value: string) => new TextEncoder().encode(value);
const hex = (algorithm: ChecksumAlgorithm, bytes: Uint8Array) =>
  Buffer.from(checksumBase64(algorithm, bytes), "base64").toString("hex");

// "Check" values of the catalogue of CRC algorithms, https://reveng.sourceforge.io/crc-catalogue/, and of RFC 1321, 3174 and 6234.
test("checksums of the catalogue's check string", () => {
  const check = text("123456789");
  assert.equal(hex("CRC32", check), "cbf43926");
  assert.equal(hex("CRC32C", check), "e3069283");
  assert.equal(hex("CRC64NVME", check), "ae8b14860a799888");
  assert.equal(hex("MD5", text("abc")), "900150983cd24fb0d6963f7d28e17f72");
  assert.equal(hex("SHA1", text("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  assert.equal(
    hex("SHA256", text("abc")),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  assert.equal(hex("CRC32", text("")), "00000000");
  assert.equal(hex("CRC64NVME", text("")), "0000000000000000");
});

/** One bit at a time, straight from the definition. */
function slowCrc(bytes: Uint8Array, polynomial: bigint, width: bigint): string {
  let crc = (1n << width) - 1n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
  }
  return (crc ^ ((1n << width) - 1n)).toString(16).padStart(Number(width) / 4, "0");
}

test("any length, cut anywhere, gives what the definition gives", () => {
  const bytes = new Uint8Array(100).map((_, index) => (index * 151 + 7) & 255);
  const software = crc32Of(0xedb88320);
  for (let length = 0; length <= bytes.length; length++) {
    const part = bytes.subarray(0, length);
    const expected = { CRC32: slowCrc(part, 0xedb88320n, 32n), CRC32C: slowCrc(part, 0x82f63b78n, 32n) };
    assert.equal(software(part, 0).toString(16).padStart(8, "0"), expected.CRC32);
    assert.equal(hex("CRC32", part), expected.CRC32);
    assert.equal(hex("CRC32C", part), expected.CRC32C);
    assert.equal(hex("CRC64NVME", part), slowCrc(part, 0x9a6c9329ac4bc9b5n, 64n));
  }
  for (const algorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA256"] as const) {
    for (let cut = 0; cut <= bytes.length; cut += 9) {
      const checksum = createChecksum(algorithm);
      checksum.update(bytes.subarray(0, cut));
      checksum.update(bytes.subarray(cut));
      assert.equal(Buffer.from(checksum.digest()).toString("base64"), checksumBase64(algorithm, bytes));
    }
  }
});

test("a verified body passes whole bytes and fails damaged ones, however it is read", async () => {
  const good = checksumBase64("CRC64NVME", text("hello"));
  const bad = checksumBase64("CRC64NVME", text("hellO"));
  assert.equal(
    Buffer.from(await verifiedBody(bytesBody(text("hello")), "CRC64NVME", good).bytes()).toString(),
    "hello",
  );
  await assert.rejects(verifiedBody(bytesBody(text("hello")), "CRC64NVME", bad).bytes(), {
    code: "ChecksumMismatch",
  });
  async function* chunks() {
    yield text("hel");
    yield text("lo");
  }
  let seen = "";
  for await (const chunk of verifiedBody(streamBody(chunks()), "CRC64NVME", good)) seen += Buffer.from(chunk);
  assert.equal(seen, "hello");
  const damaged = verifiedBody(streamBody(chunks()), "CRC64NVME", bad);
  await assert.rejects(
    async () => {
      for await (const _ of damaged);
    },
    { code: "ChecksumMismatch" },
  );
});

test("aws-chunked: chunks, trailer and the length known beforehand", async () => {
  const options = { algorithm: "CRC32", name: "x-amz-checksum-crc32" } as const;
  const encode = async (parts: Uint8Array[]) => {
    const all: Uint8Array[] = [];
    async function* source() {
      yield* parts;
    }
    for await (const chunk of inChunks(source(), options)) all.push(chunk);
    return Buffer.concat(all);
  };
  assert.equal(
    (await encode([text("123"), text("456789")])).toString(),
    "9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n",
  );
  for (const length of [0, 1, 65_535, 65_536, 65_537, 200_000]) {
    const bytes = new Uint8Array(length).fill(97);
    for (const size of [7_919, 65_536, 150_000]) {
      const parts: Uint8Array[] = [];
      for (let offset = 0; offset < length; offset += size) parts.push(bytes.subarray(offset, offset + size));
      assert.equal((await encode(parts)).length, chunkedLength(length, options), `${length} by ${size}`);
    }
  }
});

test("CRCs of pieces combine to the CRC of the whole", () => {
  const bytes = new Uint8Array(5_000).map((_, index) => (index * 151 + (index >> 7)) & 255);
  const digest = (algorithm: ChecksumAlgorithm, piece: Uint8Array) => {
    const checksum = createChecksum(algorithm);
    checksum.update(piece);
    return new Uint8Array(checksum.digest());
  };
  for (const algorithm of ["CRC32", "CRC32C", "CRC64NVME"] as const) {
    for (const cut of [0, 1, 7, 2_500, 4_999, 5_000]) {
      const first = digest(algorithm, bytes.subarray(0, cut));
      const second = digest(algorithm, bytes.subarray(cut));
      assert.deepEqual(
        combineCrc(algorithm, first, second, 5_000 - cut),
        digest(algorithm, bytes),
        `${algorithm} at ${cut}`,
      );
    }
  }
});
