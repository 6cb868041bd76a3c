/**
 * Which shapes of a service stand in inputs, which in outputs, and which of those that stand in both need two types: their
 * values differ (a blob is given as text or bytes and comes as bytes), or their members do (the service alone sets some).
 */
import type { MemberTraits, ServiceModel, ShapeTraits } from "../../src/model/ir.js";

export type Side = "input" | "output";

export class Flavours {
  readonly #sides: Readonly<Record<Side, ReadonlySet<string>>>;
  readonly #differing: ReadonlySet<string>;

  constructor(model: ServiceModel) {
    const operations = Object.values(model.operations);
    const errors = operations.flatMap((operation) => operation.errors ?? []);
    const outputs = operations.flatMap(({ output, lro }) =>
      [output, lro?.result].flatMap((name) => name ?? []),
    );
    this.#sides = {
      input: reach(
        model,
        operations.flatMap(({ input }) => input ?? []),
      ),
      output: reach(model, [...outputs, ...errors]),
    };
    this.#differing = differing(model);
  }

  /** Sides on which the shape is used. */
  sides(name: string): Side[] {
    return (["input", "output"] as const).filter((side) => this.#sides[side].has(name));
  }

  /** Whether the shape has one type for inputs and another for outputs. */
  isSplit(name: string): boolean {
    return this.#differing.has(name) && this.#sides.input.has(name) && this.#sides.output.has(name);
  }
}

/** Members that an input may leave out though the model requires them: filled in by us. */
export function isFilled(member: MemberTraits): boolean {
  return member.idempotencyToken === true || member.session !== undefined || member.value !== undefined;
}

export function membersOf(shape: ShapeTraits): MemberTraits[] {
  const { members = {}, member, key } = shape;
  return [...Object.values(members), ...(key ? [key] : []), ...(member ? [member] : [])];
}

function reach(model: ServiceModel, roots: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...roots];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...membersOf(model.shapes[name] as ShapeTraits).map(({ shape }) => shape));
  }
  return seen;
}

const DIFFERING_TYPES: ReadonlySet<string> = new Set(["blob", "timestamp", "long", "document"]);

/** From the shapes that differ by themselves up to all that hold one. */
function differing(model: ServiceModel): ReadonlySet<string> {
  const holders = new Map<string, string[]>();
  const open: string[] = [];
  for (const [name, shape] of Object.entries(model.shapes)) {
    const members = membersOf(shape);
    for (const member of members) {
      const known = holders.get(member.shape);
      if (known) known.push(name);
      else holders.set(member.shape, [name]);
    }
    const own = members.some((member) => member.readOnly || (member.required && isFilled(member)));
    if (own || DIFFERING_TYPES.has(shape.type)) open.push(name);
  }
  const found = new Set<string>();
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    open.push(...(holders.get(name) ?? []));
  }
  return found;
}
