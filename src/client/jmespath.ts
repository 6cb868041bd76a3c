/**
 * JMESPath (jmespath.org/specification.html): an expression is compiled once into a function and kept. The whole grammar but
 * `&`, and of the functions those that models call; codegen/models.test.ts reads every expression of them.
 */
import { invalidInput } from "../internal/cloud-error.js";
import { type Token, type TokenKind, tokenize } from "./jmespath-tokens.js";

/** Answers null where there is nothing, like the specification. */
type Evaluate = (value: unknown) => unknown;

/** Expressions come from models: there are few of them in one program. The bound guards against made-up ones. */
const COMPILED_MAX = 1000;
const DEPTH_MAX = 100;
const compiled = /* @__PURE__ */ new Map<string, Evaluate>();

/**
 * What `expression` selects from `value`; null where that is nothing.
 *
 * @throws CloudError `invalidInput` on a malformed expression, and on a function given a type that it does not take.
 */
export function search(expression: string, value: unknown): unknown {
  return compile(expression)(value);
}

/** @throws CloudError `invalidInput` on an expression that cannot be read */
export function compile(expression: string): Evaluate {
  let evaluate = compiled.get(expression);
  if (evaluate === undefined) {
    evaluate = new Parser(expression).parse();
    if (compiled.size >= COMPILED_MAX) compiled.clear();
    compiled.set(expression, evaluate);
  }
  return evaluate;
}

/** How strongly a token binds the expression before it. */
const POWER: Readonly<Partial<Record<TokenKind, number>>> = {
  "|": 1,
  "||": 2,
  "&&": 3,
  "<": 5,
  "<=": 5,
  ">": 5,
  ">=": 5,
  "==": 5,
  "!=": 5,
  "[]": 9,
  "*": 20,
  "[?": 21,
  ".": 40,
  "!": 45,
  "{": 50,
  "[": 55,
  "(": 60,
};
/** Below it a token ends the right side of a projection. */
const PROJECTION_STOP = 10;

const identity: Evaluate = (value) => value;

/** Each of one argument; undefined for one of a type that it does not take. */
const FUNCTIONS: Readonly<Record<string, Evaluate>> = {
  keys: (value) => (isObject(value) ? Object.keys(value) : undefined),
  /** Text counts code points. */
  length(value) {
    if (typeof value === "string") return [...value].length;
    if (Array.isArray(value)) return value.length;
    return isObject(value) ? Object.keys(value).length : undefined;
  },
};

class Parser {
  readonly #expression: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(expression: string) {
    this.#expression = expression;
    this.#tokens = tokenize(expression);
  }

  parse(): Evaluate {
    const result = this.#parse(0);
    this.#expect("end");
    return result;
  }

  #parse(power: number): Evaluate {
    if (++this.#depth > DEPTH_MAX) throw this.#wrong("it is nested too deeply");
    let left = this.#prefix(this.#next());
    while (power < this.#power()) left = this.#infix(left, this.#next());
    this.#depth--;
    return left;
  }

  #prefix(token: Token): Evaluate {
    switch (token.kind) {
      case "literal": {
        const { value } = token;
        return () => value;
      }
      case "name":
        return field(token.value as string);
      case "function":
        return this.#call(token.value as string);
      case "*":
        return values(identity, this.#peek() === "]" ? identity : this.#projected(20));
      case "[?":
        return this.#filter(identity);
      case "[]":
        return project(flatten(identity), this.#projected(9));
      case "{":
        return this.#hash();
      case "!":
        return negate(this.#parse(45));
      case "[":
        if (this.#peek() === "number" || this.#peek() === ":") return this.#index(identity);
        if (this.#peek() === "*" && this.#peek(1) === "]") {
          this.#at += 2;
          return project(identity, this.#projected(20));
        }
        return this.#list();
      case "@":
        return identity;
      case "(": {
        const inner = this.#parse(0);
        this.#expect(")");
        return inner;
      }
      default:
        throw this.#wrong(`${describe(token)} is out of place`);
    }
  }

  #infix(left: Evaluate, token: Token): Evaluate {
    switch (token.kind) {
      case ".":
        if (this.#peek() !== "*") return chain(left, this.#afterDot(40));
        this.#at++;
        return values(left, this.#projected(20));
      case "|":
        return chain(left, this.#parse(1));
      case "||":
        return either(left, this.#parse(2));
      case "&&":
        return both(left, this.#parse(3));
      case "==":
      case "!=":
      case "<":
      case "<=":
      case ">":
      case ">=":
        return compare(token.kind, left, this.#parse(5));
      case "[?":
        return this.#filter(left);
      case "[]":
        return project(flatten(left), this.#projected(9));
      case "[":
        if (this.#peek() === "number" || this.#peek() === ":") return this.#index(left);
        this.#expect("*");
        this.#expect("]");
        return project(left, this.#projected(20));
      default:
        throw this.#wrong(`${describe(token)} is out of place`);
    }
  }

  /** What a projection applies to each element. */
  #projected(power: number): Evaluate {
    const kind = this.#peek();
    if (this.#power() < PROJECTION_STOP) return identity;
    if (kind === "[" || kind === "[?") return this.#parse(power);
    this.#expect(".");
    return this.#afterDot(power);
  }

  #afterDot(power: number): Evaluate {
    const kind = this.#peek();
    if (kind === "[" || kind === "{") {
      this.#at++;
      return kind === "[" ? this.#list() : this.#hash();
    }
    if (kind === "name" || kind === "function" || kind === "*") return this.#parse(power);
    throw this.#wrong(`${describe(this.#next())} cannot follow a dot`);
  }

  #index(left: Evaluate): Evaluate {
    const parts: (number | undefined)[] = [undefined];
    while (this.#peek() !== "]") {
      const token = this.#next();
      if (token.kind === ":") parts.push(undefined);
      else if (token.kind === "number" && parts.at(-1) === undefined)
        parts[parts.length - 1] = token.value as number;
      else throw this.#wrong(`${describe(token)} cannot be in an index`);
    }
    this.#expect("]");
    if (parts.length === 1) return element(left, parts[0] as number);
    if (parts.length > 3 || parts[2] === 0)
      throw this.#wrong("a slice is start:stop:step, with a step other than 0");
    return project(slice(left, parts[0], parts[1], parts[2] ?? 1), this.#projected(20));
  }

  #filter(left: Evaluate): Evaluate {
    const condition = this.#parse(0);
    this.#expect("]");
    const right = this.#peek() === "[]" ? identity : this.#projected(21);
    return project(select(left, condition), right);
  }

  #list(): Evaluate {
    const parts = this.#until("]", () => this.#parse(0));
    if (parts.length === 0) throw this.#wrong("an empty selection");
    return (value) => (isNothing(value) ? null : parts.map((part) => part(value) ?? null));
  }

  #hash(): Evaluate {
    const parts = this.#until("}", () => {
      const token = this.#next();
      if (token.kind !== "name") throw this.#wrong(`${describe(token)} cannot name a member`);
      this.#expect(":");
      return [token.value as string, this.#parse(0)] as const;
    });
    if (parts.length === 0) throw this.#wrong("an empty selection");
    return (value) =>
      isNothing(value) ? null : Object.fromEntries(parts.map(([name, part]) => [name, part(value) ?? null]));
  }

  #call(name: string): Evaluate {
    this.#expect("(");
    const [part, ...more] = this.#until(")", () => this.#parse(0));
    if (!Object.hasOwn(FUNCTIONS, name)) throw this.#wrong(`there is no function ${name} here`);
    if (part === undefined || more.length > 0) throw this.#wrong(`${name} takes one argument`);
    const measure = FUNCTIONS[name] as Evaluate;
    return (value) => {
      const result = measure(part(value));
      if (result === undefined) throw this.#wrong(`${name} was given a value that it does not take`);
      return result;
    };
  }

  #until<T>(end: TokenKind, parse: () => T): T[] {
    const parts: T[] = [];
    if (this.#peek() === end) {
      this.#at++;
      return parts;
    }
    for (;;) {
      parts.push(parse());
      const token = this.#next();
      if (token.kind === end) return parts;
      if (token.kind !== ",") throw this.#wrong(`${describe(token)} instead of ${end}`);
    }
  }

  #next(): Token {
    return this.#tokens[this.#at++] ?? { kind: "end" };
  }

  #peek(ahead = 0): TokenKind {
    return this.#tokens[this.#at + ahead]?.kind ?? "end";
  }

  #power(): number {
    return POWER[this.#peek()] ?? 0;
  }

  #expect(kind: TokenKind): void {
    const token = this.#next();
    if (token.kind !== kind) throw this.#wrong(`${describe(token)} instead of ${kind}`);
  }

  #wrong(reason: string): Error {
    return invalidInput(`Cannot read the JMESPath expression ${JSON.stringify(this.#expression)}: ${reason}`);
  }
}

function describe(token: Token): string {
  return token.value === undefined ? token.kind : JSON.stringify(token.value);
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** False, null, and whatever is empty are not true. */
function isTruthy(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return value !== false && value !== null && value !== undefined && value !== "";
  }
  if (Array.isArray(value)) return value.length > 0;
  return value instanceof Date || Object.keys(value).length > 0;
}

/** Equal as JSON values. */
function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNothing(a)) return isNothing(b);
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

function field(name: string): Evaluate {
  return (value) => (isObject(value) && Object.hasOwn(value, name) ? (value[name] ?? null) : null);
}

function chain(left: Evaluate, right: Evaluate): Evaluate {
  return (value) => right(left(value));
}

function negate(inner: Evaluate): Evaluate {
  return (value) => !isTruthy(inner(value));
}

function either(left: Evaluate, right: Evaluate): Evaluate {
  return (value) => {
    const first = left(value);
    return isTruthy(first) ? first : right(value);
  };
}

function both(left: Evaluate, right: Evaluate): Evaluate {
  return (value) => {
    const first = left(value);
    return isTruthy(first) ? right(value) : first;
  };
}

/** Only numbers have an order; anything else compares to null. */
function compare(kind: "==" | "!=" | "<" | "<=" | ">" | ">=", left: Evaluate, right: Evaluate): Evaluate {
  if (kind === "==") return (value) => sameValue(left(value), right(value));
  if (kind === "!=") return (value) => !sameValue(left(value), right(value));
  return (value) => {
    const a = left(value);
    const b = right(value);
    if (!isNumber(a) || !isNumber(b)) return null;
    if (kind === "<") return a < b;
    if (kind === "<=") return a <= b;
    return kind === ">" ? a > b : a >= b;
  };
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function element(left: Evaluate, index: number): Evaluate {
  return (value) => {
    const list = left(value);
    return Array.isArray(list) ? (list.at(index) ?? null) : null;
  };
}

function slice(left: Evaluate, start: number | undefined, stop: number | undefined, step: number): Evaluate {
  return (value) => {
    const list = left(value);
    if (!Array.isArray(list)) return null;
    const low = step > 0 ? 0 : -1;
    const high = step > 0 ? list.length : list.length - 1;
    const bounded = (at: number) => Math.min(Math.max(at < 0 ? at + list.length : at, low), high);
    const from = start === undefined ? (step > 0 ? low : high) : bounded(start);
    const to = stop === undefined ? (step > 0 ? high : low) : bounded(stop);
    const picked: unknown[] = [];
    for (let at = from; step > 0 ? at < to : at > to; at += step) picked.push(list[at]);
    return picked;
  };
}

function flatten(left: Evaluate): Evaluate {
  return (value) => {
    const list = left(value);
    return Array.isArray(list) ? list.flat() : null;
  };
}

function select(left: Evaluate, condition: Evaluate): Evaluate {
  return (value) => {
    const list = left(value);
    return Array.isArray(list) ? list.filter((each) => isTruthy(condition(each))) : null;
  };
}

/** Nothing selected from an element: the element is left out. */
function project(left: Evaluate, right: Evaluate): Evaluate {
  return (value) => {
    const list = left(value);
    if (!Array.isArray(list)) return null;
    return list.map(right).filter((each) => !isNothing(each));
  };
}

function values(left: Evaluate, right: Evaluate): Evaluate {
  const list: Evaluate = (value) => {
    const object = left(value);
    return isObject(object) ? Object.values(object) : null;
  };
  return project(list, right);
}
