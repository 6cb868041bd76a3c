/** One container. Making one asks nothing: it need not exist. */

import type { CallOptions } from "../../client/options.js";
import { coreOf } from "../../client/service.js";
import type {
  Blob,
  CreateContainerInput,
  GetContainerPropertiesOutput,
  ListBlobsInput,
} from "../../gen/azure/blob.js";
import { isCloudError } from "../../internal/cloud-error.js";
import type { AzureBackend } from "../backend.js";
import { BlobObject } from "./blob-object.js";

export interface SasUrlOptions {
  /** Letters: `r` read, `a` add, `c` create, `w` write, `d` delete, `l` list, `t` tags... Default `r`, for a container `rl`. */
  readonly permissions?: string | undefined;
  /** Default 900; 604,800 at most where Entra's token signs. */
  readonly expiresInSeconds?: number | undefined;
  readonly startsOn?: Date | undefined;
  /** Headers that the answer shall have instead of the blob's. */
  readonly cacheControl?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentLanguage?: string | undefined;
  readonly contentType?: string | undefined;
}

export class BlobContainer {
  readonly name: string;
  readonly #client: Blob;

  constructor(client: Blob, name: string) {
    this.#client = client;
    this.name = name;
  }

  /** A blob of this container. `snapshot`: its content at that time. */
  blob(name: string, options: { readonly snapshot?: string | undefined } = {}): BlobObject {
    return new BlobObject(this.#client, this, name, options.snapshot);
  }

  /** The blobs, page by page as they are consumed. */
  async *blobs({
    signal,
    ...input
  }: Omit<ListBlobsInput, "containerName" | "marker" | "maxPageSize" | "delimiter"> & {
    readonly signal?: AbortSignal | undefined;
  } = {}): AsyncGenerator<BlobObject> {
    for await (const each of this.#client.listBlobs.items(
      { ...input, containerName: this.name },
      { signal },
    )) {
      const { snapshot } = each;
      yield this.blob(each.name as string, snapshot ? { snapshot } : {});
    }
  }

  /** Makes the container: `create({ metadata: { owner: "me" } })`. */
  async create(
    settings: Omit<CreateContainerInput, "containerName"> = {},
    options?: CallOptions,
  ): Promise<void> {
    await this.#client.createContainer({ ...settings, containerName: this.name }, options);
  }

  properties(options?: CallOptions): Promise<GetContainerPropertiesOutput> {
    return this.#client.getContainerProperties({ containerName: this.name }, options);
  }

  exists(options?: CallOptions): Promise<boolean> {
    return isThere(this.properties(options));
  }

  async setMetadata(metadata: Record<string, string>, options?: CallOptions): Promise<void> {
    await this.#client.setContainerMetadata({ containerName: this.name, metadata }, options);
  }

  /** Removes the container with all that is in it. */
  async delete(options?: CallOptions): Promise<void> {
    await this.#client.deleteContainer({ containerName: this.name }, options);
  }

  /** A URL that reaches the container without credentials until it expires. */
  sasUrl(options: SasUrlOptions = {}): Promise<string> {
    return sasUrl(this.#client, this.name, undefined, { permissions: "rl", ...options });
  }
}

export async function isThere(request: Promise<unknown>): Promise<boolean> {
  try {
    await request;
    return true;
  } catch (error) {
    if (isCloudError(error) && error.kind === "notFound") return false;
    throw error;
  }
}

/** Until when a signature serves, where its options do not say. */
export const EXPIRES_IN_SECONDS = 900;

/** By the account's key, or by a user delegation key where the session signs in with Entra. */
export async function sasUrl(
  client: Blob,
  containerName: string,
  blob: { readonly name: string; readonly snapshot?: string | undefined } | undefined,
  { expiresInSeconds = EXPIRES_IN_SECONDS, permissions = "r", ...rest }: SasUrlOptions,
): Promise<string> {
  const { origin, basePath, signSas } = (coreOf(client).backend as AzureBackend).storage();
  const query = await signSas({
    ...rest,
    permissions,
    containerName,
    blobName: blob?.name,
    snapshotTime: blob?.snapshot,
    expiresOn: new Date((rest.startsOn?.getTime() ?? Date.now()) + expiresInSeconds * 1000),
  });
  const path = blob === undefined ? "" : `/${blob.name.split("/").map(encodeURIComponent).join("/")}`;
  const snapshot = blob?.snapshot === undefined ? "" : `snapshot=${encodeURIComponent(blob.snapshot)}&`;
  return `${origin}${basePath}/${containerName}${path}?${snapshot}${query}`;
}
