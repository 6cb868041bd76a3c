import assert from "node:assert/strict";
import { test } from "node:test";
import { addTraceHeader, attemptHeader } from "./headers.js";

// Expected values: botocore 1.43.67's add_recursion_detection_header.
for (const [trace, expected] of [
  [
    "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
    "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
  ],
  [`{"a":[1,2],'b':"c+d&e=f"}`, `{"a":[1,2],'b':"c+d&e=f"}`],
  ["first\nsecond\u00e9 /?#@!$()*%", "first%0Asecond%C3%A9%20%2F%3F%23%40%21%24%28%29%2A%25"],
] as const)
  test(`a trace of Lambda goes on: ${JSON.stringify(trace)}`, () => {
    const headers: Record<string, string> = {};
    addTraceHeader(headers, { _X_AMZN_TRACE_ID: trace, AWS_LAMBDA_FUNCTION_NAME: "f" });
    assert.equal(headers["x-amzn-trace-id"], expected);
  });

test("a trace goes on from Lambda alone, and over none that is given", () => {
  const headers: Record<string, string> = {};
  addTraceHeader(headers, { _X_AMZN_TRACE_ID: "Root=1" });
  assert.deepEqual(headers, {});
  const given = { "x-amzn-trace-id": "Root=2" };
  addTraceHeader(given, { _X_AMZN_TRACE_ID: "Root=1", AWS_LAMBDA_FUNCTION_NAME: "f" });
  assert.equal(given["x-amzn-trace-id"], "Root=2");
});

// As botocore 1.43.67's add_retry_headers orders them.
test("an attempt tells its number, the last there may be, and when its answer is of no more use", () => {
  const number = { attempt: 2, maxAttempts: 3 };
  assert.equal(attemptHeader(number, undefined), "attempt=2; max=3");
  const givesUpAt = new Date("2026-01-01T00:01:00.500Z");
  assert.equal(attemptHeader(number, givesUpAt), "ttl=20260101T000100Z; attempt=2; max=3");
});
