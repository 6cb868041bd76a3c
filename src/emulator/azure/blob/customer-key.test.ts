import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { Blob as BlobService } from "../../../gen/azure/blob.js";
import { Emulator } from "../../emulator.js";

function keyOf(byte: number) {
  const key = Buffer.alloc(32, byte);
  return {
    encryptionKey: key.toString("base64"),
    encryptionKeySha256: createHash("sha256").update(key).digest("base64"),
    encryptionAlgorithm: "AES256" as const,
  };
}

test("a blob under a client's key is for who brings it", async () => {
  const client = (await Emulator.start()).azure().client(BlobService);
  await client.createContainer({ containerName: "abc" });
  const blob = { containerName: "abc", blobName: "b" };
  const mine = keyOf(1);
  const { encryptionKeySha256 } = await client.putBlob({ ...blob, ...mine, body: "secret" });
  assert.equal(encryptionKeySha256, mine.encryptionKeySha256);
  assert.equal(await (await client.getBlob({ ...blob, ...mine })).body.text(), "secret");
  const without = { code: "BlobUsesCustomerSpecifiedEncryption", status: 409 };
  await assert.rejects(client.getBlob(blob), without);
  await assert.rejects(client.getBlobProperties(blob), without);
  await assert.rejects(client.setBlobMetadata({ ...blob, metadata: { a: "1" } }), without);
  await assert.rejects(client.snapshotBlob(blob), without);
  await assert.rejects(client.getBlob({ ...blob, ...keyOf(2) }), {
    code: "BlobCustomerSpecifiedEncryptionMismatch",
  });
  await assert.rejects(client.putBlob({ ...blob, ...mine, encryptionKeySha256: "x", body: "y" }), {
    code: "InvalidHeaderValue",
  });
  const open = { containerName: "abc", blobName: "open" };
  await client.putBlob({ ...open, body: "x" });
  await assert.rejects(client.getBlob({ ...open, ...mine }), {
    code: "BlobDoesNotUseCustomerSpecifiedEncryption",
  });
  const blocks = { containerName: "abc", blobName: "blocks" };
  await client.putBlock({ ...blocks, ...mine, blockId: "AAAA", body: "x" });
  await assert.rejects(client.putBlockList({ ...blocks, blocks: { latest: ["AAAA"] } }), without);
  await client.putBlockList({ ...blocks, ...mine, blocks: { latest: ["AAAA"] } });
});
