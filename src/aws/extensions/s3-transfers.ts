/** Managed transfers of whole objects: what S3's methods do, loaded when the first of them is called. */

import { coreOf } from "../../client/service.js";
import { type DownloadSource, downloadAsBody, downloadToFile } from "../../client/transfer/download.js";
import type { TransferOptions } from "../../client/transfer/options.js";
import { bodySource, fileSource, type TransferSource } from "../../client/transfer/source.js";
import { upload } from "../../client/transfer/upload.js";
import type { HeadObjectOutput, S3 } from "../../gen/aws/s3.js";
import type { Body } from "../../http/body.js";
import type { RequestBody } from "../../http/message.js";
import type { ClientSession } from "../client-session.js";
import type { SettingOverrides } from "../config/settings.js";
import type { DownloadInput, UploadInput } from "./s3.js";
import { only, READ_MEMBERS, s3UploadTarget, type UploadResult } from "./s3-upload.js";

export { copyObject } from "./s3-copy.js";
export { downloadDirectory, uploadDirectory } from "./s3-directory.js";

export async function uploadFile(
  client: S3,
  path: string,
  input: UploadInput,
  options: TransferOptions,
): Promise<UploadResult> {
  return uploadFrom(client, await fileSource(path), input, options);
}

export function uploadStream(
  client: S3,
  body: RequestBody,
  input: UploadInput,
  options: TransferOptions,
): Promise<UploadResult> {
  return uploadFrom(client, bodySource(body), input, options);
}

export async function downloadFile(
  client: S3,
  input: DownloadInput,
  path: string,
  options: TransferOptions,
): Promise<HeadObjectOutput> {
  const { head, source } = await locate(client, input, options);
  await downloadToFile(source, path, options);
  return head;
}

export async function downloadStream(
  client: S3,
  input: DownloadInput,
  options: TransferOptions,
): Promise<Body> {
  const { source } = await locate(client, input, options);
  return downloadAsBody(source, options);
}

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
