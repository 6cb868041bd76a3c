// The public API as text: declarations of the entry points and of every module they re-export, comments stripped.
// `node tools/api.mjs` compares with api.txt; `--write` accepts the change.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { posix } from "node:path";

const ENTRIES = ["index", "aws/index", "azure/index", "gcp/index", "emulator/index"];
const root = process.argv.find((each) => each.startsWith("--types="))?.slice("--types=".length) ?? "dist";
const seen = new Set();
const sections = [];
for (const entry of ENTRIES) add(`${entry}.d.ts`);
const text = sections.join("\n");

if (process.argv.includes("--write")) {
  writeFileSync("api.txt", text);
  console.log(`api: wrote ${sections.length} modules`);
} else if (!existsSync("api.txt") || readFileSync("api.txt", "utf8") !== text) {
  console.error(
    "api: the public API differs from api.txt: look at the difference after `npm run api -- --write`, and commit it if it is meant",
  );
  process.exit(1);
} else {
  console.log(`api: ${sections.length} modules as in api.txt`);
}

function add(file) {
  if (seen.has(file)) return;
  seen.add(file);
  const path = `${root}/${file}`;
  if (!existsSync(path)) return;
  const code = readFileSync(path, "utf8")
    .replace(/\/\*\*?[\s\S]*?\*\//g, "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("//"))
    .join("\n");
  sections.push(`--- ${file}\n${code}\n`);
  for (const [, target] of code.matchAll(/export [^;]*? from "(\.[^"]+)"/g)) {
    add(posix.join(posix.dirname(file), target.replace(/\.js$/, ".d.ts")));
  }
}
