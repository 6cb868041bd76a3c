/** Functions of template expressions that need nothing of a deployment. https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions */
import { isDeepStrictEqual } from "node:util";
import { invalidTemplate } from "./expressions.js";

type TemplateFunction = (args: readonly unknown[]) => unknown;

/** By lower-case name. What makes hashes of its own (`uniqueString`, `guid`) is not here: none could be the service's. */
export const TEMPLATE_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  concat: (args) => (Array.isArray(args[0]) ? args.flat(1) : args.map(textOf).join("")),
  format: ([text, ...args]) => textOf(text).replace(/\{(\d+)\}/g, (_, at) => textOf(args[Number(at)])),
  tolower: ([text]) => textOf(text).toLowerCase(),
  toupper: ([text]) => textOf(text).toUpperCase(),
  trim: ([text]) => textOf(text).trim(),
  replace: ([text, from, to]) => textOf(text).replaceAll(textOf(from), textOf(to)),
  substring: ([text, start, length]) =>
    textOf(text).slice(Number(start), length === undefined ? undefined : Number(start) + Number(length)),
  split: ([text, by]) => textOf(text).split(textOf(by)),
  join: ([list, by]) => listOf(list).map(textOf).join(textOf(by)),
  startswith: ([text, start]) => textOf(text).toLowerCase().startsWith(textOf(start).toLowerCase()),
  endswith: ([text, end]) => textOf(text).toLowerCase().endsWith(textOf(end).toLowerCase()),
  base64: ([text]) => Buffer.from(textOf(text)).toString("base64"),
  string: ([value]) => (typeof value === "string" ? value : JSON.stringify(value)),
  json: ([text]) => JSON.parse(textOf(text)),
  int: ([value]) => Number(value),
  bool: ([value]) => value === true || /^(true|1)$/i.test(String(value)),
  add: ([a, b]) => Number(a) + Number(b),
  sub: ([a, b]) => Number(a) - Number(b),
  mul: ([a, b]) => Number(a) * Number(b),
  equals: ([a, b]) => isSame(a, b),
  not: ([value]) => value !== true,
  and: (args) => args.every((value) => value === true),
  or: (args) => args.some((value) => value === true),
  if: ([test, yes, no]) => (test === true ? yes : no),
  true: () => true,
  false: () => false,
  null: () => null,
  empty: ([value]) => sizeOf(value) === 0,
  length: ([value]) => sizeOf(value),
  first: ([value]) => (typeof value === "string" ? value.slice(0, 1) : listOf(value)[0]),
  last: ([value]) => (typeof value === "string" ? value.slice(-1) : listOf(value).at(-1)),
  contains: ([within, value]) =>
    typeof within === "string"
      ? within.toLowerCase().includes(textOf(value).toLowerCase())
      : Array.isArray(within)
        ? within.some((each) => isSame(each, value))
        : Object.hasOwn(Object(within), textOf(value)),
  coalesce: (args) => args.find((value) => value !== null && value !== undefined) ?? null,
  createarray: (args) => [...args],
  createobject: (args) => {
    const names = args.filter((_, at) => at % 2 === 0);
    return Object.fromEntries(names.map((name, at) => [textOf(name), args[at * 2 + 1]]));
  },
  union: (args) =>
    Array.isArray(args[0]) ? [...new Set(args.flat(1))] : Object.assign({}, ...(args as object[])),
};

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw invalidTemplate(`The template language function expects text, is ${typeof value}`);
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw invalidTemplate(`The template language function expects an array, is ${typeof value}`);
}

function sizeOf(value: unknown): number {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  return value === null || value === undefined ? 0 : Object.keys(value).length;
}

function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}
