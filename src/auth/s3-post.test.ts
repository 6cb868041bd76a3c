import assert from "node:assert/strict";
import { test } from "node:test";
import { presignPost, verifyPost } from "./s3-post.js";

const at = new Date("2026-11-24T12:00:00Z");
const credentials = { accessKeyId: "AKID", secretAccessKey: "secret", sessionToken: "token" };
const options = { secretOf: (id: string) => (id === "AKID" ? credentials : undefined), now: at };

test("presigned POST: what is signed verifies, what is altered or breaks the policy does not", () => {
  const { url, fields } = presignPost({
    credentials,
    region: "eu-west-1",
    url: "https://b.s3.eu-west-1.amazonaws.com/",
    bucket: "b",
    key: "dir/$" + "{filename}",
    fields: { acl: "private" },
    conditions: [{ acl: "private" }, ["content-length-range", 1, 9]],
    expiresInSeconds: 60,
    at,
  });
  assert.equal(url, "https://b.s3.eu-west-1.amazonaws.com/");
  const form: Record<string, string> = { ...fields, bucket: "b", key: "dir/x.txt" };
  const answer = (change: Record<string, string>, bytes = 5, now = at) => {
    const result = verifyPost({ ...form, ...change }, bytes, { ...options, now });
    return result.ok ? "ok" : result.problem;
  };
  assert.equal(answer({}), "ok");
  assert.equal(answer({ "x-ignore-me": "1" }), "ok");
  assert.equal(answer({}, 10), "policy");
  assert.equal(answer({ key: "other/x.txt" }), "policy");
  assert.equal(answer({ bucket: "c" }), "policy");
  assert.equal(answer({ acl: "public-read" }), "policy");
  assert.equal(answer({ "content-type": "text/plain" }), "policy");
  assert.equal(answer({ "x-amz-signature": `${"0".repeat(63)}1` }), "mismatch");
  assert.equal(
    answer({
      policy: Buffer.from('{"expiration":"2027-01-01T00:00:00Z","conditions":[]}').toString("base64"),
    }),
    "mismatch",
  );
  assert.equal(answer({ "x-amz-security-token": "other" }), "badToken");
  assert.equal(answer({ "x-amz-credential": "X/20261124/eu-west-1/s3/aws4_request" }), "unknownKey");
  assert.equal(answer({}, 5, new Date(at.getTime() + 61_000)), "expired");
  assert.equal(answer({ policy: "!" }), "malformed");
  const { policy: _policy, ...unsigned } = form;
  const result = verifyPost(unsigned, 5, options);
  assert.equal(result.ok ? "ok" : result.problem, "missing");
});
