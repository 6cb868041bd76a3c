/** Queries over a blob of delimited text or JSON. https://learn.microsoft.com/rest/api/storageservices/query-blob-contents */
import type { Blob, QueryFormat } from "../../../gen/azure/blob.js";
import { type InputFormat, type OutputFormat, readValues, recordWriter } from "../../query/formats.js";
import { runQuery } from "../../query/run.js";
import { parseQuery } from "../../query/sql.js";
import { EmulatorError, type Handlers, type Received } from "../../service.js";
import { type AvroRecord, type AvroValue, avroFile } from "./avro.js";
import { openForRead } from "./blobs.js";
import { checkCustomerKey } from "./customer-key.js";
import { blobError } from "./errors.js";
import { propertiesShown } from "./shown.js";
import { assertOnline } from "./tier.js";

const TABLE = "BlobStorage";
/** Of results in one record of the answer. */
const RESULT_BYTES_MAX = 128 * 1024;

const NAMESPACE = "com.microsoft.azure.storage.queryBlobContents";
const RECORDS: readonly AvroRecord[] = [
  { name: `${NAMESPACE}.resultData`, fields: [{ name: "data", type: "bytes" }] },
  {
    name: `${NAMESPACE}.error`,
    fields: [
      { name: "fatal", type: "boolean" },
      { name: "name", type: "string" },
      { name: "description", type: "string" },
      { name: "position", type: "long" },
    ],
  },
  {
    name: `${NAMESPACE}.progress`,
    fields: [
      { name: "bytesScanned", type: "long" },
      { name: "totalBytes", type: "long" },
    ],
  },
  { name: `${NAMESPACE}.end`, fields: [{ name: "totalBytes", type: "long" }] },
];
const [RESULT, ERROR, PROGRESS, END] = [0, 1, 2, 3];

export const queryHandlers: Handlers<Blob> = {
  queryBlobContents(input, context) {
    const { state, entry } = openForRead(input, context);
    if (state.type !== "BlockBlob") throw blobError("InvalidBlobType");
    assertOnline(state);
    checkCustomerKey(state, input);
    const { queryRequest: asked } = input;
    if (asked === undefined || asked.queryType !== "SQL") throw blobError("InvalidXmlDocument");
    const read = asked.inputSerialization?.format ?? { type: "delimited" as const };
    const write = asked.outputSerialization?.format ?? read;
    const query = refusing(() => parseQuery(asked.expression, TABLE));
    const text = new TextDecoder().decode(state.bytes.bytes());
    const { length } = state.bytes;
    const items = results(() => {
      const values = readValues(text, inputOf(read), query);
      return [...runQuery(query, values)].map(recordWriter(outputOf(write)));
    });
    items.push(
      { record: PROGRESS as number, values: [length, length] },
      { record: END as number, values: [length] },
    );
    const body = avroFile(RECORDS, items);
    const { contentType: _, ...properties } = propertiesShown(state, entry, context.clock.now());
    return { ...properties, contentType: "avro/binary", contentLength: body.length, body };
  },
};

/** A file that cannot be read is an error within the answer. */
function results(run: () => string[]): AvroValue[] {
  try {
    return pieces(run()).map((data) => ({ record: RESULT as number, values: [data] }));
  } catch (error) {
    if (!(error instanceof EmulatorError) || error.status === 501) throw error;
    return [{ record: ERROR as number, values: [true, error.code, error.message, 0] }];
  }
}

/** Whole records together, up to a size. */
function pieces(records: readonly string[]): Buffer[] {
  const all = Buffer.from(records.join(""));
  const count = Math.ceil(all.length / RESULT_BYTES_MAX);
  return Array.from({ length: count }, (_, at) =>
    all.subarray(at * RESULT_BYTES_MAX, (at + 1) * RESULT_BYTES_MAX),
  );
}

/** A query that cannot be read is an error of the request. */
function refusing<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof EmulatorError)) throw error;
    throw new EmulatorError("InvalidInput", error.message, 400);
  }
}

function inputOf(format: Received<QueryFormat>): InputFormat {
  if (format.type === "json") return {};
  if (format.type !== "delimited") throw notBuilt(format.type);
  const { headersPresent = false } = format.delimitedTextConfiguration ?? {};
  return {
    CSV: { ...csvOf(format), FileHeaderInfo: headersPresent ? "USE" : "NONE", Comments: "" },
  };
}

function outputOf(format: Received<QueryFormat>): OutputFormat {
  if (format.type === "json") {
    const { recordSeparator } = format.jsonTextConfiguration ?? {};
    return { JSON: { ...(recordSeparator && { RecordDelimiter: recordSeparator }) } };
  }
  if (format.type !== "delimited") throw notBuilt(format.type);
  return { CSV: csvOf(format) };
}

function csvOf({ delimitedTextConfiguration }: Received<QueryFormat>) {
  const { columnSeparator, recordSeparator, fieldQuote, escapeChar } = delimitedTextConfiguration ?? {};
  return {
    ...(columnSeparator && { FieldDelimiter: columnSeparator }),
    ...(recordSeparator && { RecordDelimiter: recordSeparator }),
    ...(fieldQuote && { QuoteCharacter: fieldQuote }),
    ...(escapeChar && { QuoteEscapeCharacter: escapeChar }),
  };
}

function notBuilt(what: string): EmulatorError {
  return new EmulatorError(
    "NotImplemented",
    `The emulator does not implement blob queryBlobContents of ${what}`,
    501,
  );
}
