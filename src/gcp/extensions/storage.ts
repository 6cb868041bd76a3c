/** What the Storage client has beyond the model: transfers of files, and the object layer. */

import type { TransferOptions } from "../../client/transfer/options.js";
import { fileSource } from "../../client/transfer/source.js";
import type {
  Bucket as BucketResource,
  BucketsListRequest,
  Object as ObjectResource,
  ObjectsGetMediaRequest,
  Storage,
} from "../../gen/gcp/storage.js";
import { resourceKey, type WithResource } from "../resource.js";
import { Bucket } from "./bucket.js";
import { downloadTo, type UploadInput, uploadFrom } from "./transfer.js";

export interface StorageExtension extends WithResource<StorageResource> {
  /**
   * Uploads a file: at once when it is small, in chunks that are taken up again where one fails when it is large.
   * `storage.uploadFile("local.txt", { bucket: "my-bucket", name: "remote/key.txt" })`.
   */
  uploadFile(path: string, input: UploadInput, options?: TransferOptions): Promise<ObjectResource>;
  /** Downloads an object into a file, several ranges at a time. The file is complete, or not there. */
  downloadFile(
    input: Omit<ObjectsGetMediaRequest, "range">,
    path: string,
    options?: TransferOptions,
  ): Promise<void>;
}

/** `gcp.resource(Storage)`: buckets, and in them blobs. */
export class StorageResource {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  bucket(name: string): Bucket {
    return new Bucket(this.#storage, name);
  }

  /** The buckets of the session's project, page by page as they are consumed. */
  async *buckets(input: Omit<BucketsListRequest, "pageToken" | "maxResults"> = {}): AsyncGenerator<Bucket> {
    for await (const each of this.#storage.buckets.list.items(input)) {
      yield this.bucket((each as BucketResource).name as string);
    }
  }
}

export const storageExtension: Readonly<Record<PropertyKey, unknown>> & ThisType<Storage> = {
  async uploadFile(this: Storage, path: string, input: UploadInput, options?: TransferOptions) {
    return uploadFrom(this, await fileSource(path), input, options);
  },
  downloadFile(this: Storage, input: ObjectsGetMediaRequest, path: string, options?: TransferOptions) {
    return downloadTo(this, input, path, options);
  },
  get [resourceKey]() {
    return new StorageResource(this as unknown as Storage);
  },
};
