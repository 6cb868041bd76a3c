// Tests without a cloud: a stub for one function, an emulator for many, time and failures on demand.
import assert from "node:assert/strict";
import { stub } from "trivet";
import { S3 } from "trivet/aws/s3";
import { Emulator } from "trivet/emulator";

async function readConfig(s3: S3): Promise<unknown> {
  const { Body } = await s3.getObject({ Bucket: "config", Key: "app.json" });
  return Body.json();
}

// Answers are checked against the model and sent through the protocol: what comes out is what S3 could have sent.
const stubbed = new S3({ region: "eu-west-1" });
const stubs = stub(stubbed);
stubs.respond("getObject", { Body: '{"answer":42}' }, { Bucket: "config", Key: "app.json" });
stubs.fail("getObject", { code: "NoSuchKey", status: 404 });
assert.deepEqual(await readConfig(stubbed), { answer: 42 });
await assert.rejects(readConfig(stubbed), stubbed.errors.NoSuchKey);
stubs.assertDone();

// The emulator keeps state, checks signatures, and is gone with the process.
const cloud = await Emulator.start();
const s3 = cloud.aws().client(S3);
await s3.createBucket({ Bucket: "config" });
await s3.putObject({ Bucket: "config", Key: "app.json", Body: '{"answer":42}' });
assert.deepEqual(await readConfig(s3), { answer: 42 });

cloud.faults.add({ service: "s3", operation: "GetObject", reset: "request" });
assert.deepEqual(await readConfig(s3), { answer: 42 }, "a reset connection is retried");

const { url: endpoint } = await cloud.listen();
const served = cloud.aws().client(S3, { endpoint });
const url = await served.getObject.presign({ Bucket: "config", Key: "app.json" }, { expiresInSeconds: 60 });
assert.equal((await fetch(url)).status, 200);
cloud.clock.advance(61_000);
assert.equal((await fetch(url)).status, 403, "a signed URL expires");
await cloud.close();
console.log("stub, emulator, fault and clock did what they say");
