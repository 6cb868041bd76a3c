import assert from "node:assert/strict";
import { test } from "node:test";
import { Session } from "../aws/session.js";
import { S3 } from "../gen/aws/s3.js";
import { nodeTransport } from "../http/node-transport.js";
import { openBody } from "../http/request-body.js";
import { Emulator } from "./emulator.js";

const BYTES = new Uint8Array(200_000).map((_, index) => index * 7);

/** A client over plain http whose signed chunks are altered by `alter` on their way. */
async function client(alter = (chunk: Uint8Array): Uint8Array => chunk, checksums = true): Promise<S3> {
  const cloud = await Emulator.start();
  const { url } = await cloud.listen();
  const transport = nodeTransport();
  const session = new Session({
    region: "us-east-1",
    endpoint: url,
    s3AddressingStyle: "path",
    s3PayloadSigningEnabled: true,
    requestChecksumCalculation: checksums ? "when_supported" : "when_required",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    retry: { maxAttempts: 1 },
    transport: {
      async send(request, options) {
        const { body } = request;
        if (request.headers["x-amz-content-sha256"]?.startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD") && body)
          request.body = (async function* () {
            for await (const chunk of openBody(body)) yield alter(chunk);
          })();
        return transport.send(request, options);
      },
    },
  });
  test.after(async () => {
    transport.close?.();
    await cloud.close();
  });
  const s3 = session.client(S3);
  await s3.createBucket({ Bucket: "bucket" });
  return s3;
}

const put = () => ({
  Bucket: "bucket",
  Key: "k",
  Body: new Blob([BYTES]).stream(),
  ContentLength: BYTES.length,
});

for (const checksums of [true, false])
  test(`signed chunks arrive, ${checksums ? "with" : "without"} a checksum behind them`, async () => {
    const s3 = await client(undefined, checksums);
    assert.equal((await s3.putObject(put())).ChecksumCRC32 !== undefined, checksums);
    const { Body, ContentEncoding } = await s3.getObject({ Bucket: "bucket", Key: "k" });
    assert.deepEqual(new Uint8Array(await Body.bytes()), BYTES);
    assert.equal(ContentEncoding, undefined);
  });

test("an altered chunk and an altered trailer are refused", async () => {
  for (const wanted of [(chunk: Uint8Array) => chunk.length === 65_536, isTrailer]) {
    const s3 = await client((chunk) => (wanted(chunk) ? altered(chunk) : chunk));
    await assert.rejects(s3.putObject(put()), { code: "SignatureDoesNotMatch", status: 403 });
    await assert.rejects(s3.headObject({ Bucket: "bucket", Key: "k" }), { code: "404" });
  }
});

function isTrailer(chunk: Uint8Array): boolean {
  return new TextDecoder().decode(chunk).startsWith("0;chunk-signature");
}

/** One byte before what may be the end of a trailer's signature. */
function altered(chunk: Uint8Array): Uint8Array {
  return chunk.map((byte, index) => (index === chunk.length - 10 ? byte ^ 1 : byte));
}
