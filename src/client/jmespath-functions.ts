/** Functions of JMESPath, by the specification: jmespath.org/specification.html#built-in-functions */
import { invalidInput } from "../internal/cloud-error.js";

type Expression = (value: unknown) => unknown;
type TypeName = "number" | "string" | "boolean" | "array" | "object" | "null" | "expression";

/** Calls a function by name; arguments are values, or expressions where they were written with `&`. */
export function callFunction(name: string, values: readonly unknown[]): unknown {
  const definition = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (definition === undefined)
    throw invalidInput(`Cannot call ${name} of JMESPath: there is no such function`);
  const [types, call, variadic] = definition;
  if (variadic ? values.length < types.length : values.length !== types.length) {
    throw invalidInput(
      `Cannot call ${name} of JMESPath: it takes ${types.length} arguments, not ${values.length}`,
    );
  }
  values.forEach((value, at) => {
    const expected = types[at] ?? types[types.length - 1] ?? "";
    const actual = typeOf(value);
    if (expected !== "any" && !expected.split(" ").includes(actual)) {
      throw invalidInput(
        `Cannot call ${name} of JMESPath: argument ${at + 1} must be ${expected}, is ${actual}`,
      );
    }
  });
  return (call as (...values: unknown[]) => unknown)(...values);
}

/** False, null, and whatever is empty are not true. */
export function isTruthy(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return value !== false && value !== null && value !== undefined && value !== "";
  }
  if (Array.isArray(value)) return value.length > 0;
  return value instanceof Date || Object.keys(value).length > 0;
}

/** Equal as JSON values. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || a === undefined) return b === null || b === undefined;
  if (typeof a === "bigint" || typeof b === "bigint") return String(a) === String(b);
  if (typeof a !== "object" || typeof b !== "object" || b === null) return false;
  if (a instanceof Date || b instanceof Date) return Number(a) === Number(b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) &&
      sameValue((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}

function typeOf(value: unknown): TypeName {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  switch (typeof value) {
    case "bigint":
    case "number":
      return "number";
    case "string":
    case "boolean":
      return typeof value as TypeName;
    case "function":
      return "expression";
    default:
      return value instanceof Date ? "string" : "object";
  }
}

/** Types of the arguments, the function, and whether the last argument repeats. */
type Definition = readonly [types: readonly string[], call: (...values: never[]) => unknown, variadic?: true];

const FUNCTIONS: Readonly<Record<string, Definition>> = {
  abs: [["number"], Math.abs],
  avg: [["array"], (list: number[]) => (list.length === 0 ? null : sum("avg", list) / list.length)],
  ceil: [["number"], Math.ceil],
  contains: [["array string", "any"], contains],
  ends_with: [["string", "string"], (text: string, end: string) => text.endsWith(end)],
  floor: [["number"], Math.floor],
  join: [["string", "array"], join],
  keys: [["object"], (object: object) => Object.keys(object)],
  length: [["string array object"], lengthOf],
  map: [
    ["expression", "array"],
    (each: Expression, list: unknown[]) => list.map((value) => each(value) ?? null),
  ],
  max: [["array"], (list: unknown[]) => sorted("max", list).at(-1) ?? null],
  max_by: [["array", "expression"], (list: unknown[], by: Expression) => extreme("max_by", list, by, 1)],
  merge: [["object"], (...objects: object[]) => Object.assign({}, ...objects), true],
  min: [["array"], (list: unknown[]) => sorted("min", list)[0] ?? null],
  min_by: [["array", "expression"], (list: unknown[], by: Expression) => extreme("min_by", list, by, -1)],
  not_null: [["any"], (...values: unknown[]) => values.find((each) => typeOf(each) !== "null") ?? null, true],
  reverse: [["array string"], reverse],
  sort: [["array"], (list: unknown[]) => sorted("sort", list)],
  sort_by: [["array", "expression"], (list: unknown[], by: Expression) => sorted("sort_by", list, by)],
  starts_with: [["string", "string"], (text: string, start: string) => text.startsWith(start)],
  sum: [["array"], (list: unknown[]) => sum("sum", list)],
  to_array: [["any"], (value: unknown) => (Array.isArray(value) ? value : [value])],
  to_number: [["any"], toNumber],
  to_string: [["any"], (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value))],
  type: [["any"], typeOf],
  values: [["object"], (object: object) => Object.values(object)],
};

function contains(subject: string | unknown[], sought: unknown): boolean {
  if (typeof subject === "string") return typeof sought === "string" && subject.includes(sought);
  return subject.some((each) => sameValue(each, sought));
}

function join(glue: string, list: unknown[]): string {
  if (!list.every((each) => typeof each === "string")) {
    throw invalidInput("Cannot call join of JMESPath: argument 2 must be an array of string");
  }
  return list.join(glue);
}

/** Text counts code points. */
function lengthOf(value: string | unknown[] | object): number {
  if (typeof value === "string") return [...value].length;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

function reverse(value: string | unknown[]): unknown {
  return typeof value === "string" ? [...value].reverse().join("") : value.toReversed();
}

function sum(name: string, list: readonly unknown[]): number {
  let total = 0;
  for (const each of list) {
    if (typeOf(each) !== "number") throw notOrdered(name, "number");
    total += Number(each);
  }
  return total;
}

function toNumber(value: unknown): number | bigint | null {
  if (typeof value === "number" || typeof value === "bigint") return value;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  return Number.isNaN(number) ? null : number;
}

/** By number or by text, all of one kind. */
function sorted(name: string, list: readonly unknown[], by: Expression = (value) => value): unknown[] {
  const keyed = list.map((value) => ({ value, key: by(value) as string | number }));
  const kind = keyed[0] === undefined ? "number" : typeOf(keyed[0].key);
  if ((kind !== "number" && kind !== "string") || keyed.some(({ key }) => typeOf(key) !== kind)) {
    throw notOrdered(name, "number or all string");
  }
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ value }) => value);
}

function extreme(name: string, list: readonly unknown[], by: Expression, side: 1 | -1): unknown {
  const ordered = sorted(name, list, by);
  return (side === 1 ? ordered.at(-1) : ordered[0]) ?? null;
}

function notOrdered(name: string, expected: string): Error {
  return invalidInput(`Cannot call ${name} of JMESPath: its elements must be all ${expected}`);
}
