// Style that a program can hold: layers, names, sizes, and words that must not be there. Prints each breach; exits 1 on any.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, posix } from "node:path";

/** A folder of src may import itself and what stands before it. Clouds may not import each other. */
const LAYERS = ["internal", "model", "http", "protocol|auth", "client", "aws|azure|gcp", "emulator", "cli"];
const FORBIDDEN_NAMES = /(^|[-.])(utils?|helpers?|misc|common)\.ts$|(-factory|-manager|-impl)\.ts$/;
const LINES_MAX = 650;
const FUNCTION_LINES_MAX = 75;
/** Registry hosts and paths of a machine, in pieces so that this file does not trip over itself. */
const FORBIDDEN_TEXT = [
  `registry.${"npmjs"}.org`,
  `${"pypi"}.org`,
  `files.${"pythonhosted"}`,
  `/${"work"}/main`,
];

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && !file.startsWith("models/"));

const breaches = [];
const report = (file, line, what) => breaches.push(`${file}:${line}: ${what}`);

for (const file of files) {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    continue; // Deleted but still in the index.
  }
  if (!file.endsWith("package-lock.json")) checkText(file, text);
  if (!/\.(ts|mjs)$/.test(file)) continue;
  const lines = text.split("\n");
  if (FORBIDDEN_NAMES.test(basename(file))) report(file, 1, "name the noun, not utils or helpers");
  if (lines.length > LINES_MAX) report(file, 1, `has ${lines.length} lines, at most ${LINES_MAX}`);
  if (!/\.test(-support)?\.ts$/.test(file)) checkFunctions(file, lines);
  if (file.startsWith("src/")) checkImports(file, lines);
}

for (const breach of breaches) console.error(breach);
console.log(`tidy: ${files.length} files, ${breaches.length} breaches`);
process.exit(breaches.length === 0 ? 0 : 1);

function checkText(file, text) {
  for (const word of FORBIDDEN_TEXT) {
    const at = text.indexOf(word);
    if (at !== -1) report(file, text.slice(0, at).split("\n").length, `must not name ${word}`);
  }
}

function checkImports(file, lines) {
  const test = /\.test(-support)?\.ts$/.test(file);
  const own = layerOf(file);
  lines.forEach((line, index) => {
    const target = /(?:from|import\()\s*"(\.[^"]+)"/.exec(line)?.[1];
    if (target === undefined) return;
    const path = posix.join(posix.dirname(file), target);
    const other = layerOf(path);
    if (other === undefined || own === undefined || test) return;
    if (other.level > own.level) report(file, index + 1, `${own.name} must not import ${other.name}`);
    const siblings = other.level === own.level && other.name !== own.name;
    if (siblings && own.name !== "auth" && own.name !== "protocol")
      report(file, index + 1, `${own.name} must not import its sibling ${other.name}`);
  });
  lines.forEach((line, index) => {
    if (
      /^import .* from "node:/.test(line) &&
      !line.startsWith("import type") &&
      own &&
      own.level < 6 &&
      !test
    ) {
      report(
        file,
        index + 1,
        "node: modules are loaded where they are needed, not at import: the SDK also runs in browsers",
      );
    }
  });
}

function layerOf(path) {
  const name = /^src\/([^/]+)\//.exec(path)?.[1];
  if (name === undefined || name === "gen") return undefined;
  const level = LAYERS.findIndex((layer) => layer.split("|").includes(name));
  return level === -1 ? undefined : { name, level };
}

/** Top-level functions and methods by indentation: formatted code makes that enough. */
function checkFunctions(file, lines) {
  let start;
  let indent = "";
  lines.forEach((line, index) => {
    const head =
      /^(\s{0,2})(?:export )?(?:async )?(?:function\*? |(?:private |static |override |async |\*)*#?\w+\([^;]*\)[^;]*\{$)/.exec(
        line,
      );
    if (start === undefined && head && !/^\s*(if|for|while|switch|return|describe|test|it)\b/.test(line)) {
      start = index;
      indent = head[1];
    } else if (start !== undefined && (line === `${indent}}` || line === `${indent}},`)) {
      const length = index - start + 1;
      if (length > FUNCTION_LINES_MAX)
        report(file, start + 1, `function of ${length} lines, at most ${FUNCTION_LINES_MAX}`);
      start = undefined;
    }
  });
}
