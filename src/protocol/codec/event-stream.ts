/**
 * The binary frames of `application/vnd.amazon.eventstream`: lengths, a checksum over them, headers, payload, a checksum
 * over all. See https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html
 */
import { invalidInput } from "../../internal/cloud-error.js";
import { badResponse } from "./bad-response.js";
import { concatBytes, decodeUtf8, encodeUtf8 } from "./bytes.js";
import { crc32 } from "./crc32.js";
import { setOwn } from "./own-property.js";

export interface EventMessage {
  readonly headers: Readonly<Record<string, EventHeader>>;
  readonly payload: Uint8Array;
}

export type EventHeader =
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "byte" | "short" | "integer"; readonly value: number }
  | { readonly type: "long"; readonly value: number | bigint }
  | { readonly type: "blob"; readonly value: Uint8Array }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "timestamp"; readonly value: Date }
  | { readonly type: "uuid"; readonly value: string };

/** Lengths and their checksum. */
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
const HEADERS_BYTES_MAX = 128 * 1024;
const MESSAGE_BYTES_MAX = 24 * 1024 * 1024;

const TYPES = [
  "boolean",
  "boolean",
  "byte",
  "short",
  "integer",
  "long",
  "blob",
  "string",
  "timestamp",
  "uuid",
] as const;

export function encodeMessage({ headers, payload }: EventMessage): Uint8Array {
  const head = concatBytes(Object.entries(headers).map(([name, header]) => encodeHeader(name, header)));
  const length = PRELUDE_BYTES + head.length + payload.length + CHECKSUM_BYTES;
  if (head.length > HEADERS_BYTES_MAX || length > MESSAGE_BYTES_MAX) {
    throw invalidInput(
      `Cannot encode an event: ${length} bytes are more than the ${MESSAGE_BYTES_MAX} of a frame`,
    );
  }
  const message = new Uint8Array(length);
  const view = viewOf(message);
  view.setUint32(0, length);
  view.setUint32(4, head.length);
  view.setUint32(8, crc32(message, 0, 8));
  message.set(head, PRELUDE_BYTES);
  message.set(payload, PRELUDE_BYTES + head.length);
  view.setUint32(length - CHECKSUM_BYTES, crc32(message, 0, length - CHECKSUM_BYTES));
  return message;
}

/** One whole frame. Fails with CloudError `unavailable`/`BadResponse` when it is damaged. */
export function decodeMessage(message: Uint8Array): EventMessage {
  const length = messageLength(message);
  if (length !== message.length) throw damaged("its length is not the one that it states");
  const view = viewOf(message);
  const headersLength = view.getUint32(4);
  if (view.getUint32(length - CHECKSUM_BYTES) !== crc32(message, 0, length - CHECKSUM_BYTES)) {
    throw damaged("message checksum mismatch");
  }
  const headersEnd = PRELUDE_BYTES + headersLength;
  const payloadEnd = length - CHECKSUM_BYTES;
  if (headersLength > HEADERS_BYTES_MAX || headersEnd > payloadEnd) throw damaged("its headers are too long");
  return {
    headers: decodeHeaders(message.subarray(PRELUDE_BYTES, headersEnd)),
    payload: new Uint8Array(message.subarray(headersEnd, payloadEnd)),
  };
}

/** The messages of bytes that are here whole. */
export function receivedMessages(bytes: Uint8Array): EventMessage[] {
  const messages: EventMessage[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const length = messageLength(rest);
    messages.push(decodeMessage(rest.subarray(0, length)));
    rest = rest.subarray(length);
  }
  return messages;
}

/** The messages of a byte stream, however it was cut. Ends with an error when the last is not whole. */
export async function* decodeMessages(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<EventMessage, void, undefined> {
  let parts: Uint8Array[] = [];
  let held = 0;
  let needed = PRELUDE_BYTES;
  for await (const part of source) {
    parts.push(part);
    held += part.length;
    if (held < needed) continue;
    let bytes = concatBytes(parts);
    while (bytes.length >= PRELUDE_BYTES) {
      needed = messageLength(bytes);
      if (bytes.length < needed) break;
      yield decodeMessage(bytes.subarray(0, needed));
      bytes = bytes.subarray(needed);
      needed = PRELUDE_BYTES;
    }
    parts = [bytes];
    held = bytes.length;
  }
  if (held > 0) throw damaged("the stream ends within it");
}

function messageLength(message: Uint8Array): number {
  if (message.length < PRELUDE_BYTES) throw damaged("the stream ends within it");
  const view = viewOf(message);
  if (view.getUint32(8) !== crc32(message, 0, 8)) throw damaged("prelude checksum mismatch");
  const length = view.getUint32(0);
  if (length < PRELUDE_BYTES + CHECKSUM_BYTES || length > MESSAGE_BYTES_MAX) {
    throw damaged(`it states a length of ${length} bytes`);
  }
  return length;
}

function encodeHeader(name: string, header: EventHeader): Uint8Array {
  const key = encodeUtf8(name);
  if (key.length === 0 || key.length > 255)
    throw invalidInput(`Cannot encode event header "${name}": its name is 1 to 255 bytes`);
  const value = headerValue(header);
  const type = header.type === "boolean" ? (header.value ? 0 : 1) : TYPES.indexOf(header.type);
  return concatBytes([Uint8Array.of(key.length), key, Uint8Array.of(type), value]);
}

function headerValue(header: EventHeader): Uint8Array {
  switch (header.type) {
    case "boolean":
      return new Uint8Array(0);
    case "byte":
      return Uint8Array.of(header.value);
    case "short":
      return written(2, (view) => view.setInt16(0, header.value));
    case "integer":
      return written(4, (view) => view.setInt32(0, header.value));
    case "long":
      return written(8, (view) => view.setBigInt64(0, BigInt(header.value)));
    case "timestamp":
      return written(8, (view) => view.setBigInt64(0, BigInt(header.value.getTime())));
    case "blob":
      return withLength(header.value);
    case "string":
      return withLength(encodeUtf8(header.value));
    case "uuid":
      return Uint8Array.from(header.value.replaceAll("-", "").match(/../g) ?? [], (byte) =>
        Number.parseInt(byte, 16),
      );
  }
}

function withLength(bytes: Uint8Array): Uint8Array {
  if (bytes.length > 0x7fff)
    throw invalidInput("Cannot encode an event header: its value is longer than 32,767 bytes");
  return concatBytes([written(2, (view) => view.setUint16(0, bytes.length)), bytes]);
}

function decodeHeaders(bytes: Uint8Array): Record<string, EventHeader> {
  const headers: Record<string, EventHeader> = {};
  const view = viewOf(bytes);
  let at = 0;
  try {
    while (at < bytes.length) {
      const nameLength = view.getUint8(at++);
      const name = decodeUtf8(bytes.subarray(at, at + nameLength));
      at += nameLength;
      const type = view.getUint8(at++);
      const [header, size] = decodeHeader(type, view, at);
      setOwn(headers, name, header);
      at += size;
    }
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw damaged("its headers are cut short");
  }
  if (at !== bytes.length) throw damaged("its headers are cut short");
  return headers;
}

function decodeHeader(type: number, view: DataView, at: number): [EventHeader, size: number] {
  switch (type) {
    case 0:
      return [{ type: "boolean", value: true }, 0];
    case 1:
      return [{ type: "boolean", value: false }, 0];
    case 2:
      return [{ type: "byte", value: view.getInt8(at) }, 1];
    case 3:
      return [{ type: "short", value: view.getInt16(at) }, 2];
    case 4:
      return [{ type: "integer", value: view.getInt32(at) }, 4];
    case 5: {
      const value = view.getBigInt64(at);
      return [{ type: "long", value: Number.isSafeInteger(Number(value)) ? Number(value) : value }, 8];
    }
    case 6:
    case 7: {
      const length = view.getUint16(at);
      const value = new Uint8Array(view.buffer, view.byteOffset + at + 2, length);
      if (at + 2 + length > view.byteLength) throw damaged("its headers are cut short");
      return type === 6
        ? [{ type: "blob", value: value.slice() }, length + 2]
        : [{ type: "string", value: decodeUtf8(value) }, length + 2];
    }
    case 8:
      return [{ type: "timestamp", value: new Date(Number(view.getBigInt64(at))) }, 8];
    case 9: {
      const hex = [...new Uint8Array(view.buffer, view.byteOffset + at, 16)].map((byte) =>
        byte.toString(16).padStart(2, "0"),
      );
      view.getUint8(at + 15);
      return [{ type: "uuid", value: hex.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-") }, 16];
    }
    default:
      throw damaged(`a header of type ${type}, which is not known`);
  }
}

function written(size: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size);
  write(viewOf(bytes));
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(why: string): Error {
  return badResponse(`Cannot read an event: ${why}`);
}
