/** Mappers of an autorest client to shapes of the IR. Pure but for the table it fills. */
import type { MemberTraits, ShapeTraits } from "../../src/model/ir.js";
import type { Mapper } from "./autorest.js";
import type { LoadedPackage } from "./load.js";

/** How one service's members are named and its shapes mended. */
export interface ShapeRules {
  readonly xml: boolean;
  /** Shapes taken over one that the package describes: `BlobName` is text. */
  readonly replaced: Readonly<Record<string, ShapeTraits>>;
}

/** A structure under construction: ARM's mappers name members by dotted path, the IR nests them. */
type Tree = Map<string, Tree | Mapper>;

export class Shapes {
  readonly table: Record<string, ShapeTraits> = {};
  readonly #package: LoadedPackage;
  readonly #rules: ShapeRules;

  constructor(loaded: LoadedPackage, rules: ShapeRules) {
    this.#package = loaded;
    this.#rules = rules;
  }

  /** Name of the shape of a mapper's type, made when first asked for. */
  nameOf(mapper: Mapper, hint: string): string {
    const { type } = mapper;
    switch (type.name) {
      case "Composite":
        return this.#structure(mapper);
      case "Sequence": {
        const element = type.element as Mapper;
        const shape = this.nameOf(element, `${hint}Item`);
        const wire = this.#rules.xml ? (mapper.xmlElementName ?? element.xmlName) : undefined;
        return this.#add(`${shape}List${wire && wire !== shape ? wire : ""}`, {
          type: "list",
          member: { shape, ...(wire && { name: wire }) },
        });
      }
      case "Dictionary": {
        const shape = this.nameOf(type.value as Mapper, `${hint}Value`);
        return this.#add(`${shape}Map`, {
          type: "map",
          key: { shape: this.#scalar("string") },
          member: { shape },
        });
      }
      case "Enum":
        return this.#add(enumName(type.allowedValues, hint), {
          type: "string",
          enum: (type.allowedValues ?? []).map(String),
        });
      default:
        return this.#simple(mapper, hint);
    }
  }

  mapperOf(className: string): Mapper | undefined {
    return this.#package.mappers.get(className);
  }

  /** A structure that exists in no mapper: an operation's input, or an output of headers and body. */
  define(name: string, shape: ShapeTraits): string {
    const free = this.#free(name);
    this.table[free] = shape;
    return free;
  }

  #simple(mapper: Mapper, hint: string): string {
    switch (mapper.type.name) {
      case "String":
      case "Uuid":
      case "TimeSpan":
        return this.#scalar("string");
      case "Boolean":
        return this.#scalar("boolean");
      case "Number":
        // Autorest's mappers do not tell integers from fractions.
        return this.#scalar("double");
      case "DateTime":
        return this.#add("dateTime", { type: "timestamp", format: "iso8601" });
      case "DateTimeRfc1123":
        return this.#add("httpDate", { type: "timestamp", format: "rfc822" });
      case "UnixTime":
        return this.#add("unixTime", { type: "timestamp", format: "unixTimestamp" });
      case "Date":
        return this.#add("date", { type: "timestamp", format: "date" });
      case "ByteArray":
        return this.#scalar("blob");
      case "Base64Url":
        return this.#add("base64url", { type: "blob", base64url: true });
      case "Stream":
        return this.#add("stream", { type: "blob", streaming: true });
      case "any":
      case "Object":
      case "any[]":
        // XML has no free documents: what the package calls so is text.
        return this.#scalar(this.#rules.xml ? "string" : "document");
      default:
        throw new Error(`Cannot import ${hint}: mapper type ${mapper.type.name} is not known`);
    }
  }

  #scalar(type: ShapeTraits["type"]): string {
    return this.#add(type, { type });
  }

  #add(name: string, shape: ShapeTraits): string {
    const known = this.table[name];
    // The package may have a structure of that name, met later.
    if (this.#package.mappers.has(name)) return this.#add(`${name}_`, shape);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(shape))
      return this.#add(`${name}_`, shape);
    this.table[name] = shape;
    return name;
  }

  #free(name: string): string {
    return this.table[name] === undefined && !this.#package.mappers.has(name) ? name : this.#free(`${name}_`);
  }

  #structure(mapper: Mapper): string {
    const name = mapper.type.className ?? "";
    if (this.table[name] !== undefined) return name;
    const replaced = this.#rules.replaced[name];
    if (replaced !== undefined) {
      this.table[name] = replaced;
      return name;
    }
    const full = this.#package.mappers.get(name) ?? mapper;
    // Placed first: structures may hold themselves.
    this.table[name] = { type: "structure" };
    const properties = this.#propertiesWithSubtypes(full);
    const { xmlName, xmlNamespace } = full;
    if (full.type.additionalProperties && properties.length === 0) {
      const shape = this.nameOf(full.type.additionalProperties, `${name}Value`);
      this.table[name] = { type: "map", key: { shape: this.#scalar("string") }, member: { shape } };
      return name;
    }
    this.table[name] = {
      type: "structure",
      ...(this.#rules.xml && xmlName !== undefined && xmlName !== name && { xmlName }),
      ...(xmlNamespace !== undefined && { xmlNamespace }),
      members: this.#rules.xml ? this.#xmlMembers(name, properties) : this.#nested(name, treeOf(properties)),
    };
    return name;
  }

  /** A base with subtypes holds the members of all of them: the wire has one object whose discriminator says which. */
  #propertiesWithSubtypes(mapper: Mapper): [string, Mapper][] {
    const { modelProperties = {}, className, polymorphicDiscriminator } = mapper.type;
    const merged = new Map(Object.entries(modelProperties));
    if (polymorphicDiscriminator === undefined) return [...merged];
    const subtypes = Object.entries(this.#package.discriminators).filter(
      ([key, each]) =>
        key.startsWith(`${className}.`) || (each.type.uberParent === className && each !== mapper),
    );
    for (const [, subtype] of subtypes) {
      for (const [property, each] of Object.entries(subtype.type.modelProperties ?? {})) {
        const known = merged.get(property);
        const optional: Mapper = { ...each, required: false };
        if (known === undefined) merged.set(property, optional);
        else if (JSON.stringify(known.type) !== JSON.stringify(each.type)) {
          merged.set(property, { ...optional, type: { name: "any" } });
        }
      }
    }
    return [...merged];
  }

  #xmlMembers(owner: string, properties: readonly [string, Mapper][]): Record<string, MemberTraits> {
    const members: Record<string, MemberTraits> = {};
    for (const [name, mapper] of properties) {
      const isList = mapper.type.name === "Sequence";
      const flat = isList && !mapper.xmlIsWrapped;
      const wire =
        (flat ? mapper.xmlElementName : undefined) ?? mapper.xmlName ?? mapper.serializedName ?? name;
      members[name] = {
        shape: this.nameOf(mapper, `${owner}${capital(name)}`),
        ...(wire !== name && { name: wire }),
        ...flags(mapper),
        ...(mapper.xmlIsAttribute && { attribute: true }),
        ...(flat && { flat: true }),
      };
    }
    return members;
  }

  #nested(owner: string, tree: Tree): Record<string, MemberTraits> {
    const members: Record<string, MemberTraits> = {};
    for (const [name, node] of tree) {
      if (node instanceof Map) {
        const shape = this.define(`${owner}${capital(name)}`, { type: "structure" });
        this.table[shape] = { type: "structure", members: this.#nested(shape, node) };
        members[name] = { shape, ...(anyRequired(node) && { required: true }) };
      } else {
        members[name] = { shape: this.nameOf(node, `${owner}${capital(name)}`), ...flags(node) };
      }
    }
    return members;
  }
}

function treeOf(properties: readonly [string, Mapper][]): Tree {
  const root: Tree = new Map();
  for (const [property, mapper] of properties) {
    // A dot that belongs to the name is escaped: `@odata\\.type`.
    const path = (mapper.serializedName ?? property)
      .split(/(?<!\\)\./)
      .map((part) => part.replaceAll("\\.", "."));
    let node = root;
    for (const part of path.slice(0, -1)) {
      const next = node.get(part);
      if (next instanceof Map) node = next;
      else {
        const made: Tree = new Map();
        node.set(part, made);
        node = made;
      }
    }
    const last = path[path.length - 1] as string;
    if (!(node.get(last) instanceof Map)) node.set(last, mapper);
  }
  return root;
}

function anyRequired(tree: Tree): boolean {
  return [...tree.values()].some((node) =>
    node instanceof Map ? anyRequired(node) : node.required && !node.readOnly,
  );
}

export function flags(mapper: Mapper): Omit<MemberTraits, "shape"> {
  return {
    ...(mapper.required && !mapper.readOnly && { required: true }),
    ...(mapper.readOnly && { readOnly: true }),
    ...(mapper.isConstant && isConstant(mapper.defaultValue) && { value: mapper.defaultValue }),
  };
}

function isConstant(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function enumName(values: readonly unknown[] | undefined, hint: string): string {
  return hint === "" ? `Enum${(values ?? []).join("")}` : hint;
}

export function capital(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9]+/g, "");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
