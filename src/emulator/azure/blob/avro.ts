/** Avro's object container file, as far as answers of queries need it: a union of records, not packed. https://avro.apache.org/docs/1.11.1/specification/#object-container-files */
import { randomBytes } from "node:crypto";

export type AvroType = "bytes" | "string" | "long" | "boolean";

export interface AvroRecord {
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly type: AvroType }[];
}

/** A record of the union: which, and its fields' values in order. */
export interface AvroValue {
  readonly record: number;
  readonly values: readonly (Uint8Array | string | number | boolean)[];
}

const MAGIC = Buffer.from("Obj\u0001");
const SYNC_BYTES = 16;

/** The file of one block for each value. */
export function avroFile(union: readonly AvroRecord[], items: readonly AvroValue[]): Buffer {
  const schema = union.map((record) => ({ type: "record", ...record }));
  const sync = randomBytes(SYNC_BYTES);
  const header = [
    MAGIC,
    long(2),
    ...[text("avro.schema"), text(JSON.stringify(schema)), text("avro.codec"), text("null")],
    long(0),
    sync,
  ];
  const blocks = items.flatMap(({ record, values }) => {
    const fields = union[record]?.fields ?? [];
    const body = Buffer.concat([long(record), ...fields.map(({ type }, at) => encoded(type, values[at]))]);
    return [long(1), long(body.length), body, sync];
  });
  return Buffer.concat([...header, ...blocks]);
}

function encoded(type: AvroType, value: AvroValue["values"][number] | undefined): Buffer {
  switch (type) {
    case "boolean":
      return Buffer.from([value === true ? 1 : 0]);
    case "long":
      return long(Number(value));
    case "string":
      return text(String(value));
    case "bytes": {
      const bytes = Buffer.from(value as Uint8Array);
      return Buffer.concat([long(bytes.length), bytes]);
    }
  }
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([long(bytes.length), bytes]);
}

/** Zigzag, seven bits a byte, the lowest first. */
function long(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
