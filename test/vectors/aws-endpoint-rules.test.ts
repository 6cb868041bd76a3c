import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { engine, services } from "./aws-endpoint-rules.js";

for (const [name, run] of [
  ["aws/endpoint-rules-engine", engine],
  ["aws/endpoint-tests", services],
] as const) {
  test(name, async (t) => {
    if (!existsSync("../shared/vectors")) return t.skip(`../shared/vectors absent: ${name} did not run`);
    const { failures, total } = await run();
    assert.ok(total > 0);
    assert.deepEqual(failures, []);
  });
}
