/** Files and streams to objects and back: in one request where they are small, in chunks where they are large. */
import { call, callForAnswer } from "../../client/call.js";
import { type ClientCore, coreOf } from "../../client/service.js";
import { type DownloadSource, downloadToFile } from "../../client/transfer/download.js";
import { DEFAULT_PART_BYTES, type TransferOptions } from "../../client/transfer/options.js";
import type { LoadedPart, TransferSource } from "../../client/transfer/source.js";
import { type UploadTarget, upload } from "../../client/transfer/upload.js";
import type {
  Object as ObjectResource,
  ObjectsGetMediaRequest,
  ObjectsInsertRequest,
  Storage,
} from "../../gen/gcp/storage.js";
import { checksumBase64 } from "../../http/checksum/checksum.js";
import type { OperationModel } from "../../model/model.js";
import type { Values } from "../../protocol/protocol.js";
import { CHUNK_UNIT_BYTES, cancelUpload, endUpload, sendChunk } from "../resumable-upload.js";

/** Where an upload goes, and with what metadata. */
export type UploadInput = Omit<ObjectsInsertRequest, "media" | "uploadType">;

/** An object's largest size is 5 TiB; chunks are as many as it takes. */
const LIMITS = { partsMax: Number.MAX_SAFE_INTEGER, partBytesMin: CHUNK_UNIT_BYTES, partBytesMax: 1024 ** 3 };

export async function uploadFrom(
  storage: Storage,
  source: TransferSource,
  input: UploadInput,
  options: TransferOptions = {},
): Promise<ObjectResource> {
  const target = new ResumableTarget(coreOf(storage), input, options);
  const partBytes =
    Math.ceil((options.partBytes ?? DEFAULT_PART_BYTES) / CHUNK_UNIT_BYTES) * CHUNK_UNIT_BYTES;
  try {
    // Chunks of one upload follow each other: the service takes no other order.
    return await upload(source, target, { ...options, partBytes, concurrency: 1 });
  } finally {
    await source.close();
  }
}

class ResumableTarget implements UploadTarget<ObjectResource> {
  readonly limits = LIMITS;
  readonly #core: ClientCore;
  readonly #operation: OperationModel;
  readonly #input: UploadInput;
  readonly #options: TransferOptions;
  #object: Values | undefined;

  constructor(core: ClientCore, input: UploadInput, options: TransferOptions) {
    this.#core = core;
    this.#operation = core.model.operation("objects.insert") as OperationModel;
    this.#input = input;
    this.#options = options;
  }

  whole(bytes: Uint8Array, signal: AbortSignal | undefined): Promise<ObjectResource> {
    // Storage refuses bytes that do not have the sum that comes with them.
    const body = { ...this.#input.body, crc32c: checksumBase64("CRC32C", bytes) };
    const input: Values = { ...this.#input, body, media: bytes };
    return call(this.#core, this.#operation, input, { signal, retry: this.#options.retry });
  }

  async begin(signal: AbortSignal | undefined): Promise<string> {
    const input: Values = { body: {}, ...this.#input, uploadType: "resumable" };
    const { headers } = await callForAnswer(this.#core, this.#operation, input, {
      signal,
      retry: this.#options.retry,
    });
    return headers.location as string;
  }

  async part(id: string, { offset, bytes }: LoadedPart, signal: AbortSignal | undefined): Promise<true> {
    // A part that is no multiple of the unit can only be the last.
    const total = bytes.length % CHUNK_UNIT_BYTES === 0 ? undefined : offset + bytes.length;
    this.#object = await sendChunk(this.#core, id, { offset, bytes, total }, { signal });
    return true;
  }

  async complete(
    id: string,
    _parts: unknown,
    size: number,
    signal: AbortSignal | undefined,
  ): Promise<ObjectResource> {
    return this.#object ?? (await endUpload(this.#core, id, size, { signal }));
  }

  abandon(id: string): Promise<void> {
    return cancelUpload(this.#core, id);
  }
}

export async function downloadTo(
  storage: Storage,
  input: Omit<ObjectsGetMediaRequest, "range">,
  path: string,
  options: TransferOptions = {},
): Promise<void> {
  await downloadToFile(await downloadSource(storage, input, options), path, options);
}

/** The object as it is now: its generation is what all parts are of. */
export async function downloadSource(
  storage: Storage,
  input: Omit<ObjectsGetMediaRequest, "range">,
  { retry, signal }: TransferOptions,
): Promise<DownloadSource> {
  const { encryptionAlgorithm, encryptionKey, encryptionKeySha256, fields, ...selector } = input;
  const resource = await storage.objects.get(selector, { signal, retry });
  const generation = resource.generation as string;
  return {
    size: Number(resource.size),
    version: generation,
    async open(range, inner) {
      const last = range && range.offset + range.length - 1;
      const request = { ...input, generation, ...(range && { range: `bytes=${range.offset}-${last}` }) };
      const { media } = await storage.objects.getMedia(request, { signal: inner, retry });
      return media;
    },
  };
}
