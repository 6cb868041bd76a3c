/** The CRCs that S3 takes, chunk by chunk: reflected, table-driven. */

export interface Crc {
  update(chunk: Uint8Array): void;
  /** Big-endian, as S3 writes it. */
  digest(): Uint8Array;
}

/** CRC-32 (IEEE) and CRC-32C (Castagnoli) by their reflected polynomials. */
export const CRC32_POLYNOMIAL = 0xedb88320;
export const CRC32C_POLYNOMIAL = 0x82f63b78;

const tables = new Map<number, Int32Array>();

export class Crc32 implements Crc {
  readonly #table: Int32Array;
  #state = -1;

  constructor(polynomial: number) {
    this.#table = tableOf(polynomial);
  }

  update(chunk: Uint8Array): void {
    const table = this.#table;
    let state = this.#state;
    for (let i = 0; i < chunk.length; i++) {
      state = (state >>> 8) ^ (table[(state ^ (chunk[i] as number)) & 255] as number);
    }
    this.#state = state;
  }

  digest(): Uint8Array {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, ~this.#state);
    return bytes;
  }
}

function tableOf(polynomial: number): Int32Array {
  const known = tables.get(polynomial);
  if (known !== undefined) return known;
  const table = new Int32Array(256);
  for (let n = 0; n < 256; n++) {
    let value = n;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    table[n] = value;
  }
  tables.set(polynomial, table);
  return table;
}

/** CRC-64/NVME, its 64 bits in two halves: BigInt arithmetic a byte would take a hundred times as long. */
export class Crc64Nvme implements Crc {
  readonly #table = crc64Table();
  #high = -1;
  #low = -1;

  update(chunk: Uint8Array): void {
    const table = this.#table;
    let high = this.#high;
    let low = this.#low;
    for (let i = 0; i < chunk.length; i++) {
      const index = ((low ^ (chunk[i] as number)) & 255) * 2;
      low = ((low >>> 8) | (high << 24)) ^ (table[index + 1] as number);
      high = (high >>> 8) ^ (table[index] as number);
    }
    this.#high = high;
    this.#low = low;
  }

  digest(): Uint8Array {
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, ~this.#high);
    view.setInt32(4, ~this.#low);
    return bytes;
  }
}

const CRC64_NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;
let crc64: Int32Array | undefined;

/** High and low half of each entry, one after the other. */
function crc64Table(): Int32Array {
  if (crc64 !== undefined) return crc64;
  crc64 = new Int32Array(512);
  for (let n = 0; n < 256; n++) {
    let value = BigInt(n);
    for (let bit = 0; bit < 8; bit++)
      value = value & 1n ? (value >> 1n) ^ CRC64_NVME_POLYNOMIAL : value >> 1n;
    crc64[n * 2] = Number(BigInt.asIntN(32, value >> 32n));
    crc64[n * 2 + 1] = Number(BigInt.asIntN(32, value));
  }
  return crc64;
}
