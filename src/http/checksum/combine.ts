/** The CRC of two pieces in a row out of the CRCs of each: pieces that were summed apart need not be read again. */

/** CRCs that can be combined; hashes cannot. */
export type CombinableAlgorithm = "CRC32" | "CRC32C" | "CRC64NVME";

const POLYNOMIALS: Readonly<
  Record<CombinableAlgorithm, { readonly reversed: bigint; readonly width: bigint }>
> = {
  CRC32: { reversed: 0xedb88320n, width: 32n },
  CRC32C: { reversed: 0x82f63b78n, width: 32n },
  CRC64NVME: { reversed: 0x9a6c9329ac4bc9b5n, width: 64n },
};

/**
 * Digests are big-endian bytes as `Checksum.digest` gives them. Appending n bytes multiplies a CRC by x^8n modulo the
 * polynomial, which takes one step for each bit of n.
 */
export function combineCrc(
  algorithm: CombinableAlgorithm,
  first: Uint8Array,
  second: Uint8Array,
  secondLength: number,
): Uint8Array {
  const { reversed, width } = POLYNOMIALS[algorithm];
  const multiply = (a: bigint, b: bigint) => product(a, b, reversed, width);
  // In the reversed order the highest bit stands for x^0.
  let power = 1n << (width - 1n);
  let square = 1n << (width - 2n);
  for (let exponent = BigInt(secondLength) * 8n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) power = multiply(square, power);
    square = multiply(square, square);
  }
  return toBytes(multiply(power, toBigInt(first)) ^ toBigInt(second), first.length);
}

function product(a: bigint, b: bigint, reversed: bigint, width: bigint): bigint {
  let sum = 0n;
  let factor = b;
  for (let bit = 1n << (width - 1n); bit > 0n; bit >>= 1n) {
    if (a & bit) sum ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ reversed : factor >> 1n;
  }
  return sum;
}

function toBigInt(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

function toBytes(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let index = length - 1; index >= 0; index--) {
    bytes[index] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}
