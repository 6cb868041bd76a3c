import assert from "node:assert/strict";
import { test } from "node:test";
import { deferred } from "./deferred.js";

async function* count(log: string[]): AsyncGenerator<number> {
  try {
    for (let n = 1; n <= 3; n++) yield n;
  } finally {
    log.push("closed");
  }
}

test("values come through, in order, also when asked for at once", async () => {
  const log: string[] = [];
  const numbers = deferred(async () => count(log));
  const asked = [numbers.next(), numbers.next(), numbers.next(), numbers.next()];
  assert.deepEqual(
    (await Promise.all(asked)).map(({ value }) => value),
    [1, 2, 3, undefined],
  );
  assert.deepEqual(log, ["closed"]);
});

test("one that is left early is closed; one that was never begun is never made", async () => {
  const log: string[] = [];
  for await (const n of deferred(async () => count(log))) {
    assert.equal(n, 1);
    break;
  }
  assert.deepEqual(log, ["closed"]);
  const unused = deferred<number>(() => assert.fail("must not be made"));
  assert.deepEqual(await unused.return(undefined), { done: true, value: undefined });
  assert.deepEqual(await unused.next(), { done: true, value: undefined });
});

test("what keeps it from being made is told whoever asks", async () => {
  const broken = deferred<number>(async () => {
    throw new Error("not there");
  });
  await assert.rejects(broken.next(), /not there/);
  await assert.rejects(broken.next(), /not there/);
});
