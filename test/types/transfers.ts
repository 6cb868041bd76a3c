// Checked by tsc alone: the names that a user's own functions take and give.

import type { TransferOptions, TransferProgress, TransferState } from "trivet";
import {
  type DirectoryOptions,
  type DirectoryResult,
  S3,
  type UploadInput,
  type UploadResult,
} from "trivet/aws/s3";
import type { BlobContainer, BlobObject, BlobUploadOptions } from "trivet/azure";
import type { Uploaded } from "trivet/azure/blob";

export function progress({ transferredBytes }: TransferProgress): number {
  return transferredBytes;
}

export function upload(s3: S3, input: UploadInput, state: TransferState): Promise<UploadResult> {
  const options: TransferOptions = { onProgress: progress, state };
  return s3.uploadFile("local.txt", input, options);
}

export function publish(options: DirectoryOptions): Promise<DirectoryResult> {
  return new S3().uploadDirectory("site", { Bucket: "b" }, options);
}

export function store(container: BlobContainer, options: BlobUploadOptions): Promise<Uploaded> {
  const blob: BlobObject = container.blob("hello.txt");
  return blob.upload("hello", options);
}
