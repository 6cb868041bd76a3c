import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesBody } from "../../http/response-body.js";
import { azureCloud } from "../azure/cloud.js";
import { Emulator } from "../emulator.js";
import { gcpCloud } from "../gcp/cloud.js";
import { route } from "../router.js";
import type { IncomingRequest } from "../service.js";
import { awsCloud } from "./cloud.js";

const emulator = await Emulator.start();
const CLOUDS = [gcpCloud, azureCloud, awsCloud];

function serviceOf(method: string, url: string, headers: Record<string, string> = {}): string {
  const { origin, host, pathname, search } = new URL(url);
  const request: IncomingRequest = {
    method,
    origin,
    host,
    path: pathname,
    query: search.slice(1),
    headers: { host, ...headers },
    body: bytesBody(),
  };
  const found = route(CLOUDS, request, (key) => emulator.store(key));
  return `${found?.cloud.name} ${found?.service}`;
}

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});
const LOCAL = "http://127.0.0.1:4566";
const FORM = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

test("signed requests go by the scope of their credential", () => {
  for (const service of ["s3", "ec2", "iam", "sts", "dynamodb"]) {
    assert.equal(serviceOf("POST", `${LOCAL}/`, signed(service)), `aws ${service}`);
  }
  assert.equal(
    serviceOf("GET", `${LOCAL}/b/k?X-Amz-Algorithm=A&X-Amz-Credential=K%2F20260101%2Fr%2Fs3%2Faws4_request`),
    "aws s3",
  );
  assert.equal(serviceOf("GET", `${LOCAL}/storage/v1/b`, signed("s3")), "aws s3");
});

test("unsigned requests go by host, path and what they carry", () => {
  assert.equal(serviceOf("GET", "https://bucket.s3.eu-west-1.amazonaws.com/k"), "aws s3");
  assert.equal(serviceOf("POST", "https://sts.eu-west-1.amazonaws.com/", FORM), "aws sts");
  assert.equal(serviceOf("POST", `${LOCAL}/`, FORM), "aws sts");
  assert.equal(serviceOf("GET", `${LOCAL}/bucket/key`), "aws s3");
  assert.equal(serviceOf("PUT", `${LOCAL}/latest/api/token`), "aws imds");
  assert.equal(serviceOf("GET", `${LOCAL}/v2/credentials/role`), "aws container");
  assert.equal(serviceOf("POST", `${LOCAL}/token`, { "content-type": "application/json" }), "aws sso-oidc");
  assert.equal(
    serviceOf("GET", `${LOCAL}/assignment/accounts`, { "x-amz-sso_bearer_token": "t" }),
    "aws sso",
  );
});

test("the other clouds keep what is theirs on the shared port", () => {
  assert.equal(serviceOf("POST", `${LOCAL}/token`, FORM), "gcp oauth2");
  assert.equal(serviceOf("GET", `${LOCAL}/storage/v1/b`), "gcp storage");
  assert.equal(
    serviceOf("GET", `${LOCAL}/computeMetadata/v1/`, { "metadata-flavor": "Google" }),
    "gcp metadata",
  );
  assert.equal(serviceOf("GET", `${LOCAL}/devstoreaccount1/c`), "azure blob");
  assert.equal(serviceOf("GET", `${LOCAL}/metadata/identity/oauth2/token`), "azure managed-identity");
});
