/** CRC-64/NVME, S3's default for whole objects, eight bytes at a time in two 32-bit halves: BigInt would be far slower. */
import type { Checksum } from "./checksum.js";

/** Reversed polynomial 0x9a6c9329ac4bc9b5. */
const POLYNOMIAL_HIGH = 0x9a6c9329 | 0;
const POLYNOMIAL_LOW = 0xac4bc9b5 | 0;

interface Tables {
  readonly high: Int32Array;
  readonly low: Int32Array;
}

let shared: Tables | undefined;

export class Crc64Nvme implements Checksum {
  #high = -1;
  #low = -1;
  readonly #tables: Tables;

  constructor() {
    shared ??= slicingTables();
    this.#tables = shared;
  }

  update(bytes: Uint8Array): void {
    const h = this.#tables.high as unknown as { readonly [index: number]: number };
    const l = this.#tables.low as unknown as { readonly [index: number]: number };
    const b = bytes as unknown as { readonly [index: number]: number };
    const length = bytes.length;
    const even = length - (length % 8);
    let high = this.#high;
    let low = this.#low;
    let i = 0;
    for (; i < even; i += 8) {
      low ^= b[i]! | (b[i + 1]! << 8) | (b[i + 2]! << 16) | (b[i + 3]! << 24);
      high ^= b[i + 4]! | (b[i + 5]! << 8) | (b[i + 6]! << 16) | (b[i + 7]! << 24);
      const i0 = 1792 + (low & 255);
      const i1 = 1536 + ((low >>> 8) & 255);
      const i2 = 1280 + ((low >>> 16) & 255);
      const i3 = 1024 + (low >>> 24);
      const i4 = 768 + (high & 255);
      const i5 = 512 + ((high >>> 8) & 255);
      const i6 = 256 + ((high >>> 16) & 255);
      const i7 = high >>> 24;
      high = h[i0]! ^ h[i1]! ^ h[i2]! ^ h[i3]! ^ h[i4]! ^ h[i5]! ^ h[i6]! ^ h[i7]!;
      low = l[i0]! ^ l[i1]! ^ l[i2]! ^ l[i3]! ^ l[i4]! ^ l[i5]! ^ l[i6]! ^ l[i7]!;
    }
    for (; i < length; i++) {
      const index = (low ^ b[i]!) & 255;
      low = ((low >>> 8) | (high << 24)) ^ l[index]!;
      high = (high >>> 8) ^ h[index]!;
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

function slicingTables(): Tables {
  const high = new Int32Array(8 * 256);
  const low = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let h = 0;
    let l = byte;
    for (let bit = 0; bit < 8; bit++) {
      const odd = l & 1;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (odd) {
        l ^= POLYNOMIAL_LOW;
        h ^= POLYNOMIAL_HIGH;
      }
    }
    high[byte] = h;
    low[byte] = l;
  }
  for (let index = 256; index < high.length; index++) {
    const h = high[index - 256] as number;
    const l = low[index - 256] as number;
    high[index] = (h >>> 8) ^ (high[l & 255] as number);
    low[index] = ((l >>> 8) | (h << 24)) ^ (low[l & 255] as number);
  }
  return { high, low };
}
