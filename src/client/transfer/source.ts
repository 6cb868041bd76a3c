/** What is uploaded, read part by part: a file, bytes, a Blob, or a stream of unknown length. */
import type { FileHandle } from "node:fs/promises";
import type { RequestBody } from "../../http/message.js";
import { isBlob, openBody } from "../../http/request-body.js";
import { CloudError } from "../../internal/cloud-error.js";
import type { Part } from "./parts.js";
import { planParts } from "./parts.js";

export interface LoadedPart extends Part {
  readonly bytes: Uint8Array;
}

export interface TransferSource {
  readonly size: number | undefined;
  /** Differs when the content may differ; undefined when the source cannot be read again. */
  readonly version: string | undefined;
  /** Parts in order, each read when it is asked for. `skip` names parts that need not be read. */
  parts(partBytes: number, skip?: (number: number) => boolean): AsyncIterable<LoadedPart>;
  /** Fails when the content is no longer what it was when the source was opened. */
  verify?(): Promise<void>;
  /** Takes the bytes of a part back, to be used for another: nobody may look at them any more. */
  release?(part: LoadedPart): void;
  close(): Promise<void>;
}

export function bodySource(body: RequestBody): TransferSource {
  if (typeof body === "string") return bytesSource(new TextEncoder().encode(body));
  if (body instanceof Uint8Array) return bytesSource(body);
  return isBlob(body) ? blobSource(body) : streamSource(openBody(body));
}

function bytesSource(bytes: Uint8Array): TransferSource {
  return {
    size: bytes.length,
    version: undefined,
    async *parts(partBytes, skip) {
      for (const part of planParts(bytes.length, partBytes)) {
        if (!skip?.(part.number))
          yield { ...part, bytes: bytes.subarray(part.offset, part.offset + part.length) };
      }
    },
    async close() {},
  };
}

function blobSource(blob: Blob): TransferSource {
  return {
    size: blob.size,
    version: undefined,
    async *parts(partBytes, skip) {
      for (const part of planParts(blob.size, partBytes)) {
        if (skip?.(part.number)) continue;
        const slice = blob.slice(part.offset, part.offset + part.length);
        yield { ...part, bytes: new Uint8Array(await slice.arrayBuffer()) };
      }
    },
    async close() {},
  };
}

function streamSource(chunks: AsyncIterable<Uint8Array>): TransferSource {
  return {
    size: undefined,
    version: undefined,
    async *parts(partBytes) {
      let bytes = new Uint8Array(partBytes);
      let filled = 0;
      let number = 1;
      let offset = 0;
      for await (const chunk of chunks) {
        for (let taken = 0; taken < chunk.length; ) {
          const piece = chunk.subarray(taken, taken + partBytes - filled);
          bytes.set(piece, filled);
          taken += piece.length;
          filled += piece.length;
          if (filled < partBytes) continue;
          yield { number, offset, length: partBytes, bytes };
          number++;
          offset += partBytes;
          bytes = new Uint8Array(partBytes);
          filled = 0;
        }
      }
      if (filled > 0) yield { number, offset, length: filled, bytes: bytes.subarray(0, filled) };
    },
    async close() {},
  };
}

/** A file, opened at once: a missing one fails before anything is sent. */
export async function fileSource(path: string): Promise<TransferSource> {
  const { open } = process.getBuiltinModule("node:fs/promises");
  const file = await open(path, "r");
  const { size, mtimeMs } = await file.stat();
  // As many as parts are in flight: memory that is used again need not be mapped, cleared and collected anew for each part.
  const free: Uint8Array[] = [];
  let fullBytes = 0;
  return {
    size,
    version: `${path} ${size} ${mtimeMs}`,
    async *parts(partBytes, skip) {
      fullBytes = partBytes;
      for (const part of planParts(size, partBytes)) {
        if (skip?.(part.number)) continue;
        const bytes =
          (part.length === partBytes ? free.pop() : undefined) ?? Buffer.allocUnsafeSlow(part.length);
        await readPart(file, part, bytes, path);
        yield { ...part, bytes };
      }
    },
    async verify() {
      const now = await file.stat();
      if (now.size !== size || now.mtimeMs !== mtimeMs) throw changed(path);
    },
    release({ bytes }) {
      if (bytes.length === fullBytes) free.push(bytes);
    },
    close: () => file.close(),
  };
}

async function readPart(file: FileHandle, part: Part, bytes: Uint8Array, path: string): Promise<void> {
  for (let filled = 0; filled < part.length; ) {
    const { bytesRead } = await file.read(bytes, filled, part.length - filled, part.offset + filled);
    if (bytesRead === 0) throw changed(path);
    filled += bytesRead;
  }
}

function changed(path: string): CloudError {
  return new CloudError(`The file ${path} changed while it was read`, {
    kind: "conflict",
    code: "FileChanged",
  });
}
