/** Google's Python clients drive the emulator over HTTP, with verification on: one test a case of `python_driver.py`. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Emulator } from "../../../src/emulator/emulator.js";
import { gcpSession, serviceAccountKeyFile } from "../../../src/emulator/gcp/session.js";
import type { SignedUrlOptions } from "../../../src/gcp/signed-url.js";
import { Storage } from "../../../src/gen/gcp/storage.js";
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
    const { status, output } = await runPython(
      python as string,
      [DRIVER, `check_${name}`, url, keyFile],
      env,
    );
    assert.equal(status, 0, output);
  });
}

/** Parameters of a URL may stand in any order. */
function partsOf(url: string) {
  const { origin, pathname, searchParams } = new URL(url);
  return { address: origin + pathname, parameters: Object.fromEntries(searchParams) };
}

const V2_CASES: readonly [
  name: string,
  options: SignedUrlOptions,
  theirs: Readonly<Record<string, unknown>>,
][] = [
  ["dir/ü (1)~.txt", {}, {}],
  ["a", { method: "PUT", contentType: "text/plain" }, { method: "PUT", content_type: "text/plain" }],
  ["a", { method: "POST" }, { method: "RESUMABLE" }],
  [
    "a",
    { headers: { "X-Goog-Meta-B": "1", "x-goog-acl": "private" } },
    { headers: { "X-Goog-Meta-B": "1", "x-goog-acl": "private" } },
  ],
  [
    "a",
    { headers: { "content-md5": "XUFAKrxLKna5cZ2REBfFkg==" } },
    { content_md5: "XUFAKrxLKna5cZ2REBfFkg==" },
  ],
  ["a", { query: { "response-content-type": "text/css" } }, { response_type: "text/css" }],
];

for (const [name, options, theirs] of V2_CASES) {
  test(`a V2 signed URL is the one of Google's Python client: ${JSON.stringify(theirs)}`, {
    skip,
  }, async () => {
    const at = new Date();
    const expiresInSeconds = 30 * 86_400;
    const object = gcpSession(cloud).resource(Storage).bucket("b").blob(name);
    const ours = await object.signedUrl({ ...options, version: "v2", at, expiresInSeconds, origin: url });
    const expiration = Math.floor(at.getTime() / 1000) + expiresInSeconds;
    const given = JSON.stringify({ bucket: "b", object: name, expiration, ...theirs });
    const { status, output } = await runPython(
      python as string,
      [DRIVER, "print_signed_url_v2", url, keyFile, given],
      env,
    );
    assert.equal(status, 0, output);
    assert.deepEqual(partsOf(ours), partsOf(output.trim()));
  });
}
