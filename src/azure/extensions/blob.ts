/** What the Blob client has beyond the model: transfers of files, and the object layer. */
import type { TransferOptions } from "../../client/transfer/options.js";
import { fileSource } from "../../client/transfer/source.js";
import type { Blob, GetBlobInput, ListContainersInput } from "../../gen/azure/blob.js";
import { resourceKey, type WithResource } from "../resource.js";
import { BlobContainer } from "./blob-container.js";
import { downloadTo, type Uploaded, type UploadInput, uploadFrom } from "./blob-transfer.js";

export type { Uploaded, UploadInput };

export interface BlobExtension extends WithResource<BlobAccount> {
  /**
   * Uploads a file: in one request when it is small, in blocks, several at a time, when it is large.
   * `blob.uploadFile("local.txt", { containerName: "c", blobName: "remote.txt" })`.
   */
  uploadFile(path: string, input: UploadInput, options?: TransferOptions): Promise<Uploaded>;
  /** Downloads a blob into a file, several ranges at a time. The file is complete, or not there. */
  downloadFile(input: Omit<GetBlobInput, "range">, path: string, options?: TransferOptions): Promise<void>;
}

/** `azure.resource(Blob, { account })`: containers, and in them blobs. */
export class BlobAccount {
  readonly #client: Blob;

  constructor(client: Blob) {
    this.#client = client;
  }

  container(name: string): BlobContainer {
    return new BlobContainer(this.#client, name);
  }

  /** The containers of the account, page by page as they are consumed. */
  async *containers(
    input: Omit<ListContainersInput, "marker" | "maxPageSize"> = {},
  ): AsyncGenerator<BlobContainer> {
    for await (const each of this.#client.listContainers.items(input)) yield this.container(each.name);
  }
}

export const blobExtension: Readonly<Record<PropertyKey, unknown>> & ThisType<Blob> = {
  async uploadFile(this: Blob, path: string, input: UploadInput, options?: TransferOptions) {
    return uploadFrom(this, await fileSource(path), input, options);
  },
  downloadFile(this: Blob, input: GetBlobInput, path: string, options?: TransferOptions) {
    return downloadTo(this, input, path, options);
  },
  get [resourceKey]() {
    return new BlobAccount(this as unknown as Blob);
  },
};
