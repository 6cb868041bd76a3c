import assert from "node:assert/strict";
import { test } from "node:test";
import { type Seed, signEvent, signingKey } from "../../auth/sigv4.js";
import { decodeMessage } from "../../protocol/codec/event-stream.js";
import { signEvents, verifyEvents } from "./event-stream.js";

const at = new Date("2026-11-24T12:00:00.123Z");
const seed: Seed = {
  signature: "a".repeat(64),
  scope: "20261124/us-east-1/transcribe/aws4_request",
  date: "20261124T120000Z",
  key: signingKey("secret", "20261124", "us-east-1", "transcribe"),
};
const encode = (text: string) => new TextEncoder().encode(text);

async function* list<T>(...values: T[]): AsyncGenerator<T> {
  yield* values;
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of source) values.push(value);
  return values;
}

test("an event's signature is the official SDK's", async () => {
  const [first] = await all(signEvents(list(encode("hello")), seed, () => at));
  const { headers, payload } = decodeMessage(first as Uint8Array);
  assert.deepEqual(payload, encode("hello"));
  assert.deepEqual(headers[":date"], { type: "timestamp", value: at });
  // Made by npm @smithy/signature-v4's SignatureV4.sign for an event of these values.
  const expected = "df53e2b1dfcdc57de57fc5899c7f10d63d9172ebd3102a6a57662aa4e8d82f51";
  assert.equal(Buffer.from(headers[":chunk-signature"]?.value as Uint8Array).toString("hex"), expected);
});

test("what is signed verifies; altered, moved, missing and cut events do not", async () => {
  const frames = await all(signEvents(list(encode("one"), encode("two")), seed));
  const [one, two, end] = frames as [Uint8Array, Uint8Array, Uint8Array];
  const texts = (await all(verifyEvents(list(...frames), seed))).map((each) =>
    new TextDecoder().decode(each),
  );
  assert.deepEqual(texts, ["one", "two"]);
  const mismatch = { code: "SignatureDoesNotMatch" };
  await assert.rejects(all(verifyEvents(list(two, one, end), seed)), mismatch);
  await assert.rejects(all(verifyEvents(list(one, end), seed)), mismatch);
  await assert.rejects(
    all(verifyEvents(list(one, two, end), { ...seed, signature: "b".repeat(64) })),
    mismatch,
  );
  await assert.rejects(all(verifyEvents(list(one, two), seed)), { code: "IncompleteBody" });
  assert.notEqual(
    signEvent(seed, seed.signature, at, new Uint8Array(15), encode("one")),
    signEvent(seed, seed.signature, at, new Uint8Array(15), encode("onf")),
  );
});
