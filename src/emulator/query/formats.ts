/** The files that queries read, and the records that they write. Members are named as S3 names them. */
import type { Row, Value } from "./run.js";
import { columnsOf, type Query, selectError } from "./sql.js";

interface CsvFormat {
  readonly FieldDelimiter?: string | undefined;
  readonly RecordDelimiter?: string | undefined;
  readonly QuoteCharacter?: string | undefined;
  readonly QuoteEscapeCharacter?: string | undefined;
}

interface CsvInput extends CsvFormat {
  /** `NONE`, `USE` or `IGNORE`. Default `NONE`. */
  readonly FileHeaderInfo?: string | undefined;
  /** What a line that is left out begins with. Default `#`; empty: none is. */
  readonly Comments?: string | undefined;
}

interface CsvOutput extends CsvFormat {
  readonly QuoteFields?: string | undefined;
}

/** Absent `CSV`: JSON. */
export interface InputFormat {
  readonly CSV?: CsvInput | undefined;
}

export interface OutputFormat {
  readonly CSV?: CsvOutput | undefined;
  readonly JSON?: { readonly RecordDelimiter?: string | undefined } | undefined;
}

/** The values of a file: each document of JSON, each row of CSV as an object by column. */
export function readValues(text: string, input: InputFormat, query: Query): Iterable<Value> {
  return input.CSV === undefined ? jsonValues(text) : csvValues(text, input.CSV, query);
}

function* jsonValues(text: string): Generator<Value> {
  const failed = () =>
    selectError(
      "JSONParsingError",
      "Encountered an error parsing the JSON file. Check the file and try again.",
    );
  for (const document of documents(text, failed)) {
    let value: Value;
    try {
      value = JSON.parse(document);
    } catch {
      throw failed();
    }
    yield value;
  }
}

/** The documents of JSON that stand one after the other, on lines of their own or not. */
function* documents(text: string, failed: () => Error): Generator<string> {
  const token = /\s+|"(?:[^"\\]|\\.)*"|[[\]{}]|[,:]|[^\s"[\]{},:]+/y;
  let depth = 0;
  let start = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const [found] = token.exec(text) ?? [];
    if (found === undefined) throw failed();
    if (depth === 0 && /^\s/.test(found)) continue;
    if (depth === 0) start = at;
    if (found === "{" || found === "[") depth++;
    else if (found === "}" || found === "]") depth--;
    if (depth === 0) yield text.slice(start, token.lastIndex);
  }
  if (depth !== 0) throw failed();
}

function* csvValues(text: string, format: CsvInput, query: Query): Generator<Value> {
  const info = format.FileHeaderInfo ?? "NONE";
  const rows = csvRows(text, format);
  const first = info === "NONE" ? undefined : rows.next().value;
  const headers = info === "USE" ? (first ?? []) : undefined;
  checkColumns(query, headers);
  for (const fields of rows) {
    yield headers === undefined
      ? Object.fromEntries(fields.map((field, index) => [`_${index + 1}`, field]))
      : named(headers, fields);
  }
}

/** By header; positions lead to fields as well, though they are no columns of `*`. */
function named(headers: readonly string[], fields: readonly string[]): Value {
  const record: Record<string, string> = {};
  headers.forEach((header, index) => {
    if (fields[index] !== undefined) record[header] = fields[index];
  });
  fields.forEach((value, index) => {
    const name = `_${index + 1}`;
    if (!Object.hasOwn(record, name)) Object.defineProperty(record, name, { value });
  });
  return record;
}

function checkColumns(query: Query, headers: readonly string[] | undefined): void {
  for (const { name, quoted } of columnsOf(query)) {
    if (/^_[1-9]\d*$/.test(name)) continue;
    if (headers === undefined)
      throw selectError("InvalidColumnIndex", "The column index in the SQL expression is not valid.");
    const known = headers.some(
      (header) => header === name || (!quoted && header.toLowerCase() === name.toLowerCase()),
    );
    if (!known) {
      throw selectError(
        "MissingHeaders",
        "Some headers in the query are missing from the file. Check the file and try again.",
      );
    }
  }
}

/** Rows as fields. Quotes stand about a whole field; one within is doubled, or has the escape before it. */
function* csvRows(text: string, format: CsvInput): Generator<string[], undefined> {
  const delimiter = format.FieldDelimiter ?? ",";
  const ends = format.RecordDelimiter === undefined ? ["\r\n", "\n"] : [format.RecordDelimiter];
  const quote = format.QuoteCharacter ?? '"';
  const escaping = format.QuoteEscapeCharacter ?? '"';
  const comment = format.Comments ?? "#";
  let at = 0;
  const endAt = () => ends.find((end) => text.startsWith(end, at));
  const field = (): string => {
    let value = "";
    const quoted = quote !== "" && text.startsWith(quote, at);
    if (!quoted) {
      const start = at;
      while (at < text.length && !text.startsWith(delimiter, at) && endAt() === undefined) at++;
      return text.slice(start, at);
    }
    for (at += quote.length; at < text.length; at++) {
      if (escaping !== "" && text.startsWith(escaping + quote, at)) value += text[++at];
      else if (text.startsWith(quote, at)) {
        at += quote.length;
        return value;
      } else value += text[at];
    }
    throw selectError(
      "CSVParsingError",
      "Encountered an error parsing the CSV file. Check the file and try again.",
    );
  };
  while (at < text.length) {
    const isComment = comment !== "" && text.startsWith(comment, at);
    const fields = [field()];
    while (text.startsWith(delimiter, at)) {
      at += delimiter.length;
      fields.push(field());
    }
    const end = endAt();
    if (end === undefined && at < text.length) {
      throw selectError(
        "CSVParsingError",
        "Encountered an error parsing the CSV file. Check the file and try again.",
      );
    }
    at += end?.length ?? 0;
    if (!isComment && (fields.length > 1 || fields[0] !== "")) yield fields;
  }
}

/** A row as a record of the answer, its delimiter after it. */
export function recordWriter(output: OutputFormat): (row: Row) => string {
  const { CSV, JSON: json } = output;
  if (CSV !== undefined) return (row) => csvRecord([...row.values()], CSV);
  const end = json?.RecordDelimiter ?? "\n";
  return (row) => JSON.stringify(Object.fromEntries(row)) + end;
}

function csvRecord(values: readonly Value[], format: CsvOutput): string {
  const { FieldDelimiter = ",", RecordDelimiter = "\n", QuoteCharacter: quote = '"' } = format;
  const escaping = format.QuoteEscapeCharacter ?? quote;
  const special = [FieldDelimiter, RecordDelimiter, quote, "\r", "\n"].filter((each) => each !== "");
  const fields = values.map((value) => {
    const text =
      value === undefined || value === null
        ? ""
        : typeof value === "object"
          ? JSON.stringify(value)
          : String(value);
    const needed = format.QuoteFields === "ALWAYS" || special.some((each) => text.includes(each));
    return needed ? quote + text.replaceAll(quote, escaping + quote) + quote : text;
  });
  return fields.join(FieldDelimiter) + RecordDelimiter;
}
