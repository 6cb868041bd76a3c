/** What differs between two versions of a service's model, as its users see it. */
import type { MemberTraits, OperationTraits, ServiceModel, ShapeTraits } from "../../src/model/ir.js";

export interface ModelChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Changes that a caller's code may not survive: each a sentence. */
  readonly breaking: readonly string[];
  /** Count of shapes and operations that changed otherwise. */
  readonly other: number;
}

export function modelChanges(before: ServiceModel, after: ServiceModel): ModelChanges {
  const breaking: string[] = [];
  let other = 0;
  for (const [name, operation] of Object.entries(after.operations)) {
    const old = before.operations[name];
    if (old === undefined || same(old, operation)) continue;
    const found = operationBreaks(name, old, operation);
    breaking.push(...found);
    if (found.length === 0) other++;
  }
  const inputs = shapesOf(after, "input");
  for (const [name, shape] of Object.entries(after.shapes)) {
    const old = before.shapes[name];
    if (old === undefined || same(old, shape)) continue;
    const found = shapeBreaks(name, old, shape, inputs.has(name), (member) => [
      before.shapes[old.members?.[member]?.shape ?? ""]?.type,
      after.shapes[shape.members?.[member]?.shape ?? ""]?.type,
    ]);
    breaking.push(...found);
    if (found.length === 0) other++;
  }
  if (before.service.protocol !== after.service.protocol) {
    breaking.push(`protocol ${before.service.protocol} became ${after.service.protocol}`);
  }
  return { ...keyChanges(before.operations, after.operations), breaking, other };
}

export function formatChanges({ added, removed, breaking, other }: ModelChanges): string[] {
  return [
    ...(removed.length > 0 ? [`removed ${removed.join(", ")}`] : []),
    ...(added.length > 0 ? [`added ${added.join(", ")}`] : []),
    ...breaking.map((each) => `BREAKING ${each}`),
    ...(other > 0 ? [`${other} compatible changes of shapes or operations`] : []),
  ];
}

function operationBreaks(name: string, old: OperationTraits, operation: OperationTraits): string[] {
  const breaks: string[] = [];
  if (old.input !== operation.input) breaks.push(`${name}: input ${old.input} became ${operation.input}`);
  if (old.output !== operation.output)
    breaks.push(`${name}: output ${old.output} became ${operation.output}`);
  if (old.page && !operation.page) breaks.push(`${name}: is no longer paginated`);
  return breaks;
}

function shapeBreaks(
  name: string,
  old: ShapeTraits,
  shape: ShapeTraits,
  isInput: boolean,
  types: (member: string) => [string | undefined, string | undefined],
): string[] {
  if (old.type !== shape.type) return [`${name}: ${old.type} became ${shape.type}`];
  const { removed, added } = keyChanges(old.members ?? {}, shape.members ?? {});
  const breaks = removed.map((member) => `${name}.${member}: removed`);
  for (const member of added) {
    if (isInput && shape.members?.[member]?.required) breaks.push(`${name}.${member}: new and required`);
  }
  for (const [member, traits] of Object.entries(shape.members ?? {})) {
    const before = old.members?.[member];
    if (before) breaks.push(...memberBreaks(`${name}.${member}`, before, traits, isInput, types(member)));
  }
  return breaks;
}

function memberBreaks(
  path: string,
  old: MemberTraits,
  member: MemberTraits,
  isInput: boolean,
  [before, after]: [string | undefined, string | undefined],
): string[] {
  if (before !== after) return [`${path}: ${before} became ${after}`];
  if (isInput && member.required && !old.required) return [`${path}: became required`];
  if (!isInput && old.required && !member.required) return [`${path}: is no longer always there`];
  return [];
}

/** Names of the shapes that are reachable from inputs or outputs. */
function shapesOf(model: ServiceModel, side: "input" | "output"): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = Object.values(model.operations).flatMap((operation) => operation[side] ?? []);
  while (open.length > 0) {
    const name = open.pop() as string;
    if (seen.has(name)) continue;
    seen.add(name);
    const { members = {}, member, key } = model.shapes[name] ?? {};
    for (const each of [...Object.values(members), member, key]) if (each) open.push(each.shape);
  }
  return seen;
}

function keyChanges(before: object, after: object): { added: string[]; removed: string[] } {
  return {
    added: Object.keys(after).filter((key) => !(key in before)),
    removed: Object.keys(before).filter((key) => !(key in after)),
  };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
