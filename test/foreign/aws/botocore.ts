/** botocore, pinned, asked by a script beside this file. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { awsPython, PYTHON_ENV } from "./python.js";

/** What the script prints, or why it could not be asked. */
export function askBotocore(script: string, input: unknown): string[] | string {
  const { python, skip } = awsPython();
  if (python === undefined) return skip;
  const { status, stdout, stderr } = spawnSync(python, ["-W", "ignore", `test/foreign/aws/${script}`], {
    input: JSON.stringify(input),
    env: PYTHON_ENV,
  });
  assert.equal(status, 0, stderr.toString());
  return JSON.parse(stdout.toString()) as string[];
}
