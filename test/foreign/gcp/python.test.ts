/** Google's Python clients drive the emulator over HTTP, with verification on: one test a case of `python_driver.py`. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Emulator } from "../../../src/emulator/emulator.js";
import { serviceAccountKeyFile } from "../../../src/emulator/gcp/session.js";
import { pythonOf, runPython } from "../python.js";

const DRIVER = "test/foreign/gcp/python_driver.py";

const { python, skip } = pythonOf("gcp", "Google's Python clients did not run");
const keyFile = `.cache/gcp-key-${process.pid}.json`;
let cloud: Emulator;
let url: string;
let env: Readonly<Record<string, string>>;

before(start);
after(stop);

async function start(): Promise<void> {
  cloud = await Emulator.start();
  ({ url, env } = await cloud.listen());
  mkdirSync(".cache", { recursive: true });
  writeFileSync(keyFile, JSON.stringify(await serviceAccountKeyFile(cloud, { origin: url })));
}

async function stop(): Promise<void> {
  rmSync(keyFile, { force: true });
  await cloud.close();
}

for (const [, name] of readFileSync(DRIVER, "utf8").matchAll(/^def check_(\w+)\(/gm)) {
  test(`Google's Python clients: ${name}`, { skip }, async () => {
    const { status, output } = await runPython(python as string, [DRIVER, name as string, url, keyFile], env);
    assert.equal(status, 0, output);
  });
}
