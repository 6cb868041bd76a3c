// The inner loop: format and lint, types, layers, public API, the code of the guides, sizes. All of them run; each says what it found.
import { spawn } from "node:child_process";

const node = process.execPath;
const checks = [
  ["format and lint", "node_modules/.bin/biome", ["check", "--error-on-warnings", "."]],
  ["types", "node_modules/.bin/tsc", ["-p", "tsconfig.check.json"]],
  ["tidy", node, ["tools/tidy.mjs"]],
  ["api", node, ["tools/api.mjs"]],
  ["docs", node, ["tools/run.mjs", "tools/docs.ts"]],
  ["size", node, ["tools/size.mjs"]],
];

const results = await Promise.all(checks.map(run));
for (const { name, status, output, seconds } of results) {
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (status !== 0 || name === "size") console.log(output.trimEnd().replace(/^/gm, "         "));
}
process.exit(results.every(({ status }) => status === 0) ? 0 : 1);

function run([name, command, args]) {
  const started = Date.now();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  return new Promise((resolve) => {
    child.on("close", (status) =>
      resolve({ name, status: status ?? 1, output, seconds: ((Date.now() - started) / 1000).toFixed(1) }),
    );
  });
}
