import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { configTable } from "./config-table.js";
import { coverageTables } from "./coverage.js";
import { blocksOf, checkBlocks } from "./docs-code.js";
import { sectionOf, withSection } from "./section.js";

const guides = readdirSync("docs").flatMap((file) => (file.endsWith(".md") ? [`docs/${file}`] : []));
const pages = ["README.md", ...guides];
const MEND = "npm run docs";

test("the table of AWS settings is that of keys.ts", () => {
  assert.equal(sectionOf(readFileSync("docs/config.md", "utf8"), "aws-settings"), configTable(), MEND);
});

test("the emulator's coverage is that of its handlers", async () => {
  assert.equal(sectionOf(readFileSync("docs/emulator.md", "utf8"), "coverage"), await coverageTables(), MEND);
});

test("every code block compiles against the built package", () => {
  assert.ok(pages.flatMap(blocksOf).length > 30);
  assert.deepEqual(checkBlocks(pages), []);
});

test("every guide is in the index", () => {
  const index = readFileSync("docs/README.md", "utf8");
  const missing = guides.filter(
    (page) => page !== "docs/README.md" && !index.includes(`](${page.slice("docs/".length)})`),
  );
  assert.deepEqual(missing, []);
});

test("every link to a file of the repository leads to one, and to a heading that is there", () => {
  const decisions = readdirSync("docs/decisions").map((file) => `docs/decisions/${file}`);
  const broken = [...pages, ...decisions].flatMap((page) =>
    [...readFileSync(page, "utf8").matchAll(/\]\((?![a-z]+:)([^)#]*)(#[^)]*)?\)/g)].flatMap(
      ([, path = "", anchor]) => {
        const target = path === "" ? page : join(dirname(page), path);
        if (!existsSync(target)) return [`${page}: ${path}`];
        return anchor === undefined || anchorsOf(target).has(anchor) ? [] : [`${page}: ${path}${anchor}`];
      },
    ),
  );
  assert.deepEqual(broken, []);
});

test("a section is replaced between its marks alone", () => {
  const page = "a\n<!-- begin x -->\nold\n<!-- end x -->\nb";
  assert.equal(withSection(page, "x", "new\n"), "a\n<!-- begin x -->\nnew\n<!-- end x -->\nb");
  assert.throws(() => sectionOf(page, "y"), /no marks/);
});

/** As GitHub makes them of headings. */
function anchorsOf(page: string): Set<string> {
  const headings = readFileSync(page, "utf8").matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(
      ([, text = ""]) =>
        `#${text
          .toLowerCase()
          .replace(/[^\w\- ]/g, "")
          .replaceAll(" ", "-")}`,
    ),
  );
}
