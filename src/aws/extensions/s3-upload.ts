/** S3's multipart upload as the transfer engine drives it. */

import { MIB, type TransferOptions } from "../../client/transfer/options.js";
import type { LoadedPart } from "../../client/transfer/source.js";
import type { UploadTarget } from "../../client/transfer/upload.js";
import type {
  CompletedPart,
  CompleteMultipartUploadRequest,
  CreateMultipartUploadRequest,
  PutObjectRequest,
  S3,
  UploadPartRequest,
} from "../../gen/aws/s3.js";

/** What PutObject and CompleteMultipartUpload both answer. */
export interface UploadResult {
  ETag?: string;
  VersionId?: string;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const S3_PART_LIMITS = {
  partsMax: 10_000,
  partBytesMin: 5 * MIB,
  partBytesMax: 5 * 1024 * MIB,
} as const;

/** Members of an object's reading that its HEAD takes as well. */
export const READ_MEMBERS = [
  "VersionId",
  "SSECustomerAlgorithm",
  "SSECustomerKey",
  "SSECustomerKeyMD5",
  "RequestPayer",
  "ExpectedBucketOwner",
  "ChecksumMode",
] as const;

export const CUSTOMER_KEY_MEMBERS = ["SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5"] as const;
export const PAYER_MEMBERS = ["RequestPayer", "ExpectedBucketOwner"] as const;
const PART_CHECKSUMS = [
  "ChecksumCRC32",
  "ChecksumCRC32C",
  "ChecksumCRC64NVME",
  "ChecksumSHA1",
  "ChecksumSHA256",
] as const;
const CONDITIONS = ["IfMatch", "IfNoneMatch"] as const;
/** Members of PutObject that only make sense with the whole content at hand, or when it is completed. */
const NOT_OF_CREATE = [...PART_CHECKSUMS, ...CONDITIONS, "WriteOffsetBytes"] as const;

type Input = Omit<PutObjectRequest, "Body" | "ContentLength" | "ContentMD5">;

export function s3UploadTarget(
  client: S3,
  input: Input,
  defaultAlgorithm: "CRC32" | undefined,
  options: TransferOptions,
): UploadTarget<UploadResult> {
  const place = { Bucket: input.Bucket, Key: input.Key };
  const payer = only(input, PAYER_MEMBERS);
  const key = only(input, CUSTOMER_KEY_MEMBERS);
  /** Checksum of the whole object that the caller knows: S3 compares it at the end. */
  const whole = only(input, PART_CHECKSUMS);
  const wholeAlgorithm = Object.keys(whole)[0]?.slice("Checksum".length);
  const algorithm = input.ChecksumAlgorithm ?? wholeAlgorithm ?? defaultAlgorithm;
  const { retry } = options;
  return {
    name: `s3://${input.Bucket}/${input.Key}`,
    limits: S3_PART_LIMITS,
    whole: (bytes, signal) => client.putObject({ ...input, Body: bytes }, { signal, retry }),

    async begin(signal) {
      const request: CreateMultipartUploadRequest = {
        ...without(input, NOT_OF_CREATE),
        ...(algorithm !== undefined && { ChecksumAlgorithm: algorithm }),
        ...(wholeAlgorithm !== undefined && { ChecksumType: "FULL_OBJECT" }),
      };
      const { UploadId } = await client.createMultipartUpload(request, { signal, retry });
      return UploadId as string;
    },

    async part(id: string, part: LoadedPart, signal): Promise<CompletedPart> {
      const request: UploadPartRequest = {
        ...place,
        ...payer,
        ...key,
        ...(algorithm !== undefined && { ChecksumAlgorithm: algorithm }),
        UploadId: id,
        PartNumber: part.number,
        Body: part.bytes,
      };
      const output = await client.uploadPart(request, { signal, retry });
      return { PartNumber: part.number, ...only(output, ["ETag", ...PART_CHECKSUMS]) };
    },

    complete(id, parts, size, signal) {
      const request: CompleteMultipartUploadRequest = {
        ...place,
        ...payer,
        ...key,
        ...only(input, CONDITIONS),
        ...whole,
        ...(wholeAlgorithm !== undefined && { ChecksumType: "FULL_OBJECT", MpuObjectSize: size }),
        UploadId: id,
        MultipartUpload: { Parts: parts.map(({ result }) => result as CompletedPart) },
      };
      return client.completeMultipartUpload(request, { signal, retry });
    },

    abandon: (id) => client.abortMultipartUpload({ ...place, ...payer, UploadId: id }),
  };
}

/** Those of the named members that are there. */
export function only<T extends object, K extends PropertyKey>(
  value: T,
  names: readonly K[],
): Pick<T, K & keyof T> {
  const picked: Record<PropertyKey, unknown> = {};
  for (const name of names) {
    const member = (value as Record<PropertyKey, unknown>)[name];
    if (member !== undefined) picked[name] = member;
  }
  return picked as Pick<T, K & keyof T>;
}

export function without<T extends object, K extends PropertyKey>(value: T, names: readonly K[]): Omit<T, K> {
  const kept = { ...value } as Record<PropertyKey, unknown>;
  for (const name of names) delete kept[name];
  return kept as Omit<T, K>;
}
