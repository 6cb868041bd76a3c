/** Words of a JMESPath expression. */
import { invalidInput } from "../internal/cloud-error.js";

type Mark =
  | "."
  | "*"
  | "|"
  | "||"
  | "&&"
  | "!"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "["
  | "[]"
  | "[?"
  | "]"
  | "{"
  | "}"
  | "("
  | ")"
  | ","
  | ":"
  | "@";

export type TokenKind = Mark | "name" | "function" | "literal" | "number" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** Name, number or JSON value. */
  readonly value?: unknown;
}

/** One word each: name, number, "quoted name", 'raw text', `JSON`, mark; a function is a name before `(`. */
const WORD =
  /[ \t\r\n]*(?:([A-Za-z_]\w*)(?=([ \t\r\n]*\()?)|(-?\d+)|("(?:[^"\\]|\\.)*")|'((?:[^'\\]|\\[\s\S])*)'|`((?:[^`\\]|\\[\s\S])*)`|(\|\||&&|==|!=|<=|>=|\[\]|\[\?|[.*|!<>[\]{}(),:@]))/y;

export function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  const end = expression.trimEnd().length;
  WORD.lastIndex = 0;
  while (WORD.lastIndex < end) {
    const from = WORD.lastIndex;
    const match = WORD.exec(expression);
    if (match === null) {
      const rest = JSON.stringify(expression.slice(from));
      throw invalidInput(
        `Cannot read the JMESPath expression ${JSON.stringify(expression)}: ${rest} is no word of it`,
      );
    }
    tokens.push(tokenOf(match));
  }
  return tokens;
}

function tokenOf([, name, parenthesis, number, quoted, raw, json, mark]: RegExpExecArray): Token {
  if (name !== undefined) return { kind: parenthesis === undefined ? "name" : "function", value: name };
  if (number !== undefined) return { kind: "number", value: Number(number) };
  if (quoted !== undefined) return { kind: "name", value: parse(quoted) };
  if (raw !== undefined) return { kind: "literal", value: raw.replace(/\\(['\\])/g, "$1") };
  if (json !== undefined) return { kind: "literal", value: literalOf(json.replaceAll("\\`", "`").trim()) };
  return { kind: mark as Mark };
}

/** Text without quotes was allowed in older versions of the specification, and models still use it. */
function literalOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parse(`"${text}"`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidInput(`Cannot read ${text} of a JMESPath expression: it is no JSON`, { cause });
  }
}
