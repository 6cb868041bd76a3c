/** What the Blob client has beyond the model: transfers of files, and the object layer. */
import { coreOf } from "../../client/service.js";
import type { TransferOptions } from "../../client/transfer/options.js";
import { fileSource } from "../../client/transfer/source.js";
import type { Blob, GetBlobInput, ListContainersInput } from "../../gen/azure/blob.js";
import type { AzureBackend } from "../backend.js";
import { resourceKey, type WithResource } from "../resource.js";
import { BlobContainer, EXPIRES_IN_SECONDS } from "./blob-container.js";
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

export interface AccountSasUrlOptions {
  /** Letters: `r` read, `w` write, `d` delete, `l` list, `a` add, `c` create, `t` tags... Default `rl`. */
  readonly permissions?: string | undefined;
  /** Letters: `s` the service itself, `c` containers, `o` objects. Default `sco`. */
  readonly resourceTypes?: string | undefined;
  /** Letters: `b` Blob, `q` Queue, `t` Table, `f` Files. Default `b`. */
  readonly services?: string | undefined;
  /** Default 900. */
  readonly expiresInSeconds?: number | undefined;
  readonly startsOn?: Date | undefined;
  /** Default both. */
  readonly protocol?: "https" | "https,http" | undefined;
  /** Addresses that the URL may be used from. */
  readonly ipRange?: { readonly start: string; readonly end?: string | undefined } | undefined;
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

  /**
   * A URL that reaches the account without credentials until it expires: an account SAS.
   * `sasToken` of another client takes its query.
   *
   * @throws CloudError `invalidInput` when the client has no `accountKey`: Entra's tokens sign for one container or blob.
   */
  async sasUrl(options: AccountSasUrlOptions = {}): Promise<string> {
    const { permissions = "rl", resourceTypes = "sco", services = "b", startsOn } = options;
    const { expiresInSeconds = EXPIRES_IN_SECONDS, protocol, ipRange } = options;
    const { origin, basePath, signAccountSas } = (coreOf(this.#client).backend as AzureBackend).storage();
    const query = await signAccountSas({
      permissions,
      resourceTypes,
      services,
      protocol,
      ipRange,
      startsOn,
      expiresOn: new Date((startsOn?.getTime() ?? Date.now()) + expiresInSeconds * 1000),
    });
    return `${origin}${basePath}/?${query}`;
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
