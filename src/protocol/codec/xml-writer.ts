/** Values to XML, guided by the model. Used through `xml.ts`. */
import { invalidInput } from "../../internal/cloud-error.js";
import type { Shape } from "../../model/model.js";
import type { Values } from "../protocol.js";
import { blobBytes, encodeBase64 } from "./bytes.js";
import { encodeScalar, encodeTimestamp } from "./scalars.js";
import { type XmlMember, type XmlPlan, xmlPlanOf } from "./xml-plan.js";

const DEPTH_MAX = 128;

/** How the root element is written. */
export interface XmlElement {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly prefix?: string | undefined;
  /** As for reading: keys of a map as element names. */
  readonly maps?: "entries" | "names" | undefined;
}

/** The value as one element, without an XML declaration. */
export function encodeXml(shape: Shape, value: unknown, root: XmlElement): string {
  const writer = new XmlWriter(root.maps === "names");
  return writer.element(root.name, namespaceAttribute(root.namespace, root.prefix), xmlPlanOf(shape), value);
}

/** Text within an element or a quoted attribute. A carriage return would be read as a line feed if it stood plainly. */
export function escapeXml(text: string): string {
  return /[&<>"\r\u0085\u2028]/.test(text) ? text.replace(/[&<>"\r\u0085\u2028]/g, escapeCharacter) : text;
}

class XmlWriter {
  readonly #keysAreNames: boolean;
  #depth = 0;

  constructor(keysAreNames: boolean) {
    this.#keysAreNames = keysAreNames;
  }

  element(name: string, attributes: string, plan: XmlPlan, value: unknown, member?: XmlMember): string {
    if (plan.kind === "structure") {
      const values = value as Values;
      return wrap(name, attributes + attributesOf(plan, values), this.#members(plan, values));
    }
    return wrap(name, attributes, this.#content(plan, value, member));
  }

  #content(plan: XmlPlan, value: unknown, member: XmlMember | undefined): string {
    switch (plan.kind) {
      case "list":
        return this.#items(plan, value as unknown[], plan.element?.tag ?? "member");
      case "map":
        return this.#entries(plan, value as Values, "entry");
      case "blob": {
        const bytes = blobBytes(value);
        if (bytes === undefined) throw invalidInput("Cannot encode a blob: not bytes or text");
        return encodeBase64(bytes);
      }
      case "timestamp":
        return encodeTimestamp(value, member?.format ?? plan.format ?? "iso8601");
      case "document":
        // Text of any kind: a template may be YAML.
        return escapeXml(typeof value === "string" ? value : JSON.stringify(value));
      default:
        return escapeXml(encodeScalar(value));
    }
  }

  #members(plan: XmlPlan, values: Values): string {
    if (++this.#depth > DEPTH_MAX) throw invalidInput("Cannot encode the input: it nests too deep");
    let xml = "";
    for (const name in values) {
      const value = values[name];
      const member = plan.byProperty(name);
      if (value === undefined || value === null || member === undefined) continue;
      if (member.member.traits.attribute) continue;
      xml += member === plan.text ? escapeXml(encodeScalar(value)) : this.#member(member, value);
    }
    this.#depth--;
    return xml;
  }

  #member(member: XmlMember, value: unknown): string {
    const { plan } = member;
    if (!member.flat) return this.element(member.tag, namespaceOf(member), plan, value, member);
    return plan.kind === "map"
      ? this.#entries(plan, value as Values, member.tag, namespaceOf(member))
      : this.#items(plan, value as unknown[], member.tag, namespaceOf(member));
  }

  #items(plan: XmlPlan, list: readonly unknown[], tag: string, attributes?: string): string {
    const element = plan.element as XmlMember;
    const own = attributes || namespaceOf(element);
    let xml = "";
    for (const item of list) {
      if (item !== undefined && item !== null) xml += this.element(tag, own, element.plan, item, element);
      else if (plan.shape.traits.sparse) xml += wrap(tag, own, "");
    }
    return xml;
  }

  #entries(plan: XmlPlan, values: Values, tag: string, attributes = ""): string {
    const key = plan.key as XmlMember;
    const element = plan.element as XmlMember;
    let xml = "";
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined || value === null) continue;
      if (this.#keysAreNames) {
        xml += this.element(name, "", element.plan, value, element);
        continue;
      }
      const entry =
        wrap(key.tag, namespaceOf(key), escapeXml(name)) +
        this.element(element.tag, namespaceOf(element), element.plan, value, element);
      xml += wrap(tag, attributes, entry);
    }
    return xml;
  }
}

function attributesOf(plan: XmlPlan, values: Values): string {
  let text = "";
  for (const { property, tag, format } of plan.attributes) {
    const value = values[property];
    if (value === undefined || value === null) continue;
    const plain = value instanceof Date ? encodeTimestamp(value, format ?? "iso8601") : encodeScalar(value);
    text += ` ${tag}="${escapeXml(plain).replace(/[\n\t]/g, escapeCharacter)}"`;
  }
  return text;
}

function wrap(name: string, attributes: string, content: string): string {
  return `<${name}${attributes}>${content}</${name}>`;
}

function namespaceOf({ member }: XmlMember): string {
  return namespaceAttribute(member.traits.xmlNamespace, member.traits.xmlPrefix);
}

function namespaceAttribute(namespace: string | undefined, prefix: string | undefined): string {
  if (namespace === undefined) return "";
  return ` xmlns${prefix === undefined ? "" : `:${prefix}`}="${escapeXml(namespace)}"`;
}

function escapeCharacter(character: string): string {
  switch (character) {
    case "&":
      return "&amp;";
    case "<":
      return "&lt;";
    case ">":
      return "&gt;";
    case '"':
      return "&quot;";
    default:
      return `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;
  }
}
