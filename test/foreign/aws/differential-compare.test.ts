import assert from "node:assert/strict";
import { test } from "node:test";
import { ABSENT, differencesOf, judge } from "./differential-compare.js";

test("differences are named by step and path", () => {
  const ours = { "a/get#1": { status: 200, output: { Keys: [{ Name: "x" }], Only: 1 } }, "a/put#1": 1 };
  const theirs = { "a/get#1": { status: 200, output: { Keys: [{ Name: "y" }] } } };
  assert.deepEqual(differencesOf(ours, theirs), [
    { at: "a/get#1 output.Keys[0].Name", ours: "x", theirs: "y" },
    { at: "a/get#1 output.Only", ours: 1, theirs: ABSENT },
    { at: "a/put#1", ours: 1, theirs: "<not reached>" },
  ]);
});

test("where one refuses and the other does not, the whole answers differ", () => {
  const done = { status: 200, output: { Name: "x" } };
  const refused = (Code: string) => ({ status: 400, error: { Code, Message: "no" } });
  const ours = { "a/get#1": done, "a/get#2": refused("One"), "a/get#3": refused("One"), "a/get#4": done };
  const theirs = {
    "a/get#1": refused("One"),
    "a/get#2": refused("Two"),
    "a/get#3": refused("One"),
    "a/get#4": done,
  };
  assert.deepEqual(differencesOf(ours, theirs), [
    { at: "a/get#1", ours: done, theirs: refused("One") },
    { at: "a/get#2 error", ours: refused("One"), theirs: refused("Two") },
  ]);
});

test("a reason that fits no difference is stale, one that does not fit leaves it unexplained", () => {
  const differences = [
    { at: "a/get#1 output.Name", ours: "x", theirs: "y" },
    { at: "a/get#2 output.Name", ours: "x", theirs: "z" },
  ];
  const known = [{ why: "moto says y", at: ["a/get#* output.Name", "b/*"], theirs: "y" }];
  assert.deepEqual(judge(differences, known), { unexplained: [differences[1]], stale: ["b/*"] });
});
