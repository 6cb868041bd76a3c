/**
 * What calling S3 needs: by the caller's policies and the bucket's.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
import { type Context, EmulatorError } from "../../service.js";
import { type Asked, denialMessage, findDenial } from "../authorization.js";
import { partitionOfRegion } from "../partition.js";
import { readSource } from "./copy.js";
import { s3Store } from "./store.js";

/** Actions that go by another name than the operation's. `Version` is put behind those that act on a named version. */
const ACTIONS: Readonly<Record<string, string>> = {
  ListBuckets: "ListAllMyBuckets",
  ListDirectoryBuckets: "ListAllMyDirectoryBuckets",
  HeadBucket: "ListBucket",
  ListObjects: "ListBucket",
  ListObjectsV2: "ListBucket",
  ListObjectVersions: "ListBucketVersions",
  ListMultipartUploads: "ListBucketMultipartUploads",
  ListParts: "ListMultipartUploadParts",
  HeadObject: "GetObject",
  SelectObjectContent: "GetObject",
  CopyObject: "PutObject",
  CreateMultipartUpload: "PutObject",
  UploadPart: "PutObject",
  UploadPartCopy: "PutObject",
  CompleteMultipartUpload: "PutObject",
  GetBucketAccelerateConfiguration: "GetAccelerateConfiguration",
  PutBucketAccelerateConfiguration: "PutAccelerateConfiguration",
  GetBucketAnalyticsConfiguration: "GetAnalyticsConfiguration",
  ListBucketAnalyticsConfigurations: "GetAnalyticsConfiguration",
  PutBucketAnalyticsConfiguration: "PutAnalyticsConfiguration",
  DeleteBucketAnalyticsConfiguration: "PutAnalyticsConfiguration",
  GetBucketCors: "GetBucketCORS",
  PutBucketCors: "PutBucketCORS",
  DeleteBucketCors: "PutBucketCORS",
  GetBucketEncryption: "GetEncryptionConfiguration",
  PutBucketEncryption: "PutEncryptionConfiguration",
  DeleteBucketEncryption: "PutEncryptionConfiguration",
  GetBucketIntelligentTieringConfiguration: "GetIntelligentTieringConfiguration",
  ListBucketIntelligentTieringConfigurations: "GetIntelligentTieringConfiguration",
  PutBucketIntelligentTieringConfiguration: "PutIntelligentTieringConfiguration",
  DeleteBucketIntelligentTieringConfiguration: "PutIntelligentTieringConfiguration",
  GetBucketInventoryConfiguration: "GetInventoryConfiguration",
  ListBucketInventoryConfigurations: "GetInventoryConfiguration",
  PutBucketInventoryConfiguration: "PutInventoryConfiguration",
  DeleteBucketInventoryConfiguration: "PutInventoryConfiguration",
  GetBucketLifecycleConfiguration: "GetLifecycleConfiguration",
  PutBucketLifecycleConfiguration: "PutLifecycleConfiguration",
  DeleteBucketLifecycle: "PutLifecycleConfiguration",
  GetBucketMetricsConfiguration: "GetMetricsConfiguration",
  ListBucketMetricsConfigurations: "GetMetricsConfiguration",
  PutBucketMetricsConfiguration: "PutMetricsConfiguration",
  DeleteBucketMetricsConfiguration: "PutMetricsConfiguration",
  GetBucketNotificationConfiguration: "GetBucketNotification",
  PutBucketNotificationConfiguration: "PutBucketNotification",
  DeleteBucketOwnershipControls: "PutBucketOwnershipControls",
  GetBucketReplication: "GetReplicationConfiguration",
  PutBucketReplication: "PutReplicationConfiguration",
  DeleteBucketReplication: "PutReplicationConfiguration",
  DeleteBucketTagging: "PutBucketTagging",
  GetObjectLockConfiguration: "GetBucketObjectLockConfiguration",
  PutObjectLockConfiguration: "PutBucketObjectLockConfiguration",
  GetPublicAccessBlock: "GetBucketPublicAccessBlock",
  PutPublicAccessBlock: "PutBucketPublicAccessBlock",
  DeletePublicAccessBlock: "PutBucketPublicAccessBlock",
};

const WITH_VERSIONS: ReadonlySet<string> = new Set([
  "GetObject",
  "GetObjectAcl",
  "GetObjectAttributes",
  "GetObjectTagging",
  "PutObjectAcl",
  "PutObjectTagging",
  "DeleteObject",
  "DeleteObjectTagging",
]);

interface S3Input {
  readonly Bucket?: string;
  readonly Key?: string;
  readonly VersionId?: string | undefined;
  readonly Prefix?: string;
  readonly Delimiter?: string;
  readonly MaxKeys?: number;
  readonly CopySource?: unknown;
  readonly ACL?: string;
  readonly ServerSideEncryption?: string;
  readonly SSEKMSKeyId?: string;
  readonly StorageClass?: string;
  readonly Tagging?: unknown;
  readonly BypassGovernanceRetention?: boolean;
  readonly ObjectLockEnabledForBucket?: boolean;
}

/** Each deletion of several is asked for apart. */
export function authorizeS3(input: S3Input, context: Context): void {
  const operation = context.operation?.name ?? "";
  if (operation === "DeleteObjects") return;
  refuse([askedFor(ACTIONS[operation] ?? operation, input, context), ...further(input, context)], context);
}

export function authorizeDeletion(
  bucket: string,
  { Key, VersionId }: { readonly Key: string; readonly VersionId: string | undefined },
  context: Context,
): void {
  if (context.authorize)
    refuse([askedFor("DeleteObject", { Bucket: bucket, Key, VersionId }, context)], context);
}

function refuse(asked: readonly Asked[], context: Context): void {
  const denial = findDenial(asked, context);
  if (denial === undefined) return;
  // Other accounts are not told why.
  const foreign = (denial.asked.owner ?? context.account) !== denial.caller.account;
  throw new EmulatorError("AccessDenied", foreign ? "Access Denied" : denialMessage(denial, '"'), 403);
}

function askedFor(name: string, input: S3Input, context: Context): Asked {
  const { Bucket, Key } = input;
  const action = input.VersionId !== undefined && WITH_VERSIONS.has(name) ? versioned(name) : name;
  const bucket = context.store(s3Store).buckets.get(Bucket ?? "");
  const policy = bucket?.settings.get("policy");
  const arn = `arn:${partitionOfRegion(context.region)}:s3:::${Bucket}`;
  return {
    action: `s3:${action}`,
    resource: Bucket === undefined ? "*" : Key === undefined ? arn : `${arn}/${Key}`,
    resourcePolicy: typeof policy === "string" ? policy : undefined,
    owner: bucket?.account,
    keys: {
      "s3:prefix": input.Prefix,
      "s3:delimiter": input.Delimiter,
      "s3:max-keys": input.MaxKeys === undefined ? undefined : String(input.MaxKeys),
      "s3:versionid": input.VersionId,
      "s3:x-amz-acl": input.ACL,
      "s3:x-amz-server-side-encryption": input.ServerSideEncryption,
      "s3:x-amz-server-side-encryption-aws-kms-key-id": input.SSEKMSKeyId,
      "s3:x-amz-storage-class": input.StorageClass,
    },
  };
}

/** `GetObjectVersion`, `PutObjectVersionAcl`. */
function versioned(action: string): string {
  return action.replace("Object", "ObjectVersion");
}

/** What some requests do beside. */
function further(input: S3Input, context: Context): Asked[] {
  const asked: Asked[] = [];
  if (typeof input.CopySource === "string")
    asked.push(askedFor("GetObject", readSource(input.CopySource), context));
  if (input.Key !== undefined && typeof input.Tagging === "string")
    asked.push(askedFor("PutObjectTagging", input, context));
  if (input.Key !== undefined && input.ACL !== undefined && context.operation?.name !== "PutObjectAcl")
    asked.push(askedFor("PutObjectAcl", input, context));
  if (input.BypassGovernanceRetention) asked.push(askedFor("BypassGovernanceRetention", input, context));
  if (input.ObjectLockEnabledForBucket)
    asked.push(askedFor("PutBucketObjectLockConfiguration", input, context));
  return asked;
}
