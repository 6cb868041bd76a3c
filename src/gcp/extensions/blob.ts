/** One object of a bucket. Making one asks nothing: it need not exist. */
import type { CallOptions } from "../../client/options.js";
import type { TransferOptions } from "../../client/transfer/options.js";
import { bodySource, fileSource } from "../../client/transfer/source.js";
import type { Body, RequestBody } from "../../client/types.js";
import type { Object as ObjectResource, Storage } from "../../gen/gcp/storage.js";
import { isCloudError } from "../../internal/cloud-error.js";
import {
  type SignedPost,
  type SignedPostOptions,
  type SignedUrlOptions,
  signedPost,
  signedUrl,
} from "../signed-url.js";
import type { Bucket } from "./bucket.js";
import { resumedDownload } from "./resumed-download.js";
import { downloadTo, uploadFrom } from "./transfer.js";

/** Conditions under which a call goes through. Generation 0: there is no such object. */
export interface BlobConditions {
  readonly ifGenerationMatch?: string | number | undefined;
  readonly ifGenerationNotMatch?: string | number | undefined;
  readonly ifMetagenerationMatch?: string | number | undefined;
  readonly ifMetagenerationNotMatch?: string | number | undefined;
}

export interface BlobUploadOptions extends BlobConditions, TransferOptions {
  /** Default `application/octet-stream`, `text/plain; charset=utf-8` for text. */
  readonly contentType?: string | undefined;
  /** The object's further metadata: `{ cacheControl, metadata: { owner: "me" } }`. */
  readonly metadata?: ObjectResource | undefined;
}

export interface BlobDownloadOptions extends BlobConditions, CallOptions {
  /** First byte. */
  readonly start?: number | undefined;
  /** Last byte, included. */
  readonly end?: number | undefined;
}

export class Blob {
  readonly bucket: Bucket;
  readonly name: string;
  /** The generation that this stands for; undefined: whichever is live. */
  readonly generation: string | undefined;
  readonly #storage: Storage;

  constructor(storage: Storage, bucket: Bucket, name: string, generation?: string) {
    this.#storage = storage;
    this.bucket = bucket;
    this.name = name;
    this.generation = generation;
  }

  #selector() {
    const { generation } = this;
    return { bucket: this.bucket.name, object: this.name, ...(generation !== undefined && { generation }) };
  }

  /** The object's resource: size, type, times, sums. */
  metadata(options?: CallOptions): Promise<ObjectResource> {
    return this.#storage.objects.get(this.#selector(), options);
  }

  async exists(options?: CallOptions): Promise<boolean> {
    try {
      await this.#storage.objects.get({ ...this.#selector(), fields: "name" }, options);
      return true;
    } catch (error) {
      if (isCloudError(error) && error.kind === "notFound") return false;
      throw error;
    }
  }

  /** Makes the object of these bytes, or replaces it. Large ones and streams go in chunks that are taken up again where one fails. */
  upload(data: RequestBody, options: BlobUploadOptions = {}): Promise<ObjectResource> {
    const contentType =
      options.contentType ?? (typeof data === "string" ? "text/plain; charset=utf-8" : undefined);
    return uploadFrom(
      this.#storage,
      bodySource(data),
      this.#uploadInput({ ...options, contentType }),
      options,
    );
  }

  async uploadFile(path: string, options: BlobUploadOptions = {}): Promise<ObjectResource> {
    return uploadFrom(this.#storage, await fileSource(path), this.#uploadInput(options), options);
  }

  #uploadInput({ contentType, metadata, ...options }: BlobUploadOptions) {
    const body: ObjectResource = {
      ...metadata,
      ...(contentType !== undefined && { contentType }),
      name: this.name,
    };
    return { bucket: this.bucket.name, body, ...conditionsOf(options) };
  }

  /** The bytes, in flight. A body that breaks off is taken up again; an unbroken one is checked against its CRC32C. */
  download(options: BlobDownloadOptions = {}): Promise<Body> {
    const { start, end, ...rest } = options;
    const input = { ...this.#selector(), ...conditionsOf(rest) };
    return resumedDownload(this.#storage, input, { start, end }, callOptionsOf(rest));
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
    return downloadTo(this.#storage, this.#selector(), path, options);
  }

  async delete(options: BlobConditions & CallOptions = {}): Promise<void> {
    await this.#storage.objects.delete(
      { ...this.#selector(), ...conditionsOf(options) },
      callOptionsOf(options),
    );
  }

  /** Changes members of the metadata; null removes one. */
  update(metadata: ObjectResource, options: BlobConditions & CallOptions = {}): Promise<ObjectResource> {
    const input = { ...this.#selector(), body: metadata, ...conditionsOf(options) };
    return this.#storage.objects.patch(input, callOptionsOf(options));
  }

  /** Copies on the service's side, however many calls it takes. */
  async copyTo(target: Blob, options: BlobConditions & CallOptions = {}): Promise<ObjectResource> {
    const input = {
      sourceBucket: this.bucket.name,
      sourceObject: this.name,
      ...(this.generation !== undefined && { sourceGeneration: this.generation }),
      destinationBucket: target.bucket.name,
      destinationObject: target.name,
      ...conditionsOf(options),
    };
    let rewriteToken: string | undefined;
    for (;;) {
      const step = { ...input, ...(rewriteToken !== undefined && { rewriteToken }) };
      const {
        done,
        resource,
        rewriteToken: next,
      } = await this.#storage.objects.rewrite(step, callOptionsOf(options));
      if (done === true) return resource as ObjectResource;
      rewriteToken = next;
    }
  }

  /** Makes this object of up to 32 others of its bucket, one after the other. */
  compose(sources: readonly (Blob | string)[], options: BlobUploadOptions = {}): Promise<ObjectResource> {
    const { contentType, metadata } = options;
    const input = {
      destinationBucket: this.bucket.name,
      destinationObject: this.name,
      body: {
        sourceObjects: sources.map((source) => ({ name: typeof source === "string" ? source : source.name })),
        destination: { ...metadata, ...(contentType !== undefined && { contentType }) },
      },
      ...conditionsOf(options),
    };
    return this.#storage.objects.compose(input, callOptionsOf(options));
  }

  /**
   * A URL that does one thing to the object without credentials until it expires: by the session's key, or where there is
   * none, signed by IAM.
   */
  signedUrl(options: SignedUrlOptions = {}): Promise<string> {
    return signedUrl(
      this.#storage,
      { bucket: this.bucket.name, object: this.name, generation: this.generation },
      options,
    );
  }

  /**
   * Address and hidden fields of an HTML form with which anybody may upload the object until it expires, in 15 minutes unless
   * `expiresInSeconds` says otherwise. The file's own field, `file`, comes last. Sends nothing to Storage.
   * https://cloud.google.com/storage/docs/xml-api/post-object-forms
   */
  signedPost(options: SignedPostOptions = {}): Promise<SignedPost> {
    return signedPost(this.#storage, { bucket: this.bucket.name, object: this.name }, options);
  }
}

function conditionsOf(options: BlobConditions): Record<string, string> {
  const { ifGenerationMatch, ifGenerationNotMatch, ifMetagenerationMatch, ifMetagenerationNotMatch } =
    options;
  const all = { ifGenerationMatch, ifGenerationNotMatch, ifMetagenerationMatch, ifMetagenerationNotMatch };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

function callOptionsOf({ signal, timeoutMs, attemptTimeoutMs, retry, headers }: CallOptions): CallOptions {
  return { signal, timeoutMs, attemptTimeoutMs, retry, headers };
}
