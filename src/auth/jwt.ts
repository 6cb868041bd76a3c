/** JSON web tokens by RSA keys: what service accounts and certificates prove themselves with. RFC 7519. */
import { fromBase64, toBase64Url } from "./digest.js";
import { type RsaAlgorithm, rsaSign, rsaVerify } from "./rsa.js";

export interface JwtHeader {
  readonly alg: Exclude<RsaAlgorithm, "RS1">;
  readonly typ?: "JWT";
  /** Which of the issuer's keys. */
  readonly kid?: string;
  /** SHA-256 of the certificate, Base64 of the URL alphabet (Entra ID). */
  readonly "x5t#S256"?: string;
  /** The certificate and its issuers, Base64. */
  readonly x5c?: readonly string[];
}

export type JwtClaims = Readonly<Record<string, unknown>>;

/** `privateKey` is PEM. */
export function signJwt(header: JwtHeader, claims: JwtClaims, privateKey: string): string | Promise<string> {
  const signed = `${toBase64Url(JSON.stringify(header))}.${toBase64Url(JSON.stringify(claims))}`;
  const signature = rsaSign(privateKey, signed, header.alg);
  const whole = (bytes: Uint8Array) => `${signed}.${toBase64Url(bytes)}`;
  return signature instanceof Uint8Array ? whole(signature) : signature.then(whole);
}

/** The parts of a token as they are, unverified. Undefined when it is none. */
export function parseJwt(
  token: string,
): { readonly header: Readonly<Record<string, unknown>>; readonly claims: JwtClaims } | undefined {
  const [header, claims, signature, ...more] = token
    .split(".")
    .map((part, i) => (i < 2 ? parsePart(part) : part));
  if (!isObject(header) || !isObject(claims) || signature === undefined || more.length > 0) return undefined;
  return { header, claims };
}

/** The claims, when the token is signed by that key; else undefined. Times and audience are for the caller to check. */
export async function verifyJwt(token: string, publicKey: string): Promise<JwtClaims | undefined> {
  const parsed = parseJwt(token);
  const alg = parsed?.header.alg;
  // The key decides what may be believed: a token that names another kind of signature is not verified by it.
  if (parsed === undefined || (alg !== "RS256" && alg !== "PS256")) return undefined;
  const at = token.lastIndexOf(".");
  const signature = fromBase64(token.slice(at + 1));
  if (signature === undefined) return undefined;
  return (await rsaVerify(publicKey, token.slice(0, at), signature, alg)) ? parsed.claims : undefined;
}

function parsePart(part: string): unknown {
  const bytes = fromBase64(part);
  try {
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
