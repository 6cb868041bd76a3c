/** The life of one version of an object: made from a request, put on top, found, described, deleted. */
import { type Context, EmulatorError } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { checkAcl, checkOwner, hasNoAcls, requestedAcl } from "./access.js";
import { restoreHeader } from "./archive.js";
import { parseTagging } from "./body.js";
import { checkRead, type ReadConditions } from "./conditions.js";
import {
  accessDenied,
  invalidArgument,
  invalidRequest,
  methodNotAllowed,
  noSuchKey,
  noSuchVersion,
} from "./errors.js";
import { type ByteRange, contentRange, parseRange } from "./range.js";
import {
  type Bucket,
  canonicalId,
  type Encryption,
  newVersionId,
  type ObjectLock,
  type ObjectVersion,
  s3Store,
} from "./store.js";
import { checkTags, OBJECT_TAGS_MAX } from "./tags.js";

/** Keys are at most so long in UTF-8. */
const KEY_BYTES_MAX = 1024;
const METADATA_BYTES_MAX = 2048;

/** An object but for its bytes and what follows from them. */
export type ObjectTemplate = Omit<
  ObjectVersion,
  "bytes" | "etag" | "versionId" | "lastModified" | "parts" | "checksums" | "checksumType"
>;

export interface BucketInput {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string | undefined;
}

export function bucketFor(input: BucketInput, context: Context): Bucket {
  const bucket = context.store(s3Store).bucket(input.Bucket);
  checkOwner(bucket, input.ExpectedBucketOwner);
  return bucket;
}

export function checkKey(key: string): void {
  const size = Buffer.byteLength(key);
  if (size <= KEY_BYTES_MAX) return;
  throw new EmulatorError("KeyTooLongError", "Your key is too long", 400, {
    Size: String(size),
    MaxSizeAllowed: String(KEY_BYTES_MAX),
  });
}

const PART_NUMBER_MAX = 10_000;

export function checkPartNumber(number: number): void {
  if (number >= 1 && number <= PART_NUMBER_MAX) return;
  throw invalidArgument(
    `Part number must be an integer between 1 and ${PART_NUMBER_MAX}, inclusive`,
    "partNumber",
    String(number),
  );
}

interface ObjectInput extends Encryption {
  readonly Key: string;
  readonly ACL?: string;
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly ContentEncoding?: string;
  readonly ContentLanguage?: string;
  readonly ContentType?: string;
  readonly WebsiteRedirectLocation?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
  readonly StorageClass?: string;
  readonly Tagging?: string;
  readonly ObjectLockMode?: string;
  readonly ObjectLockRetainUntilDate?: Date;
  readonly ObjectLockLegalHoldStatus?: string;
}

export function templateOf(input: ObjectInput, context: Context, bucket: Bucket): ObjectTemplate {
  const { CacheControl, ContentDisposition, ContentLanguage, WebsiteRedirectLocation } = input;
  const account = hasNoAcls(bucket) ? bucket.account : (context.caller?.account ?? bucket.account);
  const acl = requestedAcl(input, account);
  checkAcl(bucket, acl, input);
  return {
    key: input.Key,
    deleteMarker: false,
    headers: {
      CacheControl,
      ContentDisposition,
      ContentEncoding: withoutChunked(input.ContentEncoding),
      ContentLanguage,
      ContentType: input.ContentType,
      // Any text: S3 gives it back as it came.
      Expires: context.request.headers.expires,
      WebsiteRedirectLocation: checkRedirect(WebsiteRedirectLocation),
    },
    metadata: checkMetadata(input.Metadata ?? {}),
    storageClass: checkStorageClass(input.StorageClass, bucket),
    encryption: encryptionOf(input, bucket),
    lock: lockOf(input, bucket, context),
    owner: canonicalId(account),
    tags: checkTags(parseTagging(input.Tagging), OBJECT_TAGS_MAX),
    acl,
  };
}

function checkRedirect(location: string | undefined): string | undefined {
  if (location === undefined || /^(https?:\/\/|\/)/.test(location)) return location;
  throw new EmulatorError(
    "InvalidRedirectLocation",
    "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
    400,
  );
}

/** `aws-chunked` is how the body travelled, not what the object is. */
function withoutChunked(header: string | undefined): string | undefined {
  const codings = header
    ?.split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "" && each !== "aws-chunked");
  return codings === undefined || codings.length === 0 ? undefined : codings.join(",");
}

function checkMetadata(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value] as const);
  const size = entries.reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (size > METADATA_BYTES_MAX) {
    throw new EmulatorError(
      "MetadataTooLarge",
      "Your metadata headers exceed the maximum allowed metadata size",
      400,
      {
        Size: String(size),
        MaxSizeAllowed: String(METADATA_BYTES_MAX),
      },
    );
  }
  return Object.fromEntries(entries);
}

const STORAGE_CLASSES = new Set([
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER",
  "DEEP_ARCHIVE",
  "GLACIER_IR",
]);

function checkStorageClass(asked: string | undefined, { zone }: Bucket): string {
  const name = asked ?? (zone === undefined ? "STANDARD" : "EXPRESS_ONEZONE");
  if (zone === undefined ? STORAGE_CLASSES.has(name) : name === "EXPRESS_ONEZONE") return name;
  throw new EmulatorError("InvalidStorageClass", "The storage class you specified is not valid", 400, {
    StorageClassRequested: name,
  });
}

interface BucketEncryption {
  readonly Rules?: readonly {
    readonly ApplyServerSideEncryptionByDefault?: {
      readonly SSEAlgorithm?: string;
      readonly KMSMasterKeyID?: string;
    };
    readonly BucketKeyEnabled?: boolean;
  }[];
}

/** The request's own, the bucket's default, or S3's: every object is encrypted. */
function encryptionOf(input: Encryption, bucket: Bucket): Encryption {
  const { SSECustomerAlgorithm, SSECustomerKeyMD5, SSEKMSKeyId, BucketKeyEnabled } = input;
  if (SSECustomerAlgorithm !== undefined) return { SSECustomerAlgorithm, SSECustomerKeyMD5 };
  if (input.ServerSideEncryption !== undefined) {
    return { ServerSideEncryption: input.ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled };
  }
  const rule = (bucket.settings.get("encryption") as BucketEncryption | undefined)?.Rules?.[0];
  const preset = rule?.ApplyServerSideEncryptionByDefault;
  if (preset?.SSEAlgorithm === undefined) return { ServerSideEncryption: "AES256" };
  return {
    ServerSideEncryption: preset.SSEAlgorithm,
    SSEKMSKeyId: preset.KMSMasterKeyID,
    BucketKeyEnabled: rule?.BucketKeyEnabled,
  };
}

interface BucketLock {
  readonly Rule?: {
    readonly DefaultRetention?: { readonly Mode?: string; readonly Days?: number; readonly Years?: number };
  };
}

const DAY_MS = 86_400_000;

function lockOf(input: ObjectInput, bucket: Bucket, context: Context): ObjectLock {
  const {
    ObjectLockMode: mode,
    ObjectLockRetainUntilDate: retainUntil,
    ObjectLockLegalHoldStatus: legalHold,
  } = input;
  if ((mode === undefined) !== (retainUntil === undefined)) {
    throw invalidArgument(
      "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
      mode === undefined ? "x-amz-object-lock-mode" : "x-amz-object-lock-retain-until-date",
      "",
    );
  }
  checkRetention(mode, retainUntil, context);
  if (legalHold !== undefined && legalHold !== "ON" && legalHold !== "OFF") {
    throw invalidArgument(
      "Legal Hold must be either of 'ON' or 'OFF'",
      "x-amz-object-lock-legal-hold",
      legalHold,
    );
  }
  if ((mode ?? legalHold) !== undefined && !bucket.objectLock) {
    throw invalidRequest("Bucket is missing Object Lock Configuration");
  }
  if (mode !== undefined) return { mode, retainUntil, legalHold };
  const preset = (bucket.settings.get("object-lock") as BucketLock | undefined)?.Rule?.DefaultRetention;
  if (preset?.Mode === undefined) return { legalHold };
  const days = preset.Days ?? (preset.Years ?? 0) * 365;
  return { mode: preset.Mode, retainUntil: new Date(context.clock.now() + days * DAY_MS), legalHold };
}

/** Of a request's headers. */
function checkRetention(mode: string | undefined, until: Date | undefined, context: Context): void {
  if (mode !== undefined && mode !== "GOVERNANCE" && mode !== "COMPLIANCE") {
    throw invalidArgument("Unknown wormMode directive.", "x-amz-object-lock-mode", mode);
  }
  if (until !== undefined && until.getTime() <= context.clock.now()) throw retainedInThePast(until);
}

export function retainedInThePast(until: Date): EmulatorError {
  return invalidArgument(
    "The retain until date must be in the future!",
    "x-amz-object-lock-retain-until-date",
    until.toISOString(),
  );
}

export function addVersion(
  bucket: Bucket,
  context: Context,
  object: Omit<ObjectVersion, "versionId" | "lastModified">,
): ObjectVersion {
  const version = {
    ...object,
    lastModified: context.clock.date(),
    versionId: bucket.versioning === "Enabled" ? newVersionId() : "null",
  };
  bucket.objects.add(version);
  return version;
}

/** What a response says of the version: nothing in a bucket that never had versions. */
export function statedVersionId(bucket: Bucket, version: ObjectVersion): string | undefined {
  return bucket.versioning === undefined ? undefined : version.versionId;
}

/** An id that S3 cannot have given out. */
export function checkVersionId(id: string | undefined): void {
  if (id === undefined || id === "null" || /^[\w.-]{32}$/.test(id)) return;
  const message = id === "" ? "Version id cannot be the empty string" : "Invalid version id specified";
  throw invalidArgument(message, "versionId", id);
}

export function findObject(
  bucket: Bucket,
  input: { readonly Key: string; readonly VersionId?: string },
  context: Context,
): ObjectVersion {
  const { Key, VersionId } = input;
  checkVersionId(VersionId);
  const object =
    VersionId === undefined ? bucket.objects.current(Key) : bucket.objects.version(Key, VersionId);
  if (object === undefined) throw VersionId === undefined ? noSuchKey(Key) : noSuchVersion(Key, VersionId);
  if (!object.deleteMarker) return object;
  const headers = { "x-amz-delete-marker": "true", "x-amz-version-id": object.versionId };
  if (VersionId !== undefined) throw methodNotAllowed(context.request.method, "DeleteMarker", headers);
  const { code, message, status, body } = noSuchKey(Key);
  throw new EmulatorError(code, message, status, body, headers);
}

export interface ReadInput extends ReadConditions {
  readonly Range?: string;
  readonly PartNumber?: number;
  readonly ChecksumMode?: string;
  readonly SSECustomerAlgorithm?: string;
  readonly SSECustomerKeyMD5?: string;
}

export interface Selection extends ByteRange {
  /** Not the whole object: 206. */
  readonly partial: boolean;
}

/** The bytes that a read asks for, after its conditions. Sets 206 where it is a part. */
export function select(object: ObjectVersion, input: ReadInput, context: Context): Selection {
  checkCustomerKey(object, input);
  checkRead(object, input);
  if (input.PartNumber !== undefined && input.Range !== undefined) {
    throw invalidRequest("Cannot specify both Range header and partNumber query parameter");
  }
  const size = object.bytes.length;
  const range =
    input.PartNumber === undefined ? parseRange(input.Range, size) : partRange(object, input.PartNumber);
  if (range === undefined) return { start: 0, end: size, partial: false };
  context.responseStatus = 206;
  return { ...range, partial: true };
}

export function checkCustomerKey(
  { encryption }: ObjectVersion,
  input: Pick<Encryption, "SSECustomerAlgorithm" | "SSECustomerKeyMD5">,
): void {
  if (encryption.SSECustomerKeyMD5 === undefined) {
    if (input.SSECustomerAlgorithm === undefined) return;
    throw invalidRequest("The encryption parameters are not applicable to this object.");
  }
  if (input.SSECustomerKeyMD5 === undefined) {
    throw invalidRequest(
      "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
    );
  }
  if (input.SSECustomerKeyMD5 !== encryption.SSECustomerKeyMD5) throw accessDenied();
}

function partRange(object: ObjectVersion, partNumber: number): ByteRange | undefined {
  const parts = object.parts ?? [{ number: 1, size: object.bytes.length }];
  let start = 0;
  for (const { number, size } of parts) {
    if (number === partNumber) return size === 0 ? undefined : { start, end: start + size };
    start += size;
  }
  throw new EmulatorError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416, {
    PartNumberRequested: String(partNumber),
    ActualPartCount: String(parts.length),
  });
}

/** Headers of a GET or HEAD. */
export function describe(
  bucket: Bucket,
  object: ObjectVersion,
  input: ReadInput & { readonly [K in `Response${string}`]?: unknown },
  context: Context,
  selection: Selection,
) {
  const { headers, lock, parts } = object;
  const override = (name: string, own: string | undefined) =>
    (input[`Response${name}`] as string | undefined) ?? own;
  const expires = new URLSearchParams(context.request.query).get("response-expires") ?? headers.Expires;
  if (expires !== undefined) context.responseHeaders.expires = expires;
  return {
    AcceptRanges: "bytes",
    LastModified: object.lastModified,
    ContentLength: selection.end - selection.start,
    ContentRange: selection.partial ? contentRange(selection, object.bytes.length) : undefined,
    ETag: object.etag,
    ...(input.ChecksumMode === "ENABLED" && checksumsFor(object, input, selection)),
    VersionId: statedVersionId(bucket, object),
    CacheControl: override("CacheControl", headers.CacheControl),
    ContentDisposition: override("ContentDisposition", headers.ContentDisposition),
    ContentEncoding: override("ContentEncoding", headers.ContentEncoding),
    ContentLanguage: override("ContentLanguage", headers.ContentLanguage),
    ContentType: override("ContentType", headers.ContentType) ?? "binary/octet-stream",
    WebsiteRedirectLocation: headers.WebsiteRedirectLocation,
    Metadata: object.metadata,
    ...object.encryption,
    StorageClass: object.storageClass === "STANDARD" ? undefined : object.storageClass,
    PartsCount: input.PartNumber === undefined ? undefined : parts?.length,
    ObjectLockMode: lock.mode,
    ObjectLockRetainUntilDate: lock.retainUntil,
    ObjectLockLegalHoldStatus: lock.legalHold,
    Restore: restoreHeader(object, context),
  };
}

/** Of a part that was asked for by its number its own; none for any other range. */
function checksumsFor(object: ObjectVersion, { PartNumber }: ReadInput, { partial }: Selection) {
  const { checksums, checksumType, parts } = object;
  if (PartNumber !== undefined && parts !== undefined) {
    const own = parts.find(({ number }) => number === PartNumber)?.checksums ?? {};
    return Object.keys(own).length > 0 && { ...own, ChecksumType: checksumType };
  }
  return (!partial || PartNumber !== undefined) && { ...checksums, ChecksumType: checksumType };
}

export interface Deleted {
  /** A delete marker was put on top, or one was removed. */
  readonly marker: boolean;
  readonly versionId: string | undefined;
}

/** Deletes one version for good, or hides the object behind a marker where the bucket keeps versions. */
export function deleteVersion(
  bucket: Bucket,
  context: Context,
  key: string,
  versionId: string | undefined,
  bypassGovernance = false,
): Deleted {
  const { objects, versioning } = bucket;
  checkVersionId(versionId);
  if (versionId !== undefined) {
    const version = objects.version(key, versionId);
    if (version === undefined) return { marker: false, versionId };
    checkUnlocked(version, context, bypassGovernance);
    objects.remove(version);
    return { marker: version.deleteMarker, versionId };
  }
  if (versioning === undefined) {
    const current = objects.current(key);
    if (current !== undefined) objects.remove(current);
    return { marker: false, versionId: undefined };
  }
  const marker = addVersion(bucket, context, deleteMarker(key, bucket));
  return { marker: true, versionId: marker.versionId };
}

/** A version under legal hold or retention stays. */
function checkUnlocked({ lock }: ObjectVersion, context: Context, bypassGovernance: boolean): void {
  const retained =
    lock.retainUntil !== undefined &&
    lock.retainUntil.getTime() > context.clock.now() &&
    !(lock.mode === "GOVERNANCE" && bypassGovernance);
  if (retained || lock.legalHold === "ON") {
    throw accessDenied("Access Denied because object protected by object lock.");
  }
}

function deleteMarker(key: string, bucket: Bucket): Omit<ObjectVersion, "versionId" | "lastModified"> {
  return {
    key,
    deleteMarker: true,
    etag: "",
    bytes: new StoredBytes([]),
    headers: {},
    metadata: {},
    storageClass: "STANDARD",
    encryption: {},
    checksums: {},
    checksumType: undefined,
    parts: undefined,
    lock: {},
    owner: canonicalId(bucket.account),
    tags: [],
    acl: bucket.acl,
  };
}
