import assert from "node:assert/strict";
import test from "node:test";
import type { Answer, Pending, Progress } from "../client/backend.js";
import type { ServiceModel } from "../model/ir.js";
import { Model, type OperationModel } from "../model/model.js";
import { pack } from "../model/pack.js";
import { armDriver } from "./long-running.js";

function operation(method: string, finalStateVia?: string, output = true): OperationModel {
  const model: ServiceModel = {
    service: { cloud: "azure", id: "toy", name: "Toy", apiVersion: "1", protocol: "azure-json" },
    operations: {
      go: {
        method,
        path: "/thing",
        ...(output && { output: "Thing" }),
        lro: { style: "azure-arm", ...(finalStateVia && { finalStateVia }) },
      },
    },
    shapes: {
      Thing: { type: "structure", members: { name: { shape: "String" } } },
      String: { type: "string" },
    },
  };
  return new Model(pack(model)).operation("go") as OperationModel;
}

const answer = (
  status: number,
  output: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Answer => ({ status, output, headers });
const driver = (method: string, via?: string, output?: boolean) =>
  armDriver(operation(method, via, output), () => "/thing?v=1");
const pending = (progress: Progress): Pending => {
  assert.equal(progress.done, false);
  return progress as Pending;
};

test("PUT with Azure-AsyncOperation: polls the status, then reads the resource", () => {
  const arm = driver("PUT", "azure-async-operation");
  const first = pending(
    arm.begin(
      {},
      answer(201, { name: "a" }, { "azure-asyncoperation": "https://h/ops/1", "retry-after": "3" }),
    ),
  );
  assert.deepEqual(first.look, { url: "https://h/ops/1" });
  assert.equal(first.retryAfterMs, 3000);
  const second = pending(arm.resume(first, answer(200, { status: "InProgress" })));
  assert.deepEqual(second.look, { url: "https://h/ops/1" });
  const third = pending(arm.resume(second, answer(200, { status: "Succeeded" })));
  assert.deepEqual(third.look, { url: "/thing?v=1", decode: true });
  assert.deepEqual(arm.resume(third, answer(200, { name: "done" })), {
    done: true,
    result: { name: "done" },
  });
});

test("POST: the result is at Location, or in the status document, as the model says", () => {
  const headers = { "azure-asyncoperation": "https://h/ops/1", location: "https://h/result/1" };
  const viaLocation = driver("POST", "location");
  const done = pending(
    viaLocation.resume(
      pending(viaLocation.begin({}, answer(202, {}, headers))),
      answer(200, { status: "Succeeded" }),
    ),
  );
  assert.deepEqual(done.look, { url: "https://h/result/1", decode: true });
  const viaStatus = driver("POST", "azure-async-operation");
  const ended = viaStatus.resume(
    pending(viaStatus.begin({}, answer(202, {}, headers))),
    answer(200, { status: "Succeeded", properties: { output: { name: "x" } } }),
  );
  assert.deepEqual(ended, { done: true, result: { name: "x" } });
});

test("DELETE with Location: 202 goes on, 200 and 204 end", () => {
  const arm = driver("DELETE", undefined, false);
  const first = pending(arm.begin({}, answer(202, {}, { location: "https://h/r/1" })));
  const second = pending(arm.resume(first, answer(202, {}, { location: "https://h/r/2" })));
  assert.deepEqual(second.look, { url: "https://h/r/2", decode: true });
  assert.deepEqual(arm.resume(second, answer(204)), { done: true, result: {} });
  assert.deepEqual(arm.begin({}, answer(204)), { done: true, result: {} });
});

test("PUT without headers: provisioningState of the resource", () => {
  const arm = driver("PUT");
  const first = pending(arm.begin({}, answer(201, { properties: { provisioningState: "Creating" } })));
  assert.deepEqual(first.look, { url: "/thing?v=1", decode: true });
  const ready = { properties: { provisioningState: "Succeeded" } };
  assert.deepEqual(arm.resume(first, answer(200, ready)), { done: true, result: ready });
  assert.deepEqual(arm.begin({}, answer(200, { name: "now" })), { done: true, result: { name: "now" } });
});

test("a failed or cancelled operation throws what the service says", () => {
  const arm = driver("PUT");
  const first = pending(arm.begin({}, answer(201, {}, { "azure-asyncoperation": "https://h/ops/1" })));
  assert.throws(
    () =>
      arm.resume(
        first,
        answer(200, { status: "Failed", error: { code: "SkuNotFound", message: "No such size" } }),
      ),
    {
      code: "SkuNotFound",
      kind: "notFound",
      message: "No such size",
    },
  );
  assert.throws(() => arm.resume(first, answer(200, { status: "Canceled" })), {
    kind: "aborted",
    code: "OperationCanceled",
  });
  assert.throws(() => arm.begin({}, answer(201, { properties: { provisioningState: "Failed" } })), {
    code: "OperationFailed",
  });
});
