import assert from "node:assert/strict";
import { test } from "node:test";
import { isS3V2, type S3V2Request, verifyS3V2, verifyS3V2Post } from "./s3-v2-verify.js";

const credentials = { accessKeyId: "AKID", secretAccessKey: "secret", sessionToken: "tok+/=" };
const secretOf = (id: string) => (id === "AKID" ? credentials : undefined);
const now = new Date("2026-11-24T12:00:00Z");

// Made by botocore 1.43.67's generate_presigned_url and generate_presigned_post on a path-style endpoint, its clock set to `now`.
const urls: readonly S3V2Request[] = [
  {
    method: "GET",
    path: "/b/dir/%C3%BC%20%281%29.txt",
    query:
      "response-content-type=text%2Fplain&versionId=v&AWSAccessKeyId=AKID&Signature=xqghZyGZyngMFwva6iOfbo4KTAA%3D" +
      "&x-amz-security-token=tok%2B%2F%3D&Expires=1795521660",
    headers: { host: "127.0.0.1:9" },
  },
  {
    method: "PUT",
    path: "/b/k",
    query:
      "AWSAccessKeyId=AKID&Signature=%2Bz%2B65a%2Fhfl9B%2Fo29k7RWh0kbbqs%3D&content-type=text%2Fplain&x-amz-meta-a=x" +
      "&x-amz-security-token=tok%2B%2F%3D&Expires=1795521660",
    headers: { host: "127.0.0.1:9", "content-type": "text/plain" },
  },
];

function answer(request: S3V2Request, at = now, find = secretOf): string {
  const result = verifyS3V2(request, { secretOf: find, now: at });
  return result.ok ? "ok" : result.problem;
}

for (const url of urls) {
  test(`botocore's URL verifies, altered it does not: ${url.method}`, () => {
    assert.equal(isS3V2(url), true);
    assert.equal(answer(url), "ok");
    assert.equal(answer({ ...url, method: "DELETE" }), "mismatch");
    assert.equal(answer({ ...url, path: `${url.path}x` }), "mismatch");
    assert.equal(answer({ ...url, query: `${url.query}&acl` }), "mismatch");
    assert.equal(answer({ ...url, query: url.query.replace("Expires=1", "Expires=2") }), "mismatch");
    assert.equal(answer({ ...url, query: url.query.replace("token=tok", "token=tik") }), "badToken");
    assert.equal(answer(url, new Date("2026-11-24T12:01:01Z")), "expired");
    assert.equal(
      answer(url, now, () => undefined),
      "unknownKey",
    );
  });
}

test("the header's own answers", () => {
  const request = { method: "GET", path: "/b", query: "", headers: { date: now.toUTCString() } };
  const signed = (authorization: string) => ({ ...request, headers: { ...request.headers, authorization } });
  assert.equal(isS3V2(request), false);
  assert.equal(answer(request), "missing");
  assert.equal(answer(signed("AWS nonsense")), "malformed");
  assert.equal(answer(signed("AWS AKID:AAAA")), "badToken");
  assert.equal(answer(signed("AWS AKID:AAAA"), new Date("2026-11-24T13:00:00Z")), "skewed");
});

test("botocore's POST form verifies, altered it does not", () => {
  const form: Record<string, string> = {
    key: "k",
    bucket: "b",
    awsaccesskeyid: "AKID",
    "x-amz-security-token": "tok+/=",
    policy:
      "eyJleHBpcmF0aW9uIjogIjIwMjYtMTEtMjRUMjA6MDE6MTdaIiwgImNvbmRpdGlvbnMiOiBbWyJjb250ZW50LWxlbmd0aC1yYW5nZSIsIDEsIDld" +
      "LCB7ImJ1Y2tldCI6ICJiIn0sIHsia2V5IjogImsifSwgeyJ4LWFtei1zZWN1cml0eS10b2tlbiI6ICJ0b2srLz0ifV19",
    signature: "FcY1OSvq6F+dbtFLxcUFWpf7+H8=",
  };
  const outcome = (change: Record<string, string>, bytes = 5, at = now) => {
    const result = verifyS3V2Post({ ...form, ...change }, bytes, { secretOf, now: at });
    return result.ok ? "ok" : result.problem;
  };
  assert.equal(outcome({}), "ok");
  assert.equal(outcome({}, 10), "policy");
  assert.equal(outcome({ key: "other" }), "policy");
  assert.equal(outcome({ signature: "FcY1OSvq6F+dbtFLxcUFWpf7+H9=" }), "mismatch");
  assert.equal(outcome({}, 5, new Date("2026-11-25T00:00:00Z")), "expired");
});
