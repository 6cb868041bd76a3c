/** SelectObjectContent: a query over an object of CSV or JSON, answered as a stream of events. */
import type {
  CompressionType,
  InputSerialization,
  OutputSerialization,
  S3,
  SelectObjectContentEventStream,
} from "../../../gen/aws/s3.js";
import { readValues, recordWriter } from "../../query/formats.js";
import { type Row, runQuery } from "../../query/run.js";
import { parseQuery, selectError } from "../../query/sql.js";
import { EmulatorError, type Handlers, type Received } from "../../service.js";
import { checkAnonymous } from "./anonymous.js";
import { checkReadable } from "./archive.js";
import { unpackBzip2 } from "./bzip2.js";
import { malformedXml } from "./errors.js";
import { bucketFor, checkCustomerKey, findObject } from "./object-version.js";

/** Of records in one event. */
const EVENT_BYTES_MAX = 128 * 1024;
/** Of what a compressed object holds. */
const UNPACKED_BYTES_MAX = 256 * 1024 * 1024;

type Event = SelectObjectContentEventStream extends AsyncIterable<infer E> ? E : never;

export const selectHandlers: Handlers<S3> = {
  async selectObjectContent(input, context) {
    const bucket = bucketFor(input, context);
    const object = findObject(bucket, input, context);
    // Not for anybody unsigned, and for nobody whom a policy denies to read.
    checkAnonymous(context, bucket, object.acl, "READ", "s3:GetObject", input.Key);
    checkCustomerKey(object, input);
    checkReadable(object, context);
    if (input.ExpressionType !== "SQL") {
      throw selectError(
        "InvalidExpressionType",
        "The ExpressionType value is not valid. Only SQL expressions are supported.",
      );
    }
    checkFormats(input.InputSerialization, input.OutputSerialization);
    if (input.ScanRange !== undefined) throw notBuilt("ScanRange");
    const query = parseQuery(input.Expression, "S3Object");
    const packed = object.bytes.bytes();
    const bytes = await unpack(packed, input.InputSerialization.CompressionType);
    const values = readValues(decode(bytes), input.InputSerialization, query);
    // Run to the end first: what is wrong with the file is an error of the request, not of a stream that began.
    const { events, returned } = recordEvents(
      runQuery(query, values),
      recordWriter(input.OutputSerialization),
    );
    const Details = {
      BytesScanned: packed.length,
      BytesProcessed: bytes.length,
      BytesReturned: returned,
    };
    if (input.RequestProgress?.Enabled) events.push({ Progress: { Details } });
    events.push({ Stats: { Details } }, { End: {} });
    return { Payload: streamOf(events) };
  },
};

async function* streamOf(events: readonly Event[]) {
  yield* events;
}

function recordEvents(rows: Iterable<Row>, write: (row: Row) => string) {
  const events: Event[] = [];
  let returned = 0;
  let pending: Buffer[] = [];
  let length = 0;
  const flush = () => {
    if (length > 0) events.push({ Records: { Payload: Buffer.concat(pending) } });
    pending = [];
    length = 0;
  };
  for (const row of rows) {
    const record = Buffer.from(write(row));
    if (length + record.length > EVENT_BYTES_MAX) flush();
    pending.push(record);
    length += record.length;
    returned += record.length;
  }
  flush();
  return { events, returned };
}

function checkFormats(input: Received<InputSerialization>, output: Received<OutputSerialization>): void {
  if (input.Parquet !== undefined) throw notBuilt("Parquet");
  if ((input.CSV === undefined) === (input.JSON === undefined)) {
    throw selectError(
      "InvalidDataSource",
      "The data source type is not valid. Only CSV, JSON, and Parquet are supported.",
    );
  }
  if ((output.CSV === undefined) === (output.JSON === undefined)) throw malformedXml();
  const info = input.CSV?.FileHeaderInfo;
  if (info !== undefined && !/^(NONE|USE|IGNORE)$/.test(info)) {
    throw selectError(
      "InvalidFileHeaderInfo",
      "The FileHeaderInfo value is not valid. Only NONE, USE, and IGNORE are supported.",
    );
  }
  const type = input.JSON?.Type;
  if (input.JSON !== undefined && type !== "DOCUMENT" && type !== "LINES") {
    throw selectError(
      "InvalidJsonType",
      "The JsonType value is not valid. Only DOCUMENT and LINES are supported.",
    );
  }
  const quotes = output.CSV?.QuoteFields;
  if (quotes !== undefined && quotes !== "ALWAYS" && quotes !== "ASNEEDED") {
    throw selectError(
      "InvalidQuoteFields",
      "The QuoteFields value is not valid. Only ALWAYS and ASNEEDED are supported.",
    );
  }
}

async function unpack(bytes: Uint8Array, type: CompressionType | undefined): Promise<Uint8Array> {
  if (type === undefined || type === "NONE") return bytes;
  if (type !== "GZIP" && type !== "BZIP2") {
    throw selectError(
      "InvalidCompressionFormat",
      "The file is not in a supported compression format. Only GZIP and BZIP2 are supported.",
    );
  }
  try {
    if (type === "BZIP2") return unpackBzip2(bytes, UNPACKED_BYTES_MAX);
    const { gunzipSync } = await import("node:zlib");
    return gunzipSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX });
  } catch {
    throw selectError(
      "InvalidCompressionFormat",
      `${type} is not applicable to the queried object. Please correct the request and try again.`,
    );
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw selectError(
      "InvalidTextEncoding",
      "The encoding type is not valid. Only UTF-8 encoding is supported.",
    );
  }
}

function notBuilt(what: string): EmulatorError {
  return new EmulatorError("NotImplemented", `The emulator's SelectObjectContent does not know ${what}`, 501);
}
