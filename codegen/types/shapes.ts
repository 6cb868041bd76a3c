/** Shapes as TypeScript: an interface a structure, an alias an enum or union, everything else in place. */
import type { MemberTraits, ServiceModel, ShapeTraits } from "../../src/model/ir.js";
import { Flavours, isFilled, type Side } from "./flavours.js";
import { fitsNumber } from "./longs.js";

/** Names that a shape may not take: it would shadow what our own declarations mean by them. */
const RESERVED = new Set([
  "string",
  "number",
  "boolean",
  "unknown",
  "undefined",
  "any",
  "void",
  "never",
  "object",
  "symbol",
  "bigint",
  "globalThis",
]);

/** Short, for those that stand in every line. */
const LOCAL_NAMES: Readonly<Record<string, string>> = {
  PresignableOperation: "_Op",
  PresignablePagedOperation: "_Paged",
};

export class ShapeTypes {
  readonly #model: ServiceModel;
  readonly #flavours: Flavours;
  readonly #names = new Map<string, string>();
  readonly #taken: Set<string>;
  readonly #used = new Set<string>();
  /** Lists and maps that hold themselves without a structure between: they need a name. */
  readonly #recursive = new Set<string>();

  constructor(model: ServiceModel, taken: readonly string[]) {
    this.#model = model;
    this.#flavours = new Flavours(model);
    this.#taken = new Set([...RESERVED, ...taken]);
    const named = Object.keys(model.shapes).filter(
      (name) => this.#isNamed(name) && this.#flavours.sides(name).length > 0,
    );
    for (const name of named) this.#names.set(key(name, "output"), this.#claim(name));
    for (const name of named) {
      this.#names.set(
        key(name, "input"),
        this.#flavours.isSplit(name) ? this.#claim(`${name}Input`) : this.#nameOf(name, "output"),
      );
    }
  }

  /** Imports of the helper types of `client/types.ts` that the declarations used so far. */
  get imports(): string[] {
    return [...this.#used].sort().map((name) => `${name} as ${this.helper(name)}`);
  }

  /** A helper type under its local name: shapes may be called the same. */
  helper(name: string): string {
    this.#used.add(name);
    return LOCAL_NAMES[name] ?? `_${name}`;
  }

  /** Declarations of all named shapes, in the model's order. */
  declarations(): string[] {
    return Object.entries(this.#model.shapes).flatMap(([name, shape]) => {
      if (!this.#isNamed(name)) return [];
      const sides = this.#flavours.sides(name);
      if (this.#flavours.isSplit(name))
        return [this.#declare(name, shape, "input"), this.#declare(name, shape, "output")];
      return sides[0] === undefined ? [] : [this.#declare(name, shape, sides[0])];
    });
  }

  /** The type of a reference to a shape; of no shape, the empty object. */
  of(name: string | undefined, side: Side): string {
    if (name === undefined) return "{}";
    return this.#isNamed(name) ? this.#nameOf(name, side) : this.#inPlace(name, side);
  }

  /**
   * What `.items()` yields for a path over an output, `Contents` or `items.*.addresses[]`: elements where a list stands
   * there, entries where a map does.
   */
  itemAt(name: string, path: string): string {
    let current = name;
    for (const part of path.split(".")) {
      const member = part.replace(/\[\]$/, "");
      const shape = this.#shape(current);
      const next = member === "*" ? shape.member : shape.members?.[member];
      const element = member === part ? next : next && this.#shape(next.shape).member;
      if (element === undefined) return "unknown";
      current = element.shape;
    }
    const shape = this.#shape(current);
    const element = shape.member && this.of(shape.member.shape, "output");
    if (shape.type === "list" && !path.endsWith("[]")) return element as string;
    return shape.type === "map" ? `[string, ${element}]` : this.of(current, "output");
  }

  /** `{ a: string; b?: number }` */
  members(shape: ShapeTraits, side: Side): string {
    const lines = Object.entries(shape.members ?? {}).flatMap(([name, member]) => {
      if (side === "input" && member.readOnly) return [];
      const optional =
        side === "input" ? !member.required || isFilled(member) : !this.#isPromised(name, member, shape);
      const deprecated = member.deprecated ? "/** @deprecated */ " : "";
      return [
        `${deprecated}${propertyName(name)}${optional ? "?" : ""}: ${this.#ofMember(member, side, name)}`,
      ];
    });
    return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n}`;
  }

  /** What the model requires, and a payload that streams: an empty one is an empty stream. */
  #isPromised(name: string, member: MemberTraits, owner: ShapeTraits): boolean {
    if (member.required) return true;
    const { type, streaming, eventStream } = this.#shape(member.shape);
    return (
      owner.payload === name &&
      (eventStream === true || (type === "blob" && (streaming ?? member.streaming) === true))
    );
  }

  #declare(name: string, shape: ShapeTraits, side: Side): string {
    const own = this.#nameOf(name, side);
    if (shape.enum)
      return `export type ${own} = ${shape.enum.map((each) => JSON.stringify(each)).join(" | ")} | (string & {});`;
    if (shape.type !== "structure") return `export type ${own} = ${this.#inPlace(name, side)};`;
    if (shape.eventStream) return `export type ${own} = ${this.#stream(shape, side)};`;
    if (shape.union)
      return `export type ${own} = ${this.helper("OneOf")}<${this.members(required(shape), side)}>;`;
    return `export interface ${own} ${this.members(shape, side)}`;
  }

  /** Exceptions of a received stream are thrown, not yielded. */
  #stream(shape: ShapeTraits, side: Side): string {
    const events = Object.entries(shape.members ?? {}).filter(
      ([, member]) => side === "input" || this.#shape(member.shape).error === undefined,
    );
    const members = this.members(required({ ...shape, members: Object.fromEntries(events) }), side);
    return `${this.#global("AsyncIterable")}<${this.helper("OneOf")}<${members}>>`;
  }

  #ofMember(member: MemberTraits, side: Side, name = ""): string {
    const shape = this.#shape(member.shape);
    if (shape.type === "long" && side === "output" && this.#model.service.cloud === "aws")
      return fitsNumber(name, member.shape, shape) ? "number" : "number | bigint";
    // An unmodelled value travels in a header as JSON.
    if (member.jsonValue && member.at === "header")
      return side === "input" ? this.helper("Document") : "unknown";
    if (shape.type === "blob" && (member.streaming || shape.streaming))
      return this.helper(side === "input" ? "RequestBody" : "Body");
    return this.of(member.shape, side);
  }

  #inPlace(name: string, side: Side): string {
    const shape = this.#shape(name);
    const input = side === "input";
    switch (shape.type) {
      case "list": {
        const element = this.#ofMember(shape.member as MemberTraits, side);
        if (shape.sparse) return `(${element} | null)[]`;
        return element.includes(" | ") && !element.endsWith(">") ? `(${element})[]` : `${element}[]`;
      }
      case "map":
        return `${this.#global("Record")}<string, ${this.#ofMember(shape.member as MemberTraits, side)}${shape.sparse ? " | null" : ""}>`;
      case "string":
        return input && shape.parts
          ? `string | { ${shape.parts.map((part) => `${part}: string`).join("; ")} }`
          : "string";
      case "boolean":
        return "boolean";
      case "integer":
      case "float":
      case "double":
        return "number";
      case "long":
        return input ? this.helper("LongInput") : "number";
      case "timestamp":
        return input ? this.helper("TimestampInput") : this.#global("Date");
      case "blob":
        return input ? this.helper("BlobInput") : this.#global("Uint8Array");
      case "document":
        return input ? this.helper("Document") : "unknown";
      case "structure":
        return this.#nameOf(name, side);
    }
  }

  #shape(name: string): ShapeTraits {
    const shape = this.#model.shapes[name];
    if (shape === undefined)
      throw new Error(`Cannot emit types of ${this.#model.service.id}: no shape "${name}"`);
    return shape;
  }

  #isNamed(name: string): boolean {
    const shape = this.#shape(name);
    if (shape.type === "structure" || shape.enum !== undefined) return true;
    if (shape.type !== "list" && shape.type !== "map") return false;
    if (this.#holdsItself(name)) this.#recursive.add(name);
    return this.#recursive.has(name);
  }

  #holdsItself(name: string): boolean {
    const seen = new Set<string>();
    for (let next = this.#shape(name).member?.shape; next !== undefined; ) {
      if (next === name) return true;
      const shape: ShapeTraits = this.#shape(next);
      if (seen.has(next) || (shape.type !== "list" && shape.type !== "map")) return false;
      seen.add(next);
      next = shape.member?.shape;
    }
    return false;
  }

  #nameOf(name: string, side: Side): string {
    return this.#names.get(key(name, side)) as string;
  }

  /** A legal identifier that nothing else has. */
  #claim(wanted: string): string {
    let name = wanted.replace(/[^A-Za-z0-9_$]/g, "_").replace(/^(?=\d)/, "_");
    while (this.#taken.has(name)) name += "Shape";
    this.#taken.add(name);
    return name;
  }

  /** A type of the language, where a shape of the same name hides it. */
  #global(name: string): string {
    return this.#taken.has(name) ? `globalThis.${name}` : name;
  }
}

function required(shape: ShapeTraits): ShapeTraits {
  const members = Object.entries(shape.members ?? {}).map(([name, member]) => [
    name,
    { ...member, required: true },
  ]);
  return { ...shape, members: Object.fromEntries(members) };
}

export function propertyName(name: string): string {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? name : JSON.stringify(name);
}

function key(name: string, side: Side): string {
  return `${side} ${name}`;
}
