/**
 * Conditions as values: `Key("id").eq("a").and(Key("at").between(1, 9))`. boto3's `dynamodb.conditions`, with the names and
 * values that its builder generates.
 */
import { invalidInput } from "../../internal/cloud-error.js";
import type { NativeValue } from "./dynamodb-value.js";

/** What may be compared with: a value, or another attribute or its size. */
export type Operand = NativeValue | AttributePath<Kind>;

/** Key conditions serve as conditions as well, but not the other way round. */
type Kind = "key" | "attribute";

type Part =
  | { readonly text: string }
  | { readonly path: string; readonly key: boolean }
  | { readonly value: NativeValue };

/** A condition, whole: combines with others, goes into an expression of a request. Immutable. */
export class Expression<K extends Kind = Kind> {
  /** Only in types: what kinds of attributes it names. */
  declare readonly "~kind"?: K;
  /** @internal */
  readonly parts: readonly Part[];

  /** @internal */
  constructor(parts: readonly Part[]) {
    this.parts = parts;
  }

  and<O extends Kind>(other: Expression<O>): Expression<K | O> {
    return join(this, "AND", other);
  }

  or<O extends Kind>(other: Expression<O>): Expression<K | O> {
    return join(this, "OR", other);
  }

  not(): Expression<K> {
    return new Expression([text("(NOT "), ...this.parts, text(")")]);
  }
}

/** What can be compared: an attribute, or the size of one. */
class AttributePath<K extends Kind> {
  /** @internal */
  readonly parts: readonly Part[];

  /** @internal */
  constructor(parts: readonly Part[]) {
    this.parts = parts;
  }

  eq(value: Operand): Expression<K> {
    return this.#compare("=", value);
  }

  lt(value: Operand): Expression<K> {
    return this.#compare("<", value);
  }

  lte(value: Operand): Expression<K> {
    return this.#compare("<=", value);
  }

  gt(value: Operand): Expression<K> {
    return this.#compare(">", value);
  }

  gte(value: Operand): Expression<K> {
    return this.#compare(">=", value);
  }

  beginsWith(value: Operand): Expression<K> {
    return call("begins_with", this.parts, operand(value));
  }

  /** Both ends included. */
  between(low: Operand, high: Operand): Expression<K> {
    return new Expression([
      ...this.parts,
      text(" BETWEEN "),
      ...operand(low),
      text(" AND "),
      ...operand(high),
    ]);
  }

  #compare(operator: string, value: Operand): Expression<K> {
    return new Expression([...this.parts, text(` ${operator} `), ...operand(value)]);
  }
}

export type { AttributePath };

/** An attribute of the table's or the index's key: the only kind that `KeyConditionExpression` takes. */
export function Key(path: string): AttributePath<"key"> {
  return new AttributePath([{ path, key: true }]);
}

/** Any attribute: `Attr("name")`, and those within: `Attr("address.lines[0]")`. */
export function Attr(path: string): Attribute {
  return new Attribute([{ path, key: false }]);
}

export class Attribute extends AttributePath<"attribute"> {
  ne(value: Operand): Expression<"attribute"> {
    return new Expression([...this.parts, text(" <> "), ...operand(value)]);
  }

  /** Equal to one of these, of which DynamoDB takes up to 100. */
  in(values: Iterable<NativeValue>): Expression<"attribute"> {
    const list = [...values].flatMap((value, index) => (index === 0 ? [{ value }] : [text(", "), { value }]));
    return new Expression([...this.parts, text(" IN ("), ...list, text(")")]);
  }

  exists(): Expression<"attribute"> {
    return call("attribute_exists", this.parts);
  }

  notExists(): Expression<"attribute"> {
    return call("attribute_not_exists", this.parts);
  }

  /** A string contains that text, a set or list that value. */
  contains(value: Operand): Expression<"attribute"> {
    return call("contains", this.parts, operand(value));
  }

  /** `S`, `N`, `B`, `SS`, `NS`, `BS`, `M`, `L`, `NULL` or `BOOL`. */
  attributeType(type: string): Expression<"attribute"> {
    return call("attribute_type", this.parts, [{ value: type }]);
  }

  /** Its length, to be compared: `Attr("name").size().lt(20)`. */
  size(): AttributePath<"attribute"> {
    return new AttributePath([text("size("), ...this.parts, text(")")]);
  }
}

function text(text: string): Part {
  return { text };
}

function operand(value: Operand): readonly Part[] {
  return value instanceof AttributePath ? value.parts : [{ value }];
}

function call<K extends Kind>(name: string, ...given: (readonly Part[])[]): Expression<K> {
  const list = given.flatMap((parts, index) => (index === 0 ? parts : [text(", "), ...parts]));
  return new Expression([text(`${name}(`), ...list, text(")")]);
}

function join<A extends Kind, B extends Kind>(
  left: Expression<A>,
  operator: string,
  right: Expression<B>,
): Expression<A | B> {
  return new Expression([text("("), ...left.parts, text(` ${operator} `), ...right.parts, text(")")]);
}

/** Names between dots and brackets; an index in brackets is none. */
const NAME = /[^.[\]]+(?![^[]*\])/g;

/** Writes the expressions of one request: placeholders count on from one to the next. */
export class ExpressionBuilder {
  /** `#n0` to the attribute's name. */
  readonly names: Record<string, string> = {};
  /** `:v0` to the value. */
  readonly values: Record<string, NativeValue> = {};
  #names = 0;
  #values = 0;

  /** The text of the expression; its names and values are added to this builder's. */
  build({ parts }: Expression, isKeyCondition = false): string {
    return parts.map((part) => this.#write(part, isKeyCondition)).join("");
  }

  #write(part: Part, isKeyCondition: boolean): string {
    if ("text" in part) return part.text;
    if ("value" in part) {
      const placeholder = `:v${this.#values++}`;
      this.values[placeholder] = part.value;
      return placeholder;
    }
    if (isKeyCondition && !part.key) {
      throw invalidInput(
        `input.KeyConditionExpression names Attr("${part.path}"): it takes conditions on Key alone`,
      );
    }
    return part.path.replace(NAME, (name) => {
      const placeholder = `#n${this.#names++}`;
      this.names[placeholder] = name;
      return placeholder;
    });
  }
}
