import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const IMPORT = /(?:import|export)\s*(?:[^"';]*?from)?\s*"\.\/([\w.-]+\.js)"/g;
const PARTS_OF_THE_SDK = /^(index|(aws|azure|gcp)(-service|-extensions-\w+)?)\.js$/;

/** Files of dist that loading one of them loads. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, target] of readFileSync(`dist/${file}`, "utf8").matchAll(IMPORT))
    loadedWith(target as string, seen);
  return seen;
}

const entries = readdirSync("dist").filter((file) => PARTS_OF_THE_SDK.test(file));

test("the SDK is found in dist", () => {
  assert.ok(entries.length >= 10, entries.join(", "));
});

for (const entry of entries) {
  test(`${entry} does not load the emulator, nor another cloud`, () => {
    const own = /^(aws|azure|gcp)/.exec(entry)?.[1];
    const strangers = ["emulator", "aws", "azure", "gcp"].filter((name) => name !== own);
    const loaded = [...loadedWith(entry)].filter((file) => strangers.some((name) => file.startsWith(name)));
    assert.deepEqual(loaded, []);
  });
}
