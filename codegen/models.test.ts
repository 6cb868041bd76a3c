import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { compile } from "../src/client/jmespath.js";
import type { ServiceModel } from "../src/model/ir.js";
import { serviceNames } from "./generate.js";
import { formatModel } from "./write.js";

test("every committed model is whole: what it refers to is there", () => {
  const names = serviceNames();
  assert.ok(names.filter((name) => name.startsWith("aws/")).length >= 429);
  for (const name of names) {
    const text = readFileSync(`models/${name}.json`, "utf8");
    const model = JSON.parse(text) as ServiceModel;
    assert.equal(`${model.service.cloud}/${model.service.id}`, name);
    assert.equal(formatModel(model), text, `${name} is not as the writer writes it`);
    checkReferences(name, model);
    for (const expression of expressionsOf(model)) compile(expression);
  }
});

/** JMESPath that calls of the service evaluate. */
function expressionsOf({ operations, waiters = {}, resources }: ServiceModel): string[] {
  const paging = Object.values(operations).flatMap(({ page, aws }) => [
    ...[page?.items ?? [], page?.outputToken ?? [], page?.more ?? []].flat(),
    ...Object.values(aws?.operationContext ?? {}),
  ]);
  const waiting = Object.values(waiters).flatMap(({ acceptors }) =>
    acceptors.map(({ argument = "@" }) => argument),
  );
  return [...paging, ...waiting, ...pathsIn(resources)];
}

function pathsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "path" && typeof inner === "string" ? [inner] : pathsIn(inner),
  );
}

function checkReferences(name: string, model: ServiceModel): void {
  const has = (shape: string | undefined, where: string) =>
    assert.ok(shape === undefined || shape in model.shapes, `${name} ${where}: no shape ${shape}`);
  for (const [operation, { input, output, errors = [], page, lro }] of Object.entries(model.operations)) {
    for (const shape of [input, output, lro?.result, ...errors]) has(shape, operation);
    const members = model.shapes[input ?? ""]?.members ?? {};
    for (const token of page?.link ? [] : [page?.inputToken ?? [], page?.limit ?? []].flat()) {
      // A token may stand in the body: `body.pageToken`.
      const [first = "", nested] = token.split(".");
      const inside = nested === undefined ? undefined : model.shapes[members[first]?.shape ?? ""]?.members;
      assert.ok(
        first in members && (nested === undefined || nested in (inside ?? {})),
        `${name} ${operation}: pages by ${token}, which is not in its input`,
      );
    }
    if (lro?.poll !== undefined)
      assert.ok(lro.poll in model.operations, `${name} ${operation}: polls ${lro.poll}`);
  }
  for (const [shape, { members = {}, member, key, payload }] of Object.entries(model.shapes)) {
    for (const each of [...Object.values(members), member, key]) has(each?.shape, shape);
    if (payload !== undefined) assert.ok(payload in members, `${name} ${shape}: payload ${payload}`);
  }
  for (const [waiter, { operation }] of Object.entries(model.waiters ?? {})) {
    assert.ok(operation in model.operations, `${name} ${waiter}: waits on ${operation}`);
  }
  const rules = model.service.aws?.rules;
  if (rules !== undefined)
    assert.ok(existsSync(`models/aws/rules/${rules}.json`), `${name}: no rule set ${rules}`);
}
