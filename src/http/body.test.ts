import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createBody } from "./body.js";
import { bytesBody } from "./response-body.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Garbage is told of in a later turn. */
async function collected(isDone: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 50 && !isDone(); turn++) {
    collectGarbage();
    await new Promise((done) => setTimeout(done, 1));
  }
  return isDone();
}

function source() {
  const cancelled = { count: 0 };
  const body = Object.assign(bytesBody(new Uint8Array([104, 105])), { cancel: () => cancelled.count++ });
  return { body, cancelled };
}

test("a body that nobody reads is cancelled once it is garbage", async () => {
  const { body, cancelled } = source();
  createBody(body);
  assert.ok(await collected(() => cancelled.count > 0));
  assert.equal(cancelled.count, 1);
});

test("one that was read is left alone, at once or later", async () => {
  const now = source();
  assert.equal(await createBody(now.body).text(), "hi");
  const later = source();
  await (async () => {
    const kept = createBody(later.body);
    await new Promise((done) => setTimeout(done, 5));
    assert.equal(await kept.text(), "hi");
  })();
  assert.equal(await collected(() => now.cancelled.count + later.cancelled.count > 0), false);
});
