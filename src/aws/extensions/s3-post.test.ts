import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyEnvironment } from "../../auth/environment.js";
import { verifyPost } from "../../auth/s3-post.js";
import { S3 } from "../../gen/aws/s3.js";
import { Session } from "../session.js";

const credentials = { accessKeyId: "AKID", secretAccessKey: "SECRET", sessionToken: "TOKEN" };
const at = new Date("2026-11-24T12:00:00Z");
const session = new Session({ region: "eu-west-1", credentials, environment: emptyEnvironment() });
const input = {
  Bucket: "my-bucket",
  Key: "up/$" + "{filename}",
  Fields: { acl: "private" },
  Conditions: [{ acl: "private" }, ["content-length-range", 1, 10]],
} as const;

test("a form for anybody: the bucket's address, signed fields, the session's credentials and region", async () => {
  const { url, fields } = await session.client(S3).presignPost(input, { expiresInSeconds: 60, at });
  assert.equal(url, "https://my-bucket.s3.eu-west-1.amazonaws.com/");
  assert.equal(fields["x-amz-credential"], "AKID/20261124/eu-west-1/s3/aws4_request");
  assert.equal(fields["x-amz-security-token"], "TOKEN");
  const form = { ...fields, bucket: "my-bucket", key: "up/a.txt" };
  const verify = (bytes: number, now: Date, change: Record<string, string> = {}) => {
    const found = verifyPost({ ...form, ...change }, bytes, { secretOf: () => credentials, now });
    return found.ok ? "ok" : found.problem;
  };
  assert.equal(verify(5, at), "ok");
  assert.equal(verify(11, at), "policy");
  assert.equal(verify(5, at, { bucket: "other" }), "policy");
  assert.equal(verify(5, new Date(at.getTime() + 61_000)), "expired");
});

test("an endpoint of one's own has the bucket in its path", async () => {
  const s3 = session.client(S3, { endpoint: "http://127.0.0.1:9000" });
  assert.equal((await s3.presignPost(input)).url, "http://127.0.0.1:9000/my-bucket");
});

test("nobody's form: an anonymous client cannot sign one", async () => {
  const s3 = session.client(S3, { credentials: "anonymous" });
  await assert.rejects(s3.presignPost(input), { kind: "invalidInput" });
});
