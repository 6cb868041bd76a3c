/**
 * Packs a service of the IR into the text that is shipped: one JSON value a line, shapes referred to by line, each line
 * parsed only when a call needs it. docs/decisions/0002-model-encoding.md has the measurements that chose this.
 *
 *     0            service traits, with `operations`, `shapes`: first lines of the two sections, `waiters`, `resources`: lines
 *     1            operation names, separated by spaces
 *     2            member names, separated by spaces, the most used first
 *     operations   one a line, in the order of the names: `[method, path, input, output, errors, traits]`, 0 for absent
 *     shapes       `[type, name?, traits?, ...members]`
 *
 * A type is its place in SHAPE_TYPES. A member is the place of its name, the number of its shape, and its traits if it has
 * any, one after another in the line. The number is negated (`~n`) when the member is required. Traits that are only where
 * the member travels and what it is called there are text: `q:max-keys`, `p`, `:Name`; a name that follows from the
 * member's own is a sign: `-` and `+` (WIRE_NAMES). Shapes have a name only where it reaches the user or the wire: errors,
 * and structures that are the root of an XML body.
 */
import type { Location, MemberTraits, OperationTraits, ServiceModel, ShapeTraits } from "./ir.js";
import { LOCATIONS, SHAPE_TYPES, WIRE_NAMES } from "./unpack.js";

/** First letter of a location. */
const LETTERS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(LOCATIONS).map(([letter, at]) => [at, letter]),
);

/** Traits that only types and documentation use. */
const TYPE_ONLY = new Set(["enum", "sensitive", "min", "max", "deprecated", "doc"]);
const STRUCTURAL = new Set(["type", "members", "member", "key"]);

/** Protocols that name a body's root element after its shape where the model gives no name. */
const NAMED_ROOTS: ReadonlySet<string> = new Set(["aws-rest-xml", "azure-xml"]);

export function pack(model: ServiceModel): string {
  const shapes = new ShapeLines(model);
  const names = Object.keys(model.operations);
  const operationLines = names.map((name) =>
    packOperation(model.operations[name] as OperationTraits, shapes),
  );
  const lines = ["", names.join(" "), shapes.memberNames.join(" "), ...operationLines];
  const { title: _title, aws, ...service } = model.service;
  const { uid: _uid, ...awsTraits } = aws ?? {};
  const header: Record<string, unknown> = {
    ...service,
    ...(aws && { aws: awsTraits }),
    operations: 3,
    shapes: lines.length,
  };
  lines.push(...shapes.lines);
  if (model.waiters) header.waiters = lines.push(JSON.stringify(model.waiters)) - 1;
  if (model.resources) header.resources = lines.push(JSON.stringify(model.resources)) - 1;
  lines[0] = JSON.stringify(header);
  return lines.join("\n");
}

function packOperation(operation: OperationTraits, shapes: ShapeLines): string {
  const { method = 0, path = 0, input, output, errors, ...rest } = operation;
  const numberOf = (name: string | undefined) => (name === undefined ? -1 : shapes.numberOf(name));
  const traits = without(rest, TYPE_ONLY);
  // Routing prefers the operation that took a deprecated one's place at the same path.
  if (rest.deprecated) traits.deprecated = true;
  if (rest.lro?.result !== undefined) traits.lro = { ...rest.lro, result: shapes.numberOf(rest.lro.result) };
  const fields: unknown[] = [method, path, numberOf(input), numberOf(output), errors?.map(numberOf) ?? 0];
  if (Object.keys(traits).length > 0) fields.push(traits);
  return JSON.stringify(fields);
}

/** Numbers shapes in the order in which operations reach them. */
class ShapeLines {
  readonly lines: string[] = [];
  readonly memberNames: readonly string[];
  readonly #nameNumbers: ReadonlyMap<string, number>;
  readonly #elements: ReadonlySet<string>;
  readonly #model: ServiceModel;
  readonly #numbers = new Map<string, number>();
  /** Scalars, lists and maps that say the same are one line: their names reach nobody at run time. */
  readonly #unnamed = new Map<string, number>();
  readonly #open = new Set<string>();

  constructor(model: ServiceModel) {
    this.#model = model;
    this.memberNames = namesByUse(model);
    this.#elements = elementShapes(model);
    this.#nameNumbers = new Map(this.memberNames.map((name, number) => [name, number]));
  }

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const shape = this.#model.shapes[name];
    if (shape === undefined) throw new Error(`Cannot pack ${this.#model.service.id}: no shape "${name}"`);
    // A structure has its number before its members are looked at: they may lead back to it. So has a list within itself.
    if (shape.type === "structure" || this.#open.has(name)) {
      const number = this.lines.push("") - 1;
      this.#numbers.set(name, number);
      if (shape.type === "structure") this.lines[number] = this.#line(name, shape);
      return number;
    }
    this.#open.add(name);
    const line = this.#line("", shape);
    this.#open.delete(name);
    const number = this.#numbers.get(name) ?? this.#unnamed.get(line) ?? this.lines.push(line) - 1;
    this.lines[number] = line;
    this.#unnamed.set(line, number);
    this.#numbers.set(name, number);
    return number;
  }

  #line(name: string, shape: ShapeTraits): string {
    const fields: unknown[] = [SHAPE_TYPES.indexOf(shape.type)];
    if (name !== "" && (shape.error || this.#elements.has(name))) fields.push(name);
    const traits = without(without(shape, TYPE_ONLY), STRUCTURAL);
    if (Object.keys(traits).length > 0) fields.push(traits);
    for (const [member, memberTraits] of Object.entries(shape.members ?? {})) {
      fields.push(...this.#member(member, memberTraits));
    }
    if (shape.key) fields.push(...this.#member("key", shape.key));
    if (shape.member) fields.push(...this.#member(shape.key ? "value" : "member", shape.member));
    return JSON.stringify(fields);
  }

  #member(name: string, { shape, required, ...rest }: MemberTraits): unknown[] {
    const number = this.numberOf(shape);
    const traits = packTraits(name, without(rest, TYPE_ONLY));
    const reference = required ? ~number : number;
    const nameNumber = this.#nameNumbers.get(name) as number;
    return traits === undefined ? [nameNumber, reference] : [nameNumber, reference, traits];
  }
}

/** Structures that may be the whole of a body and give it its name. */
function elementShapes({ service, operations, shapes }: ServiceModel): ReadonlySet<string> {
  if (!NAMED_ROOTS.has(service.protocol)) return new Set();
  const bodies = Object.values(operations).flatMap(({ input, output }) => [input ?? [], output ?? []].flat());
  const payloads = bodies.flatMap((name) => {
    const { payload, members = {} } = shapes[name] ?? {};
    return (payload !== undefined && members[payload]?.shape) || [];
  });
  return new Set([...bodies, ...payloads]);
}

/** Names of the members of all shapes: often used ones have the short numbers. */
function namesByUse(model: ServiceModel): string[] {
  const uses = new Map<string, number>();
  for (const shape of Object.values(model.shapes)) {
    const names = [...Object.keys(shape.members ?? {}), ...elementNames(shape)];
    for (const name of names) uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  const spaced = [...uses.keys()].find((name) => name.includes(" "));
  if (spaced !== undefined)
    throw new Error(`Cannot pack ${model.service.id}: member "${spaced}" has a space`);
  return [...uses].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}

function elementNames({ type }: ShapeTraits): string[] {
  if (type === "list") return ["member"];
  return type === "map" ? ["key", "value"] : [];
}

function packTraits(member: string, traits: Record<string, unknown>): unknown {
  const { at, name, ...others } = traits;
  if (Object.keys(others).length > 0) return traits;
  const letter = at === undefined ? "" : (LETTERS[at as Location] as string);
  if (name === undefined) return letter || undefined;
  const sign = Object.keys(WIRE_NAMES).find((each) => WIRE_NAMES[each]?.(member) === name);
  return letter + (sign ?? `:${name}`);
}

function without(value: object, dropped: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !dropped.has(key)));
}
