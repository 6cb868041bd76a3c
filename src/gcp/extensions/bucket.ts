/** One bucket. Making one asks nothing: it need not exist. */
import type { CallOptions } from "../../client/options.js";
import type { Bucket as BucketResource, ObjectsListRequest, Policy, Storage } from "../../gen/gcp/storage.js";
import { isCloudError } from "../../internal/cloud-error.js";
import { Blob } from "./blob.js";

export interface BlobListOptions extends Omit<ObjectsListRequest, "bucket" | "pageToken" | "maxResults"> {
  readonly signal?: AbortSignal | undefined;
}

export class Bucket {
  readonly name: string;
  readonly #storage: Storage;

  constructor(storage: Storage, name: string) {
    this.#storage = storage;
    this.name = name;
  }

  /** An object of this bucket. `generation`: one version of it. */
  blob(name: string, options: { readonly generation?: string | undefined } = {}): Blob {
    return new Blob(this.#storage, this, name, options.generation);
  }

  /** The objects, page by page as they are consumed. With `versions` each is one generation. */
  async *blobs({ signal, ...input }: BlobListOptions = {}): AsyncGenerator<Blob> {
    for await (const each of this.#storage.objects.list.items({ ...input, bucket: this.name }, { signal })) {
      yield this.blob(each.name as string, input.versions === true ? { generation: each.generation } : {});
    }
  }

  metadata(options?: CallOptions): Promise<BucketResource> {
    return this.#storage.buckets.get({ bucket: this.name }, options);
  }

  async exists(options?: CallOptions): Promise<boolean> {
    try {
      await this.#storage.buckets.get({ bucket: this.name, fields: "name" }, options);
      return true;
    } catch (error) {
      if (isCloudError(error) && error.kind === "notFound") return false;
      throw error;
    }
  }

  /** Makes the bucket in the session's project: `create({ location: "EU" })`. */
  create(settings: BucketResource = {}, options?: CallOptions): Promise<BucketResource> {
    return this.#storage.buckets.insert({ body: { ...settings, name: this.name } }, options);
  }

  /** Changes settings; null removes one. */
  update(settings: BucketResource, options?: CallOptions): Promise<BucketResource> {
    return this.#storage.buckets.patch({ bucket: this.name, body: settings }, options);
  }

  /** Removes the bucket, which must be empty. */
  async delete(options?: CallOptions): Promise<void> {
    await this.#storage.buckets.delete({ bucket: this.name }, options);
  }

  policy(options?: CallOptions): Promise<Policy> {
    return this.#storage.buckets.getIamPolicy(
      { bucket: this.name, optionsRequestedPolicyVersion: 3 },
      options,
    );
  }

  /** Replaces the policy; refused when it changed since `policy.etag` was read. */
  setPolicy(policy: Policy, options?: CallOptions): Promise<Policy> {
    return this.#storage.buckets.setIamPolicy({ bucket: this.name, body: policy }, options);
  }
}
