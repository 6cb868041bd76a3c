/** The language of `filter`. https://cloud.google.com/compute/docs/reference/rest/v1/instances/list */
import { EmulatorError } from "../../service.js";

type Resource = Readonly<Record<string, unknown>>;
type Test = (resource: Resource) => boolean;

const DEPTH_MAX = 50;
const TOKEN =
  /\s*(?:([()])|(-)(?=[\w(])|(AND|OR|NOT)\b|([A-Za-z_][\w.-]*)\s*(!=|>=|<=|=|>|<|:|\beq\b|\bne\b)\s*)/y;
/** In quotes, or up to a space or the parenthesis that closes the group. */
const VALUE = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|((?:[^\s()]|\([^()]*\))+)/y;

/** Whether a resource fits. Terms side by side are all wanted, as with AND between them; OR binds less. */
export function filterOf(filter: string | undefined): Test {
  if (filter === undefined || filter.trim() === "") return () => true;
  const reader = new Reader(filter);
  const test = reader.alternatives(0);
  reader.end();
  return test;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  alternatives(depth: number): Test {
    if (depth > DEPTH_MAX) throw this.#invalid();
    const tests = [this.#sequence(depth)];
    while (this.#take("OR")) tests.push(this.#sequence(depth));
    return (resource) => tests.some((test) => test(resource));
  }

  end(): void {
    if (this.#text.slice(this.#at).trim() !== "") throw this.#invalid();
  }

  #sequence(depth: number): Test {
    const tests = [this.#single(depth)];
    while (this.#take("AND") || this.#hasTerm()) tests.push(this.#single(depth));
    return (resource) => tests.every((test) => test(resource));
  }

  #single(depth: number): Test {
    const token = this.#match(TOKEN);
    if (token === undefined) throw this.#invalid();
    const [, parenthesis, minus, word, field, operator] = token;
    if (minus !== undefined || word === "NOT") {
      const test = this.#single(depth + 1);
      return (resource) => !test(resource);
    }
    if (parenthesis === "(") {
      const test = this.alternatives(depth + 1);
      if (this.#match(TOKEN)?.[1] !== ")") throw this.#invalid();
      return test;
    }
    if (field === undefined || operator === undefined) throw this.#invalid();
    const value = this.#match(VALUE);
    if (value === undefined) throw this.#invalid();
    const [, double, single, bare = ""] = value;
    const wanted = (double ?? single ?? bare).replace(/\\(.)/g, "$1");
    return (resource) => compare(valuesAt(resource, field.split(".")), operator, wanted);
  }

  #take(word: string): boolean {
    const at = this.#at;
    if (this.#match(TOKEN)?.[3] === word) return true;
    this.#at = at;
    return false;
  }

  #hasTerm(): boolean {
    const at = this.#at;
    const token = this.#match(TOKEN);
    this.#at = at;
    return token !== undefined && token[1] !== ")" && token[3] !== "OR" && token[3] !== "AND";
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }

  #invalid(): EmulatorError {
    return new EmulatorError("invalid", `Invalid value for field 'filter': '${this.#text}'.`, 400);
  }
}

/** What a path leads to; each element where it leads through a list. */
function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => valuesAt(each, path));
  const [first, ...rest] = path;
  if (first === undefined) return value === undefined || value === null ? [] : [value];
  if (typeof value !== "object" || value === null) return [];
  return valuesAt((value as Resource)[first], rest);
}

function compare(values: readonly unknown[], operator: string, wanted: string): boolean {
  switch (operator) {
    case "=":
      return values.some((value) => isEqual(value, wanted));
    case "!=":
      return !values.some((value) => isEqual(value, wanted));
    case ":":
      if (wanted === "*") return values.length > 0;
      return values.some((value) => text(value).includes(wanted.replaceAll("*", "").toLowerCase()));
    case "eq":
      return values.some((value) => pattern(wanted).test(String(value)));
    case "ne":
      return !values.some((value) => pattern(wanted).test(String(value)));
    default:
      return values.some((value) => isOrdered(value, operator, wanted));
  }
}

function isEqual(value: unknown, wanted: string): boolean {
  if (!wanted.includes("*")) return text(value) === wanted.toLowerCase();
  const source = wanted.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${source}$`, "i").test(String(value));
}

function text(value: unknown): string {
  return String(value).toLowerCase();
}

/** Numbers by size, times by when, all else by letters. */
function isOrdered(value: unknown, operator: string, wanted: string): boolean {
  const order = orderOf(String(value), wanted);
  if (operator === ">") return order > 0;
  if (operator === "<") return order < 0;
  return operator === ">=" ? order >= 0 : order <= 0;
}

function orderOf(value: string, wanted: string): number {
  const numbers = [Number(value), Number(wanted)] as const;
  const times = [Date.parse(value), Date.parse(wanted)] as const;
  const [a, b] = numbers.some(Number.isNaN) ? times : numbers;
  if (!Number.isNaN(a) && !Number.isNaN(b)) return a - b;
  return value < wanted ? -1 : value > wanted ? 1 : 0;
}

/** The older form's regular expressions fit all of a value. */
function pattern(source: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`);
  } catch {
    throw new EmulatorError("invalid", `Invalid value for field 'filter': '${source}'.`, 400);
  }
}
