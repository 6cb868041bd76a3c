/** Declarations of what `extensions.ts` adds to resources, by the names that `codegen/types/resources.ts` gives them. */
import type { Body } from "../../http/body.js";
import type { RequestBody } from "../../http/message.js";
import type {
  CopySource,
  DownloadInput,
  TransferOptions,
  UploadInput,
  UploadResult,
} from "../extensions/s3.js";

export type { DynamoDBResourceMethods, DynamoDBTableMethods } from "../extensions/dynamodb-types.js";

type UploadRest = Omit<UploadInput, "Bucket" | "Key">;
type DownloadRest = Omit<DownloadInput, "Bucket" | "Key">;

export interface S3BucketMethods {
  /** Reads the bucket's entry in the list of all buckets: no operation reads one. */
  load(): Promise<this>;
  reload(): Promise<this>;
  /** In parts where the file is large. */
  uploadFile(path: string, key: string, input?: UploadRest, options?: TransferOptions): Promise<UploadResult>;
  uploadStream(
    body: RequestBody,
    key: string,
    input?: UploadRest,
    options?: TransferOptions,
  ): Promise<UploadResult>;
  copy(source: CopySource, key: string, input?: UploadRest, options?: TransferOptions): Promise<UploadResult>;
  downloadFile(key: string, path: string, input?: DownloadRest, options?: TransferOptions): Promise<unknown>;
  downloadStream(key: string, input?: DownloadRest, options?: TransferOptions): Promise<Body>;
}

export interface S3ObjectMethods {
  /** In parts where the file is large. */
  uploadFile(path: string, input?: UploadRest, options?: TransferOptions): Promise<UploadResult>;
  uploadStream(body: RequestBody, input?: UploadRest, options?: TransferOptions): Promise<UploadResult>;
  copy(source: CopySource, input?: UploadRest, options?: TransferOptions): Promise<UploadResult>;
  downloadFile(path: string, input?: DownloadRest, options?: TransferOptions): Promise<unknown>;
  downloadStream(input?: DownloadRest, options?: TransferOptions): Promise<Body>;
}

export interface S3ObjectSummaryMethods extends S3ObjectMethods {
  /** By HEAD, which tells more than a listing. */
  load(): Promise<this>;
  reload(): Promise<this>;
}
