import assert from "node:assert/strict";
import { test } from "node:test";
import { streamBody } from "../http/response-body.js";
import { Memory, StoredBytes } from "./stored-bytes.js";

async function* chunks(...lengths: number[]) {
  let next = 0;
  for (const length of lengths) yield Uint8Array.from({ length }, () => next++);
}

test("every range of a body in chunks is the same as of the whole", async () => {
  const stored = await StoredBytes.read(streamBody(chunks(3, 0, 5, 2)), new Memory());
  const whole = Uint8Array.from({ length: 10 }, (_, i) => i);
  assert.deepEqual(stored.bytes(), whole);
  for (let start = 0; start <= 10; start++) {
    for (let end = start; end <= 10; end++) {
      const slice = stored.slice(start, end);
      assert.deepEqual(slice.bytes(), whole.slice(start, end), `${start}-${end}`);
      assert.equal(slice.length, end - start);
    }
  }
});

test("a body over the limit is refused and leaves nothing counted", async () => {
  const memory = new Memory(9);
  await assert.rejects(StoredBytes.read(streamBody(chunks(5, 5)), memory), /memoryLimitBytes of 9/);
  assert.equal(memory.usedBytes, 0);
});
