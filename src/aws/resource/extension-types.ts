/** Declarations of what `extensions.ts` adds to resources, by the names that `codegen/types/resources.ts` gives them. */
import type { DownloadInput, TransferOptions, UploadInput, UploadResult } from "../extensions/s3.js";

type UploadRest = Omit<UploadInput, "Bucket" | "Key">;
type DownloadRest = Omit<DownloadInput, "Bucket" | "Key">;

export interface S3BucketMethods {
  /** Reads the bucket's entry in the list of all buckets: no operation reads one. */
  load(): Promise<this>;
  reload(): Promise<this>;
  /** In parts where the file is large. */
  uploadFile(path: string, key: string, input?: UploadRest, options?: TransferOptions): Promise<UploadResult>;
  downloadFile(key: string, path: string, input?: DownloadRest, options?: TransferOptions): Promise<unknown>;
}

export interface S3ObjectMethods {
  uploadFile(path: string, input?: UploadRest, options?: TransferOptions): Promise<UploadResult>;
  downloadFile(path: string, input?: DownloadRest, options?: TransferOptions): Promise<unknown>;
}

export interface S3ObjectSummaryMethods extends S3ObjectMethods {
  /** By HEAD, which tells more than a listing. */
  load(): Promise<this>;
  reload(): Promise<this>;
}
