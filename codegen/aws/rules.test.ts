import assert from "node:assert/strict";
import { test } from "node:test";
import { shareRules } from "./rules.js";

const ruleSet = (host: string, extra = {}) => ({
  version: "1.0",
  parameters: { Region: { type: "string", documentation: "prose" } },
  rules: [
    {
      type: "endpoint",
      endpoint: {
        url: `https://${host}-fips.{Region}.x`,
        properties: { authSchemes: [{ signingName: host }] },
      },
    },
    { type: "endpoint", endpoint: { url: `https://${host}.{Region}.x` } },
  ],
  ...extra,
});

test("sets that differ in the host alone are one, with the host as a value", () => {
  const same = {
    one: { ...ruleSet("one"), rules: ruleSet("one").rules.slice(1) },
    two: { ...ruleSet("two"), rules: ruleSet("two").rules.slice(1) },
  };
  const { references, texts } = shareRules(same);
  const [name, ...others] = Object.keys(texts);
  assert.equal(others.length, 0);
  assert.deepEqual(references, {
    one: { rules: name, ruleValues: { $prefix: "one" } },
    two: { rules: name, ruleValues: { $prefix: "two" } },
  });
  const text = texts[name as string] as string;
  assert.doesNotMatch(text, /prose/);
  for (const [id, source] of Object.entries(same)) {
    const expected = JSON.stringify({ ...source, parameters: { Region: { type: "string" } } });
    assert.equal(text.replaceAll("$prefix", id), expected);
  }
});

test("a set that one service has keeps its host and is named after the service", () => {
  const { references, texts } = shareRules({ one: ruleSet("one"), two: ruleSet("two", { version: "1.1" }) });
  assert.deepEqual(references, { one: { rules: "one" }, two: { rules: "two" } });
  assert.match(texts.one as string, /https:\/\/one-fips\./);
});
