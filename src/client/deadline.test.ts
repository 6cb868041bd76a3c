import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { bytesBody, streamBody } from "../http/response-body.js";
import { startDeadline } from "./deadline.js";

function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, "abort").length;
}

async function* chunks(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
  yield new Uint8Array(1);
}

test("a settled call leaves no listener on the user's signal", async () => {
  const { signal } = new AbortController();
  const read = startDeadline(signal, 60_000);
  assert.equal(listeners(signal), 1);
  await read.watch(bytesBody()).bytes();
  assert.equal(listeners(signal), 1, "a next attempt may follow");
  read.settle();
  startDeadline(signal, 60_000).settle();
  startDeadline(signal, undefined).settle();
  assert.equal(listeners(signal), 0);
});

test("a body in flight keeps the user's signal linked until it ends, is left or is cancelled", async () => {
  const users = new AbortController();
  const { signal } = users;
  const deadline = () => {
    const started = startDeadline(signal, 60_000);
    const body = started.watch(streamBody(chunks()));
    started.settle();
    return { linked: started.signal, body };
  };
  const [ended, left, cancelled, aborted] = [deadline(), deadline(), deadline(), deadline()];
  assert.equal(listeners(signal), 4);
  assert.equal((await ended.body.bytes()).length, 2);
  assert.equal(listeners(signal), 3);
  for await (const _ of left.body) break;
  assert.equal(listeners(signal), 2);
  cancelled.body.cancel();
  assert.equal(listeners(signal), 1);
  users.abort(new Error("enough"));
  assert.equal(aborted.linked?.reason, signal.reason);
  assert.equal(cancelled.linked?.aborted, false);
});
