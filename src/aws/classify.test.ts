import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Model, type OperationModel } from "../model/model.js";
import { pack } from "../model/pack.js";
import { classify } from "./classify.js";

function operationOf(service: string, name: string): OperationModel {
  const model = new Model(pack(JSON.parse(readFileSync(`models/aws/${service}.json`, "utf8"))));
  return model.operation(name) as OperationModel;
}

const describe = operationOf("ec2", "DescribeInstances");

function classified(
  code: string,
  status: number,
  headers: Record<string, string> = {},
  operation = describe,
) {
  return classify(operation, { code, message: "" }, { status, headers });
}

test("throttling by code, whatever the status, and by status", () => {
  for (const [code, status] of [
    ["RequestLimitExceeded", 503],
    ["ThrottlingException", 400],
    ["SlowDown", 503],
    ["", 429],
  ] as const) {
    const { kind, retry } = classified(code, status);
    assert.deepEqual([kind, retry], ["throttled", "throttling"], `${code} ${status}`);
  }
});

test("passing faults are worth another attempt, mistakes are not", () => {
  assert.equal(classified("InternalError", 500).retry, "transient");
  assert.equal(classified("", 502).retry, "transient");
  assert.equal(classified("RequestTimeout", 400).retry, "transient");
  assert.equal(classified("ValidationError", 400).retry, false);
  assert.equal(classified("AccessDenied", 403).retry, false);
});

test("kinds by code, by the form of the code, by status", () => {
  const kinds = {
    "NoSuchKey 404": "notFound",
    "InvalidInstanceID.NotFound 400": "notFound",
    "InvalidGroup.Duplicate 400": "alreadyExists",
    "DBInstanceAlreadyExistsFault 400": "alreadyExists",
    "ConditionalCheckFailedException 400": "preconditionFailed",
    "UnauthorizedOperation 403": "accessDenied",
    "InvalidClientTokenId 403": "unauthenticated",
    "DependencyViolation 400": "conflict",
    "SomethingNew 403": "accessDenied",
    "SomethingNew 501": "notImplemented",
  };
  for (const [text, kind] of Object.entries(kinds)) {
    const [code = "", status] = text.split(" ");
    assert.equal(classified(code, Number(status)).kind, kind, text);
  }
});

test("the model says which of its errors pass", () => {
  const operation = operationOf("accessanalyzer", "ApplyArchiveRule");
  assert.equal(classified("InternalServerException", 400, {}, operation).retry, "transient");
  assert.equal(classified("InternalServerException", 400).retry, false);
});

test("the wait that the service asks for: its own header in ms over the common one in seconds", () => {
  assert.equal(classified("SlowDown", 503, { "retry-after": "2" }).retryAfterMs, 2000);
  assert.equal(
    classified("SlowDown", 503, { "retry-after": "2", "x-amz-retry-after": "150" }).retryAfterMs,
    150,
  );
  assert.equal(classified("SlowDown", 503).retryAfterMs, undefined);
});
