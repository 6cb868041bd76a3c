/** The tour on clouds that others made: moto, Azurite, fake-gcs-server. A step that does not apply there says why. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, test } from "node:test";
import { startMoto } from "./aws/moto-server.js";
import { AZURITE_ABSENT, startAzurite } from "./azure/azurite.js";
import { startFakeGcsServer } from "./gcp/fake-gcs-server.js";

interface Result {
  readonly id: string;
  readonly cloud: string;
  readonly ok: boolean;
  readonly detail: string;
}

const NOT_APPLICABLE = "does not apply: ";

const [moto, azurite, gcs] = await Promise.all([startMoto(), startAzurite(), startFakeGcsServer()]);
after(() => {
  moto?.stop();
  azurite?.stop();
  if (typeof gcs !== "string") gcs.stop();
});

const flags = [
  ...(moto === undefined ? [] : ["--aws-endpoint", moto.url]),
  ...(azurite === undefined ? [] : ["--azure-blob-endpoint", `${azurite.url}/devstoreaccount1`]),
  ...(typeof gcs === "string" ? [] : ["--gcp-endpoint", gcs.url]),
];
const results = flags.length === 0 ? [] : await tour(flags);

tourTests("aws", moto === undefined ? "python3 absent: moto did not run" : false, 12);
tourTests("azure", azurite === undefined ? AZURITE_ABSENT : false, 3);
tourTests("gcp", typeof gcs === "string" ? gcs : false, 1);

/** @param appliedMin steps that this server is known to serve: a tour that skipped them would show nothing */
function tourTests(cloud: string, skip: string | false, appliedMin: number): void {
  test(`tour on a foreign ${cloud}`, { skip }, () => {
    const steps = results.filter((each) => each.cloud === cloud);
    const failed = steps.filter(({ ok }) => !ok).map(({ id, detail }) => `${id}: ${detail}`);
    assert.deepEqual(failed, []);
    const applied = steps.filter(({ detail }) => !detail.startsWith(NOT_APPLICABLE));
    assert.ok(applied.length >= appliedMin, `only ${applied.map(({ id }) => id).join(", ")} applied`);
  });
}

function tour(options: readonly string[]): Promise<Result[]> {
  const args = ["tools/run.mjs", "examples/tour/main.ts", "--json", ...options];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      try {
        resolve(JSON.parse(text) as Result[]);
      } catch (cause) {
        reject(new Error(`The tour ended with ${code}: ${text}`, { cause }));
      }
    });
  });
}
