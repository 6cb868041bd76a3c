/** Uploads in parts. See https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html for the limits. */
import { createHash } from "node:crypto";
import type { S3 } from "../../../gen/aws/s3.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { checkOwner } from "./access.js";
import { readUpload } from "./body.js";
import {
  algorithmNamed,
  CHECKSUM_MEMBERS,
  type ChecksumAlgorithm,
  type Checksums,
  checksumOf,
  checksumTypeOf,
  compositeChecksum,
  statedChecksums,
} from "./checksums.js";
import { checkCopySource, checkWrite } from "./conditions.js";
import { findSource } from "./copy.js";
import {
  badDigest,
  entityTooSmall,
  invalidArgument,
  invalidRequest,
  malformedXml,
  noSuchUpload,
} from "./errors.js";
import { encoder, groupOf, ownerOf, pageSize } from "./list.js";
import { addVersion, bucketFor, checkKey, statedVersionId, templateOf } from "./object-version.js";
import { parseRange } from "./range.js";
import { type Bucket, compareUtf8, newUploadId, type Upload, type UploadedPart } from "./store.js";

const PART_BYTES_MIN = 5 * 1024 ** 2;
const COMPLETED_MAX = 1000;
const PART_NUMBER_MAX = 10_000;

export const multipartHandlers: Handlers<S3> = {
  createMultipartUpload(input, context) {
    const bucket = bucketFor(input, context);
    checkKey(input.Key);
    const algorithm = algorithmNamed(input.ChecksumAlgorithm);
    const checksumType = algorithm && checksumTypeOf(algorithm, input.ChecksumType);
    const upload: Upload = {
      id: newUploadId(),
      key: input.Key,
      initiated: context.clock.date(),
      template: templateOf(input, context, bucket),
      checksumAlgorithm: algorithm,
      checksumType,
      parts: new Map(),
    };
    bucket.uploads.set(upload.id, upload);
    return {
      Bucket: bucket.name,
      Key: input.Key,
      UploadId: upload.id,
      ChecksumAlgorithm: algorithm,
      ChecksumType: checksumType,
      ...upload.template.encryption,
    };
  },

  async uploadPart(input, context) {
    const bucket = bucketFor(input, context);
    const upload = uploadFor(bucket, input);
    checkPartNumber(input.PartNumber);
    const uploaded = await readUpload(input, context, { algorithm: upload.checksumAlgorithm });
    uploadFor(bucket, input);
    setPart(upload, context, { ...uploaded, number: input.PartNumber, lastModified: context.clock.date() });
    return { ETag: uploaded.etag, ...uploaded.checksums, ...upload.template.encryption };
  },

  uploadPartCopy(input, context) {
    const bucket = bucketFor(input, context);
    const upload = uploadFor(bucket, input);
    checkPartNumber(input.PartNumber);
    const { bucket: sourceBucket, object: source } = findSource(String(input.CopySource), context);
    checkOwner(sourceBucket, input.ExpectedSourceBucketOwner);
    checkCopySource(source, {
      IfMatch: input.CopySourceIfMatch,
      IfNoneMatch: input.CopySourceIfNoneMatch,
      IfModifiedSince: input.CopySourceIfModifiedSince,
      IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
    });
    const bytes = sourceBytes(source.bytes, input.CopySourceRange);
    context.memory.reserve(bytes.length);
    const md5 = createHash("md5");
    for (const chunk of bytes.chunks) md5.update(chunk);
    const part: UploadedPart = {
      number: input.PartNumber,
      etag: `"${md5.digest("hex")}"`,
      bytes,
      checksums: upload.checksumAlgorithm
        ? { [CHECKSUM_MEMBERS[upload.checksumAlgorithm]]: checksumOf(upload.checksumAlgorithm, bytes) }
        : {},
      lastModified: context.clock.date(),
    };
    setPart(upload, context, part);
    return {
      CopyPartResult: { ETag: part.etag, LastModified: part.lastModified, ...part.checksums },
      CopySourceVersionId: statedVersionId(sourceBucket, source),
      ...upload.template.encryption,
    };
  },

  completeMultipartUpload(input, context) {
    const bucket = bucketFor(input, context);
    const again = completedBefore(bucket, input);
    if (again !== undefined) return again;
    const upload = uploadFor(bucket, input);
    const parts = listedParts(upload, input.MultipartUpload?.Parts ?? []);
    checkWrite(upload.key, bucket.objects.current(upload.key), input);
    const bytes = StoredBytes.concat(parts.map((part) => part.bytes));
    if (input.MpuObjectSize !== undefined && Number(input.MpuObjectSize) !== bytes.length) {
      throw invalidRequest(
        "The provided 'x-amz-mp-object-size' header value does not match what was computed.",
      );
    }
    const checksums = objectChecksums(upload, parts, bytes);
    checkStated(checksums, input);
    bucket.uploads.delete(upload.id);
    for (const part of upload.parts.values()) {
      if (!parts.includes(part)) context.memory.release(part.bytes.length);
    }
    const version = addVersion(bucket, context, {
      ...upload.template,
      bytes,
      etag: multipartEtag(parts),
      checksums,
      checksumType: upload.checksumType,
      parts: parts.map(({ number, bytes: { length }, checksums }) => ({ number, size: length, checksums })),
    });
    const output = {
      Location: `${context.request.origin}/${bucket.name}/${encodeURIComponent(upload.key).replaceAll("%2F", "/")}`,
      Bucket: bucket.name,
      Key: upload.key,
      ETag: version.etag,
      ...checksums,
      ChecksumType: version.checksumType,
      VersionId: statedVersionId(bucket, version),
      ...version.encryption,
    };
    const listed = JSON.stringify(input.MultipartUpload?.Parts);
    bucket.completed.set(upload.id, { parts: listed, version, output });
    const [oldest] = bucket.completed.keys();
    if (bucket.completed.size > COMPLETED_MAX && oldest !== undefined) bucket.completed.delete(oldest);
    return output;
  },

  abortMultipartUpload(input, context) {
    const bucket = bucketFor(input, context);
    const upload = uploadFor(bucket, input);
    bucket.uploads.delete(upload.id);
    for (const part of upload.parts.values()) context.memory.release(part.bytes.length);
    return {};
  },

  listParts(input, context) {
    const bucket = bucketFor(input, context);
    const upload = uploadFor(bucket, input);
    const marker = input.PartNumberMarker ?? 0;
    const limit = pageSize(input.MaxParts, "max-parts");
    const after = sortedParts(upload).filter(({ number }) => number > marker);
    const page = after.slice(0, limit);
    return {
      Bucket: bucket.name,
      Key: upload.key,
      UploadId: upload.id,
      PartNumberMarker: marker,
      NextPartNumberMarker: page.at(-1)?.number ?? 0,
      MaxParts: limit,
      IsTruncated: after.length > limit,
      Parts: page.map(({ number, etag, bytes, checksums, lastModified }) => ({
        PartNumber: number,
        LastModified: lastModified,
        ETag: etag,
        Size: bytes.length,
        ...checksums,
      })),
      Initiator: ownerOf(upload.template.owner),
      Owner: ownerOf(upload.template.owner),
      StorageClass: upload.template.storageClass,
      ChecksumAlgorithm: upload.checksumAlgorithm,
      ChecksumType: upload.checksumType,
    };
  },

  listMultipartUploads(input, context) {
    const bucket = bucketFor(input, context);
    const { Prefix = "", Delimiter, KeyMarker = "", UploadIdMarker = "", EncodingType } = input;
    const limit = pageSize(input.MaxUploads, "max-uploads");
    const encode = encoder(EncodingType);
    const uploads: Upload[] = [];
    const prefixes: string[] = [];
    let last: { key: string; id: string } | undefined;
    let truncated = false;
    for (const upload of sortedUploads(bucket)) {
      if (!upload.key.startsWith(Prefix) || !isAfter(upload, KeyMarker, UploadIdMarker, bucket)) continue;
      const group = groupOf(upload.key, Prefix, Delimiter);
      if (group !== undefined && (group === KeyMarker || group === prefixes.at(-1))) continue;
      if (uploads.length + prefixes.length === limit) {
        truncated = true;
        break;
      }
      if (group === undefined) uploads.push(upload);
      else prefixes.push(group);
      last = { key: group ?? upload.key, id: upload.id };
    }
    return {
      Bucket: bucket.name,
      KeyMarker: encode(KeyMarker),
      UploadIdMarker,
      NextKeyMarker: last && encode(last.key),
      NextUploadIdMarker: last?.id,
      Prefix: encode(Prefix),
      Delimiter: Delimiter && encode(Delimiter),
      MaxUploads: limit,
      IsTruncated: truncated,
      Uploads: uploads.map(({ id, key, initiated, template, checksumAlgorithm, checksumType }) => ({
        UploadId: id,
        Key: encode(key),
        Initiated: initiated,
        StorageClass: template.storageClass,
        Owner: ownerOf(template.owner),
        Initiator: ownerOf(template.owner),
        ChecksumAlgorithm: checksumAlgorithm,
        ChecksumType: checksumType,
      })),
      CommonPrefixes: prefixes.map((each) => ({ Prefix: encode(each) })),
      EncodingType,
    };
  },
};

/** A client that missed the answer asks again: the same parts get the same answer while the object is there. */
function completedBefore(
  bucket: Bucket,
  input: {
    readonly Key: string;
    readonly UploadId: string;
    readonly MultipartUpload?: { readonly Parts?: unknown };
  },
) {
  const done = bucket.completed.get(input.UploadId);
  if (done === undefined || done.version.key !== input.Key) return undefined;
  const same = done.parts === JSON.stringify(input.MultipartUpload?.Parts);
  return same && bucket.objects.versions(input.Key).includes(done.version) ? done.output : undefined;
}

function uploadFor(
  bucket: Bucket,
  { Key, UploadId }: { readonly Key: string; readonly UploadId: string },
): Upload {
  const upload = bucket.uploads.get(UploadId);
  if (upload === undefined || upload.key !== Key) throw noSuchUpload(UploadId);
  return upload;
}

function checkPartNumber(number: number): void {
  if (number >= 1 && number <= PART_NUMBER_MAX) return;
  throw invalidArgument(
    `Part number must be an integer between 1 and ${PART_NUMBER_MAX}, inclusive`,
    "partNumber",
    String(number),
  );
}

function setPart(upload: Upload, context: Context, part: UploadedPart): void {
  const before = upload.parts.get(part.number);
  if (before !== undefined) context.memory.release(before.bytes.length);
  upload.parts.set(part.number, part);
}

function sourceBytes(bytes: StoredBytes, header: string | undefined): StoredBytes {
  if (header === undefined) return bytes;
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  if (match === null) {
    throw invalidArgument(
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
      "x-amz-copy-source-range",
      header,
    );
  }
  const range = Number(match[2]) < bytes.length ? parseRange(header, bytes.length) : undefined;
  if (range === undefined) {
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${bytes.length}`,
      "x-amz-copy-source-range",
      header,
    );
  }
  return bytes.slice(range.start, range.end);
}

interface CompletedPart extends Checksums {
  readonly ETag?: string;
  readonly PartNumber?: number;
}

/** The parts that the client lists, checked against those that it uploaded. */
function listedParts(upload: Upload, listed: readonly CompletedPart[]): UploadedPart[] {
  if (listed.length === 0) throw malformedXml();
  let previous = 0;
  const parts = listed.map((each) => {
    const number = each.PartNumber ?? 0;
    if (number <= previous) {
      throw new EmulatorError(
        "InvalidPartOrder",
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
        400,
        { UploadId: upload.id },
      );
    }
    previous = number;
    const part = upload.parts.get(number);
    if (part === undefined || bare(part.etag) !== bare(each.ETag ?? "")) throw invalidPart(upload, each);
    for (const [algorithm, value] of statedChecksums(each)) {
      const own = part.checksums[CHECKSUM_MEMBERS[algorithm]];
      if (own !== undefined && own !== value) throw invalidPart(upload, each);
    }
    return part;
  });
  for (const part of parts.slice(0, -1)) {
    if (part.bytes.length >= PART_BYTES_MIN) continue;
    throw entityTooSmall({
      ProposedSize: String(part.bytes.length),
      MinSizeAllowed: String(PART_BYTES_MIN),
      PartNumber: String(part.number),
      ETag: bare(part.etag),
    });
  }
  return parts;
}

function invalidPart(upload: Upload, { ETag, PartNumber }: CompletedPart): EmulatorError {
  return new EmulatorError(
    "InvalidPart",
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
    { UploadId: upload.id, PartNumber: String(PartNumber), ETag: bare(ETag ?? "") },
  );
}

function bare(etag: string): string {
  return etag.replace(/^"|"$/g, "");
}

/** MD5 of the parts' MD5s, and how many they were. */
function multipartEtag(parts: readonly UploadedPart[]): string {
  const md5 = createHash("md5");
  for (const { etag } of parts) md5.update(Buffer.from(bare(etag), "hex"));
  return `"${md5.digest("hex")}-${parts.length}"`;
}

function objectChecksums(upload: Upload, parts: readonly UploadedPart[], bytes: StoredBytes): Checksums {
  const algorithm = upload.checksumAlgorithm;
  if (algorithm === undefined) return {};
  const member = CHECKSUM_MEMBERS[algorithm];
  if (upload.checksumType === "FULL_OBJECT") return { [member]: checksumOf(algorithm, bytes) };
  return {
    [member]: compositeChecksum(
      algorithm,
      parts.map((part) => part.checksums[member] as string),
    ),
  };
}

function checkStated(actual: Checksums, input: Checksums): void {
  for (const [algorithm, value] of statedChecksums(input)) {
    const own = actual[CHECKSUM_MEMBERS[algorithm as ChecksumAlgorithm]];
    if (own === undefined || own.replace(/-\d+$/, "") === value.replace(/-\d+$/, "")) continue;
    throw badDigest(`The ${algorithm} you specified did not match the calculated checksum.`);
  }
}

function sortedParts(upload: Upload): UploadedPart[] {
  return [...upload.parts.values()].sort((a, b) => a.number - b.number);
}

/** By key, then in the order in which they were begun. */
function sortedUploads(bucket: Bucket): Upload[] {
  return [...bucket.uploads.values()].sort((a, b) => compareUtf8(a.key, b.key));
}

function isAfter(upload: Upload, keyMarker: string, idMarker: string, bucket: Bucket): boolean {
  if (keyMarker === "") return true;
  const order = compareUtf8(upload.key, keyMarker);
  if (order !== 0 || idMarker === "") return order > 0;
  const same = sortedUploads(bucket).filter(({ key }) => key === upload.key);
  return same.indexOf(upload) > same.findIndex(({ id }) => id === idMarker);
}
