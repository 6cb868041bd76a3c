/** Values to the parameters of the query and ec2 protocols and back: `Filter.1.Value.2=x`. */
import { invalidInput } from "../../internal/cloud-error.js";
import type { TimestampFormat } from "../../model/ir.js";
import type { Member, Shape } from "../../model/model.js";
import type { Values } from "../protocol.js";
import { badResponse } from "./bad-response.js";
import { blobBytes, decodeBase64, encodeBase64 } from "./bytes.js";
import { setOwn } from "./own-property.js";
import { decodeInteger, decodeNumber, decodeTimestamp, encodeScalar, encodeTimestamp } from "./scalars.js";
import { escapeUri } from "./uri.js";

const DEPTH_MAX = 64;

/** What tells the two protocols apart. */
export interface FormDialect {
  nameOf(member: Member): string;
  /** Prefix of a list's numbered elements. */
  listPrefix(prefix: string, member: Member | undefined, shape: Shape): string;
  /** Whether an empty list is sent, as an empty parameter: it says more than an absent one. */
  readonly sendsEmptyLists: boolean;
}

export const QUERY_FORM: FormDialect = {
  nameOf: (member) => member.wireName,
  listPrefix(prefix, member, shape) {
    const name = shape.element?.traits.name;
    if (!(member?.traits.flat ?? shape.traits.flat)) return `${prefix}.${name ?? "member"}`;
    // The element's name stands in place of the list's.
    return name === undefined ? prefix : prefix.slice(0, prefix.lastIndexOf(".") + 1) + name;
  },
  sendsEmptyLists: true,
};

export const EC2_FORM: FormDialect = {
  nameOf({ traits, name }) {
    if (traits.queryName !== undefined) return traits.queryName;
    const wireName = traits.name ?? name;
    return wireName.charAt(0).toUpperCase() + wireName.slice(1);
  },
  listPrefix: (prefix) => prefix,
  sendsEmptyLists: false,
};

/** The parameters, each with `&` before it. */
export function encodeForm(dialect: FormDialect, shape: Shape, values: Values): string {
  return new FormWriter(dialect).structure(shape, values, "");
}

class FormWriter {
  readonly #dialect: FormDialect;
  #depth = 0;

  constructor(dialect: FormDialect) {
    this.#dialect = dialect;
  }

  structure(shape: Shape, values: Values, prefix: string): string {
    if (++this.#depth > DEPTH_MAX) throw invalidInput("Cannot encode the input: it nests too deep");
    let form = "";
    for (const name in values) {
      const value = values[name];
      const member = shape.member(name);
      if (value === undefined || value === null || member === undefined) continue;
      form += this.#value(member.shape, value, prefix + this.#dialect.nameOf(member), member);
    }
    this.#depth--;
    return form;
  }

  #value(shape: Shape, value: unknown, name: string, member: Member | undefined): string {
    switch (shape.type) {
      case "structure":
        return this.structure(shape, value as Values, `${name}.`);
      case "list":
        return this.#list(shape, value as readonly unknown[], name, member);
      case "map":
        return this.#map(shape, value as Values, name, member);
      default:
        return `&${escapeUri(name)}=${escapeUri(scalarText(shape, value, member?.traits.format))}`;
    }
  }

  #list(shape: Shape, list: readonly unknown[], name: string, member: Member | undefined): string {
    if (list.length === 0) return this.#dialect.sendsEmptyLists ? `&${escapeUri(name)}=` : "";
    const prefix = this.#dialect.listPrefix(name, member, shape);
    const element = shape.element as Member;
    let form = "";
    for (const [index, each] of list.entries()) {
      if (each !== null && each !== undefined)
        form += this.#value(element.shape, each, `${prefix}.${index + 1}`, element);
    }
    return form;
  }

  #map(shape: Shape, values: Values, name: string, member: Member | undefined): string {
    const prefix = mapPrefix(name, member, shape);
    const key = shape.key as Member;
    const element = shape.element as Member;
    let form = "";
    let index = 0;
    for (const [each, value] of Object.entries(values)) {
      if (value === null || value === undefined) continue;
      index++;
      form += `&${escapeUri(`${prefix}.${index}.${key.traits.name ?? "key"}`)}=${escapeUri(each)}`;
      form += this.#value(
        element.shape,
        value,
        `${prefix}.${index}.${element.traits.name ?? "value"}`,
        element,
      );
    }
    return form;
  }
}

function mapPrefix(name: string, member: Member | undefined, shape: Shape): string {
  return (member?.traits.flat ?? shape.traits.flat) ? name : `${name}.entry`;
}

function scalarText(shape: Shape, value: unknown, format: TimestampFormat | undefined): string {
  switch (shape.type) {
    case "timestamp":
      return encodeTimestamp(value, format ?? shape.traits.format ?? "iso8601");
    case "blob": {
      const bytes = blobBytes(value);
      if (bytes === undefined) throw invalidInput("Cannot encode a blob: not bytes or text");
      return encodeBase64(bytes);
    }
    case "document":
      return JSON.stringify(value);
    default:
      return encodeScalar(value);
  }
}

/** The emulator's direction. */
export function decodeForm(
  dialect: FormDialect,
  shape: Shape,
  parameters: readonly (readonly [string, string])[],
): Values {
  const tree = new FormNode();
  for (const [name, value] of parameters) tree.add(name.split("."), value);
  return decodeStructure(dialect, shape, tree);
}

/** Parameters by the parts of their names. */
class FormNode {
  readonly children = new Map<string, FormNode>();
  text: string | undefined;

  add(parts: readonly string[], value: string): void {
    if (parts.length > DEPTH_MAX) throw badResponse("Cannot read the request: a parameter nests too deep");
    let node: FormNode = this;
    for (const part of parts) {
      let child = node.children.get(part);
      if (child === undefined) {
        child = new FormNode();
        node.children.set(part, child);
      }
      node = child;
    }
    node.text = value;
  }

  /** Children with numbers for names, in their order. */
  numbered(): FormNode[] {
    return [...this.children]
      .filter(([name]) => /^\d+$/.test(name))
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([, node]) => node);
  }

  at(path: string): FormNode | undefined {
    let node: FormNode | undefined = this;
    for (const part of path.split(".")) node = node?.children.get(part);
    return node;
  }
}

function decodeStructure(dialect: FormDialect, shape: Shape, node: FormNode): Values {
  const values: Values = {};
  for (const member of shape.members) {
    const value = decodeMember(dialect, member, node);
    if (value !== undefined) values[member.name] = value;
  }
  return values;
}

function decodeMember(dialect: FormDialect, member: Member, parent: FormNode): unknown {
  const { shape } = member;
  const name = dialect.nameOf(member);
  const own = parent.at(name);
  if (shape.type === "list") {
    const elements = parent.at(dialect.listPrefix(name, member, shape))?.numbered() ?? [];
    if (elements.length > 0)
      return elements.map((each) => decodeNode(dialect, shape.element as Member, each));
    return own?.text === "" ? [] : undefined;
  }
  if (shape.type === "map") {
    const entries = parent.at(mapPrefix(name, member, shape))?.numbered() ?? [];
    return entries.length === 0 ? undefined : decodeEntries(dialect, shape, entries);
  }
  return own === undefined ? undefined : decodeNode(dialect, member, own);
}

function decodeEntries(dialect: FormDialect, shape: Shape, entries: readonly FormNode[]): Values {
  const values: Values = {};
  for (const entry of entries) {
    const key = entry.at(shape.key?.traits.name ?? "key")?.text;
    const value = entry.at(shape.element?.traits.name ?? "value");
    if (key !== undefined && value !== undefined) {
      setOwn(values, key, decodeNode(dialect, shape.element as Member, value));
    }
  }
  return values;
}

function decodeNode(dialect: FormDialect, member: Member, node: FormNode): unknown {
  const { shape } = member;
  switch (shape.type) {
    case "structure":
      return decodeStructure(dialect, shape, node);
    case "list": {
      const prefix = dialect.listPrefix("", member, shape).replace(/^\./, "");
      const elements = (prefix === "" ? node : node.at(prefix))?.numbered() ?? [];
      return elements.map((each) => decodeNode(dialect, shape.element as Member, each));
    }
    case "map":
      return decodeEntries(
        dialect,
        shape,
        (mapPrefix("", member, shape) === "" ? node : node.at("entry"))?.numbered() ?? [],
      );
    default:
      return decodeScalar(shape, node.text ?? "");
  }
}

function decodeScalar(shape: Shape, text: string): unknown {
  switch (shape.type) {
    case "boolean":
      return text.toLowerCase() === "true";
    case "integer":
    case "long":
      return decodeInteger(text);
    case "float":
    case "double":
      return decodeNumber(text);
    case "timestamp":
      return decodeTimestamp(text);
    case "blob":
      return decodeBase64(text);
    default:
      return text;
  }
}
