import assert from "node:assert/strict";
import { test } from "node:test";
import { Faults } from "./faults.js";

const get = { cloud: "aws", service: "s3", operation: "GetObject" } as const;

test("a fault is used as often as it says, for what it names", () => {
  const faults = new Faults();
  faults.add({ operation: "GetObject", throttle: true, times: 2, after: 1 });
  assert.equal(faults.take({ ...get, operation: "PutObject" }), undefined);
  assert.equal(faults.take(get), undefined);
  assert.ok(faults.take(get));
  assert.ok(faults.take(get));
  assert.equal(faults.take(get), undefined);
});

test("removed and cleared faults are gone", () => {
  const faults = new Faults();
  const remove = faults.add({ times: Number.POSITIVE_INFINITY });
  assert.ok(faults.take(get));
  remove();
  assert.equal(faults.take(get), undefined);
  faults.add({ cloud: "gcp" });
  faults.add({});
  faults.clear();
  assert.equal(faults.take(get), undefined);
});
