/** Small codecs, as far as the vectors and round trips leave them alone. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from "./bytes.js";
import { decodeCbor } from "./cbor.js";
import { decodeMessage, decodeMessages, encodeMessage } from "./event-stream.js";
import { decodeInteger, decodeNumber, decodeTimestamp, encodeTimestamp } from "./scalars.js";
import { dateOf, instantOf, parseTimestamp, unixNumber } from "./timestamp.js";
import { escapePath, escapeUri, parseQuery, unescapeUri } from "./uri.js";

describe("timestamps", () => {
  const same = new Date("2014-04-29T18:30:38.250Z");
  for (const text of [
    "2014-04-29T18:30:38.25Z",
    "2014-04-29t18:30:38.250z",
    "2014-04-29T20:30:38.250+02:00",
    "2014-04-29T13:30:38.250-0500",
    "Tue, 29 Apr 2014 18:30:38.25 GMT",
    "1398796238.25",
    "1.39879623825E9",
  ]) {
    test(`${text} is read, whatever format is due`, () => assert.deepEqual(decodeTimestamp(text), same));
  }

  test("what is no timestamp is refused, nothing is absent", () => {
    for (const text of [
      "yesterday",
      "2014-13-01T00:00:00Z",
      "2014-04-29T18:30",
      "1e",
      "2014-04-29T18:30:38Zx",
    ]) {
      assert.throws(() => decodeTimestamp(text), { code: "BadResponse" }, text);
    }
    assert.equal(decodeTimestamp(" "), undefined);
  });

  test("an input may be a Date, seconds or text", () => {
    for (const value of [same, 1398796238.25, "2014-04-29T18:30:38.250Z"]) {
      assert.equal(encodeTimestamp(value, "iso8601"), "2014-04-29T18:30:38.25Z");
      assert.equal(encodeTimestamp(value, "rfc822"), "Tue, 29 Apr 2014 18:30:38 GMT");
      assert.equal(encodeTimestamp(value, "unixTimestamp"), "1398796238.25");
      assert.equal(unixNumber(instantOf(value)), 1398796238.25);
    }
    for (const value of [new Date(Number.NaN), Number.POSITIVE_INFINITY, "soon", null, {}]) {
      assert.throws(() => encodeTimestamp(value, "iso8601"), { kind: "invalidInput" });
    }
  });

  test("numbers before 1970 keep their milliseconds", () => {
    for (const ms of [-1, -999, -1000, -1001, -86_400_001]) {
      const date = new Date(ms);
      assert.equal(dateOf(instantOf(date)).getTime(), ms);
      assert.equal(dateOf(instantOf(unixNumber(instantOf(date)))).getTime(), ms);
      assert.deepEqual(parseTimestamp(encodeTimestamp(date, "iso8601")), instantOf(date));
    }
  });
});

test("URIs are escaped as RFC 3986 has it, and read back", () => {
  const text = "a-z_0.~ /?#[]@!$&'()*+,;=%\"ü🙂";
  assert.equal(escapeUri("!'()* /~"), "%21%27%28%29%2A%20%2F~");
  assert.equal(escapePath("a b/c!"), "a%20b/c%21");
  assert.equal(unescapeUri(escapeUri(text)), text);
  assert.deepEqual(parseQuery("a=1&b&c=&d=x+y%2B&=e&&a=2"), [
    ["a", "1"],
    ["b", ""],
    ["c", ""],
    ["d", "x y+"],
    ["", "e"],
    ["a", "2"],
  ]);
  assert.throws(() => escapeUri("\ud800"), { kind: "invalidInput" });
});

test("bytes without Buffer are the same as with it", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, index) => index);
  const text = "ä漢🙂".repeat(500);
  const [base64, utf8] = [encodeBase64(bytes), encodeUtf8(text)];
  const { Buffer: kept } = globalThis;
  try {
    Reflect.deleteProperty(globalThis, "Buffer");
    assert.equal(encodeBase64(bytes), base64);
    assert.deepEqual(decodeBase64(base64), bytes);
    assert.deepEqual(encodeUtf8(text), utf8);
    assert.equal(decodeUtf8(utf8), text);
  } finally {
    globalThis.Buffer = kept;
  }
  assert.equal(decodeUtf8(utf8), text);
  assert.equal(decodeUtf8(encodeUtf8("a".repeat(5000))), "a".repeat(5000));
});

test("integers and numbers of text", () => {
  assert.deepEqual(["7", " -7 ", "+7", "1.0E3", ""].map(decodeInteger), [7, -7, 7, 1000, undefined]);
  assert.equal(decodeInteger("-9223372036854775808"), -(2n ** 63n));
  assert.deepEqual(["1.5", "-Infinity", ""].map(decodeNumber), [1.5, Number.NEGATIVE_INFINITY, undefined]);
  assert.ok(Number.isNaN(decodeNumber("NaN")));
  for (const text of ["seven", "1,000", "0x"])
    assert.throws(() => decodeNumber(text), { code: "BadResponse" });
});

test("CBOR that lies about its length or nests without end is refused", () => {
  for (const hex of [
    "9bffffffffffffffff",
    "7b7fffffffffffffff",
    `${"81".repeat(1000)}00`,
    `${"c1".repeat(1000)}00`,
    "0000",
  ]) {
    assert.throws(() => decodeCbor(Buffer.from(hex, "hex")), { code: "BadResponse" }, hex.slice(0, 20));
  }
  assert.deepEqual(decodeCbor(Buffer.from("c249010000000000000000", "hex")), 2n ** 64n);
});

describe("event stream frames", () => {
  const frame = encodeMessage({
    headers: { a: { type: "string", value: "b" } },
    payload: Uint8Array.of(1, 2, 3),
  });

  test("any changed byte is found out", () => {
    for (let at = 0; at < frame.length; at++) {
      const damaged = frame.slice();
      damaged[at] = (damaged[at] as number) ^ 0x10;
      assert.throws(() => decodeMessage(damaged), { code: "BadResponse" }, `byte ${at}`);
    }
  });

  test("a stream may stop being read, and its source is let go", async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for (;;) yield frame;
      } finally {
        closed = true;
      }
    }
    for await (const message of decodeMessages(source())) {
      assert.deepEqual(message.payload, Uint8Array.of(1, 2, 3));
      break;
    }
    assert.ok(closed);
  });
});
