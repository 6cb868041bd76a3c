/** Keys of key pairs: made, written in the form that SSH reads, and read. */
import { clientError } from "./errors.js";

export interface KeyMaterial {
  readonly type: "rsa" | "ed25519";
  /** As OpenSSH writes it, without a comment. */
  readonly publicKey: string;
  readonly fingerprint: string;
}

/** A key that really opens: some clients read it. Fingerprints are those of https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html */
export async function makeKeyPair(type: "rsa" | "ed25519"): Promise<KeyMaterial & { privateKey: string }> {
  const { generateKeyPair, createHash } = await import("node:crypto");
  const { promisify } = await import("node:util");
  if (type === "rsa") {
    const { privateKey, publicKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
    const blob = rsaBlob(publicKey.export({ format: "jwk" }));
    const der = privateKey.export({ type: "pkcs8", format: "der" });
    return {
      type,
      privateKey: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
      publicKey: `ssh-rsa ${blob.toString("base64")}`,
      fingerprint: colons(createHash("sha1").update(der).digest("hex")),
    };
  }
  const { privateKey } = await promisify(generateKeyPair)("ed25519");
  const { x = "", d = "" } = privateKey.export({ format: "jwk" });
  const point = Buffer.from(x, "base64url");
  const blob = Buffer.concat([field("ssh-ed25519"), field(point)]);
  return {
    type,
    privateKey: opensshPrivateKey(blob, point, Buffer.from(d, "base64url")),
    publicKey: `ssh-ed25519 ${blob.toString("base64")}`,
    fingerprint: createHash("sha256").update(blob).digest("base64"),
  };
}

/** A public key that somebody brings, in OpenSSH's form or in that of RFC 4716. */
export async function readPublicKey(text: string): Promise<KeyMaterial> {
  const { createHash, createPublicKey } = await import("node:crypto");
  const blob = Buffer.from(base64Of(text.trim()), "base64");
  const [type, first, second] = fields(blob);
  if (type?.toString() === "ssh-ed25519") {
    const fingerprint = createHash("sha256").update(blob).digest("base64");
    return { type: "ed25519", publicKey: text, fingerprint };
  }
  if (type?.toString() !== "ssh-rsa" || first === undefined || second === undefined) throw badKey();
  const key = { kty: "RSA", e: first.toString("base64url"), n: second.toString("base64url") };
  const der = createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "der" });
  return { type: "rsa", publicKey: text, fingerprint: colons(createHash("md5").update(der).digest("hex")) };
}

const badKey = () => clientError("InvalidKey.Format", "Key is not in valid OpenSSH public key format");

function base64Of(text: string): string {
  const openssh = /^(?:ssh-rsa|ssh-ed25519) (\S+)/.exec(text)?.[1];
  if (openssh !== undefined) return openssh;
  const block = /^---- BEGIN SSH2 PUBLIC KEY ----\r?\n(.*?)\r?\n---- END SSH2 PUBLIC KEY ----/s.exec(
    text,
  )?.[1];
  if (block === undefined) throw badKey();
  // A header goes on in the next line after a backslash.
  return block
    .replace(/\\\r?\n/g, "")
    .split(/\r?\n/)
    .filter((line) => !line.includes(":"))
    .join("");
}

/** Its length before it. */
function field(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function fields(blob: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length; ) {
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) throw badKey();
    found.push(blob.subarray(at + 4, end));
    at = end;
  }
  return found;
}

function rsaBlob({ e = "", n = "" }: { readonly e?: string; readonly n?: string }): Buffer {
  // A first bit that is set would make the number a negative one.
  const number = (text: string) => {
    const bytes = Buffer.from(text, "base64url");
    return field((bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);
  };
  return Buffer.concat([field("ssh-rsa"), number(e), number(n)]);
}

/** See PROTOCOL.key of OpenSSH. */
function opensshPrivateKey(blob: Buffer, point: Buffer, seed: Buffer): string {
  const check = Buffer.from(crypto.getRandomValues(new Uint8Array(4)));
  const own = Buffer.concat([
    check,
    check,
    field("ssh-ed25519"),
    field(point),
    field(Buffer.concat([seed, point])),
    field(""),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (own.length % 8)) % 8 }, (_, index) => index + 1));
  const one = Buffer.from([0, 0, 0, 1]);
  const all = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    one,
    field(blob),
    field(Buffer.concat([own, padding])),
  ]);
  const lines = all.toString("base64").match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function colons(hex: string): string {
  return hex.replace(/(..)(?=.)/g, "$1:");
}
