import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { packRules, type RuleParts, unpackRules } from "./packed-rules.js";

test("every rule set reads back as it was", () => {
  const files = readdirSync("models/aws/rules");
  assert.ok(files.length > 100);
  for (const file of files) {
    const text = readFileSync(`models/aws/rules/${file}`, "utf8");
    const document: unknown = JSON.parse(text);
    const packed = packRules(document);
    assert.deepEqual(whole(unpackRules(packed)), document, file);
    assert.deepEqual(whole(unpackRules(text)), document, file);
  }
});

test("what repeats stands once", () => {
  const part = { fn: "isSet", argv: [{ ref: "Endpoint" }] };
  const packed = packRules({ rules: [part, part, { conditions: [part] }] });
  assert.equal(packed.split("isSet").length, 2);
});

/** With every reference replaced by what it stands for. */
function whole({ root, at }: RuleParts): unknown {
  const fill = (part: unknown): unknown => {
    const known = at(part);
    if (typeof known !== "object" || known === null) return known;
    if (Array.isArray(known)) return known.map(fill);
    return Object.fromEntries(Object.entries(known).map(([key, each]) => [key, fill(each)]));
  };
  return fill(root);
}

test("a long branch stands on a line that only its callers read", () => {
  const rules = [{ conditions: [], error: "x".repeat(300), type: "error" }];
  const packed = packRules({ rules: [{ conditions: [], rules, type: "tree" }] });
  assert.equal(packed.split("\n").length, 3);
});
