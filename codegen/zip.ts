/** Reads the files of a zip archive (a Python wheel is one). */
import { inflateRawSync } from "node:zlib";

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DEFLATED = 8;

export class Zip {
  readonly #bytes: Buffer;
  readonly #entries = new Map<
    string,
    { readonly offset: number; readonly size: number; readonly method: number }
  >();

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
    if (end === -1 || bytes.readUInt32LE(end) !== END_OF_DIRECTORY)
      throw new Error("Cannot read archive: not a zip");
    const count = bytes.readUInt16LE(end + 10);
    let at = bytes.readUInt32LE(end + 16);
    for (let entry = 0; entry < count; entry++) {
      if (bytes.readUInt32LE(at) !== DIRECTORY_ENTRY)
        throw new Error("Cannot read archive: directory is damaged");
      const nameLength = bytes.readUInt16LE(at + 28);
      const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
      const method = bytes.readUInt16LE(at + 10);
      this.#entries.set(name, {
        method,
        size: bytes.readUInt32LE(at + 20),
        offset: bytes.readUInt32LE(at + 42),
      });
      at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    }
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /** The file of that name, or undefined. */
  read(name: string): Buffer | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    // The local header repeats the name with extra fields of its own length.
    const start =
      entry.offset +
      30 +
      this.#bytes.readUInt16LE(entry.offset + 26) +
      this.#bytes.readUInt16LE(entry.offset + 28);
    const data = this.#bytes.subarray(start, start + entry.size);
    return entry.method === DEFLATED ? inflateRawSync(data) : data;
  }
}
