/** A file that appears under its name only when it is complete. */
import type { FileHandle } from "node:fs/promises";

/** Chunks of one part are gathered up to here, so that the disk is asked seldom. */
const GATHERED_BYTES_MAX = 1024 * 1024;

export class FileSink {
  readonly temporaryPath: string;
  /** True when it goes on with the temporary file of an earlier attempt. */
  readonly resumed: boolean;
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, temporaryPath: string, file: FileHandle, resumed: boolean) {
    this.#path = path;
    this.temporaryPath = temporaryPath;
    this.#file = file;
    this.resumed = resumed;
  }

  /** The temporary file lies beside the final one, so that renaming it is atomic. `earlier` names one to go on with. */
  static async create(path: string, size: number, earlier?: string): Promise<FileSink> {
    const { open } = process.getBuiltinModule("node:fs/promises");
    const kept = earlier === undefined ? undefined : await open(earlier, "r+").catch(() => undefined);
    const temporaryPath = kept === undefined ? `${path}.trivet-${randomName()}` : (earlier as string);
    const file = kept ?? (await open(temporaryPath, "wx"));
    // Sets the length without writing zeros where the file system can: later writes land at their offsets.
    await file.truncate(size);
    return new FileSink(path, temporaryPath, file, kept !== undefined);
  }

  /** For one part; parts may be written in any order and at once. */
  partWriter(): PartWriter {
    return new PartWriter(this.#file);
  }

  /** Gives the file its name. */
  async commit(): Promise<void> {
    const { rename } = process.getBuiltinModule("node:fs/promises");
    await this.#file.close();
    await rename(this.temporaryPath, this.#path);
  }

  /** Keeps the temporary file for a later attempt. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Removes the temporary file. */
  async discard(): Promise<void> {
    const { rm } = process.getBuiltinModule("node:fs/promises");
    await this.#file.close().catch(() => undefined);
    await rm(this.temporaryPath, { force: true });
  }
}

export class PartWriter {
  readonly #file: FileHandle;
  #chunks: Uint8Array[] = [];
  #start = 0;
  #length = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Bytes come in order, but for a part that is begun again. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    if (position !== this.#start + this.#length) await this.flush();
    if (this.#length === 0) this.#start = position;
    this.#chunks.push(bytes);
    this.#length += bytes.length;
    if (this.#length >= GATHERED_BYTES_MAX) await this.flush();
  }

  async flush(): Promise<void> {
    let chunks = this.#chunks;
    let position = this.#start;
    this.#chunks = [];
    this.#start += this.#length;
    this.#length = 0;
    while (chunks.length > 0) {
      const { bytesWritten } = await this.#file.writev(chunks, position);
      position += bytesWritten;
      chunks = withoutFirst(chunks, bytesWritten);
    }
  }
}

function withoutFirst(chunks: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skipped = bytes;
  let index = 0;
  while (index < chunks.length && skipped >= (chunks[index] as Uint8Array).length) {
    skipped -= (chunks[index] as Uint8Array).length;
    index++;
  }
  const rest = chunks.slice(index);
  if (skipped > 0) rest[0] = (rest[0] as Uint8Array).subarray(skipped);
  return rest;
}

function randomName(): string {
  return Math.random().toString(36).slice(2, 10);
}
