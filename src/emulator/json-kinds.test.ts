import assert from "node:assert/strict";
import { test } from "node:test";
import { Storage } from "../gen/gcp/storage.js";
import { checkInput } from "./json-kinds.js";

const shape = Storage.serviceModel.operation("buckets.patch")?.input;

test("members of another kind than the model's are refused, with their path", () => {
  const bodies: [unknown, RegExp][] = [
    [[], /body must be an object/],
    ["text", /body must be an object/],
    [{ labels: [] }, /body\.labels must be an object/],
    [{ labels: { a: {} } }, /body\.labels\.a must be a string/],
    [{ cors: {} }, /body\.cors must be a list/],
    [{ location: ["EU"] }, /body\.location must be a string/],
    [{ versioning: { enabled: [] } }, /body\.versioning\.enabled must be true or false/],
  ];
  for (const [body, message] of bodies)
    assert.throws(() => checkInput(shape, { bucket: "b", body }), message);
});

test("null takes a member away, and a body that is null is none", () => {
  checkInput(shape, { bucket: "b", body: { labels: { a: null }, cors: null, metageneration: 7 } });
  const input = { bucket: "b", body: null };
  checkInput(shape, input);
  assert.deepEqual(input, { bucket: "b" });
});
