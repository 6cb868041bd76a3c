import assert from "node:assert/strict";
import { test } from "node:test";
import { search } from "./jmespath.js";

const value = {
  a: { b: [{ x: 1 }, { x: 2 }] },
  list: [
    { x: 1, name: "n1", tags: ["a", "b"], y: { z: 5 } },
    { x: 3, name: "n3", tags: ["c"] },
    { x: 2, name: "n2", tags: [] },
  ],
  map: { one: { x: 1 }, two: { x: 2 } },
  "quoted key": 9,
};

const cases: readonly (readonly [expression: string, expected: unknown])[] = [
  ["a.b[-1].x", 2],
  ["a.missing.c", null],
  ["list[].tags[]", ["a", "b", "c"]],
  ["list[?x > `1` && !y].name", ["n3", "n2"]],
  [
    "list[?x==`1` || x==`3`].{p: x, q: y.z}",
    [
      { p: 1, q: 5 },
      { p: 3, q: null },
    ],
  ],
  ["list[::-1].x | [0]", 2],
  ["list[:2].[x, name][]", [1, "n1", 3, "n3"]],
  ["map.*.x", [1, 2]],
  ["keys(map)", ["one", "two"]],
  ["length(list[?x > `1`]) == `2`", true],
  ["[length(map), length(list[0].name)]", [2, 2]],
  ["missing || 'default'", "default"],
  ['"quoted key"', 9],
  // DynamoDB's rule-set parameter: every table that a transaction names.
  ["list[*].[y.z, x][]", [5, 1, 3, 2]],
];

for (const [expression, expected] of cases) {
  test(expression, () => assert.deepEqual(search(expression, value), expected));
}

test("an expression that is none is refused and named", () => {
  for (const expression of [
    "list[",
    "a..b",
    "list[?x==]",
    "nosuch(a)",
    "a b",
    "length(`1`)",
    "length(a, b)",
    "a[1:2:0]",
  ]) {
    assert.throws(() => search(expression, value), /JMESPath/, expression);
  }
});
