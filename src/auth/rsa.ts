/** RSA signatures by PEM keys: node:crypto where there is one, else WebCrypto, which is asynchronous. */
import { invalidInput } from "../internal/cloud-error.js";
import { fromBase64, nodeCrypto, toBytes } from "./digest.js";

/**
 * `RS256` is PKCS #1 v1.5 with SHA-256, `RS1` the same with SHA-1 (CloudFront's), `PS256` is PSS with SHA-256 and a salt as
 * long as the digest.
 */
export type RsaAlgorithm = "RS256" | "PS256" | "RS1";

const PSS_SALT_BYTES = 32;

/** `privateKey` is PEM: PKCS #8, or in Node also PKCS #1. */
export function rsaSign(
  privateKey: string,
  data: string | Uint8Array,
  algorithm: RsaAlgorithm = "RS256",
): Uint8Array | Promise<Uint8Array> {
  const node = nodeCrypto();
  if (node === undefined) return webSign(privateKey, toBytes(data), algorithm);
  return node.sign(digestOf(algorithm), toBytes(data), { key: privateKey, ...padding(node, algorithm) });
}

/** `publicKey` is PEM: SPKI, or in Node also a certificate. */
export function rsaVerify(
  publicKey: string,
  data: string | Uint8Array,
  signature: Uint8Array,
  algorithm: RsaAlgorithm = "RS256",
): boolean | Promise<boolean> {
  const node = nodeCrypto();
  if (node === undefined) return webVerify(publicKey, toBytes(data), signature, algorithm);
  return node.verify(
    digestOf(algorithm),
    toBytes(data),
    { key: publicKey, ...padding(node, algorithm) },
    signature,
  );
}

function digestOf(algorithm: RsaAlgorithm): "sha1" | "sha256" {
  return algorithm === "RS1" ? "sha1" : "sha256";
}

function padding({ constants }: typeof import("node:crypto"), algorithm: RsaAlgorithm) {
  return algorithm === "PS256"
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: PSS_SALT_BYTES }
    : { padding: constants.RSA_PKCS1_PADDING };
}

async function webSign(pem: string, data: Uint8Array, algorithm: RsaAlgorithm): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("pkcs8", pemBytes(pem), webName(algorithm), false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign(webParameters(algorithm), key, data as BufferSource));
}

async function webVerify(
  pem: string,
  data: Uint8Array,
  signature: Uint8Array,
  algorithm: RsaAlgorithm,
): Promise<boolean> {
  const key = await crypto.subtle.importKey("spki", pemBytes(pem), webName(algorithm), false, ["verify"]);
  return crypto.subtle.verify(webParameters(algorithm), key, signature as BufferSource, data as BufferSource);
}

function webName(algorithm: RsaAlgorithm): RsaHashedImportParams {
  return {
    name: algorithm === "PS256" ? "RSA-PSS" : "RSASSA-PKCS1-v1_5",
    hash: algorithm === "RS1" ? "SHA-1" : "SHA-256",
  };
}

function webParameters(algorithm: RsaAlgorithm): AlgorithmIdentifier | RsaPssParams {
  return algorithm === "PS256" ? { name: "RSA-PSS", saltLength: PSS_SALT_BYTES } : "RSASSA-PKCS1-v1_5";
}

function pemBytes(pem: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64(pem.replace(/-----[^-]+-----|\s+/g, ""));
  if (bytes === undefined) throw invalidInput("Cannot read the key: it must be PEM text");
  return bytes;
}
