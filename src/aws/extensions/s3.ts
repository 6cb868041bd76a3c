/** Managed transfers of S3: whole files, streams, directories and copies, in parts where they are large. boto3's defaults. */

import { coreOf } from "../../client/service.js";
import { type DownloadSource, downloadAsBody, downloadToFile } from "../../client/transfer/download.js";
import type { TransferOptions } from "../../client/transfer/options.js";
import { bodySource, fileSource, type TransferSource } from "../../client/transfer/source.js";
import { upload } from "../../client/transfer/upload.js";
import type {
  CopyObjectRequest,
  GetObjectRequest,
  HeadObjectOutput,
  PutObjectRequest,
  S3,
} from "../../gen/aws/s3.js";
import type { Body } from "../../http/body.js";
import type { RequestBody } from "../../http/message.js";
import type { ClientSession } from "../client-session.js";
import type { SettingOverrides } from "../config/settings.js";
import { type CopySource, copyObject } from "./s3-copy.js";
import {
  type DirectoryOptions,
  type DirectoryResult,
  downloadDirectory,
  uploadDirectory,
} from "./s3-directory.js";
import type { PostCondition, PostInput, PostOptions, PresignedPost } from "./s3-post.js";
import { only, READ_MEMBERS, s3UploadTarget, type UploadResult } from "./s3-upload.js";

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

export const s3Extension: S3Extension & ThisType<S3> = {
  async uploadFile(path, input, options = {}) {
    return uploadFrom(this, await fileSource(path), input, options);
  },

  uploadStream(body, input, options = {}) {
    return uploadFrom(this, bodySource(body), input, options);
  },

  async downloadFile(input, path, options = {}) {
    const { head, source } = await locate(this, input, options);
    await downloadToFile(source, path, options);
    return head;
  },

  async downloadStream(input, options = {}) {
    const { source } = await locate(this, input, options);
    return downloadAsBody(source, options);
  },

  copy(source, input, options = {}) {
    return copyObject(this, source, input, options);
  },

  uploadDirectory(folder, input, options = {}) {
    return uploadDirectory(this, folder, input, options);
  },

  downloadDirectory(input, folder, options = {}) {
    return downloadDirectory(this, input, folder, options);
  },

  async presignPost(input, options = {}) {
    const { presignedPost } = await import("./s3-post.js");
    return presignedPost(this, input, options);
  },
};

async function uploadFrom(
  client: S3,
  source: TransferSource,
  input: UploadInput,
  options: TransferOptions,
): Promise<UploadResult> {
  try {
    return await upload(
      source,
      s3UploadTarget(client, input, await defaultAlgorithm(client), options),
      options,
    );
  } finally {
    await source.close();
  }
}

/** Looks the object up, so that every range is of the same version of it. */
async function locate(
  client: S3,
  input: DownloadInput,
  options: TransferOptions,
): Promise<{ head: HeadObjectOutput; source: DownloadSource }> {
  const { retry } = options;
  const head = await client.headObject(
    { ChecksumMode: "ENABLED", ...only(input, READ_MEMBERS), Bucket: input.Bucket, Key: input.Key },
    { signal: options.signal, retry },
  );
  const { ETag, VersionId } = head;
  // A version never changes; naming it also outlives an overwrite. `null` versions do change.
  const pinned = input.VersionId ?? (VersionId === "null" ? undefined : VersionId);
  const source: DownloadSource = {
    size: head.ContentLength ?? 0,
    checksum: wholeChecksum(head),
    version: `s3://${input.Bucket}/${input.Key}?${pinned ?? ""} ${ETag ?? ""}`,
    async open(range, signal) {
      const { Body } = await client.getObject(
        {
          ...input,
          ...(pinned !== undefined && { VersionId: pinned }),
          ...(ETag !== undefined && { IfMatch: ETag }),
          ...(range !== undefined && { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` }),
        },
        { signal, retry },
      );
      return Body as Body;
    },
  };
  return { head, source };
}

/** A checksum of the whole content, not of its parts' checksums. */
function wholeChecksum(head: HeadObjectOutput): DownloadSource["checksum"] {
  if (head.ChecksumType !== "FULL_OBJECT") return undefined;
  for (const algorithm of ["CRC32", "CRC32C", "CRC64NVME"] as const) {
    const expected = head[`Checksum${algorithm}`];
    if (expected !== undefined) return { algorithm, expected };
  }
  return undefined;
}

/** Servers that only look like S3 may know no checksums: `requestChecksumCalculation: "when_required"` is for them. */
async function defaultAlgorithm(client: S3): Promise<"CRC32" | undefined> {
  const { session, options } = coreOf(client);
  const settings = (await (session as ClientSession).settings()).with(options as SettingOverrides);
  return settings.get("requestChecksumCalculation") === "when_supported" ? "CRC32" : undefined;
}
