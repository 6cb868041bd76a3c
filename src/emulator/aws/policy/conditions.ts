/**
 * Conditions of statements.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { BlockList, isIP } from "node:net";
import { type ContextKeys, expand, matches, matchesArn } from "./pattern.js";
import type { Condition } from "./statement.js";

/** Whether a request's value is as the policy's says. */
type Test = (value: string, expected: string) => boolean;

const equalCaseless: Test = (value, expected) => value.toLowerCase() === expected.toLowerCase();
const numeric =
  (test: (value: number, expected: number) => boolean): Test =>
  (value, expected) =>
    test(numberOf(value), numberOf(expected));
const dated =
  (test: (value: number, expected: number) => boolean): Test =>
  (value, expected) =>
    test(timeOf(value), timeOf(expected));

const OPERATORS: Readonly<Record<string, Test>> = {
  StringEquals: (value, expected) => value === expected,
  StringEqualsIgnoreCase: equalCaseless,
  StringLike: (value, expected) => matches(expected, value),
  NumericEquals: numeric((value, expected) => value === expected),
  NumericLessThan: numeric((value, expected) => value < expected),
  NumericLessThanEquals: numeric((value, expected) => value <= expected),
  NumericGreaterThan: numeric((value, expected) => value > expected),
  NumericGreaterThanEquals: numeric((value, expected) => value >= expected),
  DateEquals: dated((value, expected) => value === expected),
  DateLessThan: dated((value, expected) => value < expected),
  DateLessThanEquals: dated((value, expected) => value <= expected),
  DateGreaterThan: dated((value, expected) => value > expected),
  DateGreaterThanEquals: dated((value, expected) => value >= expected),
  Bool: equalCaseless,
  BinaryEquals: (value, expected) => value === expected,
  IpAddress: isAddressIn,
  ArnEquals: (value, expected) => matchesArn(expected, value),
  ArnLike: (value, expected) => matchesArn(expected, value),
};

/** Where `*` and `?` in the policy's value are wildcards. */
const WITH_WILDCARDS: ReadonlySet<string> = new Set(["StringLike", "ArnEquals", "ArnLike"]);

export function holds({ operator, key, values }: Condition, context: ContextKeys): boolean {
  const [, quantifier, name = "", ifExists] =
    /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const actual = context.get(key.toLowerCase());
  if (name === "Null") return values.some(({ text }) => /^true$/i.test(text) === (actual === undefined));
  const negated = name.includes("Not");
  const base = negated ? name.replace("Not", "") : name;
  const test = Object.hasOwn(OPERATORS, base) ? OPERATORS[base] : undefined;
  if (test === undefined) return false;
  if (actual === undefined) {
    if (ifExists !== undefined || quantifier === "ForAllValues") return true;
    return quantifier === undefined && negated;
  }
  const expected = values
    .map((text) => expand(text, context, WITH_WILDCARDS.has(base)))
    .filter((text) => text !== undefined);
  const fits = (value: string) => expected.some((text) => test(value, text)) !== negated;
  const every = quantifier === "ForAllValues" || (quantifier === undefined && negated);
  return every ? actual.every(fits) : actual.some(fits);
}

function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

/** ISO 8601, or seconds since 1970. */
function timeOf(text: string): number {
  return /^\d+$/.test(text) && text.length > 4 ? Number(text) * 1000 : Date.parse(text);
}

/** An address, or a range: `203.0.113.0/24`, `2001:db8::/32`. */
function isAddressIn(value: string, range: string): boolean {
  const [network = "", prefix] = range.split("/");
  const family = isIP(network);
  if (family === 0 || isIP(value) !== family) return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  const bits = prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix);
  if (!(Number.isInteger(bits) && bits >= 0 && bits <= (family === 4 ? 32 : 128))) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, type);
  return list.check(value, type);
}
