// The whole judgement, in order; a failed step does not stop the next, but fails the run. Ends with one summary line.
import { spawn } from "node:child_process";

/** name, command, arguments, and the environment that it adds. */
const steps = [
  ["test", "npm", ["test", "--silent"]],
  ["check", "npm", ["run", "--silent", "check"]],
  ["vectors", "npm", ["run", "--silent", "vectors"]],
  ["oracle", "npm", ["run", "--silent", "oracle:aws"]],
  ["oracle of endpoints", "npm", ["run", "--silent", "oracle:aws", "--", "--endpoints"]],
  ["foreign", "npm", ["run", "--silent", "foreign"]],
  ["tour", "npm", ["run", "--silent", "tour"]],
  ["examples", "npm", ["run", "--silent", "examples"]],
  ["node versions", "npm", ["run", "--silent", "test:versions"]],
];

const totals = { pass: 0, fail: 0, skipped: 0 };
const failed = [];
for (const [name, command, args] of steps) {
  const started = Date.now();
  console.log(`\n=== ${name}: ${command} ${args.join(" ")}`);
  const { status, counts } = await run(command, args);
  for (const key of Object.keys(totals)) totals[key] += counts[key];
  console.log(
    `=== ${name}: ${status === 0 ? "ok" : `failed with ${status}`}, ${Math.round((Date.now() - started) / 1000)} s`,
  );
  if (status !== 0) {
    failed.push(name);
    if (counts.fail === 0) totals.fail += 1;
  } else if (counts.pass === 0) totals.pass += 1;
}
console.log(failed.length === 0 ? "\nAll steps are green" : `\nFailed steps: ${failed.join(", ")}`);
console.log(`${totals.pass} passed, ${totals.fail} failed, ${totals.skipped} skipped`);
process.exit(failed.length === 0 ? 0 : 1);

/** Streams the output through and adds up the closing lines of node's test runner. */
function run(command, args) {
  const counts = { pass: 0, fail: 0, skipped: 0 };
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, CI: "true" },
  });
  let rest = "";
  child.stdout.on("data", (chunk) => {
    process.stdout.write(chunk);
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const found = /^(?:#|\u2139) (pass|fail|skipped) (\d+)/.exec(line);
      if (found) counts[found[1]] += Number(found[2]);
    }
  });
  return new Promise((resolve) => child.on("close", (status) => resolve({ status: status ?? 1, counts })));
}
