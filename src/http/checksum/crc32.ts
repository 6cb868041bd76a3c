/** 32-bit CRCs of any reversed polynomial, eight bytes at a time ("slicing by 8"). */
import type { Checksum } from "./checksum.js";

/** Goes on from `previous` (0 at the start) over `bytes`. */
export type Crc32Function = (bytes: Uint8Array, previous: number) => number;

export class Crc32 implements Checksum {
  readonly #crc: Crc32Function;
  #value = 0;

  constructor(crc: Crc32Function) {
    this.#crc = crc;
  }

  update(bytes: Uint8Array): void {
    this.#value = this.#crc(bytes, this.#value);
  }

  digest(): Uint8Array {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, this.#value);
    return bytes;
  }
}

const tables = /* @__PURE__ */ new Map<number, Int32Array>();

/** A function for the polynomial; the platform's own where it has one. */
export function crc32Of(polynomial: number, native?: Crc32Function): Crc32Function {
  if (native !== undefined) return native;
  let table = tables.get(polynomial);
  if (table === undefined) {
    table = slicingTable(polynomial);
    tables.set(polynomial, table);
  }
  const known = table;
  return (bytes, previous) => slicingBy8(known, bytes, previous);
}

/** Eight tables of 256 in one array: table k is the effect of a byte followed by k zero bytes. */
function slicingTable(polynomial: number): Int32Array {
  const table = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    table[byte] = crc;
  }
  for (let index = 256; index < table.length; index++) {
    const before = table[index - 256] as number;
    table[index] = (before >>> 8) ^ (table[before & 255] as number);
  }
  return table;
}

function slicingBy8(table: Int32Array, bytes: Uint8Array, previous: number): number {
  // The casts below only quiet noUncheckedIndexedAccess: every index is in range.
  const t = table as unknown as { readonly [index: number]: number };
  const b = bytes as unknown as { readonly [index: number]: number };
  const length = bytes.length;
  const even = length - (length % 8);
  let crc = ~previous;
  let i = 0;
  for (; i < even; i += 8) {
    crc ^= b[i]! | (b[i + 1]! << 8) | (b[i + 2]! << 16) | (b[i + 3]! << 24);
    crc =
      t[1792 + (crc & 255)]! ^
      t[1536 + ((crc >>> 8) & 255)]! ^
      t[1280 + ((crc >>> 16) & 255)]! ^
      t[1024 + (crc >>> 24)]! ^
      t[768 + b[i + 4]!]! ^
      t[512 + b[i + 5]!]! ^
      t[256 + b[i + 6]!]! ^
      t[b[i + 7]!]!;
  }
  for (; i < length; i++) crc = (crc >>> 8) ^ t[(crc ^ b[i]!) & 255]!;
  return ~crc >>> 0;
}
