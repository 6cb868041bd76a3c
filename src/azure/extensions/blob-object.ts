/** One blob. Making one asks nothing: it need not exist. */
import type { CallOptions } from "../../client/options.js";
import type { TransferOptions } from "../../client/transfer/options.js";
import { bodySource, fileSource } from "../../client/transfer/source.js";
import type { Body, RequestBody } from "../../client/types.js";
import type { Blob, CopyBlobOutput, GetBlobPropertiesOutput } from "../../gen/azure/blob.js";
import { type BlobContainer, isThere, type SasUrlOptions, sasUrl } from "./blob-container.js";
import { downloadTo, type Uploaded, type UploadInput, uploadFrom } from "./blob-transfer.js";

/** Conditions under which a call goes through. `ifNoneMatch: "*"`: only when there is no such blob. */
export interface BlobConditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: Date | undefined;
  readonly ifUnmodifiedSince?: Date | undefined;
  readonly leaseId?: string | undefined;
}

export interface BlobUploadOptions extends BlobConditions, TransferOptions {
  /** Default `application/octet-stream`, `text/plain; charset=utf-8` for text. */
  readonly contentType?: string | undefined;
  readonly metadata?: Record<string, string> | undefined;
  readonly tags?: Record<string, string> | undefined;
  /** `Hot`, `Cool`, `Cold`, `Archive`. */
  readonly tier?: string | undefined;
}

export interface BlobDownloadOptions extends BlobConditions, CallOptions {
  /** First byte. */
  readonly start?: number | undefined;
  /** Last byte, included. */
  readonly end?: number | undefined;
}

export class BlobObject {
  readonly container: BlobContainer;
  readonly name: string;
  /** The snapshot that this stands for; undefined: the blob as it is. */
  readonly snapshot: string | undefined;
  readonly #client: Blob;

  constructor(client: Blob, container: BlobContainer, name: string, snapshot?: string) {
    this.#client = client;
    this.container = container;
    this.name = name;
    this.snapshot = snapshot;
  }

  get #address() {
    return { containerName: this.container.name, blobName: this.name };
  }

  get #selector() {
    const { snapshot } = this;
    return { ...this.#address, ...(snapshot !== undefined && { snapshot }) };
  }

  /** Size, type, times, metadata. */
  properties(options?: CallOptions): Promise<GetBlobPropertiesOutput> {
    return this.#client.getBlobProperties(this.#selector, options);
  }

  exists(options?: CallOptions): Promise<boolean> {
    return isThere(this.properties(options));
  }

  /** Makes the blob of these bytes, or replaces it. Large ones and streams go in blocks, several at a time. */
  upload(data: RequestBody, options: BlobUploadOptions = {}): Promise<Uploaded> {
    const contentType =
      options.contentType ?? (typeof data === "string" ? "text/plain; charset=utf-8" : undefined);
    return uploadFrom(
      this.#client,
      bodySource(data),
      this.#uploadInput({ ...options, contentType }),
      options,
    );
  }

  async uploadFile(path: string, options: BlobUploadOptions = {}): Promise<Uploaded> {
    return uploadFrom(this.#client, await fileSource(path), this.#uploadInput(options), options);
  }

  #uploadInput({ contentType, metadata, tags, tier, ...options }: BlobUploadOptions): UploadInput {
    const all = {
      ...conditionsOf(options),
      blobContentType: contentType,
      metadata,
      tier,
      blobTagsString: tags && new URLSearchParams(tags).toString(),
    };
    return { ...this.#address, ...defined(all) };
  }

  /** The bytes, in flight. */
  async download({ start, end, ...options }: BlobDownloadOptions = {}): Promise<Body> {
    const range = start === undefined && end === undefined ? undefined : `bytes=${start ?? 0}-${end ?? ""}`;
    const input = { ...this.#selector, ...defined({ ...conditionsOf(options), range }) };
    return (await this.#client.getBlob(input, callOptionsOf(options))).body;
  }

  async downloadBytes(options?: BlobDownloadOptions): Promise<Uint8Array> {
    return (await this.download(options)).bytes();
  }

  /** UTF-8. */
  async downloadText(options?: BlobDownloadOptions): Promise<string> {
    return (await this.download(options)).text();
  }

  async downloadJson(options?: BlobDownloadOptions): Promise<unknown> {
    return (await this.download(options)).json();
  }

  /** Into a file, several ranges at a time. The file is complete, or not there. */
  downloadFile(path: string, options: TransferOptions = {}): Promise<void> {
    return downloadTo(this.#client, this.#selector, path, options);
  }

  /** `snapshots`: what becomes of those that the blob has; without it a blob with snapshots is not deleted. */
  async delete(
    options: BlobConditions & CallOptions & { readonly snapshots?: "include" | "only" | undefined } = {},
  ): Promise<void> {
    const input = {
      ...this.#selector,
      ...defined({ ...conditionsOf(options), deleteSnapshots: options.snapshots }),
    };
    await this.#client.deleteBlob(input, callOptionsOf(options));
  }

  async setMetadata(
    metadata: Record<string, string>,
    options: BlobConditions & CallOptions = {},
  ): Promise<void> {
    const input = { ...this.#address, metadata, ...defined(conditionsOf(options)) };
    await this.#client.setBlobMetadata(input, callOptionsOf(options));
  }

  async tags(options?: CallOptions): Promise<Record<string, string>> {
    const { blobTagSet } = await this.#client.getBlobTags(this.#selector, options);
    return Object.fromEntries(blobTagSet.map(({ key, value }) => [key, value]));
  }

  async setTags(tags: Record<string, string>, options?: CallOptions): Promise<void> {
    const blobTagSet = Object.entries(tags).map(([key, value]) => ({ key, value }));
    await this.#client.setBlobTags({ ...this.#address, tags: { blobTagSet } }, options);
  }

  /** The blob as it is at this moment, kept beside it. */
  async createSnapshot(options?: CallOptions): Promise<BlobObject> {
    const { snapshot } = await this.#client.snapshotBlob(this.#address, options);
    return this.container.blob(this.name, { snapshot });
  }

  /** Copies on the service's side; a copy of another account's blob may go on after this returns (`copyStatus`). */
  async copyTo(target: BlobObject, options?: CallOptions): Promise<CopyBlobOutput> {
    const copySource = await this.sasUrl();
    return target.#client.copyBlob({ ...target.#address, copySource }, options);
  }

  /** A URL that reaches the blob without credentials until it expires. */
  sasUrl(options: SasUrlOptions = {}): Promise<string> {
    return sasUrl(this.#client, this.container.name, this, options);
  }
}

function conditionsOf({ ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, leaseId }: BlobConditions) {
  return { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, leaseId };
}

function callOptionsOf({ signal, timeoutMs, attemptTimeoutMs, retry, headers }: CallOptions): CallOptions {
  return { signal, timeoutMs, attemptTimeoutMs, retry, headers };
}

function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}
