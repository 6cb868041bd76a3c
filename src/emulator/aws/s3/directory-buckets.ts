/**
 * Directory buckets, of S3 Express One Zone: sessions that sign for one bucket, and what only these buckets do.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-buckets-overview.html
 */
import type { S3 } from "../../../gen/aws/s3.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { iamStore, type TemporaryKey } from "../iam/store.js";
import { localize } from "./address.js";
import type { Uploaded } from "./body.js";
import { arnOf, checkPage } from "./buckets.js";
import { CHECKSUM_MEMBERS, checksumOf, statedChecksums } from "./checksums.js";
import { checkRead, checkWrite } from "./conditions.js";
import { plainEtag } from "./copy.js";
import {
  accessDenied,
  invalidArgument,
  invalidRequest,
  methodNotAllowed,
  noSuchKey,
  preconditionFailed,
} from "./errors.js";
import { decodeToken, encodeToken } from "./list.js";
import { addVersion, bucketFor, checkKey } from "./object-version.js";
import { type Bucket, compareUtf8, type ObjectVersion, s3Store } from "./store.js";

const SESSION_SECONDS = 300;
const PAGE_MAX = 1000;

export const directoryBucketHandlers: Handlers<S3> = {
  createSession(input, context) {
    const bucket = directoryFor(input, context);
    const { caller } = context;
    if (caller === undefined && context.verify) throw accessDenied();
    if (caller !== undefined && caller.account !== bucket.account) throw accessDenied();
    const mode = sessionMode(input.SessionMode);
    const owner = { account: bucket.account, arn: caller?.id ?? "", userId: caller?.userId ?? "" };
    const key = context
      .store(iamStore)
      .issueSession({ ...owner, bucketSession: { bucket: bucket.name, mode } }, SESSION_SECONDS);
    return { ServerSideEncryption: input.ServerSideEncryption ?? "AES256", Credentials: credentialsOf(key) };
  },

  listDirectoryBuckets(input, context) {
    const { caller } = context;
    if (caller === undefined && context.verify) throw accessDenied();
    checkPage(input.MaxDirectoryBuckets, PAGE_MAX, "max-directory-buckets");
    const after = input.ContinuationToken === undefined ? "" : decodeToken(input.ContinuationToken);
    const all = [...context.store(s3Store).buckets.values()]
      .filter(({ zone, account, name }) => zone !== undefined && account === context.account && name > after)
      .filter(({ region }) => region === context.region)
      .sort((a, b) => compareUtf8(a.name, b.name));
    const page = all.slice(0, input.MaxDirectoryBuckets ?? PAGE_MAX);
    const last = page.at(-1);
    return {
      Buckets: page.map((bucket) => ({
        Name: bucket.name,
        CreationDate: bucket.created,
        BucketRegion: bucket.region,
        BucketArn: arnOf(bucket),
      })),
      ContinuationToken: last && page.length < all.length ? encodeToken(last.name) : undefined,
    };
  },

  renameObject(input, context) {
    const bucket = directoryFor(input, context);
    checkKey(input.Key);
    const from = sourceKey(input.RenameSource, bucket.name);
    if (from.endsWith("/") || input.Key.endsWith("/")) {
      throw invalidRequest("A key that ends with the delimiter cannot be renamed.");
    }
    const done = renamesOf(bucket).get(input.ClientToken ?? "");
    if (done !== undefined) return repeated(done, from, input.Key);
    const source = bucket.objects.current(from);
    if (source === undefined) throw noSuchKey(from);
    checkSource(source, input);
    checkDestination(bucket, input);
    bucket.objects.move(source, input.Key);
    if (input.ClientToken !== undefined) renamesOf(bucket).set(input.ClientToken, `${from}\n${input.Key}`);
    return {};
  },
};

function directoryFor(input: { readonly Bucket: string }, context: Context): Bucket {
  const bucket = bucketFor(input, context);
  if (bucket.zone === undefined) throw methodNotAllowed(context.request.method, "BUCKET");
  return bucket;
}

function sessionMode(asked = "ReadWrite"): "ReadWrite" | "ReadOnly" {
  if (asked === "ReadWrite" || asked === "ReadOnly") return asked;
  throw invalidArgument("Unknown session mode.", "x-amz-create-session-mode", asked);
}

function credentialsOf({ id, secret, sessionToken, expiration }: TemporaryKey) {
  return {
    AccessKeyId: id,
    SecretAccessKey: secret,
    SessionToken: sessionToken,
    Expiration: expiration,
  };
}

/** `x-amz-rename-source`: the key, percent-encoded, behind its bucket's name or without it. */
function sourceKey(header: string, bucket: string): string {
  let path: string;
  try {
    path = decodeURIComponent(header).replace(/^\//, "");
  } catch {
    throw invalidArgument("Invalid rename source encoding", "x-amz-rename-source", header);
  }
  return path.startsWith(`${bucket}/`) ? path.slice(bucket.length + 1) : path;
}

/** Renames by their client's token, so that one that is asked for again is not done twice. */
function renamesOf(bucket: Bucket): Map<string, string> {
  const known = bucket.settings.get("renames") as Map<string, string> | undefined;
  if (known !== undefined) return known;
  const renames = new Map<string, string>();
  bucket.settings.set("renames", renames);
  return renames;
}

function repeated(done: string, from: string, to: string): Record<never, never> {
  if (done === `${from}\n${to}`) return {};
  throw new EmulatorError(
    "IdempotencyParameterMismatch",
    "Parameters on this idempotent request are inconsistent with parameters used in previous request(s).",
    400,
  );
}

interface RenameConditions {
  readonly Key: string;
  readonly SourceIfMatch?: string;
  readonly SourceIfNoneMatch?: string;
  readonly SourceIfModifiedSince?: Date;
  readonly SourceIfUnmodifiedSince?: Date;
  readonly DestinationIfMatch?: string;
  readonly DestinationIfNoneMatch?: string;
  readonly DestinationIfModifiedSince?: Date;
  readonly DestinationIfUnmodifiedSince?: Date;
}

function checkSource(source: ObjectVersion, input: RenameConditions): void {
  holds("x-amz-rename-source", () =>
    checkRead(source, {
      IfMatch: input.SourceIfMatch,
      IfNoneMatch: input.SourceIfNoneMatch,
      IfModifiedSince: input.SourceIfModifiedSince,
      IfUnmodifiedSince: input.SourceIfUnmodifiedSince,
    }),
  );
}

function checkDestination(bucket: Bucket, input: RenameConditions): void {
  const current = bucket.objects.current(input.Key);
  checkWrite(input.Key, current, {
    IfMatch: input.DestinationIfMatch,
    IfNoneMatch: input.DestinationIfNoneMatch,
  });
  if (current === undefined) return;
  holds("If-Modified-Since", () =>
    checkRead(current, {
      IfModifiedSince: input.DestinationIfModifiedSince,
      IfUnmodifiedSince: input.DestinationIfUnmodifiedSince,
    }),
  );
}

/** To a write "not modified" is a failed precondition. */
function holds(condition: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof EmulatorError && error.status === 304) throw preconditionFailed(condition);
    throw error;
  }
}

/** What directory buckets know. https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-APIs.html */
const OPERATIONS: ReadonlySet<string> = new Set(
  (
    "CreateBucket DeleteBucket HeadBucket CreateSession ListDirectoryBuckets RenameObject " +
    "DeleteBucketPolicy GetBucketPolicy PutBucketPolicy GetBucketEncryption PutBucketEncryption DeleteBucketEncryption " +
    "GetBucketLifecycleConfiguration PutBucketLifecycleConfiguration DeleteBucketLifecycle " +
    "AbortMultipartUpload CompleteMultipartUpload CreateMultipartUpload UploadPart UploadPartCopy ListParts " +
    "ListMultipartUploads CopyObject PutObject GetObject HeadObject DeleteObject DeleteObjects GetObjectAttributes " +
    "ListObjectsV2"
  ).split(" "),
);

const READS: ReadonlySet<string> = new Set(
  "GetObject HeadObject GetObjectAttributes ListObjectsV2 ListParts ListMultipartUploads HeadBucket".split(
    " ",
  ),
);

/** Refuses what a directory bucket does not know, and what the session of a request is not for. */
export function checkDirectoryBucket(context: Context): void {
  const { operation, caller, request } = context;
  if (operation === undefined) return;
  const [, name = ""] = localize(request).path.split("/").map(decodeURIComponent);
  const bucket = context.store(s3Store).buckets.get(name);
  if (bucket?.zone !== undefined && !OPERATIONS.has(operation.name)) {
    throw methodNotAllowed(request.method, "BUCKET");
  }
  const session = context.store(iamStore).keys.get(caller?.accessKeyId ?? "")?.bucketSession;
  if (session === undefined) return;
  const allowed = session.mode === "ReadWrite" || READS.has(operation.name);
  if (session.bucket !== name || !allowed) throw accessDenied();
}

/** What an upload with an offset is put behind; undefined where a new object begins. Refuses any other offset than the end. */
export function appendedTo(
  bucket: Bucket,
  { Key, WriteOffsetBytes }: { readonly Key: string; readonly WriteOffsetBytes?: bigint | number },
): ObjectVersion | undefined {
  if (WriteOffsetBytes === undefined) return undefined;
  const current = bucket.objects.current(Key);
  if (Number(WriteOffsetBytes) === (current?.bytes.length ?? 0)) return current;
  throw new EmulatorError(
    "InvalidWriteOffset",
    "The write offset value that you specified does not match the current object size.",
    400,
  );
}

/** Puts more bytes behind an object's own, at the offset where they end. https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-buckets-objects-append.html */
export function appendTo(
  bucket: Bucket,
  context: Context,
  current: ObjectVersion,
  uploaded: Uploaded,
): ObjectVersion {
  const bytes = StoredBytes.concat([current.bytes, uploaded.bytes]);
  context.memory.reserve(current.bytes.length);
  const [algorithm = "CRC64NVME"] = statedChecksums(current.checksums).keys();
  return addVersion(bucket, context, {
    ...current,
    bytes,
    etag: plainEtag(bytes),
    checksums: { [CHECKSUM_MEMBERS[algorithm]]: checksumOf(algorithm, bytes) },
    checksumType: "FULL_OBJECT",
    parts: undefined,
  });
}
