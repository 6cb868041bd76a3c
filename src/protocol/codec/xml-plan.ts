/** What the XML codec works out once a shape: tags ready to compare and to write, and the order in which they came last time. */
import type { TimestampFormat } from "../../model/ir.js";
import type { Member, Shape } from "../../model/model.js";
import { plansOf } from "../plan.js";
import type { Values } from "../protocol.js";
import type { XmlRun } from "./xml-run.js";

/** Wire name of a member that is an element's own text, beside attributes (Azure's `xmlIsMsText`). */
export const TEXT_MEMBER = "#text";

export function xmlPlanOf(shape: Shape): XmlPlan {
  const plans = plansOf(shape);
  plans.xml ??= new XmlPlan(shape);
  return plans.xml;
}

export class XmlPlan {
  readonly shape: Shape;
  readonly kind: Shape["type"];
  readonly format: TimestampFormat | undefined;
  readonly union: boolean;
  /** Structure: members that travel as attributes. */
  readonly attributes: XmlMember[] = [];
  /** Structure: the member that is the element's text. */
  readonly text: XmlMember | undefined = undefined;
  /** List element or map value, and map key. */
  readonly element: XmlMember | undefined;
  readonly key: XmlMember | undefined;
  /** Member that came first in the last structure read: a guess that a compare of text confirms. */
  first: XmlMember | undefined = undefined;
  /** Structures read so far, up to those from which runs were learned. */
  seen = 0;
  /** All elements of the structure from which runs were learned, where they make one run; `plain` where none is a list. */
  whole: XmlRun | undefined = undefined;
  plain: XmlRun | undefined = undefined;
  /** Makes a plain object. */
  readonly Values: new () => Values = plainConstructor();
  /** Structure: by element name. */
  readonly #byTag = new Map<string, XmlMember>();
  readonly #byProperty = new Map<string, XmlMember>();
  #flatNamesAdded = false;

  constructor(shape: Shape) {
    this.shape = shape;
    this.kind = shape.type;
    this.format = shape.traits.format;
    this.union = shape.traits.union === true;
    this.element =
      shape.element &&
      new XmlMember(shape.element, shape.element.traits.name ?? (shape.key ? "value" : "member"));
    this.key = shape.key && new XmlMember(shape.key, shape.key.traits.name ?? "key");
    for (const member of shape.members) {
      const each = new XmlMember(member, member.wireName);
      this.#byProperty.set(member.name, each);
      if (member.traits.attribute) this.attributes.push(each);
      else if (member.wireName === TEXT_MEMBER) this.text = each;
      else if (isInBody(member)) this.#addTag(each);
    }
  }

  #addTag(member: XmlMember): void {
    const known = this.#byTag.get(member.tag);
    if (known === undefined) this.#byTag.set(member.tag, member);
    else known.twin = member;
  }

  /** The member of a structure that an element of that name holds. */
  byTag(tag: string): XmlMember | undefined {
    const member = this.#byTag.get(tag);
    if (member !== undefined || this.#flatNamesAdded) return member;
    // A flattened list is named by its element where the model gives that a name. Looked up late: it loads every shape.
    this.#flatNamesAdded = true;
    for (const each of [...this.#byTag.values()]) {
      const name = each.flat ? each.plan.shape.element?.traits.name : undefined;
      if (name !== undefined && !this.#byTag.has(name)) this.#byTag.set(name, each);
    }
    return this.#byTag.get(tag);
  }

  byProperty(name: string): XmlMember | undefined {
    return this.#byProperty.get(name);
  }
}

/**
 * V8 sets memory aside in a new object for as many members as its constructor names, and some more; what the first few objects
 * of a constructor leave free it takes back. Members that do not fit go into an array that is copied as it grows, which took a
 * sixth of decoding.
 */
function plainConstructor(): new () => Values {
  function PlainValues(this: Values, named?: true): void {
    if (!named) return;
    this.a = this.b = this.c = this.d = this.e = this.f = this.g = this.h = undefined;
    this.i = this.j = this.k = this.l = this.m = this.n = this.o = this.p = undefined;
  }
  PlainValues.prototype = Object.prototype;
  return PlainValues as unknown as new () => Values;
}

/** Members in headers are read by the HTTP binding. A response has no path and no query: their members are in its body. */
function isInBody({ traits: { at, eventHeader } }: Member): boolean {
  return at !== "header" && at !== "headers" && at !== "status" && !eventHeader;
}

/** How a member is read: worked out once, when its shape is loaded. */
export type XmlMode = "string" | "scalar" | "structure" | "list" | "map" | "flatList" | "flatMap";

export class XmlMember {
  readonly member: Member;
  /** Name of the value's property. */
  readonly property: string;
  readonly tag: string;
  readonly open: string;
  readonly close: string;
  /** The element when it is empty. */
  readonly empty: string;
  /** Member that followed it in the last structure read. */
  next: XmlMember | undefined = undefined;
  /** Elements that came from this one on, as one pattern. */
  run: XmlRun | undefined = undefined;
  /** Short text that it held last: siblings repeat many values, which then are one string in memory. */
  lastText: string | undefined = undefined;
  /** Another member of the same element: S3's deprecated `Event` beside `Events`. */
  twin: XmlMember | undefined = undefined;
  /** Known to be text: false until its shape was loaded. */
  isText = false;
  #plan: XmlPlan | undefined = undefined;
  #mode: XmlMode | undefined = undefined;

  constructor(member: Member, tag: string) {
    this.member = member;
    this.property = member.name;
    this.tag = tag;
    this.open = `<${tag}>`;
    this.close = `</${tag}>`;
    this.empty = `<${tag}/>`;
  }

  /** Plan of the member's shape, loaded when first met. */
  get plan(): XmlPlan {
    this.#plan ??= xmlPlanOf(this.member.shape);
    return this.#plan;
  }

  get mode(): XmlMode {
    if (this.#mode === undefined) {
      this.#mode = modeOf(this.plan, this.member);
      this.isText = this.#mode === "string" && this.twin === undefined;
    }
    return this.#mode;
  }

  /** The elements of the list or the entries of the map stand directly in the parent. */
  get flat(): boolean {
    return this.mode === "flatList" || this.mode === "flatMap";
  }

  get format(): TimestampFormat | undefined {
    return this.member.traits.format ?? this.plan.format;
  }
}

function modeOf({ kind, shape }: XmlPlan, { traits }: Member): XmlMode {
  const flat = (traits.flat ?? shape.traits.flat) === true;
  switch (kind) {
    case "string":
    case "structure":
      return kind;
    case "list":
      return flat ? "flatList" : kind;
    case "map":
      return flat ? "flatMap" : kind;
    default:
      return "scalar";
  }
}
