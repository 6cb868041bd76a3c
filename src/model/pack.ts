/**
 * Packs a service of the IR into the text that is shipped: one JSON value a line, shapes referred to by line, each line
 * parsed only when a call needs it. See docs/decisions for the measurements that chose this over plain JSON and gzip.
 *
 *     0            service traits, with `operations`, `shapes`: first lines of the two sections, `waiters`, `resources`: lines
 *     1            operation names, separated by spaces
 *     operations   one a line, in the order of the names: OperationTraits with shapes as numbers
 *     shapes       `[type, name, traits, ...members]`, a member being `[name, shape]` or `[name, shape, traits]`
 */
import type { MemberTraits, OperationTraits, ServiceModel, ShapeTraits } from "./ir.js";

/** Traits that only types and documentation use. */
const TYPE_ONLY = new Set(["enum", "sensitive", "min", "max", "deprecated", "doc"]);
const STRUCTURAL = new Set(["type", "members", "member", "key"]);

export function pack(model: ServiceModel): string {
  const shapeNumbers = new Map<string, number>();
  const shapeLines: string[] = [];
  const scalarNumbers = new Map<string, number>();

  const numberOf = (name: string): number => {
    const known = shapeNumbers.get(name);
    if (known !== undefined) return known;
    const shape = model.shapes[name];
    if (shape === undefined) throw new Error(`Cannot pack ${model.service.id}: no shape "${name}"`);
    if (shape.type !== "structure" && shape.type !== "list" && shape.type !== "map") {
      // Scalars that differ in name alone are one line: their names reach nobody at run time.
      const line = JSON.stringify([shape.type, "", traitsOf(shape)]);
      const same = scalarNumbers.get(line);
      const number = same ?? shapeLines.push(line) - 1;
      scalarNumbers.set(line, number);
      shapeNumbers.set(name, number);
      return number;
    }
    const number = shapeLines.push("") - 1;
    shapeNumbers.set(name, number);
    const members: [string, MemberTraits][] = Object.entries(shape.members ?? {});
    if (shape.key) members.push(["key", shape.key]);
    if (shape.member) members.push(["member", shape.member]);
    const packed = members.map(([member, traits]) => packMember(member, traits, numberOf));
    shapeLines[number] = JSON.stringify([shape.type, name, traitsOf(shape), ...packed]);
    return number;
  };

  const names = Object.keys(model.operations);
  const operationLines = names.map((name) =>
    packOperation(model.operations[name] as OperationTraits, numberOf),
  );
  const lines = ["", names.join(" "), ...operationLines];
  const { title: _title, aws, ...service } = model.service;
  const { uid: _uid, ...awsTraits } = aws ?? {};
  const header: Record<string, unknown> = {
    ...service,
    ...(aws && { aws: awsTraits }),
    operations: 2,
    shapes: lines.length,
  };
  lines.push(...shapeLines);
  if (model.waiters) header.waiters = lines.push(JSON.stringify(model.waiters)) - 1;
  if (model.resources) header.resources = lines.push(JSON.stringify(model.resources)) - 1;
  lines[0] = JSON.stringify(header);
  return lines.join("\n");
}

function packOperation(operation: OperationTraits, numberOf: (name: string) => number): string {
  const { input, output, errors, ...rest } = operation;
  return JSON.stringify({
    ...without(rest, TYPE_ONLY),
    ...(input !== undefined && { input: numberOf(input) }),
    ...(output !== undefined && { output: numberOf(output) }),
    ...(errors !== undefined && { errors: errors.map(numberOf) }),
    ...(rest.lro?.result !== undefined && { lro: { ...rest.lro, result: numberOf(rest.lro.result) } }),
  });
}

function packMember(name: string, traits: MemberTraits, numberOf: (name: string) => number): unknown[] {
  const { shape, ...rest } = traits;
  const kept = without(rest, TYPE_ONLY);
  return Object.keys(kept).length === 0 ? [name, numberOf(shape)] : [name, numberOf(shape), kept];
}

function traitsOf(shape: ShapeTraits): Record<string, unknown> {
  return without(without(shape, TYPE_ONLY), STRUCTURAL);
}

function without(value: object, dropped: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !dropped.has(key)));
}
