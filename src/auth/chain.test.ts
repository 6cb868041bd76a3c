import assert from "node:assert/strict";
import { test } from "node:test";
import { isCloudError } from "../internal/cloud-error.js";
import { Chain, SourceUnavailable } from "./chain.js";
import type { Source } from "./credentials.js";

const source = (name: string, provide: () => Promise<string | undefined>): Source<string> => ({
  name,
  provide,
});

test("the first answer wins and is asked again alone", async () => {
  let first = 0;
  let third = 0;
  const chain = new Chain([
    source("a", async () => {
      first++;
      throw new SourceUnavailable("A is not set");
    }),
    source("b", async () => "value"),
    source("c", async () => String(third++)),
  ]);
  assert.equal(await chain.provide(undefined), "value");
  assert.equal(await chain.provide(undefined), "value");
  assert.equal(first, 1);
  assert.equal(third, 0);
  assert.deepEqual(await chain.explain(undefined), [
    { source: "a", outcome: "skipped", detail: "A is not set" },
    { source: "b", outcome: "answered", detail: "" },
    { source: "c", outcome: "not reached", detail: "" },
  ]);
});

test("no answer: the error says what each source said", async () => {
  const chain = new Chain([
    source("a", async () => undefined),
    source("b", () => Promise.reject(new SourceUnavailable("no file"))),
  ]);
  await assert.rejects(chain.provide(undefined), (error: unknown) => {
    assert.ok(isCloudError(error));
    assert.equal(error.kind, "unauthenticated");
    assert.equal(error.code, "NoCredentials");
    assert.match(error.message, /\n {2}a: not configured\n {2}b: no file$/);
    return true;
  });
});

test("a source that is configured and fails stops the chain; explain does not throw", async () => {
  let reached = false;
  const chain = new Chain([
    source("a", () => Promise.reject(new Error("exit code 3"))),
    source("b", async () => {
      reached = true;
      return "value";
    }),
  ]);
  const explanations = await chain.explain(undefined);
  assert.deepEqual(
    explanations.map((each) => each.outcome),
    ["failed", "not reached"],
  );
  await assert.rejects(chain.provide(undefined), /Cannot get credentials from a: exit code 3/);
  assert.equal(reached, false);
});
