import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { packRules, unpackRules } from "./packed-rules.js";

test("every rule set reads back as it was", () => {
  const files = readdirSync("models/aws/rules");
  assert.ok(files.length > 100);
  for (const file of files) {
    const text = readFileSync(`models/aws/rules/${file}`, "utf8");
    const document: unknown = JSON.parse(text);
    const packed = packRules(document);
    assert.deepEqual(unpackRules(packed), document, file);
    assert.deepEqual(unpackRules(text), document, file);
  }
});

test("what repeats stands once", () => {
  const part = { fn: "isSet", argv: [{ ref: "Endpoint" }] };
  const packed = packRules({ rules: [part, part, { conditions: [part] }] });
  assert.equal(packed.split("isSet").length, 2);
});
