/** Access tokens that the emulator issues and knows again: JSON web tokens signed with a key of its own. */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign, verify } from "node:crypto";
import { type Context, EmulatorError, type StoreKey } from "../service.js";

const LIFETIME_SECONDS = 3600;

export interface TokenKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly keyId: string;
}

/** An elliptic key: made in a millisecond, where RSA takes a hundred. */
export const tokenKeys: StoreKey<TokenKeys> = {
  name: "azure token keys",
  create: () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return { privateKey, publicKey: createPublicKey(privateKey), keyId: randomUUID() };
  },
};

export interface TokenSubject {
  readonly tenantId: string;
  readonly clientId: string;
  readonly objectId: string;
  /** `https://management.azure.com` */
  readonly audience: string;
  /** Of a person who signed in; undefined: the application acts for itself. */
  readonly userName?: string | undefined;
  readonly nonce?: string | undefined;
}

export interface IssuedToken {
  readonly token: string;
  readonly expiresIn: number;
  /** Seconds since 1970. */
  readonly expiresOn: number;
}

export function issueToken(
  context: Context,
  { tenantId, clientId, objectId, audience, userName, nonce }: TokenSubject,
): IssuedToken {
  const { privateKey, keyId } = context.store(tokenKeys);
  const now = Math.floor(context.clock.now() / 1000);
  const expiresOn = now + LIFETIME_SECONDS;
  const claims = {
    aud: audience,
    iss: `https://sts.windows.net/${tenantId}/`,
    iat: now,
    nbf: now,
    exp: expiresOn,
    appid: clientId,
    ...(userName === undefined
      ? { idtyp: "app" }
      : { scp: "user_impersonation", upn: userName, preferred_username: userName, name: userName, nonce }),
    oid: objectId,
    sub: objectId,
    tid: tenantId,
    ver: "1.0",
    jti: randomUUID(),
  };
  const signed = `${part({ typ: "JWT", alg: "ES256", kid: keyId })}.${part(claims)}`;
  const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return { token: `${signed}.${signature.toString("base64url")}`, expiresIn: LIFETIME_SECONDS, expiresOn };
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

export type Claims = Readonly<Record<string, unknown>>;

/** Claims of a bearer token of ours for one of these audiences. Throws `InvalidAuthenticationToken`. */
export function verifyToken(token: string, context: Context, audiences: readonly string[]): Claims {
  const claims = claimsOf(token);
  if (claims === undefined) throw invalidToken("The access token is invalid.");
  if (!context.verify) return claims;
  const [head, body, signature] = token.split(".") as [string, string, string];
  const key = { key: context.store(tokenKeys).publicKey, dsaEncoding: "ieee-p1363" as const };
  if (!verify("sha256", Buffer.from(`${head}.${body}`), key, Buffer.from(signature ?? "", "base64url"))) {
    throw invalidToken("The access token signature is invalid.");
  }
  if (Number(claims.exp) * 1000 <= context.clock.now()) {
    throw new EmulatorError(
      "ExpiredAuthenticationToken",
      "The access token expiry UTC time is earlier than current UTC time.",
      401,
      undefined,
      CHALLENGE,
    );
  }
  const audience = String(claims.aud).replace(/\/+$/, "");
  if (!audiences.includes(audience)) {
    throw invalidToken(`The access token has been obtained for wrong audience or resource '${audience}'.`);
  }
  return claims;
}

export function claimsOf(token: string): Claims | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    return typeof claims === "object" && claims !== null ? (claims as Claims) : undefined;
  } catch {
    return undefined;
  }
}

const CHALLENGE = {
  "www-authenticate": 'Bearer authorization_uri="https://login.microsoftonline.com/", error="invalid_token"',
};

function invalidToken(message: string): EmulatorError {
  return new EmulatorError("InvalidAuthenticationToken", message, 401, undefined, CHALLENGE);
}
