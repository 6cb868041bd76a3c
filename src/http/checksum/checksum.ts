/** Checksums by name, all with one incremental form. */
import { invalidInput } from "../../internal/cloud-error.js";
import { Crc32, crc32Of } from "./crc32.js";
import { Crc64Nvme } from "./crc64.js";

/** Named as S3's `ChecksumAlgorithm`, and MD5. */
export type ChecksumAlgorithm = "CRC32" | "CRC32C" | "CRC64NVME" | "SHA1" | "SHA256" | "SHA512" | "MD5";

export interface Checksum {
  update(bytes: Uint8Array): void;
  /** Big-endian bytes of the sum so far. Call it once, last. */
  digest(): Uint8Array;
}

/** Reversed polynomials. */
const CRC32_POLYNOMIAL = 0xedb88320;
const CRC32C_POLYNOMIAL = 0x82f63b78;

const HASH_NAMES = { SHA1: "sha1", SHA256: "sha256", SHA512: "sha512", MD5: "md5" } as const;

export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  switch (algorithm) {
    case "CRC32":
      return new Crc32(crc32Of(CRC32_POLYNOMIAL, nativeCrc32()));
    case "CRC32C":
      return new Crc32(crc32Of(CRC32C_POLYNOMIAL));
    case "CRC64NVME":
      return new Crc64Nvme();
    case "SHA1":
    case "SHA256":
    case "SHA512":
    case "MD5":
      return hash(algorithm);
    default:
      throw invalidInput(
        `Cannot compute the checksum ${String(algorithm)}: it is not one of CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512, MD5`,
      );
  }
}

/** The whole sum of bytes in memory, base64 as headers carry it. */
export function checksumBase64(algorithm: ChecksumAlgorithm, bytes: Uint8Array): string {
  const checksum = createChecksum(algorithm);
  checksum.update(bytes);
  return toBase64(checksum.digest());
}

export function toBase64(bytes: Uint8Array): string {
  if (typeof Buffer === "function")
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  return btoa(String.fromCharCode(...bytes));
}

export function fromBase64(text: string): Uint8Array {
  if (typeof Buffer === "function") return Buffer.from(text, "base64");
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function hash(algorithm: keyof typeof HASH_NAMES): Checksum {
  if (typeof process === "undefined" || process.getBuiltinModule === undefined) {
    // Web Crypto has no incremental hashes, and no MD5 at all.
    throw invalidInput(
      `Cannot compute ${algorithm} here: this platform has no node:crypto; use CRC32, CRC32C or CRC64NVME`,
    );
  }
  return process.getBuiltinModule("node:crypto").createHash(HASH_NAMES[algorithm]);
}

/** zlib.crc32 came with Node 20.15 and 22.2; other platforms that offer node:zlib may lack it. */
function nativeCrc32(): ((bytes: Uint8Array, previous: number) => number) | undefined {
  if (typeof process === "undefined" || process.getBuiltinModule === undefined) return undefined;
  return process.getBuiltinModule("node:zlib").crc32 as
    | ((bytes: Uint8Array, previous: number) => number)
    | undefined;
}
