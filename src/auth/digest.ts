/**
 * Digests that signers are made of. node:crypto takes about 6 ms to load, of the 20 that a cold start may take: the first few
 * are made by this package's own code in half of that, those after them, and large ones, by node:crypto.
 */
import { hmacSha256Portable, sha256Portable } from "./sha256.js";

type NodeCrypto = typeof import("node:crypto");

/** Undefined outside Node (browsers, workers). */
export function nodeCrypto(): NodeCrypto | undefined {
  const node = globalThis.process as NodeJS.Process | undefined;
  return typeof node?.getBuiltinModule === "function" ? node.getBuiltinModule("node:crypto") : undefined;
}

/** Bytes that are still hashed here before node:crypto is worth its loading. */
let bytesLeft = 8192;
let loaded: NodeCrypto | undefined;

/** For a request over TLS, whose connection loads node:crypto anyway: own digests would only come on top. */
export function useNodeCrypto(): void {
  loaded ??= nodeCrypto();
}

function cryptoFor(data: string | Uint8Array): NodeCrypto | undefined {
  if (loaded !== undefined) return loaded;
  bytesLeft -= data.length;
  if (bytesLeft >= 0) return undefined;
  loaded = nodeCrypto();
  return loaded;
}

const encoder = /* @__PURE__ */ new TextEncoder();

export const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

export function sha256Hex(data: string | Uint8Array): string {
  if (data.length === 0) return EMPTY_SHA256;
  const node = cryptoFor(data);
  // One call instead of three; Node has it since 20.12.
  if (node !== undefined) return node.hash("sha256", data, "hex");
  return toHex(sha256Portable(toBytes(data)));
}

/** From here on a digest on another thread is worth the copy that goes there. */
const LARGE_BYTES = 1024 * 1024;

/** Of a whole body: a large one is hashed beside the main thread, which sends others meanwhile. */
export function bodySha256Hex(body: Uint8Array): string | Promise<string> {
  const subtle = globalThis.crypto?.subtle;
  if (body.length < LARGE_BYTES || subtle === undefined) return sha256Hex(body);
  return subtle.digest("SHA-256", body as BufferSource).then((digest) => toHex(new Uint8Array(digest)));
}

export function sha256(data: string | Uint8Array): Uint8Array {
  return cryptoFor(data)?.createHash("sha256").update(data).digest() ?? sha256Portable(toBytes(data));
}

export function hmacSha256(key: string | Uint8Array, data: string | Uint8Array): Uint8Array {
  const node = cryptoFor(data);
  if (node !== undefined) return node.createHmac("sha256", key).update(data).digest();
  return hmacSha256Portable(toBytes(key), toBytes(data));
}

export function hmacSha256Hex(key: Uint8Array, data: string | Uint8Array): string {
  const node = cryptoFor(data);
  if (node !== undefined) return node.createHmac("sha256", key).update(data).digest("hex");
  return toHex(hmacSha256Portable(key, toBytes(data)));
}

export function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? encoder.encode(data) : data;
}

export function toHex(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

/** Undefined where the text is no hexadecimal. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> | undefined {
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) return undefined;
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}

export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Also takes the URL alphabet. Undefined where the text is no Base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) =>
      each.charCodeAt(0),
    );
  } catch {
    return undefined;
  }
}

/** URL alphabet, no padding. */
export function toBase64Url(data: string | Uint8Array): string {
  return toBase64(toBytes(data)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Takes the same time wherever two signatures of one length differ. */
export function sameSignature(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
