import assert from "node:assert/strict";
import { test } from "node:test";
import { differencesOf, type Outcome, requestDifferences, type SentRequest } from "./compare.js";
import { knownDifference } from "./known-differences.js";

const base64 = (text: string) => Buffer.from(text, "latin1").toString("base64");
const request: SentRequest = {
  method: "POST",
  url: "https://a.example.com/b%20c?d=1&e",
  headers: { "content-type": "application/json", "x-amz-target": "A.B", "x-amz-date": "1" },
  body: base64('{"a":[1,"x"],"b":12345678901234567890}'),
};
const outcome: Outcome = { request, output: { list: [1, { $time: 5 }], text: "x" } };
const error = { code: "NotFound", message: "gone", status: 404, members: { Id: "1" } };

test("what means the same agrees", () => {
  const same: SentRequest = {
    ...request,
    url: "https://a.example.com/b%20c?e=&d=1",
    headers: { ...request.headers, "x-amz-date": "2", "user-agent": "other" },
    body: base64('{ "b": 12345678901234567890, "a": [1, "x"] }'),
  };
  assert.deepEqual(requestDifferences(request, same), []);
  const json = (text: string) => ({
    ...request,
    headers: { ...request.headers, "x-json": Buffer.from(text).toString("base64") },
  });
  assert.deepEqual(requestDifferences(json('{"a": "\\u00fc"}'), json('{"a":"ü"}')), []);
  assert.deepEqual(differencesOf(outcome, structuredClone(outcome), "B"), []);
});

test("each part of a request that differs is told", () => {
  const { headers } = request;
  const changes: [change: Partial<SentRequest>, told: RegExp][] = [
    [{ method: "GET" }, /^method: POST \/ GET$/],
    [{ url: "https://b.example.com/b%20c?d=1&e" }, /^origin: /],
    [{ url: "https://a.example.com/b+c?d=1&e" }, /^path: /],
    [{ url: "https://a.example.com/b%20c?d=2&e" }, /^query: /],
    [{ headers: { ...headers, "x-amz-target": "A.C" } }, /^header x-amz-target: A\.B \/ A\.C$/],
    [{ headers: { ...headers, "x-new": "1" } }, /^header x-new: undefined \/ 1$/],
    [
      { headers: { ...headers, authorization: "AWS4-HMAC-SHA256 Credential=A/20260101/r/s" } },
      /^authorization: /,
    ],
    [{ body: base64('{"a":[1,"y"],"b":12345678901234567890}') }, /^body\.a\[1\]: "x" \/ "y"$/],
    [{ body: base64('{"a":[1,"x"],"b":12345678901234567891}') }, /^body\.b: /],
    [{ body: "" }, /^body: /],
  ];
  for (const [change, told] of changes) {
    const found = requestDifferences(request, { ...request, ...change });
    assert.equal(found.length, 1, String(told));
    assert.match(found[0] as string, told);
  }
});

test("forms and XML are compared by their parameters and their text", () => {
  const form = (text: string): SentRequest => ({
    ...request,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: base64(text),
  });
  assert.deepEqual(requestDifferences(form("A=1&B=x+y"), form("B=x%20y&A=1")), []);
  assert.equal(requestDifferences(form("A=1&B=x"), form("A=1&B=y")).length, 1);
  assert.equal(requestDifferences(form("Signature=one"), form("Signature=two")).length, 1);
  const url = (query: string) => form(`Url=${encodeURIComponent(`https://a/?${query}`)}`);
  const [one, two] = ["A=1&B=2&X-Amz-Signature=1", "X-Amz-Signature=1&B=2&A=1"] as const;
  assert.deepEqual(requestDifferences(url(one), url(two)), []);
  assert.equal(requestDifferences(url(one), url(two.replace("ure=1", "ure=2"))).length, 1);
  // How a number is spelled is signed with it.
  assert.deepEqual(requestDifferences(url("A=1e-07&X-Amz-Signature=1"), url("X-Amz-Signature=2&A=1e-7")), []);
  assert.equal(requestDifferences(url("A=1e-07&X-Amz-Signature=1"), url("A=2e-7")).length, 1);
  assert.deepEqual(requestDifferences(form("A=1e-07"), form("A=1e-7")), []);
  const made = ["0b2f1d6a-1111-4222-8333-444444444444", "0b2f1d6a-1111-4222-9333-555555555555"];
  assert.deepEqual(requestDifferences(form(`A=${made[0]}`), form(`A=${made[1]}`)), []);
  const xml = (text: string): SentRequest => ({ ...request, headers: {}, body: base64(text) });
  assert.deepEqual(requestDifferences(xml('<a b="1" c="2"/>'), xml('<a c="2" b="1"></a>')), []);
  assert.equal(requestDifferences(xml("<a>1</a>"), xml("<a>2</a>")).length, 1);
});

test("a chunked body is compared with a plain one by what it holds", () => {
  const chunked: SentRequest = {
    ...request,
    headers: { "content-encoding": "aws-chunked", "x-amz-trailer": "x-amz-checksum-crc32" },
    body: base64("3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n"),
  };
  const plain = (body: string, sum: string): SentRequest => ({
    ...request,
    headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "x-amz-checksum-crc32": sum },
    body: base64(body),
  });
  assert.deepEqual(requestDifferences(chunked, plain("abc", "NSRBwg==")), ["framing: aws-chunked / plain"]);
  assert.equal(requestDifferences(chunked, plain("abd", "NSRBwg==")).length, 2);
  assert.equal(requestDifferences(chunked, plain("abc", "AAAAAA==")).length, 2);
});

test("each part of an outcome that differs is told", () => {
  const changes: [Outcome, Outcome, RegExp][] = [
    [
      outcome,
      { request, output: { list: [1, { $time: 6 }], text: "x" } },
      /^output\.list\[1\]\.\$time: 5 \/ 6$/,
    ],
    [outcome, { request, output: { list: [1], text: "x" } }, /^output\.list: 2 \/ 1 elements$/],
    [outcome, { request, output: { list: [1, { $time: 5 }] } }, /^output\.text: "x" \/ absent$/],
    [outcome, { request, error }, /^error: undefined/],
    [outcome, { request, exception: "TypeError" }, /^exception: none \/ TypeError$/],
    [outcome, { request: null, exception: "refused" }, /^request: botocore alone/],
    [{ request, exception: "refused" }, { request, defect: "TypeError: x" }, /^defect: TypeError: x$/],
    [
      { request: null, url: "https://a.example.com/?b=1&X-Amz-Signature=1" },
      { request: null, url: "https://a.example.com/?b=1&X-Amz-Signature=2" },
      /^query: X-Amz-Signature=1 \/ X-Amz-Signature=2$/,
    ],
    [
      {
        request: null,
        post: { url: "https://b/", fields: { key: "a", policy: base64('{"conditions":[]}') } },
      },
      {
        request: null,
        post: { url: "https://b/", fields: { key: "a", policy: base64('{"conditions":[{"a":"b"}]}') } },
      },
      /^post\.fields\.policy\.conditions: 0 \/ 1 elements$/,
    ],
    [{ request, error }, { request, error: { ...error, code: "Other" } }, /^error code: /],
    [{ request, error }, { request, error: { ...error, status: 400 } }, /^error status: /],
    [
      { request, error },
      { request, error: { ...error, message: "B failed with status 404" } },
      /^error message: /,
    ],
    [{ request, error }, { request, error: { ...error, members: {} } }, /^error\.Id: "1" \/ absent$/],
  ];
  for (const [theirs, ours, told] of changes) {
    const found = differencesOf(theirs, ours, "B");
    assert.equal(found.length, 1, String(told));
    assert.match(found[0] as string, told);
  }
});

test("only trivet's own text stands for a message that is not there", () => {
  const silent: Outcome = { request, error: { ...error, message: "" } };
  const told = (message: string): Outcome => ({ request, error: { ...error, message } });
  assert.deepEqual(differencesOf(silent, told("B failed with status 404"), "B"), []);
  assert.deepEqual(differencesOf(told("Not Found"), told("B failed with status 404"), "B"), []);
  assert.equal(differencesOf(silent, told("C failed with status 404"), "B").length, 1);
  assert.equal(differencesOf(told("Bad Request"), told("B failed with status 404"), "B").length, 1);
});

test("a known difference explains itself alone", () => {
  assert.ok(knownDifference("s3", "PutObject", "framing: aws-chunked / plain"));
  assert.equal(knownDifference("sqs", "SendMessage", "framing: aws-chunked / plain"), undefined);
  assert.equal(knownDifference("s3", "PutObject", "framing: plain / aws-chunked"), undefined);
  assert.equal(knownDifference("s3", "PutObject", "method: PUT / POST"), undefined);
});
