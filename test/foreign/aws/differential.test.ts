/** The emulator beside moto: boto3 makes the same calls on both, and each difference of their answers has a reason. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Emulator } from "../../../src/emulator/emulator.js";
import { type Difference, differencesOf, judge, type Notes } from "./differential-compare.js";
import { KNOWN } from "./differential-known.js";
import { startMoto } from "./moto-server.js";
import { awsPython, PYTHON_ENV } from "./python.js";

const DRIVER = "test/foreign/aws/differential.py";
/** Where the scenarios stand. */
const SCENARIOS = ["scenarios", "s3", "ec2", "transit", "identity"].map(
  (name) => `test/foreign/aws/differential_${name}.py`,
);

const { python, skip } = awsPython();
const differences = python === undefined ? [] : await compare(python);
const { unexplained, stale } = judge(differences, KNOWN);

const source = SCENARIOS.map((file) => readFileSync(file, "utf8")).join("\n");
for (const [, name] of source.matchAll(/^@scenario\ndef (\w+)\(/gm)) {
  test(`moto beside the emulator: ${name}`, { skip }, () => {
    const found = unexplained.filter(({ at }) => at.startsWith(`${name}/`));
    assert.deepEqual(found.map(shown), []);
  });
}

test("each reason for a difference is of use", { skip }, () => {
  assert.deepEqual(stale, []);
});

function shown({ at, ours, theirs }: Difference): string {
  return `${at}: ours ${JSON.stringify(ours)}, moto's ${JSON.stringify(theirs)}`;
}

async function compare(python: string): Promise<Difference[]> {
  const moto = await startMoto({ MOTO_IAM_LOAD_MANAGED_POLICIES: "true" });
  const cloud = await Emulator.start();
  try {
    const { url } = await cloud.listen();
    const [ours, theirs] = await Promise.all([record(python, url), record(python, moto?.url ?? "")]);
    return differencesOf(ours, theirs);
  } finally {
    moto?.stop();
    await cloud.close();
  }
}

/** Not `spawnSync`: the emulator answers from this process. */
async function record(python: string, url: string): Promise<Notes> {
  const child = spawn(python, ["-W", "ignore", DRIVER, url], { env: PYTHON_ENV });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (errors += chunk));
  const status = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  assert.equal(status, 0, errors);
  return JSON.parse(output) as Notes;
}
