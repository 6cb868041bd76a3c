/** Managed transfers of S3: whole files, streams, directories and copies, in parts where they are large. boto3's defaults. */

import type { TransferOptions } from "../../client/transfer/options.js";
import type {
  CopyObjectRequest,
  GetObjectRequest,
  HeadObjectOutput,
  PutObjectRequest,
  S3,
} from "../../gen/aws/s3.js";
import type { Body } from "../../http/body.js";
import type { RequestBody } from "../../http/message.js";
import type { CopySource } from "./s3-copy.js";
import type { DirectoryOptions, DirectoryResult } from "./s3-directory.js";
import type { PostCondition, PostInput, PostOptions, PresignedPost } from "./s3-post.js";
import type { UploadResult } from "./s3-upload.js";

export type {
  CopySource,
  DirectoryOptions,
  DirectoryResult,
  PostCondition,
  PostInput,
  PostOptions,
  PresignedPost,
  TransferOptions,
  UploadResult,
};

/** Everything that PutObject takes but the content. */
export type UploadInput = Omit<PutObjectRequest, "Body" | "ContentLength" | "ContentMD5">;
/** What says which object, and how it may be read. */
export type DownloadInput = Omit<GetObjectRequest, "Range" | "PartNumber" | "IfMatch">;

export interface S3Extension {
  /** Uploads the file at `path`. An upload in parts that fails or is aborted is removed again. */
  uploadFile(path: string, input: UploadInput, options?: TransferOptions): Promise<UploadResult>;
  /** Uploads text, bytes, a Blob, or a stream of any length, holding at most `concurrency` parts in memory. */
  uploadStream(body: RequestBody, input: UploadInput, options?: TransferOptions): Promise<UploadResult>;
  /** Downloads to `path`, which appears only when it is complete. An object that changes meanwhile fails with `PreconditionFailed`. */
  downloadFile(input: DownloadInput, path: string, options?: TransferOptions): Promise<HeadObjectOutput>;
  /** The object as one body, fetched ahead in parts in parallel. */
  downloadStream(input: DownloadInput, options?: TransferOptions): Promise<Body>;
  /** Copies within S3, in parts when large; metadata goes along unless `MetadataDirective` is `REPLACE`. */
  copy(
    source: CopySource,
    input: Omit<CopyObjectRequest, "CopySource">,
    options?: TransferOptions,
  ): Promise<UploadResult>;
  /** Uploads all files under a folder; keys are `prefix` and the path with `/`. */
  uploadDirectory(
    folder: string,
    input: Omit<UploadInput, "Key">,
    options?: DirectoryOptions,
  ): Promise<DirectoryResult>;
  /** Downloads all objects under `options.prefix` into a folder. */
  downloadDirectory(
    input: Omit<DownloadInput, "Key" | "VersionId">,
    folder: string,
    options?: DirectoryOptions,
  ): Promise<DirectoryResult>;
  /**
   * Address and hidden fields of an HTML form with which anybody may upload one object until it expires, an hour from now unless
   * `expiresInSeconds` says otherwise. The file's own field, `file`, comes last. Sends nothing.
   */
  presignPost(input: PostInput, options?: PostOptions): Promise<PresignedPost>;
}

/** Each loads what it needs when it is called: a client that transfers nothing pays for nothing. */
export const s3Extension: S3Extension & ThisType<S3> = {
  async uploadFile(path, input, options = {}) {
    return (await transfers()).uploadFile(this, path, input, options);
  },

  async uploadStream(body, input, options = {}) {
    return (await transfers()).uploadStream(this, body, input, options);
  },

  async downloadFile(input, path, options = {}) {
    return (await transfers()).downloadFile(this, input, path, options);
  },

  async downloadStream(input, options = {}) {
    return (await transfers()).downloadStream(this, input, options);
  },

  async copy(source, input, options = {}) {
    return (await transfers()).copyObject(this, source, input, options);
  },

  async uploadDirectory(folder, input, options = {}) {
    return (await transfers()).uploadDirectory(this, folder, input, options);
  },

  async downloadDirectory(input, folder, options = {}) {
    return (await transfers()).downloadDirectory(this, input, folder, options);
  },

  async presignPost(input, options = {}) {
    const { presignedPost } = await import("./s3-post.js");
    return presignedPost(this, input, options);
  },
};

function transfers(): Promise<typeof import("./s3-transfers.js")> {
  return import("./s3-transfers.js");
}
