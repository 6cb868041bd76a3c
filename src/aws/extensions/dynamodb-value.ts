/** Native values to attribute values and back. boto3's TypeSerializer and TypeDeserializer. */
import type { AttributeValue, AttributeValueInput } from "../../gen/aws/dynamodb.js";
import { invalidInput } from "../../internal/cloud-error.js";
import { type NativeNumber, NumberValue, numberOf, numberText } from "./dynamodb-number.js";

/** What an attribute may hold, as JavaScript has it. Members of objects that are `undefined` are left out, as JSON leaves them out. */
export type NativeValue =
  | string
  | NativeNumber
  | boolean
  | null
  | Uint8Array
  | ReadonlySet<string>
  | ReadonlySet<NativeNumber>
  | ReadonlySet<Uint8Array>
  | readonly NativeValue[]
  | { readonly [name: string]: NativeValue | undefined };

/** An item or a key. */
export type NativeItem = { readonly [name: string]: NativeValue | undefined };

export interface UnmarshallOptions {
  /** Every number as `NumberValue`, as boto3 has every number as Decimal. Default: false. */
  readonly wrapNumbers?: boolean | undefined;
}

/** DynamoDB nests 32 levels; a value that contains itself nests for ever. */
const MAX_DEPTH = 64;

/** An item in the wire form: `{ id: 1 }` as `{ id: { N: "1" } }`. */
export function marshall(item: NativeItem): Record<string, AttributeValueInput> {
  return marshallMembers(item, 0);
}

/** One value in the wire form: `"a"` as `{ S: "a" }`. */
export function marshallValue(value: NativeValue): AttributeValueInput {
  return marshallAt(value, 0);
}

/** The item that a wire form stands for. Its objects may be changed: nothing else holds them. */
export function unmarshall(
  item: Readonly<Record<string, AttributeValue>>,
  options: UnmarshallOptions = {},
): Record<string, NativeValue> {
  return unmarshallMembers(item, options);
}

/** The value that a wire form stands for. */
export function unmarshallValue(value: AttributeValue, options: UnmarshallOptions = {}): NativeValue {
  return unmarshallAt(value, options);
}

function marshallAt(value: unknown, depth: number): AttributeValueInput {
  if (depth > MAX_DEPTH)
    throw invalidInput(`Cannot marshall: the value is nested more than ${MAX_DEPTH} deep`);
  switch (typeof value) {
    case "string":
      return { S: value };
    case "number":
    case "bigint":
      return { N: numberText(value) };
    case "boolean":
      return { BOOL: value };
    case "object":
      return marshallObject(value, depth);
    default:
      throw unsupported(value);
  }
}

function marshallObject(value: object | null, depth: number): AttributeValueInput {
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.map((each) => marshallAt(each, depth + 1)) };
  if (value instanceof Uint8Array) return { B: value };
  if (value instanceof NumberValue) return { N: value.value };
  if (value instanceof Set) return marshallSet(value);
  if (!isPlain(value)) throw unsupported(value);
  return { M: marshallMembers(value, depth + 1) };
}

function marshallMembers(value: object, depth: number): Record<string, AttributeValueInput> {
  const members: Record<string, AttributeValueInput> = {};
  for (const [name, each] of Object.entries(value)) {
    if (each !== undefined) define(members, name, marshallAt(each, depth));
  }
  return members;
}

function marshallSet(set: ReadonlySet<unknown>): AttributeValueInput {
  const all = [...set];
  if (all.length === 0) throw invalidInput("Cannot marshall an empty Set: DynamoDB has none");
  if (all.every((each) => typeof each === "string")) return { SS: all };
  if (all.every(isNumber)) return { NS: all.map(numberText) };
  if (all.every((each) => each instanceof Uint8Array)) return { BS: all };
  throw invalidInput("Cannot marshall a Set: its members must be all strings, all numbers or all bytes");
}

function isNumber(value: unknown): value is NativeNumber {
  return typeof value === "number" || typeof value === "bigint" || value instanceof NumberValue;
}

/** Of another realm as well; class instances would come back as something else. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function unsupported(value: unknown): Error {
  const name = typeof value === "object" ? `a ${value?.constructor?.name}` : typeof value;
  return invalidInput(`Cannot marshall ${name}: DynamoDB has no such type`);
}

function unmarshallAt(value: AttributeValue, options: UnmarshallOptions): NativeValue {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return numberAt(value.N, options);
  if (value.M !== undefined) return unmarshallMembers(value.M, options);
  if (value.L !== undefined) return value.L.map((each) => unmarshallAt(each, options));
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.B !== undefined) return value.B;
  if (value.SS !== undefined) return new Set(value.SS);
  if (value.NS !== undefined) return new Set(value.NS.map((each) => numberAt(each, options)));
  if (value.BS !== undefined) return new Set(value.BS);
  throw invalidInput(
    `Cannot unmarshall an attribute value: its type is none that is known (${Object.keys(value)})`,
  );
}

function numberAt(text: string, { wrapNumbers = false }: UnmarshallOptions): NativeNumber {
  return wrapNumbers ? new NumberValue(text) : numberOf(text);
}

function unmarshallMembers(
  members: Readonly<Record<string, AttributeValue>>,
  options: UnmarshallOptions,
): Record<string, NativeValue> {
  const values: Record<string, NativeValue> = {};
  for (const [name, each] of Object.entries(members)) define(values, name, unmarshallAt(each, options));
  return values;
}

/** An attribute may be called `__proto__`. */
function define<T>(target: Record<string, T>, name: string, value: T): void {
  if (name === "__proto__") {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  } else target[name] = value;
}
