import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";

const IMPORT = /(?:import|export)\s*(?:[^"';]*?from)?\s*"((?:\.\/|(?:\.\.\/)+)[\w./-]+\.js)"/g;

/** Files of dist that loading one of them loads, itself among them. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, target] of readFileSync(`dist/${file}`, "utf8").matchAll(IMPORT))
    loadedWith(posix.join(posix.dirname(file), target as string), seen);
  return seen;
}

const SERVICES = [
  "gen/aws/s3.js",
  "gen/aws/ec2.js",
  "gen/aws/dynamodb.js",
  "gen/azure/blob.js",
  "gen/gcp/storage.js",
];
const entries = ["index.js", "aws.js", "azure.js", "gcp.js", ...SERVICES];

test("a client of S3 or EC2 is three files", () => {
  for (const service of ["s3", "ec2"])
    assert.deepEqual([...loadedWith(`gen/aws/${service}.js`)].sort(), [
      "aws-client.js",
      "core.js",
      `gen/aws/${service}.js`,
    ]);
});

for (const entry of entries) {
  test(`${entry} does not load the emulator, nor another cloud`, () => {
    const own = /^(?:gen\/)?(aws|azure|gcp)/.exec(entry)?.[1];
    const strangers = ["emulator", "aws", "azure", "gcp"].filter((name) => name !== own);
    const loaded = [...loadedWith(entry)].filter((file) => strangers.some((name) => file.startsWith(name)));
    assert.deepEqual(loaded, []);
  });
}

test("what a file loads later is there", () => {
  const later = readdirSync("dist")
    .filter((file) => file.endsWith(".js"))
    .flatMap((file) =>
      Array.from(
        readFileSync(`dist/${file}`, "utf8").matchAll(/\bimport\([`"'](\.\/[^`"']+)[`"']\)/g),
        ([, target]) => target as string,
      ),
    );
  assert.ok(later.length > 0);
  assert.deepEqual(
    later.filter((target) => !existsSync(posix.join("dist", target))),
    [],
  );
});
