/** boto3 drives the emulator over HTTP, with verification on: one test a case of `boto3_driver.py`. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Emulator } from "../../../src/emulator/emulator.js";
import { awsPython } from "./python.js";

const DRIVER = "test/foreign/aws/boto3_driver.py";

const { python, skip } = awsPython();
let cloud: Emulator;
let env: Readonly<Record<string, string>>;

before(async () => {
  cloud = await Emulator.start();
  ({ env } = await cloud.listen());
});
after(() => cloud.close());

for (const [, name] of readFileSync(DRIVER, "utf8").matchAll(/^def check_(\w+)\(/gm)) {
  test(`boto3: ${name}`, { skip }, async () => {
    const { status, output } = await run(name as string);
    assert.equal(status, 0, output);
  });
}

/** Not `spawnSync`: the emulator answers from this process. */
function run(name: string): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(python as string, [DRIVER, name], {
      env: { ...process.env, ...env, AWS_CONFIG_FILE: "/nonexistent" },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, output }));
  });
}
