/** Checksums that S3 takes, keeps and gives back. */
import { createHash } from "node:crypto";
import type { EmulatorError } from "../../service.js";
import type { StoredBytes } from "../../stored-bytes.js";
import { CRC32_POLYNOMIAL, CRC32C_POLYNOMIAL, Crc32, Crc64Nvme } from "./crc.js";
import { badDigest, invalidRequest } from "./errors.js";

/** Member names of inputs and outputs. */
export const CHECKSUM_MEMBERS = {
  CRC32: "ChecksumCRC32",
  CRC32C: "ChecksumCRC32C",
  CRC64NVME: "ChecksumCRC64NVME",
  SHA1: "ChecksumSHA1",
  SHA256: "ChecksumSHA256",
  SHA512: "ChecksumSHA512",
  MD5: "ChecksumMD5",
} as const;

const DIGEST_BYTES = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
  SHA512: 64,
  MD5: 16,
} as const;

export type ChecksumAlgorithm = keyof typeof CHECKSUM_MEMBERS;
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

export const CHECKSUM_ALGORITHMS = Object.keys(CHECKSUM_MEMBERS) as ChecksumAlgorithm[];

/** Base64 by member name, ready to go into an output. */
export type Checksums = { readonly [M in (typeof CHECKSUM_MEMBERS)[ChecksumAlgorithm]]?: string };

interface Digest {
  update(chunk: Uint8Array): unknown;
  digest(): Uint8Array;
}

export function startChecksum(algorithm: ChecksumAlgorithm): Digest {
  switch (algorithm) {
    case "CRC32":
      return new Crc32(CRC32_POLYNOMIAL);
    case "CRC32C":
      return new Crc32(CRC32C_POLYNOMIAL);
    case "CRC64NVME":
      return new Crc64Nvme();
    default:
      return createHash(algorithm.toLowerCase());
  }
}

export function algorithmNamed(name: string | undefined): ChecksumAlgorithm | undefined {
  if (name === undefined) return undefined;
  const algorithm = name.toUpperCase();
  if (algorithm in CHECKSUM_MEMBERS) return algorithm as ChecksumAlgorithm;
  throw invalidRequest(
    `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${CHECKSUM_ALGORITHMS.join(", ")}]`,
  );
}

/** The checksums that an input states, from its members. */
export function statedChecksums(input: Checksums): Map<ChecksumAlgorithm, string> {
  const stated = new Map<ChecksumAlgorithm, string>();
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const value = input[CHECKSUM_MEMBERS[algorithm]];
    if (value !== undefined) stated.set(algorithm, value);
  }
  return stated;
}

/** Those that a chunked body states behind its last chunk. */
export function trailingChecksums(
  trailers: Readonly<Record<string, string>>,
): Map<ChecksumAlgorithm, string> {
  const stated = new Map<ChecksumAlgorithm, string>();
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const value = trailers[`x-amz-checksum-${algorithm.toLowerCase()}`];
    if (value !== undefined) stated.set(algorithm, value);
  }
  return stated;
}

export function checksumsOf(values: ReadonlyMap<ChecksumAlgorithm, string>): Checksums {
  return Object.fromEntries(Array.from(values, ([algorithm, value]) => [CHECKSUM_MEMBERS[algorithm], value]));
}

/** Base64 of as many bytes as the algorithm gives. */
export function isChecksum(algorithm: ChecksumAlgorithm, value: string): boolean {
  const bytes = Buffer.from(value, "base64");
  return bytes.toString("base64") === value && bytes.length === DIGEST_BYTES[algorithm];
}

export function invalidHeader(name: string, kind = "header"): EmulatorError {
  return invalidRequest(`Value for ${name} ${kind} is invalid.`);
}

export function manyChecksums(): EmulatorError {
  return invalidRequest(
    "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
  );
}

/** Refuses stated checksums that the bytes do not have. */
export function checkChecksums(
  stated: ReadonlyMap<ChecksumAlgorithm, string>,
  computed: ReadonlyMap<ChecksumAlgorithm, string>,
  kind = "header",
): void {
  for (const [algorithm, value] of stated) {
    if (!isChecksum(algorithm, value)) {
      throw invalidHeader(`x-amz-checksum-${algorithm.toLowerCase()}`, kind);
    }
    if (computed.get(algorithm) !== value) {
      throw badDigest(`The ${algorithm} you specified did not match the calculated checksum.`);
    }
  }
}

export function checksumOf(algorithm: ChecksumAlgorithm, bytes: StoredBytes): string {
  const digest = startChecksum(algorithm);
  for (const chunk of bytes.chunks) digest.update(chunk);
  return base64(digest.digest());
}

/** Checksum of the parts' checksums, with their number. */
export function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly string[]): string {
  const digest = startChecksum(algorithm);
  for (const part of parts) digest.update(Buffer.from(part, "base64"));
  return `${base64(digest.digest())}-${parts.length}`;
}

/** Of the parts' CRCs that of the whole can be made, of hashes only a hash of hashes. */
const TYPES: Readonly<Partial<Record<ChecksumAlgorithm, readonly ChecksumType[]>>> = {
  CRC32: ["COMPOSITE", "FULL_OBJECT"],
  CRC32C: ["COMPOSITE", "FULL_OBJECT"],
  CRC64NVME: ["FULL_OBJECT"],
};

export function typeNamed(asked: string | undefined): ChecksumType | undefined {
  const type = asked?.toUpperCase();
  if (type === undefined || type === "COMPOSITE" || type === "FULL_OBJECT") return type;
  throw invalidHeader("x-amz-checksum-type");
}

/** How the object's checksum is made of its parts'; the first type where the client does not say. */
export function checksumTypeOf(algorithm: ChecksumAlgorithm, asked: string | undefined): ChecksumType {
  const types = TYPES[algorithm] ?? ["COMPOSITE"];
  const type = typeNamed(asked) ?? types[0];
  if (types.some((each) => each === type)) return type as ChecksumType;
  throw invalidRequest(
    `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  );
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
