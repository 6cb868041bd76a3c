/** Discovery's JSON schemas as shapes. */
import type { MemberTraits, ShapeTraits } from "../../src/model/ir.js";
import type { Schema } from "./discovery.js";

/**
 * Opaque tokens that a user only hands back. Google states the format `byte` for some of them; they stay the text they are
 * on the wire, since decoding gains nothing and two base64 alphabets are in use.
 */
const OPAQUE = /(fingerprint|etag|token)$/i;

const INTEGERS = new Set(["int32", "uint32"]);

/** Collects the shapes of one document. Equal ones that the document repeats inline become one. */
export class ShapeTable {
  readonly shapes: Record<string, ShapeTraits> = {};
  readonly #schemas: Readonly<Record<string, Schema>>;
  /** Inline structures by content, and how often each stands in the document. */
  readonly #inlineNames = new Map<string, string>();
  readonly #inlineCounts = new Map<string, number>();

  constructor(schemas: Readonly<Record<string, Schema>>) {
    this.#schemas = schemas;
    for (const schema of Object.values(schemas)) this.#count(schema, true);
    for (const [name, schema] of Object.entries(schemas)) this.#named(name, schema);
  }

  /** Adds a shape and returns the name that it got: another than asked for when that is taken by a different shape. */
  add(name: string, shape: ShapeTraits): string {
    const text = JSON.stringify(shape);
    for (let free = name, number = 2; ; free = `${name}${number++}`) {
      if (Object.hasOwn(this.#schemas, free)) continue;
      const taken = this.shapes[free];
      if (taken === undefined) {
        this.shapes[free] = shape;
        return free;
      }
      if (JSON.stringify(taken) === text) return free;
    }
  }

  /** The shape of a schema that stands inside another; `hint` names what gets a name of its own. */
  of(schema: Schema, hint: string, property: string): string {
    if (schema.$ref !== undefined) return schema.$ref;
    switch (schema.type) {
      case "string":
        return this.#string(schema, hint, property);
      case "integer":
        return INTEGERS.has(schema.format ?? "int32")
          ? this.#scalar("Integer", { type: "integer" })
          : this.#scalar("String", { type: "string" });
      case "number":
        return schema.format === "float"
          ? this.#scalar("Float", { type: "float" })
          : this.#scalar("Double", { type: "double" });
      case "boolean":
        return this.#scalar("Boolean", { type: "boolean" });
      case "array":
        return this.#list(this.of(schema.items ?? {}, hint, property));
      case "object":
        return this.#object(schema, hint, property);
      default:
        return this.#scalar("Document", { type: "document" });
    }
  }

  list(element: string): string {
    return this.#list(element);
  }

  #named(name: string, schema: Schema): void {
    if (schema.type === "object" && schema.additionalProperties === undefined) {
      this.shapes[name] = this.#structure(name, schema);
    } else if (schema.type === "object") {
      this.shapes[name] = this.#map(schema.additionalProperties as Schema, name);
    } else if (schema.type === "array") {
      this.shapes[name] = {
        type: "list",
        member: { shape: this.of(schema.items ?? {}, `${name}Item`, name) },
      };
    } else {
      this.shapes[name] = { type: "document" };
    }
  }

  #structure(name: string, schema: Schema): ShapeTraits {
    const members: Record<string, MemberTraits> = {};
    for (const [property, value] of Object.entries(schema.properties ?? {})) {
      members[property] = {
        shape: this.of(value, name + pascal(property), property),
        ...(isReadOnly(value) && { readOnly: true as const }),
        ...(value.deprecated === true && { deprecated: true as const }),
      };
    }
    return { type: "structure", members };
  }

  #object(schema: Schema, hint: string, property: string): string {
    if (schema.additionalProperties !== undefined) {
      const shape = this.#map(schema.additionalProperties, hint);
      return this.add(`${shape.member?.shape ?? ""}Map`, shape);
    }
    if (schema.properties === undefined) return this.#scalar("Document", { type: "document" });
    const text = contentOf(schema);
    const known = this.#inlineNames.get(text);
    if (known !== undefined) return known;
    const shared = (this.#inlineCounts.get(text) ?? 0) > 1;
    const name = this.#freeName(shared ? pascal(property) : hint, hint);
    this.#inlineNames.set(text, name);
    this.shapes[name] = this.#structure(name, schema);
    return name;
  }

  #map(value: Schema, hint: string): ShapeTraits {
    return {
      type: "map",
      key: { shape: this.#scalar("String", { type: "string" }) },
      member: { shape: this.of(value, `${hint}Value`, hint) },
    };
  }

  #list(element: string): string {
    return this.add(`${element}List`, { type: "list", member: { shape: element } });
  }

  #string(schema: Schema, hint: string, property: string): string {
    if (schema.enum !== undefined) return this.add(hint, { type: "string", enum: schema.enum });
    if (schema.format === "byte" && !OPAQUE.test(property)) return this.#scalar("Blob", { type: "blob" });
    return this.#scalar("String", { type: "string" });
  }

  #scalar(name: string, shape: ShapeTraits): string {
    return this.add(name, shape);
  }

  #freeName(...wanted: string[]): string {
    for (const name of wanted)
      if (!Object.hasOwn(this.#schemas, name) && !Object.hasOwn(this.shapes, name)) return name;
    const last = wanted[wanted.length - 1] as string;
    for (let number = 2; ; number++) {
      const name = `${last}${number}`;
      if (!Object.hasOwn(this.#schemas, name) && !Object.hasOwn(this.shapes, name)) return name;
    }
  }

  #count(schema: Schema, named: boolean): void {
    if (!named && schema.type === "object" && schema.properties !== undefined) {
      const text = contentOf(schema);
      this.#inlineCounts.set(text, (this.#inlineCounts.get(text) ?? 0) + 1);
    }
    for (const property of Object.values(schema.properties ?? {})) this.#count(property, false);
    if (schema.items) this.#count(schema.items, false);
    if (schema.additionalProperties) this.#count(schema.additionalProperties, false);
  }
}

export function pascal(name: string): string {
  return name.replace(/(^|[^A-Za-z0-9]+)([A-Za-z0-9]?)/g, (_, __, first: string) => first.toUpperCase());
}

/** Older APIs state it only in the description. */
function isReadOnly(schema: Schema): boolean {
  return schema.readOnly === true || /^\s*(\[Output Only\]|Output only\b)/i.test(schema.description ?? "");
}

/** What two inline schemas have in common when they are the same structure. */
function contentOf(schema: Schema): string {
  const { properties, items, additionalProperties } = schema;
  const parts = [schema.$ref, schema.type, schema.format, schema.enum, isReadOnly(schema), schema.deprecated];
  return JSON.stringify([
    parts,
    properties && Object.entries(properties).map(([name, each]) => [name, contentOf(each)]),
    items && contentOf(items),
    additionalProperties && contentOf(additionalProperties),
  ]);
}
