import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { HttpRequest } from "../http/message.js";
import { hmacSha256Hex, sha256Hex, toHex } from "./digest.js";
import { hmacSha256Portable, sha256Portable } from "./sha256.js";
import {
  eventDateHeader,
  presignV4,
  signChunk,
  signEvent,
  signingKey,
  signTrailer,
  signV4,
} from "./sigv4.js";
import { type ReceivedSignature, type VerifyOptions, verifyV4 } from "./sigv4-verify.js";
import { presignV4a, signV4a } from "./sigv4a.js";
import { verifyV4a } from "./sigv4a-verify.js";

const at = new Date("2026-11-24T12:00:00Z");
const credentials = { accessKeyId: "AKID/EXAMPLE", secretAccessKey: "secret", sessionToken: "token+/=" };
const verifyOptions: VerifyOptions = {
  secretOf: (id) => (id === credentials.accessKeyId ? credentials : undefined),
  now: at,
};

const requests: readonly HttpRequest[] = [
  { method: "GET", origin: "https://b.s3.amazonaws.com", path: "/", query: "", headers: {} },
  {
    method: "PUT",
    origin: "http://127.0.0.1:4566",
    path: "/b/a//../%C3%BC%20x~%2B!",
    query: "x-id=PutObject&tagging&a=%2F%20b&A=1&a=!",
    headers: {
      "content-type": "text/plain;  charset=utf-8",
      "x-amz-meta-b": " a   b ",
      "user-agent": "not signed",
    },
    body: "héllo",
  },
  {
    method: "POST",
    origin: "https://ec2.eu-west-1.amazonaws.com:443",
    path: "/",
    query: "",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new TextEncoder().encode("Action=DescribeInstances&Version=2016-11-15"),
  },
];

function received(request: HttpRequest, body = request.body): ReceivedSignature {
  const { method, path, query, headers, origin } = request;
  const host = new URL(origin).host;
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : (body as Uint8Array | undefined);
  return { method, path, query, headers: { host, ...headers }, body: bytes ?? new Uint8Array(0) };
}

function problem(
  request: ReceivedSignature,
  options: Partial<VerifyOptions> = {},
  verify = verifyV4,
): string {
  const result = verify(request, { ...verifyOptions, ...options });
  return result.ok ? "ok" : result.problem;
}

/** Every way to change one thing of a signed request. */
function alterations(request: ReceivedSignature): ReceivedSignature[] {
  const flip = (text: string, i: number) =>
    text.slice(0, i) + String.fromCharCode(text.charCodeAt(i) ^ 1) + text.slice(i + 1);
  const { headers, body = new Uint8Array(0) } = request;
  const signature = headers.authorization ?? "";
  return [
    { ...request, method: "DELETE" },
    { ...request, path: `${request.path}x` },
    { ...request, query: `${request.query}&x=1` },
    { ...request, headers: { ...headers, host: "other" } },
    ...(signature === "" ? [] : [{ ...request, headers: { ...headers, "x-amz-date": "20261124T120001Z" } }]),
    ...(signature === ""
      ? [{ ...request, query: flip(request.query, request.query.length - 1) }]
      : [{ ...request, headers: { ...headers, authorization: flip(signature, signature.length - 1) } }]),
    ...(body.length > 0 && signature !== ""
      ? [{ ...request, body: body.map((byte, i) => (i === 0 ? byte ^ 1 : byte)) }]
      : []),
  ];
}

for (const service of ["s3", "ec2"]) {
  for (const [i, request] of requests.entries()) {
    test(`${service} ${i}: what is signed verifies, what is altered does not`, async () => {
      const options = { credentials, region: "eu-west-1", service, at };
      const signed = received(await signV4(request, options));
      assert.equal(problem(signed), "ok");
      for (const altered of alterations(signed)) assert.notEqual(problem(altered), "ok");
      const url = received(await presignV4(request, { ...options, expiresInSeconds: 60 }));
      assert.equal(problem(url), "ok");
      for (const altered of alterations(url)) assert.notEqual(problem(altered), "ok");
    });

    test(`${service} ${i}: SigV4a verifies, what is altered does not`, async () => {
      const options = { credentials, regions: ["*"], service, at };
      const signed = received(await signV4a(request, options));
      assert.equal(problem(signed, {}, verifyV4a), "ok");
      for (const altered of alterations(signed)) assert.notEqual(problem(altered, {}, verifyV4a), "ok");
      const url = received(await presignV4a(request, { ...options, expiresInSeconds: 60 }));
      assert.equal(problem(url, {}, verifyV4a), "ok");
    });
  }
}

test("the verifier says what is wrong", async () => {
  const [request] = requests as [HttpRequest];
  const options = { credentials, region: "eu-west-1", service: "s3", at };
  const signed = received(await signV4(request, options));
  const url = received(await presignV4(request, { ...options, expiresInSeconds: 60 }));
  const later = new Date(at.getTime() + 61_000);
  const muchLater = new Date(at.getTime() + 16 * 60_000);
  assert.equal(problem({ ...signed, headers: { host: "b" } }), "missing");
  assert.equal(
    problem({ ...signed, headers: { ...signed.headers, authorization: "AWS4-HMAC-SHA256 x" } }),
    "malformed",
  );
  assert.equal(problem({ ...signed, headers: { ...signed.headers, authorization: "Basic x" } }), "malformed");
  assert.equal(problem(signed, { secretOf: () => undefined }), "unknownKey");
  assert.equal(problem(signed, { secretOf: () => ({ ...credentials, sessionToken: "other" }) }), "badToken");
  assert.equal(problem(signed, { now: later }), "ok");
  assert.equal(problem(signed, { now: muchLater }), "skewed");
  assert.equal(problem(url, { now: later }), "expired");
  assert.equal(problem(url, { now: new Date(at.getTime() - 16 * 60_000) }), "skewed");
  assert.equal(problem({ ...signed, body: new Uint8Array(1) }), "payloadMismatch");
});

test("a large body is hashed while its caller goes on", async () => {
  for (const length of [1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 7]) {
    const body = new Uint8Array(length).map((_, index) => index * 31);
    const request = { ...(requests[0] as HttpRequest), method: "PUT", body };
    const options = { credentials, region: "eu-west-1", service: "s3", at };
    const signed = signV4(request, options);
    assert.equal(signed instanceof Promise, length >= 1024 * 1024);
    // A copy is hashed: what becomes of the buffer now is no concern of the signature.
    const payload = createHash("sha256").update(body).digest("hex");
    body.fill(0);
    const { headers } = await signV4(request, { ...options, payload });
    assert.deepEqual((await signed).headers, headers);
  }
});

test("chunks and trailer are signed as in AWS's documentation", () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html: the example's seed and its signatures.
  const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  const seed = {
    signature: "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    scope: "20130524/us-east-1/s3/aws4_request",
    date: "20130524T000000Z",
    key: signingKey(secret, "20130524", "us-east-1", "s3"),
  };
  const first = signChunk(seed, seed.signature, new Uint8Array(65_536).fill(97));
  const second = signChunk(seed, first, new Uint8Array(1024).fill(97));
  const last = signChunk(seed, second, new Uint8Array(0));
  assert.deepEqual(
    [first, second, last, signTrailer(seed, last, "x-amz-checksum-crc32c:sOO8/Q==\n")],
    [
      "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
      "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
      "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
      "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
    ],
  );
});

test("events are chained", () => {
  const seed = {
    signature: "0".repeat(64),
    scope: "20261124/r/s/aws4_request",
    date: "20261124T120000Z",
    key: new Uint8Array(32),
  };
  const header = eventDateHeader(at);
  assert.equal(toHex(header), `053a6461746508${BigInt(at.getTime()).toString(16).padStart(16, "0")}`);
  const first = signEvent(seed, seed.signature, at, header, new Uint8Array(3));
  assert.notEqual(first, signEvent(seed, first, at, header, new Uint8Array(3)));
  assert.notEqual(first, signEvent(seed, seed.signature, at, header, new Uint8Array(4)));
});

test("own SHA-256 and HMAC agree with node:crypto at every length around a block", () => {
  // Spends the bytes that are hashed by own code: what follows is node:crypto.
  sha256Hex(new Uint8Array(10_000));
  for (let length = 1; length < 200; length++) {
    const bytes = new Uint8Array(length).map((_, i) => 31 * i);
    assert.equal(toHex(sha256Portable(bytes)), sha256Hex(bytes));
    assert.equal(toHex(hmacSha256Portable(bytes, bytes)), hmacSha256Hex(bytes, bytes));
  }
});
