/** What the vector suites are made of. A suite lists its cases; the runner counts them, the test files assert them. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { SuiteResult } from "./suite.js";

export interface Case {
  readonly name: string;
  /** Throws when the case does not pass. */
  run(): void | Promise<void>;
}

export interface Suite {
  readonly suite: string;
  cases(): Case[];
  /** Cases that cannot pass, by name, each with its reason. */
  readonly ignored?: Readonly<Record<string, string>>;
}

export const VECTORS = "../shared/vectors";

export function json(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

export function equal(actual: unknown, expected: unknown): void {
  assert.deepEqual(actual, expected);
}

/** One test a case; one skipped test when the vectors are not there. */
export function testSuite({ suite, cases, ignored = {} }: Suite): void {
  if (!existsSync(VECTORS)) {
    test(suite, (t) => t.skip(`${VECTORS} absent: suite ${suite} did not run`));
    return;
  }
  for (const { name, run } of cases()) {
    const reason = ignored[name];
    test(`${suite} ${name}`, reason === undefined ? {} : { skip: reason }, async () => run());
  }
}

/** The suite's figures, for `npm run vectors`. */
export async function runSuite({ suite, cases, ignored = {} }: Suite): Promise<SuiteResult> {
  const failures: string[] = [];
  const all = cases();
  let passed = 0;
  let skipped = 0;
  for (const { name, run } of all) {
    if (name in ignored) {
      skipped++;
      continue;
    }
    try {
      await run();
      passed++;
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { suite, passed, total: all.length, ignored: skipped, failures };
}
