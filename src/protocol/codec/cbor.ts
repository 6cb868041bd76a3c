/** CBOR (RFC 8949) as smithy-rpc-v2-cbor uses it. Decoding needs no model; encoding is guided by it. */
import { invalidInput } from "../../internal/cloud-error.js";
import type { Member, Shape } from "../../model/model.js";
import type { Values } from "../protocol.js";
import { badResponse } from "./bad-response.js";
import { blobBytes, concatBytes, decodeUtf8, encodeUtf8 } from "./bytes.js";
import { setOwn } from "./own-property.js";
import { dateOf, instantOf, unixNumber } from "./timestamp.js";

const DEPTH_MAX = 128;
const INDEFINITE = 31;
const BREAK = 0xff;

/** A tagged item that is no timestamp and no big integer. */
export class CborTag {
  readonly tag: number | bigint;
  readonly value: unknown;

  constructor(tag: number | bigint, value: unknown) {
    this.tag = tag;
    this.value = value;
  }
}

/**
 * Numbers (bigint outside the safe integers), strings, Uint8Array, arrays, plain objects, booleans, null (also for undefined),
 * Date for tag 1, bigint for tags 2 and 3. Fails with CloudError `unavailable`/`BadResponse`.
 */
export function decodeCbor(bytes: Uint8Array): unknown {
  const reader = new CborReader(bytes);
  const value = reader.item();
  reader.end();
  return value;
}

class CborReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    // A plain view: slices of a Buffer would be Buffers.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw malformed("bytes follow the value");
  }

  item(): unknown {
    const initial = this.#byte();
    const info = initial & 31;
    switch (initial >> 5) {
      case 0:
        return this.#argument(info);
      case 1: {
        const value = this.#argument(info);
        const negative = typeof value === "bigint" ? -1n - value : -1 - value;
        return Number.isSafeInteger(Number(negative)) ? Number(negative) : BigInt(negative);
      }
      case 2:
        return info === INDEFINITE ? concatBytes(this.#chunks(2)) : this.#take(this.#length(info)).slice();
      case 3:
        return decodeUtf8(
          info === INDEFINITE ? concatBytes(this.#chunks(3)) : this.#take(this.#length(info)),
        );
      case 4:
        return this.#nested(() => this.#list(info));
      case 5:
        return this.#nested(() => this.#map(info));
      case 6: {
        const tag = this.#argument(info);
        return this.#nested(() => tagged(tag, this.item()));
      }
      default:
        return this.#simple(info);
    }
  }

  #list(info: number): unknown[] {
    const list: unknown[] = [];
    if (info === INDEFINITE) {
      while (!this.#atBreak()) list.push(this.item());
      return list;
    }
    const length = this.#length(info);
    for (let index = 0; index < length; index++) list.push(this.item());
    return list;
  }

  #map(info: number): Values {
    const values: Values = {};
    const length = info === INDEFINITE ? Number.POSITIVE_INFINITY : this.#length(info);
    for (let index = 0; index < length; index++) {
      if (info === INDEFINITE && this.#atBreak()) break;
      const key = this.item();
      if (typeof key !== "string") throw malformed("a key that is not text");
      const value = this.item();
      setOwn(values, key, value);
    }
    return values;
  }

  #chunks(major: number): Uint8Array[] {
    const chunks: Uint8Array[] = [];
    while (!this.#atBreak()) {
      const initial = this.#byte();
      if (initial >> 5 !== major || (initial & 31) === INDEFINITE) throw malformed("a chunk of another type");
      chunks.push(this.#take(this.#length(initial & 31)));
    }
    return chunks;
  }

  #simple(info: number): unknown {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
      case 23:
        return null;
      case 25:
        return halfFloat(this.#view.getUint16(this.#advance(2)));
      case 26:
        return this.#view.getFloat32(this.#advance(4));
      case 27:
        return this.#view.getFloat64(this.#advance(8));
      default:
        throw malformed(`a simple value of ${info}`);
    }
  }

  #argument(info: number): number | bigint {
    if (info < 24) return info;
    switch (info) {
      case 24:
        return this.#byte();
      case 25:
        return this.#view.getUint16(this.#advance(2));
      case 26:
        return this.#view.getUint32(this.#advance(4));
      case 27: {
        const value = this.#view.getBigUint64(this.#advance(8));
        return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
      }
      default:
        throw malformed(`additional information ${info}`);
    }
  }

  /** Every item is a byte at least: a length beyond what is left is a lie, and must not make room for it. */
  #length(info: number): number {
    const length = this.#argument(info);
    if (length > this.#bytes.length - this.#at) throw malformed("it ends too early");
    return Number(length);
  }

  #take(length: number): Uint8Array {
    const from = this.#advance(length);
    return this.#bytes.subarray(from, from + length);
  }

  #atBreak(): boolean {
    if (this.#bytes[this.#at] !== BREAK) return false;
    this.#at++;
    return true;
  }

  #byte(): number {
    return this.#bytes[this.#advance(1)] as number;
  }

  #advance(count: number): number {
    const from = this.#at;
    if (from + count > this.#bytes.length) throw malformed("it ends too early");
    this.#at = from + count;
    return from;
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > DEPTH_MAX) throw malformed("it nests too deep");
    const value = read();
    this.#depth--;
    return value;
  }
}

function tagged(tag: number | bigint, value: unknown): unknown {
  if (tag === 1) {
    if (typeof value !== "number") throw malformed("a timestamp that is not a number");
    return dateOf(instantOf(value));
  }
  if ((tag === 2 || tag === 3) && value instanceof Uint8Array) {
    const magnitude = value.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const integer = tag === 2 ? magnitude : -1n - magnitude;
    return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
  }
  return new CborTag(tag, value);
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * 2 ** -14 * (fraction / 1024);
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

function malformed(why: string): Error {
  return badResponse(`Cannot parse CBOR: ${why}`);
}

export function encodeCbor(shape: Shape, value: unknown): Uint8Array {
  const writer = new CborWriter();
  writer.value(shape, value);
  return writer.finish();
}

/** One map of texts that no model has, and of a structure's members. */
export function encodeCborPlain(
  texts: Readonly<Record<string, string>>,
  shape: Shape | undefined,
  values: Values,
): Uint8Array {
  const writer = new CborWriter();
  writer.plain(texts, shape, values);
  return writer.finish();
}

class CborWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #depth = 0;

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  plain(texts: Readonly<Record<string, string>>, shape: Shape | undefined, values: Values): void {
    const members =
      shape?.members.filter(({ name }) => values[name] !== undefined && values[name] !== null) ?? [];
    const others =
      shape === undefined ? Object.entries(values).filter(([, value]) => typeof value === "string") : [];
    const plain = [...Object.entries(texts), ...others];
    this.#argument(5, plain.length + members.length);
    for (const [name, text] of plain) {
      this.#text(name);
      this.#text(String(text));
    }
    for (const member of members) {
      this.#text(member.wireName);
      this.value(member.shape, values[member.name]);
    }
  }

  value(shape: Shape, value: unknown): void {
    switch (shape.type) {
      case "structure":
        return this.#structure(shape, value as Values);
      case "list":
        return this.#list(shape, value as readonly unknown[]);
      case "map":
        return this.#map(shape, value as Values);
      case "integer":
      case "long":
        return this.#integer(value as number | bigint);
      case "float":
        return this.#float(value as number, true);
      case "double":
        return this.#float(value as number, false);
      case "boolean":
        return this.#initial(7, value ? 21 : 20);
      case "timestamp":
        return this.#timestamp(value);
      case "blob":
        return this.#blob(value);
      case "string":
        return this.#text(String(value));
      case "document":
        throw invalidInput("Cannot encode a document: the protocol has none");
    }
  }

  #structure(shape: Shape, values: Values): void {
    this.#enter();
    const set = Object.keys(values).filter(
      (name) => values[name] !== undefined && values[name] !== null && shape.member(name),
    );
    this.#argument(5, set.length);
    for (const name of set) {
      const member = shape.member(name) as Member;
      this.#text(member.wireName);
      this.value(member.shape, values[name]);
    }
    this.#depth--;
  }

  #list(shape: Shape, list: readonly unknown[]): void {
    this.#enter();
    this.#argument(4, list.length);
    for (const each of list) this.#item(shape, each);
    this.#depth--;
  }

  #map(shape: Shape, values: Values): void {
    this.#enter();
    const entries = Object.entries(values).filter(([, each]) => each !== undefined);
    this.#argument(5, entries.length);
    for (const [key, each] of entries) {
      this.#text(key);
      this.#item(shape, each);
    }
    this.#depth--;
  }

  #item(shape: Shape, value: unknown): void {
    if (value === null || value === undefined) this.#initial(7, 22);
    else this.value((shape.element as Member).shape, value);
  }

  #integer(value: number | bigint): void {
    if (typeof value !== "bigint" && !Number.isInteger(value))
      throw invalidInput(`Cannot encode ${String(value)}: not an integer`);
    if (value >= 0) this.#argument(0, value);
    else this.#argument(1, typeof value === "bigint" ? -1n - value : -1 - value);
  }

  /** In the size that the model names; what is not finite is the same in the smallest. */
  #float(value: number, single: boolean): void {
    if (!Number.isFinite(value)) {
      this.#initial(7, 25);
      this.#room(2);
      this.#view.setUint16(this.#at, Number.isNaN(value) ? 0x7e00 : value > 0 ? 0x7c00 : 0xfc00);
      this.#at += 2;
      return;
    }
    const size = single ? 4 : 8;
    this.#initial(7, single ? 26 : 27);
    this.#room(size);
    if (single) this.#view.setFloat32(this.#at, value);
    else this.#view.setFloat64(this.#at, value);
    this.#at += size;
  }

  #timestamp(value: unknown): void {
    const number = unixNumber(instantOf(value));
    this.#initial(6, 1);
    if (Number.isInteger(number)) this.#integer(number);
    else this.#float(number, false);
  }

  #blob(value: unknown): void {
    const bytes = blobBytes(value);
    if (bytes === undefined) throw invalidInput("Cannot encode a blob: not bytes or text");
    this.#argument(2, bytes.length);
    this.#put(bytes);
  }

  #text(text: string): void {
    const bytes = encodeUtf8(text);
    this.#argument(3, bytes.length);
    this.#put(bytes);
  }

  #argument(major: number, value: number | bigint): void {
    this.#room(9);
    if (value < 24) {
      this.#bytes[this.#at++] = (major << 5) | Number(value);
    } else if (value < 0x100) {
      this.#bytes[this.#at++] = (major << 5) | 24;
      this.#bytes[this.#at++] = Number(value);
    } else if (value < 0x10000) {
      this.#bytes[this.#at++] = (major << 5) | 25;
      this.#view.setUint16(this.#at, Number(value));
      this.#at += 2;
    } else if (value < 0x100000000) {
      this.#bytes[this.#at++] = (major << 5) | 26;
      this.#view.setUint32(this.#at, Number(value));
      this.#at += 4;
    } else {
      if (value >= 2n ** 64n) throw invalidInput(`Cannot encode ${value}: more than 64 bits`);
      this.#bytes[this.#at++] = (major << 5) | 27;
      this.#view.setBigUint64(this.#at, BigInt(value));
      this.#at += 8;
    }
  }

  #initial(major: number, info: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = (major << 5) | info;
  }

  #put(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #room(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }

  #enter(): void {
    if (++this.#depth > DEPTH_MAX) throw invalidInput("Cannot encode the input: it nests too deep");
  }
}
