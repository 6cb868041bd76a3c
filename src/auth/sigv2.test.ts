import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpRequest } from "../http/message.js";
import { signV2 } from "./sigv2.js";

const at = new Date("2026-11-24T12:00:00.123Z");
const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
const form: HttpRequest = {
  method: "POST",
  origin: "https://sdb.amazonaws.com",
  path: "/",
  query: "",
  headers: {},
  body: "Action=PutAttributes&Version=2009-04-15&DomainName=d~%20(1)*&ItemName=%C3%BC/a%20b&Attribute.1.Name=0&Attribute.1.Value=v",
};
const parametersOf = (body: unknown) => new URLSearchParams(String(body));

// Expected values: botocore 1.43.67's PutAttributes with its clock set to `at` and these credentials.
test("signatures are botocore's", () => {
  const signed = parametersOf(signV2(form, keys, at).body);
  assert.equal(signed.get("Signature"), "VSr1XDhW9hJRbNz3PgZPWSz4YnewFsuq6+dDoKoemk8=");
  assert.equal(signed.get("Timestamp"), "2026-11-24T12:00:00Z");
  assert.equal(signed.get("DomainName"), "d~ (1)*");
  assert.equal(signed.has("SecurityToken"), false);
  const temporary = parametersOf(signV2(form, { ...keys, sessionToken: "tok+/=" }, at).body);
  assert.equal(temporary.get("SecurityToken"), "tok+/=");
  assert.equal(temporary.get("Signature"), "Pd3u81cNhrP4lLUM7YfRYnxlsCAsomZUN6VQHHLXRtU=");
});

test("a request without a body is signed in its query; what was signed before is signed anew", () => {
  const { body, ...rest } = form;
  const link: HttpRequest = { ...rest, method: "GET", query: "Action=ListDomains&Signature=old" };
  const { query } = signV2(link, keys, at);
  assert.equal(parametersOf(query).getAll("Signature").length, 1);
  assert.notEqual(parametersOf(query).get("Signature"), "old");
  assert.throws(() => signV2({ ...form, body: new Uint8Array(1) }, keys, at), { kind: "invalidInput" });
});
