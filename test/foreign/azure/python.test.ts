/** Azure's Python clients drive the emulator over HTTP, with verification on: one test a case of `python_driver.py`. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { STORAGE_KEY } from "../../../src/emulator/azure/identity.js";
import { Emulator } from "../../../src/emulator/emulator.js";
import { pythonOf, runPython } from "../python.js";

const DRIVER = "test/foreign/azure/python_driver.py";

const { python, skip } = pythonOf("azure", "Azure's Python clients did not run");
let cloud: Emulator;
let url: string;
let env: Readonly<Record<string, string>>;

before(async () => {
  cloud = await Emulator.start();
  ({ url, env } = await cloud.listen());
});
after(() => cloud.close());

for (const [, name] of readFileSync(DRIVER, "utf8").matchAll(/^def check_(\w+)\(/gm)) {
  test(`Azure's Python clients: ${name}`, { skip }, async () => {
    const { status, output } = await runPython(
      python as string,
      [DRIVER, name as string, url, STORAGE_KEY],
      env,
    );
    assert.equal(status, 0, output);
  });
}
