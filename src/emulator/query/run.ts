/** Runs a query over records. */
import {
  type Aggregate,
  type Expression,
  hasAggregate,
  lastName,
  type Projection,
  type Query,
  type Step,
  selectError,
} from "./sql.js";

/** A value of JSON; undefined is SQL's MISSING. */
export type Value = unknown;

/** What stands in one record of the answer: by name, in order. */
export type Row = ReadonlyMap<string, Value>;

/** The rows that a query makes of the values that a file holds. */
export function* runQuery(query: Query, values: Iterable<Value>): Generator<Row> {
  const limit = query.limit ?? Number.POSITIVE_INFINITY;
  const scope = new Scope(query.alias);
  const { projections } = query;
  const aggregated = projections?.some(({ expression }) => hasAggregate(expression));
  const records = matching(query, values, scope);
  if (projections !== undefined && aggregated) {
    if (limit > 0) yield aggregateRow(projections, records, scope);
    return;
  }
  let count = 0;
  if (limit === 0) return;
  for (const record of records) {
    yield projections === undefined ? wholeRow(record) : projectedRow(projections, record, scope);
    if (++count >= limit) return;
  }
}

function* matching({ from, where }: Query, values: Iterable<Value>, scope: Scope): Generator<Value> {
  for (const value of values) {
    for (const record of walk(value, from)) {
      if (where === undefined || scope.evaluate(where, record) === true) yield record;
    }
  }
}

/** All values at a path; a wildcard that finds nothing stands for one that is missing. */
function walk(value: Value, steps: readonly Step[]): Value[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [value];
  if (step !== "*") return walk(member(value, step), rest);
  const inner = typeof value === "object" && value !== null ? Object.values(value) : [];
  return inner.length === 0 ? [undefined] : inner.flatMap((each) => walk(each, rest));
}

function member(value: Value, step: Exclude<Step, "*">): Value {
  if ("index" in step) return Array.isArray(value) ? value[step.index] : undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { name, quoted } = step;
  if (Object.hasOwn(value, name)) return (value as Record<string, Value>)[name];
  if (quoted) return undefined;
  const folded = name.toLowerCase();
  const found = Object.keys(value).filter((key) => key.toLowerCase() === folded);
  if (found.length > 1) {
    throw selectError(
      "AmbiguousFieldName",
      "Field name matches to multiple fields in the file. Check the SQL expression and the file, and try again.",
    );
  }
  return found[0] === undefined ? undefined : (value as Record<string, Value>)[found[0]];
}

function wholeRow(record: Value): Row {
  if (record === undefined) return new Map();
  if (typeof record !== "object" || record === null || Array.isArray(record))
    return new Map([["_1", record]]);
  return new Map(Object.entries(record));
}

function nameOf({ alias, expression }: Projection, index: number): string {
  const own = expression.kind === "path" ? lastName(expression.steps) : undefined;
  return alias ?? own ?? `_${index + 1}`;
}

function projectedRow(projections: readonly Projection[], record: Value, scope: Scope): Row {
  return new Map(
    projections.map((each, index) => [nameOf(each, index), scope.evaluate(each.expression, record)]),
  );
}

class Scope {
  readonly #alias: string | undefined;

  constructor(alias: string | undefined) {
    this.#alias = alias?.toLowerCase();
  }

  evaluate(expression: Expression, record: Value): Value {
    switch (expression.kind) {
      case "literal":
        return expression.value;
      case "path":
        return this.#path(expression.steps, record);
      case "cast":
        return cast(this.evaluate(expression.of, record), expression.type);
      case "not": {
        const value = this.evaluate(expression.of, record);
        return typeof value === "boolean" ? !value : null;
      }
      case "is": {
        const value = this.evaluate(expression.of, record);
        return value === undefined || (expression.what === "NULL" && value === null);
      }
      case "in": {
        const value = this.evaluate(expression.of, record);
        return expression.list.some((each) => compare("=", value, this.evaluate(each, record)) === true);
      }
      case "binary":
        return this.#binary(expression, record);
      case "aggregate":
        throw unsupportedStructure();
    }
  }

  #binary({ operator, left, right }: Extract<Expression, { kind: "binary" }>, record: Value): Value {
    const first = this.evaluate(left, record);
    if (operator === "AND" && first === false) return false;
    if (operator === "OR" && first === true) return true;
    const second = this.evaluate(right, record);
    if (operator === "AND") return second === false ? false : first === true && second === true ? true : null;
    if (operator === "OR") return second === true ? true : first === false && second === false ? false : null;
    if (operator === "LIKE")
      return typeof first === "string" && typeof second === "string" ? like(second).test(first) : null;
    return compare(operator, first, second);
  }

  /** A first name that is the table's means the record itself. */
  #path(steps: readonly Step[], record: Value): Value {
    const [first, ...rest] = steps;
    const table = typeof first === "object" && "name" in first ? first.name.toLowerCase() : undefined;
    const own =
      table !== undefined && (table === this.#alias || (this.#alias === undefined && table === "s3object"));
    const found = walk(record, own ? rest : steps);
    return steps.includes("*") ? found.filter((each) => each !== undefined) : found[0];
  }
}

function like(pattern: string): RegExp {
  const source = pattern.replace(/[\\^$.*+?()[\]{}|]|%|_/g, (char) =>
    char === "%" ? "[^]*" : char === "_" ? "[^]" : `\\${char}`,
  );
  return new RegExp(`^${source}$`);
}

/** NULL and MISSING compare with nothing. Text beside a number is read as one: fields of CSV have no types. */
function compare(operator: string, left: Value, right: Value): boolean | null {
  if (left === undefined || left === null || right === undefined || right === null) return null;
  const [a, b] = alike(left, right);
  if (typeof a !== typeof b || typeof a === "object")
    return operator === "<>" ? true : operator === "=" ? false : null;
  const order = (a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0;
  switch (operator) {
    case "=":
      return order === 0;
    case "<>":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    default:
      return order >= 0;
  }
}

function alike(left: Value, right: Value): [Value, Value] {
  if (typeof left === "number" && typeof right === "string") return [left, numberOf(right)];
  if (typeof left === "string" && typeof right === "number") return [numberOf(left), right];
  return [left, right];
}

function numberOf(text: string): number | string {
  return /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/.test(text) ? Number(text) : text;
}

function cast(value: Value, type: string): Value {
  if (value === undefined || value === null) return value;
  const failed = () =>
    selectError(
      "CastFailed",
      "Attempt to convert from one data type to another using CAST failed in the SQL expression.",
    );
  if (typeof value === "object") throw failed();
  if (/^(STRING|VARCHAR|CHAR|CHARACTER)$/.test(type)) return String(value);
  if (/^BOOL/.test(type)) {
    const text = String(value).toLowerCase();
    if (typeof value === "number") return value !== 0;
    if (text !== "true" && text !== "false") throw failed();
    return text === "true";
  }
  const number = typeof value === "boolean" ? Number(value) : numberOf(String(value));
  if (typeof number !== "number") throw failed();
  return /^INT/.test(type) ? Math.trunc(number) : number;
}

function aggregateRow(projections: readonly Projection[], records: Iterable<Value>, scope: Scope): Row {
  const found = projections.map(({ expression }) => aggregateOf(expression));
  const totals = found.map(({ name }) => new Total(name));
  for (const record of records) {
    found.forEach(({ of }, index) => {
      totals[index]?.add(of === undefined ? 1 : scope.evaluate(of, record));
    });
  }
  return new Map(projections.map((each, index) => [nameOf(each, index), totals[index]?.value()]));
}

function aggregateOf(expression: Expression): Extract<Expression, { kind: "aggregate" }> {
  if (expression.kind === "aggregate") return expression;
  throw unsupportedStructure();
}

const unsupportedStructure = () =>
  selectError(
    "UnsupportedSqlStructure",
    "Encountered an unsupported SQL structure. Check the SQL Reference.",
  );

class Total {
  readonly #name: Aggregate;
  #count = 0;
  #sum = 0;
  #best: Value;

  constructor(name: Aggregate) {
    this.#name = name;
  }

  add(value: Value): void {
    if (value === undefined || value === null) return;
    this.#count++;
    if (this.#name === "COUNT") return;
    const number = typeof value === "string" ? numberOf(value) : value;
    if (this.#name === "SUM" || this.#name === "AVG") {
      if (typeof number !== "number") {
        throw selectError(
          "IncorrectSqlFunctionArgumentType",
          "The SQL function argument is of the wrong type. Check the SQL expression and try again.",
        );
      }
      this.#sum += number;
    } else if (this.#best === undefined || compare(this.#name === "MIN" ? "<" : ">", number, this.#best)) {
      this.#best = number;
    }
  }

  value(): Value {
    if (this.#name === "COUNT") return this.#count;
    if (this.#count === 0) return null;
    if (this.#name === "SUM") return this.#sum;
    return this.#name === "AVG" ? this.#sum / this.#count : this.#best;
  }
}
