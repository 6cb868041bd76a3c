// Installs the vendors' own clients that test/foreign drives the emulator with, and other runtimes: node test/foreign/install.mjs [aws azure gcp streaming runtimes]
// Without them those tests are skipped, saying so.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";

const chosen =
  process.argv.length > 2 ? process.argv.slice(2) : ["aws", "azure", "gcp", "streaming", "runtimes"];
for (const cloud of chosen) {
  if (isInstalled(`test/foreign/${cloud}`)) continue;
  console.log(`Installing test/foreign/${cloud}`);
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: `test/foreign/${cloud}`,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (status !== 0) process.exit(status ?? 1);
}

const { status } = spawnSync(process.execPath, ["tools/run.mjs", "test/foreign/install-servers.ts"], {
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);

/** npm notes in node_modules what it installed, after it has read the lock. */
function isInstalled(folder) {
  const noted = `${folder}/node_modules/.package-lock.json`;
  return existsSync(noted) && statSync(noted).mtimeMs >= statSync(`${folder}/package-lock.json`).mtimeMs;
}
