import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServiceModel } from "../../src/model/ir.js";
import { formatChanges, modelChanges } from "./changes.js";

const before: ServiceModel = {
  service: { cloud: "aws", id: "x", name: "X", apiVersion: "1", protocol: "aws-json" },
  operations: { Get: { input: "In", output: "Out" }, Old: {} },
  shapes: {
    In: { type: "structure", members: { A: { shape: "S" } } },
    Out: { type: "structure", members: { B: { shape: "S", required: true }, C: { shape: "S" } } },
    S: { type: "string", enum: ["a"] },
    L: { type: "long" },
  },
};

test("tells what was added, what was removed, and what breaks callers", () => {
  const after: ServiceModel = {
    ...before,
    operations: { Get: { input: "In", output: "Out" }, New: {} },
    shapes: {
      In: {
        type: "structure",
        members: { A: { shape: "S", required: true }, D: { shape: "S", required: true } },
      },
      Out: { type: "structure", members: { B: { shape: "S" }, C: { shape: "L" } } },
      S: { type: "string", enum: ["a", "b"] },
      L: { type: "long" },
    },
  };
  assert.deepEqual(formatChanges(modelChanges(before, after)), [
    "removed Old",
    "added New",
    "BREAKING In.D: new and required",
    "BREAKING In.A: became required",
    "BREAKING Out.B: is no longer always there",
    "BREAKING Out.C: string became long",
    "1 compatible changes of shapes or operations",
  ]);
});

test("the same model has no changes", () => {
  assert.deepEqual(formatChanges(modelChanges(before, before)), []);
});
