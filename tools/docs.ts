/**
 * `npm run docs`: writes the generated sections of docs/ and type-checks all code in it. Without `--write` it only looks.
 * Exits 1 when a section is not up to date or a block does not compile.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { configTable } from "./config-table.js";
import { coverageTables } from "./coverage.js";
import { checkBlocks } from "./docs-code.js";
import { sectionOf, withSection } from "./section.js";

const sections = [
  { page: "docs/config.md", name: "aws-settings", content: configTable() },
  { page: "docs/emulator.md", name: "coverage", content: await coverageTables() },
];

const problems: string[] = [];
for (const { page, name, content } of sections) {
  const text = readFileSync(page, "utf8");
  if (sectionOf(text, name) === content) continue;
  if (process.argv.includes("--write")) writeFileSync(page, withSection(text, name, content));
  else problems.push(`${page}: the section ${name} is not up to date: npm run docs`);
}
const pages = [
  "README.md",
  ...readdirSync("docs").flatMap((file) => (file.endsWith(".md") ? [`docs/${file}`] : [])),
];
problems.push(...checkBlocks(pages));

for (const problem of problems) console.error(problem);
console.log(`docs: ${pages.length} pages, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
