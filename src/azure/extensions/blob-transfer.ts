/** Files and streams to blobs and back: in one request where they are small, in blocks and ranges where they are large. */
import { type DownloadSource, downloadToFile } from "../../client/transfer/download.js";
import type { TransferOptions } from "../../client/transfer/options.js";
import type { LoadedPart, TransferSource } from "../../client/transfer/source.js";
import { type UploadedPart, type UploadTarget, upload } from "../../client/transfer/upload.js";
import type { Blob, GetBlobInput, PutBlobInput } from "../../gen/azure/blob.js";

/** Where an upload goes, and with what headers, metadata, tags and conditions. */
export type UploadInput = Omit<
  PutBlobInput,
  | "body"
  | "transactionalContentMD5"
  | "transactionalContentCrc64"
  | "structuredBodyType"
  | "structuredContentLength"
  | "blobType"
>;

export interface Uploaded {
  readonly etag?: string | undefined;
  readonly lastModified?: Date | undefined;
  readonly versionId?: string | undefined;
}

/** https://learn.microsoft.com/azure/storage/blobs/scalability-targets */
const LIMITS = { partsMax: 50_000, partBytesMin: 1, partBytesMax: 4_000 * 1024 * 1024 };

export async function uploadFrom(
  client: Blob,
  source: TransferSource,
  input: UploadInput,
  options: TransferOptions = {},
): Promise<Uploaded> {
  try {
    return await upload(source, blockTarget(client, input, options), options);
  } finally {
    await source.close();
  }
}

function blockTarget(client: Blob, input: UploadInput, { retry }: TransferOptions): UploadTarget<Uploaded> {
  const {
    containerName,
    blobName,
    leaseId,
    encryptionKey,
    encryptionKeySha256,
    encryptionAlgorithm,
    encryptionScope,
  } = input;
  const ofBlock = defined({
    leaseId,
    encryptionKey,
    encryptionKeySha256,
    encryptionAlgorithm,
    encryptionScope,
  });
  return {
    limits: LIMITS,
    whole: (bytes, signal) => client.putBlob({ ...input, body: bytes }, { signal, retry }),
    begin: async () => crypto.randomUUID().replaceAll("-", ""),
    part: async (id: string, { number, bytes }: LoadedPart, signal) => {
      const block = { containerName, blobName, ...ofBlock, blockId: blockId(id, number), body: bytes };
      await client.putBlock(block, { signal, retry });
      return true;
    },
    complete: (id: string, parts: readonly UploadedPart[], _size, signal) =>
      client.putBlockList(
        { ...input, blocks: { latest: parts.map(({ number }) => blockId(id, number)) } },
        { signal, retry },
      ),
    /** The service drops blocks that nobody commits after a week; there is no request that does. */
    abandon: async () => undefined,
  };
}

/** All ids of one blob must be of one length. */
function blockId(id: string, number: number): string {
  return btoa(`${id}-${String(number).padStart(6, "0")}`);
}

export async function downloadTo(
  client: Blob,
  input: Omit<GetBlobInput, "range">,
  path: string,
  options: TransferOptions = {},
): Promise<void> {
  await downloadToFile(await downloadSource(client, input, options), path, options);
}

/** The blob as it is now: all ranges are of the content that its ETag names. */
async function downloadSource(
  client: Blob,
  input: Omit<GetBlobInput, "range">,
  { retry, signal }: TransferOptions,
): Promise<DownloadSource> {
  const { rangeGetContentMD5, rangeGetContentCRC64, structuredBodyType, ...selector } = input;
  const { contentLength = 0, etag = "" } = await client.getBlobProperties(selector, { signal, retry });
  return {
    size: contentLength,
    version: etag,
    async open(range, inner) {
      const last = range && range.offset + range.length - 1;
      const request = { ...input, ifMatch: etag, ...(range && { range: `bytes=${range.offset}-${last}` }) };
      return (await client.getBlob(request, { signal: inner, retry })).body;
    },
  };
}

function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}
