/** boto3 on Google's buckets, signing by an HMAC key, as tools made for S3 do: one test a case of `boto3_driver.py`. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Emulator } from "../../../src/emulator/emulator.js";
import { gcpSession } from "../../../src/emulator/gcp/session.js";
import { Storage } from "../../../src/gen/gcp/storage.js";
import { pythonOf, runPython } from "../python.js";

const DRIVER = "test/foreign/gcp/boto3_driver.py";

const { python, skip } = pythonOf("aws", "boto3 did not run on Google's buckets");
let cloud: Emulator;
let key: readonly string[];

before(async () => {
  cloud = await Emulator.start();
  const { url } = await cloud.listen();
  const storage = gcpSession(cloud).client(Storage);
  await storage.buckets.insert({ body: { name: "hmac" } });
  const { metadata, secret } = await storage.projects.hmacKeys.create({
    projectId: "local-project",
    serviceAccountEmail: "default@local-project.iam.gserviceaccount.com",
  });
  key = [url, metadata?.accessId ?? "", secret ?? ""];
});
after(() => cloud.close());

for (const [, name] of readFileSync(DRIVER, "utf8").matchAll(/^def check_(\w+)\(/gm)) {
  test(`boto3 on Google's buckets: ${name}`, { skip }, async () => {
    const { status, output } = await runPython(python as string, [DRIVER, `check_${name}`, ...key], {});
    assert.equal(status, 0, output);
  });
}
