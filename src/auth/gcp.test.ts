import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { gcsAddress, keySigner, signGcsPostPolicy, signGcsUrl, signGcsUrlV2 } from "./gcs-v4.js";
import {
  type GcsSignedRequest,
  type VerifyGcsOptions,
  verifyGcsPost,
  verifyGcsUrl,
} from "./gcs-v4-verify.js";
import { parseJwt, signJwt, verifyJwt } from "./jwt.js";
import { rsaSign, rsaVerify } from "./rsa.js";

function newKeys() {
  return generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

const { publicKey, privateKey } = newKeys();
const other = newKeys();
const email = "me@project.iam.gserviceaccount.com";
const at = new Date("2026-11-24T12:00:00Z");
const signer = keySigner(email, privateKey);
const verifying: VerifyGcsOptions = {
  publicKeysOf: (name) => (name === email ? [other.publicKey, publicKey] : undefined),
  now: at,
};

async function answer(request: GcsSignedRequest, options: Partial<VerifyGcsOptions> = {}): Promise<string> {
  const result = await verifyGcsUrl(request, { ...verifying, ...options });
  return result.ok ? "ok" : result.problem;
}

test("signed URLs of both versions: what is signed verifies, what is altered does not", async () => {
  const address = gcsAddress({ bucket: "b", object: "dir/ü (1).txt", origin: "http://127.0.0.1:4443" });
  const headers = { "Content-Type": "text/plain", "x-goog-meta-a": " x  y " };
  const request = { method: "PUT", ...address, query: "generation=1", headers };
  const options = { signer, expiresInSeconds: 60, at };
  for (const signed of [await signGcsUrl(request, options), await signGcsUrlV2(request, options)]) {
    const [, query = ""] = signed.split("?");
    const sent = {
      method: "PUT",
      path: address.path,
      query,
      headers: { host: "127.0.0.1:4443", "content-type": "text/plain", "x-goog-meta-a": "x  y" },
    };
    const later = new Date(at.getTime() + 61_000);
    // V2 signs a header's inner spaces as they are.
    assert.equal(await answer(sent), "ok");
    assert.equal(await answer({ ...sent, method: "GET" }), "mismatch");
    assert.equal(await answer({ ...sent, path: "/b/other" }), "mismatch");
    assert.equal(await answer({ ...sent, headers: { ...sent.headers, "x-goog-meta-a": "z" } }), "mismatch");
    assert.equal(await answer(sent, { now: later }), "expired");
    assert.equal(await answer(sent, { publicKeysOf: () => undefined }), "unknownKey");
    assert.equal(await answer(sent, { publicKeysOf: () => [other.publicKey] }), "mismatch");
    assert.equal(await answer({ ...sent, query: "" }), "missing");
    assert.equal(await answer({ ...sent, query: query.replace(/(Signature=)../, "$1!!") }), "malformed");
  }
});

test("POST policy", async () => {
  const { fields } = await signGcsPostPolicy({
    location: { bucket: "b", object: "k" },
    signer,
    expiresInSeconds: 60,
    at,
    fields: { acl: "private" },
    conditions: [
      ["starts-with", "$content-type", "text/"],
      ["content-length-range", 1, 9],
    ],
  });
  const form: Record<string, string> = { ...fields, bucket: "b", "content-type": "text/plain" };
  const outcome = async (change: Record<string, string>, bytes = 5, now = at) => {
    const result = await verifyGcsPost({ ...form, ...change }, bytes, { ...verifying, now });
    return result.ok ? "ok" : result.problem;
  };
  assert.equal(await outcome({}), "ok");
  assert.equal(await outcome({}, 10), "policy");
  assert.equal(await outcome({ acl: "public-read" }), "policy");
  assert.equal(await outcome({ "content-type": "image/png" }), "policy");
  assert.equal(await outcome({ key: "other" }), "policy");
  assert.equal(await outcome({ extra: "x" }), "policy");
  assert.equal(await outcome({ bucket: "other" }), "policy");
  assert.equal(await outcome({ policy: `${form.policy}AAAA` }), "malformed");
  assert.equal(await outcome({}, 5, new Date(at.getTime() + 61_000)), "expired");
});

test("JSON web tokens", async () => {
  for (const alg of ["RS256", "PS256"] as const) {
    const claims = { iss: email, ü: "é" };
    const token = await signJwt({ alg, typ: "JWT", kid: "1" }, claims, privateKey);
    assert.deepEqual(parseJwt(token), { header: { alg, typ: "JWT", kid: "1" }, claims });
    assert.deepEqual(await verifyJwt(token, publicKey), claims);
    assert.equal(await verifyJwt(token, other.publicKey), undefined);
    const [header, , signature] = token.split(".");
    const forged = Buffer.from(JSON.stringify({ ...claims, iss: "x" })).toString("base64url");
    assert.equal(await verifyJwt(`${header}.${forged}.${signature}`, publicKey), undefined);
  }
  const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from("{}").toString("base64url")}.`;
  assert.equal(await verifyJwt(none, publicKey), undefined);
  assert.equal(await verifyJwt("nonsense", publicKey), undefined);
});

test("without node:crypto WebCrypto makes the same signatures", async () => {
  const data = new TextEncoder().encode("hello");
  const expected = await rsaSign(privateKey, data);
  const getBuiltinModule = process.getBuiltinModule;
  Reflect.set(process, "getBuiltinModule", undefined);
  try {
    const signature = await rsaSign(privateKey, data);
    assert.deepEqual(new Uint8Array(signature), new Uint8Array(expected));
    assert.equal(await rsaVerify(publicKey, data, signature), true);
    assert.equal(await rsaVerify(other.publicKey, data, signature), false);
    const token = await signJwt({ alg: "PS256" }, { a: 1 }, privateKey);
    assert.deepEqual(await verifyJwt(token, publicKey), { a: 1 });
  } finally {
    Reflect.set(process, "getBuiltinModule", getBuiltinModule);
  }
});
