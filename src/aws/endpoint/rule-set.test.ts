import assert from "node:assert/strict";
import { test } from "node:test";
import { FUNCTIONS } from "./functions.js";
import { Partitions } from "./partitions.js";
import { RuleSet } from "./rule-set.js";

// As botocore 1.43.67 parses them, but for the quoting of paths.
for (const [url, expected] of [
  ["https://a.example/x", { authority: "a.example", path: "/x", normalizedPath: "/x/", isIp: false }],
  ["https://a.example/x//./y/../z/", { path: "/x//./y/../z/", normalizedPath: "/x/z/" }],
  ["HTTPS://a.example", { scheme: "https", path: "", normalizedPath: "/" }],
  ["http://user:secret@a.example:80", { scheme: "http", authority: "user:secret@a.example:80" }],
  ["https://a.example/#part", { path: "/", normalizedPath: "/" }],
  ["https://[::1]:8443", { authority: "[::1]:8443", isIp: true }],
  ["http://127.0.0.1:4566", { isIp: true }],
  ["http://1.2.3.4.5", { isIp: false }],
] as const)
  test(`parseURL ${url}`, () => {
    const parsed = FUNCTIONS.parseURL?.(url) as Record<string, unknown>;
    for (const [name, value] of Object.entries(expected)) assert.equal(parsed[name], value, name);
  });

for (const url of [
  "ftp://a.example",
  "a.example",
  "https://",
  "https://a.example?x=1",
  "https://a.example:65536",
])
  test(`parseURL refuses ${url}`, () => assert.equal(FUNCTIONS.parseURL?.(url), undefined));

test("a reference without a value is refused, not written into the host", () => {
  const rules = new RuleSet(
    JSON.stringify({
      parameters: { Region: { type: "string" } },
      rules: [{ conditions: [], endpoint: { url: "https://a.{Region}.example" }, type: "endpoint" }],
    }),
    new Partitions([]),
  );
  assert.equal(rules.resolve({ Region: "here" }).url, "https://a.here.example");
  assert.throws(() => rules.resolve({}), { message: "Cannot resolve an endpoint: Region is missing" });
});
