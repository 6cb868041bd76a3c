/** Handlers of objects: put, get, head, delete, attributes. */
import type { S3 } from "../../../gen/aws/s3.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { checkAnonymous } from "./anonymous.js";
import { checkReadable } from "./archive.js";
import { authorizeDeletion } from "./authorization.js";
import { readUpload } from "./body.js";
import type { Checksums } from "./checksums.js";
import { checkWrite } from "./conditions.js";
import { appendedTo, appendTo } from "./directory-buckets.js";
import { invalidArgument, invalidRequest, malformedXml } from "./errors.js";
import {
  addVersion,
  bucketFor,
  checkKey,
  checkPartNumber,
  deleteVersion,
  describe,
  findObject,
  select,
  statedVersionId,
  templateOf,
} from "./object-version.js";
import type { Bucket, ObjectVersion } from "./store.js";

function notImplemented(): EmulatorError {
  const message = "A header you provided implies functionality that is not implemented";
  return new EmulatorError("NotImplemented", message, 501, { Header: "x-amz-write-offset-bytes" });
}

export const objectHandlers: Handlers<S3> = {
  async putObject(input, context) {
    const bucket = bucketFor(input, context);
    checkAnonymous(context, bucket, bucket.acl, "WRITE", "s3:PutObject", input.Key);
    checkKey(input.Key);
    // Appending is for directory buckets.
    if (input.WriteOffsetBytes !== undefined && bucket.zone === undefined) throw notImplemented();
    appendedTo(bucket, input);
    checkWrite(input.Key, bucket.objects.current(input.Key), input);
    const template = templateOf(input, context, bucket);
    const uploaded = await readUpload(input, context, { preset: "CRC64NVME" });
    // The condition must hold when the object appears, not only when its upload began.
    checkWrite(input.Key, bucket.objects.current(input.Key), input);
    const before = appendedTo(bucket, input);
    const version =
      before === undefined
        ? addVersion(bucket, context, {
            ...template,
            ...uploaded,
            checksumType: "FULL_OBJECT",
            parts: undefined,
          })
        : appendTo(bucket, context, before, uploaded);
    return {
      ETag: version.etag,
      ...version.checksums,
      ChecksumType: version.checksumType,
      VersionId: statedVersionId(bucket, version),
      ...version.encryption,
      Size: bucket.zone === undefined ? undefined : version.bytes.length,
    };
  },

  getObject(input, context) {
    const bucket = bucketFor(input, context);
    const object = findReadable(bucket, input, context);
    checkReadable(object, context);
    const selected = select(object, input, context);
    return {
      ...describe(bucket, object, input, context, selected),
      TagCount: object.tags.length > 0 ? object.tags.length : undefined,
      Body: object.bytes.slice(selected.start, selected.end).body(),
    };
  },

  headObject(input, context) {
    const bucket = bucketFor(input, context);
    const object = findReadable(bucket, input, context);
    return {
      ...describe(bucket, object, input, context, select(object, input, context)),
      TagCount: object.tags.length > 0 ? object.tags.length : undefined,
    };
  },

  deleteObject(input, context) {
    const bucket = bucketFor(input, context);
    checkAnonymous(context, bucket, bucket.acl, "WRITE", "s3:DeleteObject", input.Key);
    const current = bucket.objects.current(input.Key);
    if (input.IfMatch !== undefined) checkWrite(input.Key, current, { IfMatch: input.IfMatch });
    const deleted = deleteVersion(
      bucket,
      context,
      input.Key,
      input.VersionId,
      input.BypassGovernanceRetention,
    );
    return { DeleteMarker: deleted.marker || undefined, VersionId: deleted.versionId };
  },

  deleteObjects(input, context) {
    const bucket = bucketFor(input, context);
    const { Objects, Quiet } = input.Delete;
    if (Objects.length === 0 || Objects.length > 1000) {
      throw malformedXml();
    }
    const deletedList = [];
    const errors = [];
    for (const { Key, VersionId, ETag } of Objects) {
      try {
        checkAnonymous(context, bucket, bucket.acl, "WRITE", "s3:DeleteObject", Key);
        authorizeDeletion(bucket.name, { Key, VersionId }, context);
        if (ETag !== undefined) checkWrite(Key, bucket.objects.current(Key), { IfMatch: ETag });
        const deleted = deleteVersion(bucket, context, Key, VersionId, input.BypassGovernanceRetention);
        deletedList.push({
          Key,
          VersionId,
          DeleteMarker: deleted.marker || undefined,
          DeleteMarkerVersionId: deleted.marker ? deleted.versionId : undefined,
        });
      } catch (error) {
        if (!(error instanceof EmulatorError)) throw error;
        errors.push({ Key, VersionId, Code: error.code, Message: error.message });
      }
    }
    return {
      Deleted: Quiet || deletedList.length === 0 ? undefined : deletedList,
      Errors: errors.length === 0 ? undefined : errors,
    };
  },

  getObjectAttributes(input, context) {
    const bucket = bucketFor(input, context);
    const asked = askedAttributes(input.ObjectAttributes);
    const object = findObject(bucket, input, context);
    return {
      LastModified: object.lastModified,
      VersionId: statedVersionId(bucket, object),
      ETag: asked.has("ETag") ? object.etag.slice(1, -1) : undefined,
      Checksum:
        asked.has("Checksum") && object.checksumType
          ? { ...withoutCounts(object.checksums), ChecksumType: object.checksumType }
          : undefined,
      ObjectParts: asked.has("ObjectParts") ? attributeParts(object, input) : undefined,
      StorageClass: asked.has("StorageClass") ? object.storageClass : undefined,
      ObjectSize: asked.has("ObjectSize") ? object.bytes.length : undefined,
    };
  },
};

/** Who may not list the bucket is not told that a key is not there. */
function findReadable(
  bucket: Bucket,
  input: { readonly Key: string; readonly VersionId?: string; readonly PartNumber?: number },
  context: Context,
): ObjectVersion {
  if (input.PartNumber !== undefined) checkPartNumber(input.PartNumber);
  checkOverrides(input, context);
  let object: ObjectVersion;
  try {
    object = findObject(bucket, input, context);
  } catch (error) {
    checkAnonymous(context, bucket, bucket.acl, "READ", "s3:ListBucket");
    throw error;
  }
  checkAnonymous(context, bucket, object.acl, "READ", "s3:GetObject", input.Key);
  return object;
}

function checkOverrides(input: object, { caller, verify }: Context): void {
  if (caller !== undefined || !verify || !Object.keys(input).some((name) => name.startsWith("Response")))
    return;
  throw invalidRequest("Request specific response headers cannot be used for anonymous GET requests.");
}

const ATTRIBUTES: ReadonlySet<string> = new Set([
  "ETag",
  "Checksum",
  "ObjectParts",
  "StorageClass",
  "ObjectSize",
]);

function askedAttributes(names: readonly string[]): ReadonlySet<string> {
  if (names.length === 0) {
    throw invalidRequest(
      "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty",
    );
  }
  const unknown = names.find((name) => !ATTRIBUTES.has(name));
  if (unknown === undefined) return new Set(names);
  throw invalidArgument("Invalid attribute name specified.", "x-amz-object-attributes", unknown);
}

/** Attributes tell the checksum of parts without their number, which heads have. */
function withoutCounts(checksums: Checksums): Checksums {
  return Object.fromEntries(
    Object.entries(checksums).map(([name, sum]) => [name, sum?.replace(/-\d+$/, "")]),
  );
}

/** Parts of an object that was put in parts; each stands with its size only where parts have checksums. */
function attributeParts(
  { parts }: ObjectVersion,
  input: { readonly MaxParts?: number; readonly PartNumberMarker?: number },
) {
  if (parts === undefined) return undefined;
  const marker = input.PartNumberMarker ?? 0;
  const limit = input.MaxParts ?? 1000;
  const after = parts.filter(({ number }) => number > marker);
  const page = after.slice(0, limit);
  const listed = parts.some(({ checksums }) => Object.keys(checksums).length > 0);
  return {
    TotalPartsCount: parts.length,
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.number ?? 0,
    MaxParts: limit,
    IsTruncated: after.length > limit,
    Parts: listed
      ? page.map(({ number, size, checksums }) => ({ PartNumber: number, Size: size, ...checksums }))
      : undefined,
  };
}
