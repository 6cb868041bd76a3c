/**
 * The SQL of S3's SelectObjectContent and of Azure's Query Blob Contents: one SELECT with a list, FROM the file, WHERE and LIMIT. Functions but aggregates and CAST,
 * arithmetic and everything else are refused with S3's own errors.
 * See https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-select.html
 */
import { EmulatorError } from "../service.js";

export type Aggregate = "COUNT" | "SUM" | "MIN" | "MAX" | "AVG";

/** A name or an index; a quoted name minds its case. `*` is each member or element. */
export type Step = { readonly name: string; readonly quoted: boolean } | { readonly index: number } | "*";

export type Expression =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "path"; readonly steps: readonly Step[] }
  | { readonly kind: "cast"; readonly of: Expression; readonly type: string }
  | { readonly kind: "aggregate"; readonly name: Aggregate; readonly of: Expression | undefined }
  | { readonly kind: "not"; readonly of: Expression }
  | {
      readonly kind: "binary";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "in"; readonly of: Expression; readonly list: readonly Expression[] }
  | { readonly kind: "is"; readonly of: Expression; readonly what: "NULL" | "MISSING" };

export interface Projection {
  readonly expression: Expression;
  /** Undefined: the last name of the path, or the position. */
  readonly alias: string | undefined;
}

export interface Query {
  /** Undefined: `*`. */
  readonly projections: readonly Projection[] | undefined;
  /** What the file is called: `S3Object`, `BlobStorage`. */
  readonly table: string;
  /** After the table, without a first `[*]`. */
  readonly from: readonly Step[];
  readonly alias: string | undefined;
  readonly where: Expression | undefined;
  readonly limit: number | undefined;
}

const EXPRESSION_BYTES_MAX = 256 * 1024;
const DEPTH_MAX = 100;
const AGGREGATES = new Set<string>(["COUNT", "SUM", "MIN", "MAX", "AVG"]);
const TYPES = new Set(
  "BOOL BOOLEAN INT INTEGER FLOAT DECIMAL NUMERIC STRING VARCHAR CHAR CHARACTER".split(" "),
);
const RESERVED = new Set("FROM WHERE LIMIT AND OR NOT IN IS LIKE BETWEEN AS SELECT".split(" "));
const COMPARISONS = new Set(["=", "<>", "!=", "<", "<=", ">", ">="]);

export const selectError = (code: string, message: string) => new EmulatorError(code, message, 400);

const unexpected = () =>
  selectError("ParseUnexpectedToken", "The SQL expression contains an unexpected token.");
const unsupported = () =>
  selectError("ParseUnsupportedSyntax", "The SQL expression contains unsupported syntax.");

interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "symbol" | "end";
  readonly text: string;
}

const TOKEN =
  /\s+|--[^\n]*|([A-Za-z_][A-Za-z0-9_$]*)|"((?:[^"]|"")*)"|'((?:[^']|'')*)'|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|(<>|<=|>=|!=|\|\||[-+*/%=<>(),.;[\]])/y;

function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < sql.length) {
    const match = TOKEN.exec(sql);
    if (match === null)
      throw selectError("LexerInvalidChar", "The SQL expression contains a character that is not valid.");
    const [, word, quoted, string, number, symbol] = match;
    if (word !== undefined) tokens.push({ kind: "word", text: word });
    else if (quoted !== undefined) tokens.push({ kind: "quoted", text: quoted.replaceAll('""', '"') });
    else if (string !== undefined) tokens.push({ kind: "string", text: string.replaceAll("''", "'") });
    else if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (symbol !== undefined) tokens.push({ kind: "symbol", text: symbol });
  }
  return tokens;
}

export function parseQuery(sql: string, table: string): Query {
  if (Buffer.byteLength(sql) > EXPRESSION_BYTES_MAX) {
    throw selectError(
      "ExpressionTooLong",
      "The SQL expression is too long. The maximum byte-length for an SQL expression is 256 KB.",
    );
  }
  return new Parser(tokensOf(sql), table).query();
}

const END: Token = { kind: "end", text: "" };

class Parser {
  readonly #tokens: readonly Token[];
  readonly #table: string;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], table: string) {
    this.#tokens = tokens;
    this.#table = table;
  }

  query(): Query {
    if (!this.#word("SELECT")) throw unsupported();
    const projections = this.#selectList();
    if (!this.#word("FROM")) {
      throw selectError(
        "ParseSelectMissingFrom",
        "The SQL expression contains a missing FROM after the SELECT list.",
      );
    }
    if (this.#name()?.toUpperCase() !== this.#table.toUpperCase())
      throw selectError("InvalidTableAlias", "The SQL expression contains a table alias that is not valid.");
    const path = this.#steps();
    const from = path[0] === "*" ? path.slice(1) : path;
    const alias = this.#alias() ?? lastName(from);
    const where = this.#word("WHERE") ? this.#or() : undefined;
    const limit = this.#word("LIMIT") ? this.#wholeNumber() : undefined;
    this.#symbol(";");
    if (this.#peek().kind !== "end") throw unexpected();
    if (where !== undefined && hasAggregate(where)) throw unsupported();
    return { projections, table: this.#table, from, alias, where, limit };
  }

  #selectList(): Projection[] | undefined {
    if (this.#symbol("*")) return undefined;
    if (this.#peek().kind === "word" && this.#is(1, ".") && this.#is(2, "*")) {
      this.#at += 3;
      return undefined;
    }
    const list: Projection[] = [];
    do {
      const expression = this.#operand();
      list.push({ expression, alias: this.#alias() });
    } while (this.#symbol(","));
    const aggregates = list.filter(({ expression }) => hasAggregate(expression)).length;
    if (aggregates > 0 && aggregates < list.length) throw unsupported();
    return list;
  }

  #alias(): string | undefined {
    const stated = this.#word("AS");
    const { kind, text } = this.#peek();
    const named = kind === "quoted" || (kind === "word" && !RESERVED.has(text.toUpperCase()));
    if (!named && stated) throw unexpected();
    return named ? this.#name() : undefined;
  }

  #or(): Expression {
    if (++this.#depth > DEPTH_MAX) throw unsupported();
    let left = this.#and();
    while (this.#word("OR")) left = { kind: "binary", operator: "OR", left, right: this.#and() };
    this.#depth--;
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#word("AND")) left = { kind: "binary", operator: "AND", left, right: this.#not() };
    return left;
  }

  #not(): Expression {
    let negated = false;
    while (this.#word("NOT")) negated = !negated;
    const of = this.#comparison();
    return negated ? { kind: "not", of } : of;
  }

  #comparison(): Expression {
    const left = this.#operand();
    const { text } = this.#peek();
    if (COMPARISONS.has(text) && this.#symbol(text)) {
      return { kind: "binary", operator: text === "!=" ? "<>" : text, left, right: this.#operand() };
    }
    if (this.#word("IS")) {
      const not = this.#word("NOT");
      const what = this.#word("NULL") ? "NULL" : this.#word("MISSING") ? "MISSING" : undefined;
      if (what === undefined) throw unexpected();
      const is: Expression = { kind: "is", of: left, what };
      return not ? { kind: "not", of: is } : is;
    }
    const not = this.#word("NOT");
    const found = this.#range(left);
    if (found === undefined && not) throw unexpected();
    return found === undefined ? left : not ? { kind: "not", of: found } : found;
  }

  /** LIKE, IN and BETWEEN, which can have a NOT before them. */
  #range(of: Expression): Expression | undefined {
    if (this.#word("LIKE")) {
      const right = this.#operand();
      if (this.#peek().text.toUpperCase() === "ESCAPE") throw unsupported();
      return { kind: "binary", operator: "LIKE", left: of, right };
    }
    if (this.#word("BETWEEN")) {
      const low = this.#operand();
      if (!this.#word("AND")) throw unexpected();
      return {
        kind: "binary",
        operator: "AND",
        left: { kind: "binary", operator: ">=", left: of, right: low },
        right: { kind: "binary", operator: "<=", left: of, right: this.#operand() },
      };
    }
    if (!this.#word("IN")) return undefined;
    this.#expect("(");
    const list: Expression[] = [];
    do list.push(this.#operand());
    while (this.#symbol(","));
    this.#expect(")");
    return { kind: "in", of, list };
  }

  #operand(): Expression {
    if (this.#symbol("(")) {
      const inner = this.#or();
      this.#expect(")");
      return inner;
    }
    const negative = this.#symbol("-");
    const { kind, text } = this.#peek();
    if (kind === "number") {
      this.#at++;
      return { kind: "literal", value: negative ? -Number(text) : Number(text) };
    }
    if (negative) throw unsupported();
    if (kind === "string") {
      this.#at++;
      return { kind: "literal", value: text };
    }
    if (kind === "word" && this.#is(1, "(")) return this.#call();
    const constant =
      kind === "word" ? { TRUE: true, FALSE: false, NULL: null }[text.toUpperCase()] : undefined;
    if (constant !== undefined) {
      this.#at++;
      return { kind: "literal", value: constant };
    }
    if (kind !== "quoted" && (kind !== "word" || RESERVED.has(text.toUpperCase()))) throw unexpected();
    this.#at++;
    return { kind: "path", steps: [{ name: text, quoted: kind === "quoted" }, ...this.#steps()] };
  }

  #call(): Expression {
    const name = (this.#name() as string).toUpperCase();
    this.#expect("(");
    if (name === "CAST") {
      const of = this.#operand();
      if (!this.#word("AS")) throw unexpected();
      const type = this.#name()?.toUpperCase() ?? "";
      if (!TYPES.has(type)) throw unsupported();
      this.#expect(")");
      return { kind: "cast", of, type };
    }
    if (!AGGREGATES.has(name))
      throw selectError("UnsupportedFunction", "Encountered an unsupported SQL function.");
    const of = name === "COUNT" && this.#symbol("*") ? undefined : this.#operand();
    this.#expect(")");
    return { kind: "aggregate", name: name as Aggregate, of };
  }

  /** `.name`, `["name"]`, `[0]`, `[*]`, `.*`. */
  #steps(): Step[] {
    const steps: Step[] = [];
    for (;;) {
      if (this.#symbol(".")) {
        const quoted = this.#peek().kind === "quoted";
        const name = this.#symbol("*") ? "*" : this.#name();
        if (name === undefined) throw invalidPath();
        steps.push(name === "*" && !quoted ? "*" : { name, quoted });
      } else if (this.#symbol("[")) {
        steps.push(this.#bracketed());
        this.#expect("]");
      } else return steps;
    }
  }

  #bracketed(): Step {
    if (this.#symbol("*")) return "*";
    const { kind, text } = this.#peek();
    this.#at++;
    if (kind === "number" && /^\d+$/.test(text)) return { index: Number(text) };
    if (kind === "string" || kind === "quoted") return { name: text, quoted: true };
    throw invalidPath();
  }

  #wholeNumber(): number {
    const { kind, text } = this.#peek();
    this.#at++;
    if (kind !== "number" || !/^\d+$/.test(text)) throw unexpected();
    return Number(text);
  }

  #peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? END;
  }

  #is(ahead: number, symbol: string): boolean {
    const { kind, text } = this.#peek(ahead);
    return kind === "symbol" && text === symbol;
  }

  #word(word: string): boolean {
    const { kind, text } = this.#peek();
    const found = kind === "word" && text.toUpperCase() === word;
    if (found) this.#at++;
    return found;
  }

  #symbol(symbol: string): boolean {
    const found = this.#is(0, symbol);
    if (found) this.#at++;
    return found;
  }

  #expect(symbol: string): void {
    if (!this.#symbol(symbol)) throw unexpected();
  }

  #name(): string | undefined {
    const { kind, text } = this.#peek();
    if (kind !== "word" && kind !== "quoted") return undefined;
    this.#at++;
    return text;
  }
}

function invalidPath() {
  return selectError(
    "ParseInvalidPathComponent",
    "The SQL expression contains a path component that is not valid.",
  );
}

export function lastName(steps: readonly Step[]): string | undefined {
  const last = steps.at(-1);
  return typeof last === "object" && "name" in last ? last.name : undefined;
}

export function hasAggregate(expression: Expression): boolean {
  switch (expression.kind) {
    case "aggregate":
      return true;
    case "binary":
      return hasAggregate(expression.left) || hasAggregate(expression.right);
    case "literal":
    case "path":
      return false;
    default:
      return hasAggregate(expression.of);
  }
}

/** First names of all paths, without the table's own: columns, where records are rows. */
export function columnsOf(query: Query): Exclude<Step, "*" | { index: number }>[] {
  const { projections, where, alias } = query;
  const table = (alias ?? query.table).toLowerCase();
  const columns = (expression: Expression | undefined): readonly Step[] => {
    if (expression === undefined) return [];
    switch (expression.kind) {
      case "literal":
        return [];
      case "path": {
        const [first, ...rest] = expression.steps;
        const own = typeof first === "object" && "name" in first && first.name.toLowerCase() === table;
        return (own ? rest : expression.steps).slice(0, 1);
      }
      case "binary":
        return [...columns(expression.left), ...columns(expression.right)];
      case "in":
        return [expression.of, ...expression.list].flatMap(columns);
      default:
        return columns(expression.of);
    }
  };
  return [...(projections ?? []).map(({ expression }) => expression), where]
    .flatMap(columns)
    .filter((step) => typeof step === "object" && "name" in step);
}
