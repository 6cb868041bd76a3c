import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeChunks } from "../../auth/aws-chunked.js";
import { SIGNED_CHUNKS, SIGNED_CHUNKS_TRAILER, signWithSeed } from "../../auth/sigv4.js";
import { verifyV4 } from "../../auth/sigv4-verify.js";
import { chunkedLength, inChunks } from "../../http/checksum/trailer.js";
import { readBody } from "../../http/request-body.js";
import { isCloudError } from "../../internal/cloud-error.js";
import { chunkSigner } from "./chunks.js";

const at = new Date("2026-11-24T12:00:00Z");
const credentials = { accessKeyId: "AKID", secretAccessKey: "SECRET" };
const CRC32 = { algorithm: "CRC32", name: "x-amz-checksum-crc32" } as const;

/** A signed request's body, and the seed that its verifier finds. */
async function signed(body: Uint8Array, trailer: typeof CRC32 | undefined) {
  const headers = { "x-amz-decoded-content-length": String(body.length) };
  const payload = trailer === undefined ? SIGNED_CHUNKS : SIGNED_CHUNKS_TRAILER;
  const { request, seed } = signWithSeed(
    { method: "PUT", origin: "https://s3", path: "/b/k", query: "", headers },
    { credentials, region: "r", service: "s3", at, payload },
  );
  const sent = await readBody(inChunks(body, trailer, chunkSigner(seed)));
  const verified = verifyV4(
    { method: "PUT", path: "/b/k", query: "", headers: { host: "s3", ...request.headers } },
    { secretOf: () => credentials, now: at },
  );
  assert.ok(verified.ok);
  return { sent, seed: verified.seed };
}

for (const trailer of [CRC32, undefined])
  test(`signed chunks ${trailer ? "with" : "without"} a trailer: the length is known, the body comes back, an altered byte does not`, async () => {
    for (const size of [0, 1, 65_536, 65_537, 200_000]) {
      const body = new Uint8Array(size).map((_, i) => i);
      const { sent, seed } = await signed(body, trailer);
      assert.equal(sent.length, chunkedLength(size, trailer, true));
      const decoded = decodeChunks(pieces(sent, 1000), { seed, decodedLength: size });
      assert.deepEqual(new Uint8Array(await readBody(decoded)), body);
      assert.deepEqual(Object.keys(decoded.trailers), trailer ? [trailer.name] : []);
      for (const place of [sent.indexOf(61) + 5, sent.length - 12]) {
        const tampered = sent.map((byte, i) => (i === place ? byte ^ 1 : byte));
        await assert.rejects(readBody(decodeChunks(pieces(tampered, 7000), { seed })), isCloudError);
      }
    }
  });

test("chunks: a body that ends early or lies about its length is refused", async () => {
  const sent = await readBody(inChunks("hello", CRC32));
  await assert.rejects(readBody(decodeChunks(pieces(sent.subarray(0, 6), 10))), /ends early/);
  await assert.rejects(
    readBody(decodeChunks(pieces(sent, 10), { decodedLength: 6 })),
    /5 bytes instead of 6/,
  );
  await assert.rejects(
    readBody(decodeChunks(pieces(new TextEncoder().encode("zz\r\n"), 10))),
    /size cannot be read/,
  );
});

test("trailing headers may end with an empty line before their signature", async () => {
  const { sent, seed } = await signed(new TextEncoder().encode("hello"), CRC32);
  const text = new TextDecoder().decode(sent);
  const apart = text.replace("\r\nx-amz-trailer-signature", "\n\r\nx-amz-trailer-signature");
  assert.notEqual(apart, text);
  const read = (chunks: string) =>
    readBody(decodeChunks(pieces(new TextEncoder().encode(chunks), 10), { seed }));
  assert.equal(new TextDecoder().decode(await read(apart)), "hello");
  await assert.rejects(read(apart.replace(/x-amz-trailer-signature.*\r\n/, "")), {
    code: "SignatureDoesNotMatch",
  });
});

test("no chunk but the last is small, and trailing headers can be read", async () => {
  const read = (text: string) => readBody(decodeChunks(pieces(new TextEncoder().encode(text), 10)));
  await assert.rejects(read("1\r\na\r\n1\r\nb\r\n0\r\n\r\n"), { code: "InvalidChunkSizeError" });
  await assert.rejects(read("1\r\na\r\n0\r\nnonsense\r\n\r\n"), { code: "MalformedTrailerError" });
});

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size);
}
