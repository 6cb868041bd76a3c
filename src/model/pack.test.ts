import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { MemberTraits, ServiceModel, ShapeTraits } from "./ir.js";
import { type Member, Model, type Shape } from "./model.js";
import { pack } from "./pack.js";

/** Traits that are not shipped. */
const TYPE_ONLY = ["enum", "sensitive", "min", "max", "deprecated", "doc"];

for (const cloud of ["aws", "azure", "gcp"]) {
  test(`every model of ${cloud} reads back from its packed form as it was`, () => {
    const files = existsSync(`models/${cloud}`)
      ? readdirSync(`models/${cloud}`).filter((file) => file.endsWith(".json"))
      : [];
    for (const file of files) {
      const source = JSON.parse(readFileSync(`models/${cloud}/${file}`, "utf8")) as ServiceModel;
      if (source.operations !== undefined) compare(source);
    }
  });
}

test("a list that holds itself reads back", () => {
  const model: ServiceModel = {
    service: { cloud: "aws", id: "x", name: "X", apiVersion: "1", protocol: "aws-json" },
    operations: { Do: { input: "In" } },
    shapes: {
      In: { type: "structure", members: { Lists: { shape: "Lists", required: true } } },
      Lists: { type: "list", member: { shape: "Lists", name: ":odd" } },
    },
  };
  const lists = new Model(pack(model)).operation("Do")?.input?.member("Lists");
  assert.deepEqual(lists?.traits, { required: true });
  assert.equal(lists?.shape.element?.shape, lists?.shape);
  assert.equal(lists?.shape.element?.wireName, ":odd");
});

function compare(source: ServiceModel): void {
  const model = new Model(pack(source));
  assert.deepEqual(model.operationNames, Object.keys(source.operations));
  const seen = new Map<Shape, Set<string>>();
  for (const [name, expected] of Object.entries(source.operations)) {
    const operation = model.operation(name);
    assert.ok(operation);
    const where = `${source.service.id} ${name}`;
    assert.deepEqual(
      [operation.method, operation.path],
      [expected.method ?? "POST", expected.path ?? "/"],
      where,
    );
    const { input, output, errors, lro, method, path, ...rest } = expected;
    const { input: _i, output: _o, errors: _e, lro: _l, method: _m, path: _p, ...kept } = operation.traits;
    const { deprecated } = rest;
    assert.deepEqual(kept, { ...shipped(rest), ...(deprecated && { deprecated }) }, where);
    compareShape(source, operation.input, input, seen);
    compareShape(source, operation.output, output, seen);
    compareShape(source, operation.result, lro?.result, seen);
    assert.equal(operation.errors.length, errors?.length ?? 0, where);
    for (const [index, error] of operation.errors.entries())
      compareShape(source, error, errors?.[index], seen);
  }
  assert.deepEqual(model.waiters, source.waiters ?? {});
  assert.deepEqual(model.resources, source.resources);
}

function compareShape(
  source: ServiceModel,
  shape: Shape | undefined,
  name: string | undefined,
  seen: Map<Shape, Set<string>>,
): void {
  if (shape === undefined || name === undefined) return assert.equal(shape, name);
  const names = seen.get(shape) ?? new Set();
  if (names.has(name)) return;
  seen.set(shape, names.add(name));
  const expected = source.shapes[name] as ShapeTraits;
  const where = `${source.service.id} ${name}`;
  const { type, members = {}, member, key, ...traits } = expected;
  assert.equal(shape.type, type, where);
  if (traits.error !== undefined || rootsOf(source).has(name)) assert.equal(shape.name, name, where);
  else assert.equal(shape.name, "", where);
  assert.deepEqual(shape.traits, shipped(traits), where);
  assert.deepEqual(
    shape.members.map((each) => each.name),
    Object.keys(members),
    where,
  );
  for (const each of shape.members) compareMember(source, each, members[each.name], where, seen);
  compareMember(source, shape.element, member, where, seen);
  compareMember(source, shape.key, key, where, seen);
}

function compareMember(
  source: ServiceModel,
  member: Member | undefined,
  expected: MemberTraits | undefined,
  where: string,
  seen: Map<Shape, Set<string>>,
): void {
  if (member === undefined || expected === undefined) return assert.equal(member, expected, where);
  const { shape, ...traits } = expected;
  assert.deepEqual(member.traits, shipped(traits), `${where}.${member.name}`);
  compareShape(source, member.shape, shape, seen);
}

/** Inputs, outputs and payloads of the protocols that name XML elements after them. */
function rootsOf({ service, operations, shapes }: ServiceModel): ReadonlySet<string> {
  const roots = new Set<string>();
  if (!service.protocol.endsWith("-xml")) return roots;
  for (const { input, output } of Object.values(operations)) {
    for (const name of [input, output]) {
      if (name === undefined) continue;
      roots.add(name);
      const { payload, members } = shapes[name] as ShapeTraits;
      const root = members?.[payload ?? ""]?.shape;
      if (root !== undefined && shapes[root]?.type === "structure") roots.add(root);
    }
  }
  return roots;
}

function shipped(traits: object): object {
  return Object.fromEntries(Object.entries(traits).filter(([key]) => !TYPE_ONLY.includes(key)));
}
