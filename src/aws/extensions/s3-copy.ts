/** Copies within S3, in parts when the source is large. */

import {
  DEFAULT_CONCURRENCY,
  DEFAULT_PART_BYTES,
  DEFAULT_THRESHOLD_BYTES,
  type TransferOptions,
} from "../../client/transfer/options.js";
import { Pace } from "../../client/transfer/pace.js";
import { inParallel } from "../../client/transfer/parallel.js";
import { fittingPartBytes, planParts } from "../../client/transfer/parts.js";
import type {
  CompletedPart,
  CopyObjectRequest,
  CreateMultipartUploadRequest,
  HeadObjectOutput,
  S3,
  UploadPartCopyRequest,
} from "../../gen/aws/s3.js";
import { invalidInput } from "../../internal/cloud-error.js";
import {
  CUSTOMER_KEY_MEMBERS,
  only,
  PAYER_MEMBERS,
  S3_PART_LIMITS,
  type UploadResult,
  without,
} from "./s3-upload.js";

export interface CopySource {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string | undefined;
}

type Input = Omit<CopyObjectRequest, "CopySource">;

const SOURCE_KEY_MEMBERS = [
  "CopySourceSSECustomerAlgorithm",
  "CopySourceSSECustomerKey",
  "CopySourceSSECustomerKeyMD5",
] as const;
const SOURCE_CONDITIONS = [
  "CopySourceIfMatch",
  "CopySourceIfModifiedSince",
  "CopySourceIfNoneMatch",
  "CopySourceIfUnmodifiedSince",
] as const;
const SOURCE_OWNER = ["ExpectedSourceBucketOwner"] as const;
const CONDITIONS = ["IfMatch", "IfNoneMatch"] as const;
/** What CopyObject takes along by itself and a multipart upload does not. */
const METADATA_MEMBERS = [
  "CacheControl",
  "ContentDisposition",
  "ContentEncoding",
  "ContentLanguage",
  "ContentType",
  "Metadata",
  "WebsiteRedirectLocation",
] as const;

export async function copyObject(
  client: S3,
  source: CopySource,
  input: Input,
  options: TransferOptions,
): Promise<UploadResult> {
  if (options.state !== undefined) throw invalidInput("copy cannot be resumed: leave `state` out");
  const { signal, retry, thresholdBytes = DEFAULT_THRESHOLD_BYTES } = options;
  const call = { signal, retry };
  const head = await client.headObject(sourceHead(source, input), call);
  const size = head.ContentLength ?? 0;
  const pace = new Pace(options, size);
  const CopySource = copySourceOf(source, head);
  if (size < thresholdBytes || size === 0) {
    const { CopyObjectResult, VersionId } = await client.copyObject({ ...input, CopySource }, call);
    pace.count(size);
    return { ...CopyObjectResult, ...(VersionId !== undefined && { VersionId }) };
  }
  const place = { Bucket: input.Bucket, Key: input.Key };
  const payer = only(input, PAYER_MEMBERS);
  const { UploadId } = await client.createMultipartUpload(createRequest(input, head), call);
  try {
    const parts: CompletedPart[] = [];
    const partBytes = fittingPartBytes(options.partBytes ?? DEFAULT_PART_BYTES, size, S3_PART_LIMITS);
    const concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
    await inParallel(planParts(size, partBytes), concurrency, signal, async (part, inner) => {
      const request: UploadPartCopyRequest = {
        // A source that changes meanwhile would give an object of two halves.
        ...(head.ETag !== undefined && { CopySourceIfMatch: head.ETag }),
        ...only(input, [
          ...PAYER_MEMBERS,
          ...CUSTOMER_KEY_MEMBERS,
          ...SOURCE_KEY_MEMBERS,
          ...SOURCE_CONDITIONS,
          ...SOURCE_OWNER,
        ]),
        ...place,
        CopySource,
        CopySourceRange: `bytes=${part.offset}-${part.offset + part.length - 1}`,
        UploadId: UploadId as string,
        PartNumber: part.number,
      };
      const { CopyPartResult } = await client.uploadPartCopy(request, { signal: inner, retry });
      parts[part.number - 1] = {
        PartNumber: part.number,
        ...without(CopyPartResult ?? {}, ["LastModified"]),
      };
      pace.count(part.length);
    });
    return await client.completeMultipartUpload(
      {
        ...place,
        ...payer,
        ...only(input, [...CUSTOMER_KEY_MEMBERS, ...CONDITIONS]),
        UploadId: UploadId as string,
        MultipartUpload: { Parts: parts },
      },
      call,
    );
  } catch (error) {
    await client
      .abortMultipartUpload({ ...place, ...payer, UploadId: UploadId as string })
      .catch(() => undefined);
    throw error;
  }
}

function sourceHead(source: CopySource, input: Input) {
  const renamed: Record<string, unknown> = {};
  for (const name of SOURCE_KEY_MEMBERS) {
    if (input[name] !== undefined) renamed[name.slice("CopySource".length)] = input[name];
  }
  return {
    Bucket: source.Bucket,
    Key: source.Key,
    ...renamed,
    ...only(input, ["RequestPayer"]),
    ...(source.VersionId !== undefined && { VersionId: source.VersionId }),
    ...(input.ExpectedSourceBucketOwner !== undefined && {
      ExpectedBucketOwner: input.ExpectedSourceBucketOwner,
    }),
  };
}

/** The version seen, where there is one, so that all parts are of it. */
function copySourceOf({ Bucket, Key, VersionId }: CopySource, head: HeadObjectOutput): string {
  const version = VersionId ?? (head.VersionId === "null" ? undefined : head.VersionId);
  const path = `${Bucket}/${Key.split("/").map(encodeURIComponent).join("/")}`;
  return version === undefined ? path : `${path}?versionId=${encodeURIComponent(version)}`;
}

function createRequest(input: Input, head: HeadObjectOutput): CreateMultipartUploadRequest {
  const kept = without(input, [
    ...SOURCE_KEY_MEMBERS,
    ...SOURCE_CONDITIONS,
    ...SOURCE_OWNER,
    ...CONDITIONS,
    "MetadataDirective",
    "TaggingDirective",
  ]);
  return input.MetadataDirective === "REPLACE" ? kept : { ...only(head, METADATA_MEMBERS), ...kept };
}
