import assert from "node:assert/strict";
import { test } from "node:test";
import { fitsNumber } from "./longs.js";

test("what counts, measures or dates fits a number; a user's own value may not", () => {
  const fits = (member: string, shape = "Long", max?: number) =>
    fitsNumber(member, shape, { type: "long", ...(max !== undefined && { max }) });
  for (const name of ["Size", "ContentLength", "timestamp", "startedAt", "ItemCount", "SizeInGiB", "Version"])
    assert.ok(fits(name), name);
  assert.ok(fits("from", "Timestamp"));
  assert.ok(fits("x", "Long", 255));
  for (const name of ["longValue", "L", "GreaterThan", "MaximumValue", "eventId", ""])
    assert.ok(!fits(name), name);
  assert.ok(!fits("x", "Long", 2 ** 63));
});
