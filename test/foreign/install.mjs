// Installs the vendors' own clients that test/foreign drives the emulator with: node test/foreign/install.mjs [aws azure gcp streaming]
// Without them those tests are skipped, saying so.
import { spawnSync } from "node:child_process";

const chosen = process.argv.length > 2 ? process.argv.slice(2) : ["aws", "azure", "gcp", "streaming"];
for (const cloud of chosen) {
  console.log(`Installing test/foreign/${cloud}`);
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: `test/foreign/${cloud}`,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (status !== 0) process.exit(status ?? 1);
}
