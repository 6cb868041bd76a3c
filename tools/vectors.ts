/** `npm run vectors [-- --json]`: every suite of ../shared/vectors, passed / total / ignored. Exits 1 when a case fails. */
import { existsSync } from "node:fs";
import type { SuiteResult } from "../test/vectors/suite.js";
import { suites } from "../test/vectors/suites.js";

const json = process.argv.includes("--json");
const results: SuiteResult[] = [];
if (!existsSync("../shared/vectors")) {
  console.error("../shared/vectors is absent: no suite ran");
} else {
  for (const run of suites) results.push(await run());
}
if (json) {
  console.log(
    JSON.stringify(results.map(({ suite, passed, total, ignored }) => ({ suite, passed, total, ignored }))),
  );
} else {
  for (const { suite, passed, total, ignored, failures } of results) {
    console.log(`${suite.padEnd(28)} ${passed} / ${total}${ignored > 0 ? `, ${ignored} ignored` : ""}`);
    for (const failure of failures.slice(0, 20)) console.log(`  ${failure}`);
  }
}
const failed = results.filter(({ passed, total, ignored }) => passed + ignored < total);
process.exitCode = failed.length > 0 ? 1 : 0;
