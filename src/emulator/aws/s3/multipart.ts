/** Uploads in parts. See https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html for the limits. */
import { createHash } from "node:crypto";
import type { S3 } from "../../../gen/aws/s3.js";
import type { Context, Handlers } from "../../service.js";
import { StoredBytes } from "../../stored-bytes.js";
import { checkOwner } from "./access.js";
import { readUpload, statedAlgorithm } from "./body.js";
import {
  algorithmNamed,
  CHECKSUM_MEMBERS,
  type ChecksumAlgorithm,
  checksumOf,
  checksumTypeOf,
  typeNamed,
} from "./checksums.js";
import {
  checkCompletion,
  checkStated,
  listedParts,
  multipartEtag,
  objectChecksums,
} from "./completed-parts.js";
import { checkCopySource, checkWrite } from "./conditions.js";
import { findSource } from "./copy.js";
import { invalidArgument, invalidRequest, noSuchUpload } from "./errors.js";
import { encoder, groupOf, ownerOf, pageSize } from "./list.js";
import {
  addVersion,
  bucketFor,
  checkKey,
  checkPartNumber,
  statedVersionId,
  templateOf,
} from "./object-version.js";
import { parseRange } from "./range.js";
import { type Bucket, compareUtf8, newUploadId, type Upload, type UploadedPart } from "./store.js";

const COMPLETED_MAX = 1000;

export const multipartHandlers: Handlers<S3> = {
  createMultipartUpload(input, context) {
    const bucket = bucketFor(input, context);
    checkKey(input.Key);
    const algorithm = algorithmNamed(input.ChecksumAlgorithm);
    if (typeNamed(input.ChecksumType) !== undefined && algorithm === undefined) {
      throw invalidRequest(
        "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
      );
    }
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
    checkPartNumber(input.PartNumber);
    const upload = uploadFor(bucket, input);
    checkPartAlgorithm(upload, statedAlgorithm(input, context.request.headers));
    const uploaded = await readUpload(input, context, { algorithm: upload.checksumAlgorithm });
    uploadFor(bucket, input);
    setPart(upload, context, { ...uploaded, number: input.PartNumber, lastModified: context.clock.date() });
    return { ETag: uploaded.etag, ...uploaded.checksums, ...upload.template.encryption };
  },

  uploadPartCopy(input, context) {
    const bucket = bucketFor(input, context);
    checkPartNumber(input.PartNumber);
    const upload = uploadFor(bucket, input);
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
    checkCompletion(upload, input);
    const parts = listedParts(upload, input.MultipartUpload?.Parts ?? []);
    checkWrite(upload.key, bucket.objects.current(upload.key), input);
    const bytes = StoredBytes.concat(parts.map((part) => part.bytes));
    if (input.MpuObjectSize !== undefined && Number(input.MpuObjectSize) !== bytes.length) {
      throw invalidRequest(
        "The provided 'x-amz-mp-object-size' header value does not match what was computed.",
      );
    }
    const checksums = objectChecksums(upload, parts, bytes);
    if (upload.checksumAlgorithm !== undefined) checkStated(checksums, input);
    bucket.uploads.delete(upload.id);
    for (const part of upload.parts.values()) {
      if (!parts.includes(part)) context.memory.release(part.bytes.length);
    }
    const version = addVersion(bucket, context, {
      ...upload.template,
      bytes,
      etag: multipartEtag(parts),
      checksums,
      checksumType: upload.checksumType ?? "FULL_OBJECT",
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
    if (KeyMarker !== "" && UploadIdMarker !== "" && !/^[\w.-]{64}$/.test(UploadIdMarker)) {
      throw invalidArgument("Invalid uploadId marker", "upload-id-marker", UploadIdMarker);
    }
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

/** An upload that was begun with an algorithm takes no other; one checksum made of the parts' needs that of each. */
function checkPartAlgorithm(
  { checksumAlgorithm, checksumType }: Upload,
  stated: ChecksumAlgorithm | undefined,
): void {
  if (checksumAlgorithm === undefined || stated === checksumAlgorithm) return;
  if (stated === undefined && checksumType === "FULL_OBJECT") return;
  throw invalidRequest(
    `Checksum Type mismatch occurred, expected checksum Type: ${checksumAlgorithm}, actual checksum Type: ${stated ?? "null"}`,
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
