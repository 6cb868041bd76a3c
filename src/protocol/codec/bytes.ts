/** Text and base64 to bytes and back: by Buffer where there is one, several times as fast, by the web's means elsewhere. */

interface NodeBufferModule {
  isAscii(bytes: Uint8Array): boolean;
}

interface NodeBuffer {
  from(text: string, encoding: "utf8" | "base64"): Uint8Array;
  from(
    buffer: ArrayBufferLike,
    offset: number,
    length: number,
  ): {
    toString(encoding: "utf8" | "latin1" | "base64"): string;
  };
}

function nodeBuffer(): NodeBuffer | undefined {
  return (globalThis as { Buffer?: NodeBuffer }).Buffer;
}

export function encodeUtf8(text: string): Uint8Array {
  const buffer = nodeBuffer();
  return buffer === undefined ? new TextEncoder().encode(text) : plain(buffer.from(text, "utf8"));
}

/** A byte order mark is kept; bytes that are not UTF-8 become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  const buffer = nodeBuffer();
  if (buffer === undefined) return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  // Most bodies are ASCII, and to look first takes a tenth of what the decoding of UTF-8 does.
  const encoding = bytes.byteLength > 1024 && isAscii(bytes) ? "latin1" : "utf8";
  return buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
}

function isAscii(bytes: Uint8Array): boolean {
  const { isAscii: check } = (globalThis.process?.getBuiltinModule?.("node:buffer") ??
    {}) as Partial<NodeBufferModule>;
  return check?.(bytes) === true;
}

export function encodeBase64(bytes: Uint8Array): string {
  const buffer = nodeBuffer();
  if (buffer !== undefined) {
    return buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  }
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** White space and missing padding are forgiven, as the vendors' clients do. */
export function decodeBase64(text: string): Uint8Array {
  const buffer = nodeBuffer();
  if (buffer !== undefined) return plain(buffer.from(text, "base64"));
  return Uint8Array.from(atob(text.replace(/[\s=]+/g, "")), (char) => char.charCodeAt(0));
}

/** A blob of an input: bytes as they are, text as UTF-8. */
export function blobBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (typeof value === "string") return encodeUtf8(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return undefined;
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** A Buffer is a Uint8Array of other manners: users get the plain one, over the same memory. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
