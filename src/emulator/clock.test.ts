import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock } from "./clock.js";

test("advances, freezes and goes on; remembers what the time was", () => {
  const clock = new Clock();
  const before = Date.now() - 1000;
  clock.freeze();
  const frozen = clock.now();
  clock.advance(5000);
  assert.equal(clock.now(), frozen + 5000);
  clock.set(1_000_000);
  assert.equal(clock.now(), 1_000_000);
  assert.equal(clock.at(before), before);
  clock.resume();
  assert.ok(clock.now() >= 1_000_000 && clock.now() < 1_000_000 + 60_000);
  clock.reset();
  assert.ok(Math.abs(clock.now() - Date.now()) < 60_000);
});
