/** Keys that a client brings with each request. The bytes are not encrypted: who has no key, or another, is refused. https://learn.microsoft.com/azure/storage/blobs/encryption-customer-provided-keys */
import { createHash } from "node:crypto";
import { blobError } from "./errors.js";

export interface CustomerKeyInput {
  readonly encryptionKey?: string | undefined;
  readonly encryptionKeySha256?: string | undefined;
  readonly encryptionAlgorithm?: string | undefined;
}

const KEY_BYTES = 32;

/** The hash of the key that a request brings. */
export function customerKeyOf(input: CustomerKeyInput): string | undefined {
  const { encryptionKey, encryptionKeySha256, encryptionAlgorithm } = input;
  if (encryptionKey === undefined) return undefined;
  const key = Buffer.from(encryptionKey, "base64");
  const hash = createHash("sha256").update(key).digest("base64");
  if (key.length !== KEY_BYTES || encryptionAlgorithm !== "AES256" || encryptionKeySha256 !== hash)
    throw blobError("InvalidHeaderValue");
  return hash;
}

/** @throws `BlobUsesCustomerSpecifiedEncryption`, `BlobDoesNotUseCustomerSpecifiedEncryption`, `BlobCustomerSpecifiedEncryptionMismatch` */
export function checkCustomerKey(
  { customerKey }: { readonly customerKey: string | undefined },
  input: CustomerKeyInput,
): void {
  const brought = customerKeyOf(input);
  if (brought === customerKey) return;
  if (brought === undefined) throw blobError("BlobUsesCustomerSpecifiedEncryption");
  if (customerKey === undefined) throw blobError("BlobDoesNotUseCustomerSpecifiedEncryption");
  throw blobError("BlobCustomerSpecifiedEncryptionMismatch");
}
