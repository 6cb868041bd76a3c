/** Expressions of templates: `[concat(parameters('name'), '-x')]`. https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions */
import { EmulatorError } from "../../service.js";

/** What a function of a template answers; `name` in lower case. */
export type Call = (name: string, args: readonly unknown[]) => unknown;

const DEPTH_MAX = 64;

/** Every string in the value that is an expression, replaced by what it stands for. */
export function evaluate(value: unknown, call: Call, depth = 0): unknown {
  if (depth > DEPTH_MAX) throw invalidTemplate("The template is nested too deep.");
  if (typeof value === "string") return evaluateText(value, call);
  if (Array.isArray(value)) return value.map((each) => evaluate(each, call, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [evaluateText(name, call), evaluate(each, call, depth + 1)]),
  );
}

function evaluateText(text: string, call: Call): unknown {
  if (!text.startsWith("[") || !text.endsWith("]")) return text;
  if (text.startsWith("[[")) return text.slice(1);
  return new Expression(text, call).value();
}

export function invalidTemplate(message: string): EmulatorError {
  return new EmulatorError("InvalidTemplate", `Deployment template validation failed: '${message}'.`, 400);
}

const SPACE = /\s*/y;
const NUMBER = /-?\d+/y;
const STRING = /'((?:[^']|'')*)'/y;
const NAME = /[A-Za-z_][\w.]*(?=\s*\()/y;
const MEMBER = /\.\s*([A-Za-z_]\w*)/y;

/** Read and evaluated in one pass. */
class Expression {
  readonly #text: string;
  readonly #call: Call;
  #at = 1;
  #depth = 0;

  constructor(text: string, call: Call) {
    this.#text = text;
    this.#call = call;
  }

  value(): unknown {
    const value = this.#term();
    this.#take(SPACE);
    if (this.#at !== this.#text.length - 1) throw this.#unreadable();
    return value;
  }

  #term(): unknown {
    if (++this.#depth > DEPTH_MAX) throw invalidTemplate("The expression is nested too deep.");
    let value = this.#primary();
    for (;;) {
      const member = this.#take(MEMBER)?.[1];
      if (member !== undefined) value = memberOf(value, member);
      else if (this.#takeText("[")) {
        value = memberOf(value, this.#term());
        this.#expect("]");
      } else break;
    }
    this.#depth--;
    return value;
  }

  #primary(): unknown {
    this.#take(SPACE);
    const string = this.#take(STRING)?.[1];
    if (string !== undefined) return string.replaceAll("''", "'");
    const number = this.#take(NUMBER)?.[0];
    if (number !== undefined) return Number(number);
    const name = this.#take(NAME)?.[0];
    if (name === undefined) throw this.#unreadable();
    this.#expect("(");
    const args: unknown[] = [];
    while (!this.#takeText(")")) {
      if (args.length > 0) this.#expect(",");
      args.push(this.#term());
    }
    return this.#call(name.toLowerCase(), args);
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at += found[0].length;
    return found;
  }

  #takeText(text: string): boolean {
    this.#take(SPACE);
    // The bracket at the end closes the expression.
    const isThere = this.#text.startsWith(text, this.#at) && this.#at < this.#text.length - 1;
    if (isThere) this.#at += text.length;
    return isThere;
  }

  #expect(text: string): void {
    if (!this.#takeText(text)) throw this.#unreadable();
  }

  #unreadable(): EmulatorError {
    return invalidTemplate(`Unable to parse language expression '${this.#text.slice(1, -1)}'`);
  }
}

function memberOf(value: unknown, name: unknown): unknown {
  if (Array.isArray(value) && typeof name === "number" && name >= 0 && name < value.length)
    return value[name];
  if (typeof value === "object" && value !== null && typeof name === "string") {
    const known = Object.keys(value).find((each) => each.toLowerCase() === name.toLowerCase());
    if (known !== undefined) return (value as Record<string, unknown>)[known];
  }
  throw invalidTemplate(`The language expression property '${String(name)}' doesn't exist`);
}
