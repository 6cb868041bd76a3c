// Makes a clone ready to run: installs when node_modules is not what the lock says, then builds what changed. Needs Node and
// npm alone. All of its output goes to stderr, so that what follows may print JSON.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

if (!isInstalled()) {
  console.error("setup: npm ci");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}
run(process.execPath, ["tools/run.mjs", "tools/build.ts"]);

/** npm notes in node_modules what it installed; packages for other platforms are optional and may be missing. */
function isInstalled() {
  const noted = "node_modules/.package-lock.json";
  if (!existsSync(noted)) return false;
  const installed = JSON.parse(readFileSync(noted, "utf8")).packages;
  const locked = Object.entries(JSON.parse(readFileSync("package-lock.json", "utf8")).packages);
  return locked.every(
    ([path, { version, optional }]) => path === "" || optional || installed[path]?.version === version,
  );
}

function run(command, args) {
  // npm is a script on Windows.
  const { status } = spawnSync(command, args, {
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) process.exit(status ?? 1);
}
