/** Copies of objects, and the sources that copies name. */
import { createHash } from "node:crypto";
import type { S3 } from "../../../gen/aws/s3.js";
import type { Context, EmulatorError, Handlers } from "../../service.js";
import type { StoredBytes } from "../../stored-bytes.js";
import { checkOwner } from "./access.js";
import { checkReadable } from "./archive.js";
import { isBucketName } from "./bucket-names.js";
import { algorithmNamed, CHECKSUM_MEMBERS, type Checksums, checksumOf } from "./checksums.js";
import { checkCopySource, checkWrite } from "./conditions.js";
import { invalidArgument, invalidRequest, noSuchKey, noSuchVersion } from "./errors.js";
import {
  addVersion,
  bucketFor,
  checkCustomerKey,
  checkKey,
  checkVersionId,
  statedVersionId,
  templateOf,
} from "./object-version.js";
import { type Bucket, type ObjectVersion, s3Store } from "./store.js";

export const copyHandlers: Handlers<S3> = {
  copyObject(input, context) {
    const bucket = bucketFor(input, context);
    checkKey(input.Key);
    checkDirectives(input);
    const { bucket: sourceBucket, object: source } = findSource(String(input.CopySource), context);
    checkOwner(sourceBucket, input.ExpectedSourceBucketOwner);
    checkReadable(source, context, "Operation is not valid for the source object's storage class");
    checkCustomerKey(source, {
      SSECustomerAlgorithm: input.CopySourceSSECustomerAlgorithm,
      SSECustomerKeyMD5: input.CopySourceSSECustomerKeyMD5,
    });
    checkCopySource(source, {
      IfMatch: input.CopySourceIfMatch,
      IfNoneMatch: input.CopySourceIfNoneMatch,
      IfModifiedSince: input.CopySourceIfModifiedSince,
      IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
    });
    checkWrite(input.Key, bucket.objects.current(input.Key), input);
    const replaced = input.MetadataDirective === "REPLACE";
    const given = templateOf(input, context, bucket);
    if (
      sourceBucket === bucket &&
      source.key === input.Key &&
      !replaced &&
      !changesOnCopy(input) &&
      !bucket.settings.has("encryption") &&
      !/\?versionId=/.test(String(input.CopySource))
    ) {
      throw invalidRequest(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      );
    }
    context.memory.reserve(source.bytes.length);
    const algorithm = algorithmNamed(input.ChecksumAlgorithm);
    const checksums: Checksums = algorithm
      ? { [CHECKSUM_MEMBERS[algorithm]]: checksumOf(algorithm, source.bytes) }
      : source.parts === undefined || source.checksumType === "FULL_OBJECT"
        ? source.checksums
        : {};
    const version = addVersion(bucket, context, {
      ...given,
      headers: replaced
        ? given.headers
        : { ...source.headers, WebsiteRedirectLocation: given.headers.WebsiteRedirectLocation },
      metadata: replaced ? given.metadata : source.metadata,
      tags: input.TaggingDirective === "REPLACE" ? given.tags : source.tags,
      bytes: source.bytes,
      etag: source.parts === undefined ? source.etag : plainEtag(source.bytes),
      checksums,
      checksumType: Object.keys(checksums).length > 0 ? "FULL_OBJECT" : undefined,
      parts: undefined,
    });
    return {
      CopyObjectResult: {
        ETag: version.etag,
        LastModified: version.lastModified,
        ...version.checksums,
        ChecksumType: version.checksumType,
      },
      CopySourceVersionId: statedVersionId(sourceBucket, source),
      VersionId: statedVersionId(bucket, version),
      ...version.encryption,
    };
  },
};

const DIRECTIVES: ReadonlySet<string> = new Set(["COPY", "REPLACE"]);

function checkDirectives(input: {
  readonly MetadataDirective?: string;
  readonly TaggingDirective?: string;
}): void {
  const { MetadataDirective = "COPY", TaggingDirective = "COPY" } = input;
  if (!DIRECTIVES.has(MetadataDirective)) {
    throw invalidArgument("Unknown metadata directive.", "x-amz-metadata-directive", MetadataDirective);
  }
  if (!DIRECTIVES.has(TaggingDirective)) {
    throw invalidArgument("Unknown tagging directive.", "x-amz-tagging-directive", TaggingDirective);
  }
}

/** What S3 takes as a change that makes a copy onto itself worth while. */
function changesOnCopy(input: {
  readonly StorageClass?: string;
  readonly WebsiteRedirectLocation?: string;
  readonly ServerSideEncryption?: string;
  readonly SSECustomerKey?: string;
  readonly TaggingDirective?: string;
  readonly ChecksumAlgorithm?: string;
}): boolean {
  const { StorageClass, WebsiteRedirectLocation, ServerSideEncryption, SSECustomerKey, ChecksumAlgorithm } =
    input;
  return (
    [StorageClass, WebsiteRedirectLocation, ServerSideEncryption, SSECustomerKey, ChecksumAlgorithm].some(
      (value) => value !== undefined,
    ) || input.TaggingDirective === "REPLACE"
  );
}

/** The bytes are no longer in parts, so their tag is that of a whole object. */
export function plainEtag(bytes: StoredBytes): string {
  const md5 = createHash("md5");
  for (const chunk of bytes.chunks) md5.update(chunk);
  return `"${md5.digest("hex")}"`;
}

export interface CopySource {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId: string | undefined;
}

/** `x-amz-copy-source`: `bucket/key?versionId=id`, percent-encoded, with or without a leading slash. */
export function readSource(header: string): CopySource {
  const [path = "", query = ""] = header.split(/\?(?=versionId=)/);
  const decoded = decode(path, header).replace(/^\//, "");
  const slash = decoded.indexOf("/");
  if (slash <= 0 || slash === decoded.length - 1) {
    throw invalidSource("Copy Source must mention the source bucket and key: sourcebucket/sourcekey", header);
  }
  const Bucket = decoded.slice(0, slash);
  if (!isBucketName(Bucket)) throw invalidSource("Invalid copy source bucket name", header);
  const VersionId = new URLSearchParams(query).get("versionId") ?? undefined;
  checkVersionId(VersionId);
  return { Bucket, Key: decoded.slice(slash + 1), VersionId };
}

export function findSource(header: string, context: Context): { bucket: Bucket; object: ObjectVersion } {
  const { Bucket, Key: key, VersionId: versionId } = readSource(header);
  const bucket = context.store(s3Store).bucket(Bucket);
  const object =
    versionId === undefined ? bucket.objects.current(key) : bucket.objects.version(key, versionId);
  if (object === undefined) throw versionId === undefined ? noSuchKey(key) : noSuchVersion(key, versionId);
  if (object.deleteMarker) {
    if (versionId === undefined) throw noSuchKey(key);
    throw invalidRequest(
      "The source of a copy request may not specifically refer to a delete marker by version id.",
    );
  }
  return { bucket, object };
}

function decode(path: string, header: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalidSource("Invalid copy source encoding", header);
  }
}

function invalidSource(message: string, header: string): EmulatorError {
  return invalidArgument(message, "x-amz-copy-source", header);
}
