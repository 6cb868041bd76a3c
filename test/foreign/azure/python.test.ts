/** Azure's Python clients drive the emulator over HTTP, with verification on: one test a case of `python_driver.py`. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { STORAGE_KEY } from "../../../src/emulator/azure/identity.js";
import { Emulator } from "../../../src/emulator/emulator.js";

const REQUIREMENTS = "test/foreign/azure/python-requirements.txt";
const DRIVER = "test/foreign/azure/python_driver.py";
const VENV = ".cache/azure-venv";
const PYTHON = `${VENV}/bin/python`;
const INSTALL_MS_MAX = 180_000;

const skip = installed();
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
    const { status, output } = await run(name as string);
    assert.equal(status, 0, output);
  });
}

/** A venv with the pinned packages, made once. False, or why the cases do not run. */
function installed(): string | false {
  const stamp = `${VENV}/requirements.txt`;
  const wanted = readFileSync(REQUIREMENTS, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return false;
  const absent = "Azure's Python clients did not run";
  if (spawnSync("python3", ["--version"]).status !== 0) return `python3 absent: ${absent}`;
  rmSync(VENV, { recursive: true, force: true });
  const made = spawnSync("python3", ["-m", "venv", VENV], { timeout: INSTALL_MS_MAX });
  const options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS];
  if (made.status !== 0 || spawnSync(PYTHON, options, { timeout: INSTALL_MS_MAX }).status !== 0) {
    return `They could not be installed: ${absent}`;
  }
  writeFileSync(stamp, wanted);
  return false;
}

/** Not `spawnSync`: the emulator answers from this process. */
function run(name: string): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(PYTHON, [DRIVER, name, url, STORAGE_KEY], {
      env: { ...process.env, ...env, HOME: "/nonexistent" },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
      });
    }
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, output }));
  });
}
