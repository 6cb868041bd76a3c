/** Unpacks bzip2, which Node does not know: blocks of Huffman codes, moves to front, and a Burrows-Wheeler transform. */

const BLOCK = 0x314159265359;
const END = 0x177245385090;
const GROUP_SYMBOLS = 50;

class Bits {
  readonly #bytes: Uint8Array;
  #at = 0;
  #buffer = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--) {
      if (this.#count === 0) {
        const next = this.#bytes[this.#at++];
        if (next === undefined) throw new RangeError("bzip2: the data ends early");
        this.#buffer = next;
        this.#count = 8;
      }
      this.#count--;
      value = value * 2 + ((this.#buffer >> this.#count) & 1);
    }
    return value;
  }

  /** To the next byte; false at the end of all. */
  align(): boolean {
    this.#count = 0;
    return this.#at < this.#bytes.length;
  }
}

/** All streams in the bytes, one after the other. Throws RangeError for what is no bzip2, and for more bytes than `bytesMax`. */
export function unpackBzip2(bytes: Uint8Array, bytesMax: number): Uint8Array {
  const bits = new Bits(bytes);
  const chunks: Uint8Array[] = [];
  let total = 0;
  do {
    if (bits.read(24) !== 0x425a68) throw bad("no header");
    const level = bits.read(8) - 0x30;
    if (level < 1 || level > 9) throw bad("no block size");
    for (let magic = bits.read(48); magic !== END; magic = bits.read(48)) {
      if (magic !== BLOCK) throw bad("no block");
      const chunk = unrun(readBlock(bits, level * 100_000), bytesMax - total);
      total += chunk.length;
      chunks.push(chunk);
    }
    bits.read(32);
  } while (bits.align());
  return Buffer.concat(chunks);
}

function bad(what: string): RangeError {
  return new RangeError(`bzip2: ${what}`);
}

/** The bytes of a block before its runs are unfolded. */
function readBlock(bits: Bits, lengthMax: number): Uint8Array {
  bits.read(32);
  if (bits.read(1) === 1) throw bad("randomized blocks are of an old form");
  const origin = bits.read(24);
  const front = readAlphabet(bits);
  const codes = readCodes(bits, front.length + 2);
  const end = front.length + 1;
  const last = new Uint8Array(lengthMax);
  let length = 0;
  let run = 0;
  let weight = 1;
  for (;;) {
    const symbol = codes();
    if (symbol <= 1) {
      run += weight << symbol;
      weight *= 2;
      if (run > lengthMax) throw bad("a run is too long");
      continue;
    }
    if (length + run > lengthMax) throw bad("a block is too long");
    last.fill(front[0] as number, length, length + run);
    length += run;
    run = 0;
    weight = 1;
    if (symbol === end) break;
    const [byte] = front.splice(symbol - 1, 1) as [number];
    front.unshift(byte);
    if (length === lengthMax) throw bad("a block is too long");
    last[length++] = byte;
  }
  return inverse(last.subarray(0, length), origin);
}

function readAlphabet(bits: Bits): number[] {
  const used = bits.read(16);
  const alphabet: number[] = [];
  for (let high = 0; high < 16; high++) {
    if (((used >> (15 - high)) & 1) === 0) continue;
    const lows = bits.read(16);
    for (let low = 0; low < 16; low++) if ((lows >> (15 - low)) & 1) alphabet.push(high * 16 + low);
  }
  if (alphabet.length === 0) throw bad("an empty alphabet");
  return alphabet;
}

/** A reader of symbols: for each fifty of them another of the block's codes. */
function readCodes(bits: Bits, symbols: number): () => number {
  const groups = bits.read(3);
  const count = bits.read(15);
  if (groups < 2 || groups > 6 || count < 1) throw bad("no codes");
  const order = Array.from({ length: groups }, (_, index) => index);
  const selectors = Array.from({ length: count }, () => {
    let position = 0;
    while (bits.read(1) === 1) if (++position >= groups) throw bad("a code that is not there");
    const [selected] = order.splice(position, 1) as [number];
    order.unshift(selected);
    return selected;
  });
  const tables = Array.from({ length: groups }, () => codeTable(bits, symbols));
  let taken = 0;
  return () => {
    const table = tables[selectors[Math.floor(taken++ / GROUP_SYMBOLS)] ?? -1];
    if (table === undefined) throw bad("too many symbols");
    // Codes of one length are numbers in a row: a leading one keeps those of other lengths apart.
    for (let code = 1, length = 1; length <= 20; length++) {
      code = code * 2 + bits.read(1);
      const symbol = table.get(code);
      if (symbol !== undefined) return symbol;
    }
    throw bad("an unknown code");
  };
}

function codeTable(bits: Bits, symbols: number): ReadonlyMap<number, number> {
  let length = bits.read(5);
  const lengths = Array.from({ length: symbols }, () => {
    while (bits.read(1) === 1) length += bits.read(1) === 0 ? 1 : -1;
    if (length < 1 || length > 20) throw bad("a code of a wrong length");
    return length;
  });
  const table = new Map<number, number>();
  let code = 0;
  for (let each = 1; each <= 20; each++, code *= 2) {
    for (const [symbol, own] of lengths.entries()) if (own === each) table.set(2 ** each + code++, symbol);
  }
  return table;
}

function inverse(last: Uint8Array, origin: number): Uint8Array {
  if (origin >= last.length) throw bad("a wrong origin");
  const starts = new Uint32Array(257);
  for (const byte of last) starts[byte + 1] = (starts[byte + 1] as number) + 1;
  for (let byte = 0; byte < 256; byte++)
    starts[byte + 1] = (starts[byte + 1] as number) + (starts[byte] as number);
  const next = new Uint32Array(last.length);
  last.forEach((byte, index) => {
    const at = starts[byte] as number;
    starts[byte] = at + 1;
    next[at] = index;
  });
  let at = next[origin] as number;
  return last.map(() => {
    const byte = last[at] as number;
    at = next[at] as number;
    return byte;
  });
}

/** After four bytes that are alike stands how many more of them there are. */
function unrun(bytes: Uint8Array, lengthMax: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  const add = (part: Uint8Array) => {
    total += part.length;
    if (total > lengthMax) throw bad("more bytes than are taken");
    parts.push(part);
  };
  let start = 0;
  let alike = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (alike === 4) {
      add(bytes.subarray(start, at));
      add(new Uint8Array(bytes[at] as number).fill(bytes[at - 1] as number));
      start = at + 1;
      alike = 0;
      continue;
    }
    alike = at > start && alike > 0 && bytes[at] === bytes[at - 1] ? alike + 1 : 1;
  }
  add(bytes.subarray(start));
  return Buffer.concat(parts);
}
