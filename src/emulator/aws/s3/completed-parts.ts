/** The parts that a completed upload is made of: as the client lists them, against those that it uploaded. */
import { createHash } from "node:crypto";
import { EmulatorError } from "../../service.js";
import type { StoredBytes } from "../../stored-bytes.js";
import {
  CHECKSUM_MEMBERS,
  type ChecksumAlgorithm,
  type Checksums,
  checksumOf,
  compositeChecksum,
  invalidHeader,
  isChecksum,
  manyChecksums,
  statedChecksums,
  typeNamed,
} from "./checksums.js";
import { badDigest, entityTooSmall, invalidArgument, invalidRequest, malformedXml } from "./errors.js";
import type { Upload, UploadedPart } from "./store.js";

const PART_BYTES_MIN = 5 * 1024 ** 2;

interface CompletedPart extends Checksums {
  readonly ETag?: string;
  readonly PartNumber?: number;
}

/** Refuses a completion that speaks of another kind of checksum than the upload was begun with. */
export function checkCompletion(
  upload: Upload,
  input: Checksums & { readonly ChecksumType?: string; readonly MpuObjectSize?: bigint | number },
): void {
  const type = typeNamed(input.ChecksumType);
  if (type !== undefined && upload.checksumType !== undefined && type !== upload.checksumType) {
    throw invalidRequest(
      `The upload was created using the ${upload.checksumType} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  const stated = statedChecksums(input);
  if (stated.size > 1) throw manyChecksums();
  for (const [algorithm, value] of stated) {
    const bare = upload.checksumType === "COMPOSITE" ? withoutCount(value) : value;
    if (!isChecksum(algorithm, bare)) throw invalidHeader(`x-amz-checksum-${algorithm.toLowerCase()}`);
  }
}

/** The parts that the client lists, checked against those that it uploaded. */
export function listedParts(upload: Upload, listed: readonly CompletedPart[]): UploadedPart[] {
  if (
    listed.length === 0 ||
    listed.some(({ ETag, PartNumber }) => ETag === undefined || PartNumber === undefined)
  ) {
    throw malformedXml();
  }
  let previous = 0;
  const parts = listed.map((each) => {
    const number = each.PartNumber ?? 0;
    if (number < 1) throw invalidArgument("PartNumber must be >= 1", "PartNumber", String(number));
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
    checkPartChecksum(upload, part, each);
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

function checkPartChecksum(upload: Upload, part: UploadedPart, listed: CompletedPart): void {
  const { checksumAlgorithm, checksumType } = upload;
  const stated = [...statedChecksums(listed)];
  if (stated.length > 1 || stated.some(([algorithm, value]) => !isChecksum(algorithm, value))) {
    throw invalidArgument(
      "Invalid Base64 or multiple checksums present in request",
      "Checksum",
      stated.map(([algorithm, value]) => `${algorithm}:${value};`).join(""),
    );
  }
  const [found] = stated;
  if (found === undefined) {
    if (checksumType !== "COMPOSITE") return;
    throw invalidRequest(
      `The upload was created using a ${checksumAlgorithm?.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${part.number} in the request.`,
    );
  }
  const [algorithm, value] = found;
  if (checksumAlgorithm !== undefined && algorithm !== checksumAlgorithm) {
    throw badDigest(
      `The ${algorithm.toLowerCase()} you specified for part ${part.number} did not match what we received.`,
    );
  }
  const own = part.checksums[CHECKSUM_MEMBERS[algorithm]];
  if (own !== undefined && own !== value) throw invalidPart(upload, listed);
}

function invalidPart(upload: Upload, { ETag, PartNumber }: CompletedPart): EmulatorError {
  return new EmulatorError(
    "InvalidPart",
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
    { UploadId: upload.id, PartNumber: String(PartNumber), ETag: bare(ETag ?? "") },
  );
}

export function bare(etag: string): string {
  return etag.replace(/^"|"$/g, "");
}

/** MD5 of the parts' MD5s, and how many they were. */
export function multipartEtag(parts: readonly UploadedPart[]): string {
  const md5 = createHash("md5");
  for (const { etag } of parts) md5.update(Buffer.from(bare(etag), "hex"));
  return `"${md5.digest("hex")}-${parts.length}"`;
}

/** By the algorithm that the upload was begun with, else by S3's own. */
export function objectChecksums(
  upload: Upload,
  parts: readonly UploadedPart[],
  bytes: StoredBytes,
): Checksums {
  const algorithm: ChecksumAlgorithm = upload.checksumAlgorithm ?? "CRC64NVME";
  const member = CHECKSUM_MEMBERS[algorithm];
  if (upload.checksumType !== "COMPOSITE") return { [member]: checksumOf(algorithm, bytes) };
  return {
    [member]: compositeChecksum(
      algorithm,
      parts.map((part) => part.checksums[member] as string),
    ),
  };
}

export function checkStated(actual: Checksums, input: Checksums): void {
  for (const [algorithm, value] of statedChecksums(input)) {
    const own = actual[CHECKSUM_MEMBERS[algorithm]];
    if (own === undefined || withoutCount(own) === withoutCount(value)) continue;
    throw badDigest(`The ${algorithm} you specified did not match the calculated checksum.`);
  }
}

function withoutCount(checksum: string): string {
  return checksum.replace(/-\d+$/, "");
}
