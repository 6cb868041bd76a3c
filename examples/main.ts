/**
 * `npm run examples [-- name ...]`: runs the programs of this folder, each in a process of its own whose environment points
 * every session at one emulator. Prints one line a program; exits 1 when one fails.
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { Emulator } from "trivet/emulator";

/** Variables by which a session of the person who runs this would reach a real account. */
const OF_A_CLOUD = /^(AWS|AZURE|GOOGLE|GCLOUD|GCE|CLOUDSDK|STORAGE_EMULATOR|HTTPS?_PROXY|ALL_PROXY)/i;
const TIMEOUT_MS = 60_000;

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const wanted = process.argv.slice(2);
const names = readdirSync("examples")
  .flatMap((file) => /^(.+)\.ts$/.exec(file)?.[1] ?? [])
  .filter((name) => name !== "main" && (wanted.length === 0 || wanted.includes(name)))
  .sort();
if (names.length === 0) throw new Error(`Cannot run ${wanted.join(", ")}: no such example`);

const cloud = await Emulator.start();
const { env } = await cloud.listen();
let failed = 0;
for (const name of names) {
  cloud.reset();
  const { status, stdout, stderr } = await run(name, { ...strangersRemoved(), ...env, TRIVET_LOCAL: "1" });
  const lastLine = stdout.trimEnd().split("\n").at(-1) ?? "";
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name}: ${lastLine}`);
  if (status === 0) continue;
  failed++;
  console.log(stderr.trimEnd().replace(/^/gm, "       "));
}
await cloud.close();
console.log(`${names.length - failed} of ${names.length} examples ran`);
process.exitCode = failed === 0 ? 0 : 1;

function strangersRemoved(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_A_CLOUD.test(name)));
}

function run(name: string, environment: NodeJS.ProcessEnv): Promise<Outcome> {
  const child = spawn(process.execPath, ["tools/run.mjs", `examples/${name}.ts`], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, stdout, stderr })));
}
