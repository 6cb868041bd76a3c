/** Who there is in the emulated Google Cloud: service accounts, their keys, and the tokens that were issued. */
import { bearerOf } from "../../auth/bearer.js";
import { sha256Hex } from "../../auth/digest.js";
import { parseJwt, verifyJwt } from "../../auth/jwt.js";
import type { Clock } from "../clock.js";
import {
  type Context,
  EmulatorError,
  type IncomingRequest,
  type StoreKey,
  type Verified,
} from "../service.js";

/** The project that exists from the start. */
export const DEFAULT_PROJECT = "local-project";
export const PROJECT_NUMBER = "123456789012";
export const DEFAULT_EMAIL = `default@${DEFAULT_PROJECT}.iam.gserviceaccount.com`;
/** A person's refresh token that is good from the start. */
export const DEFAULT_REFRESH_TOKEN = "1//local-refresh-token";
export const TOKEN_LIFETIME_SECONDS = 3599;

export interface IssuedToken {
  readonly email: string;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
}

export interface ServiceAccountKey {
  readonly id: string;
  readonly email: string;
  /** PEM, SPKI. */
  readonly publicKey: string;
  /** PEM, PKCS 8: the emulator signs with it in IAM's stead. */
  readonly privateKey: string;
}

const TOKENS_MAX = 10_000;

export class Identities {
  readonly #clock: Clock;
  readonly #tokens = new Map<string, IssuedToken>();
  readonly #keys = new Map<string, ServiceAccountKey[]>();
  readonly accounts = new Map<
    string,
    { readonly email: string; readonly project: string; readonly uniqueId: string; displayName?: string }
  >();
  readonly refreshTokens = new Map<string, string>([[DEFAULT_REFRESH_TOKEN, "person@example.com"]]);

  constructor(clock: Clock) {
    this.#clock = clock;
    this.addAccount(DEFAULT_EMAIL, DEFAULT_PROJECT);
  }

  addAccount(email: string, project: string, displayName?: string): void {
    // A number that stays the same from run to run.
    const uniqueId = String(BigInt(`0x${sha256Hex(email).slice(0, 17)}`))
      .padStart(21, "1")
      .slice(0, 21);
    this.accounts.set(email, { email, project, uniqueId, ...(displayName !== undefined && { displayName }) });
  }

  issue(
    email: string,
    scopes: readonly string[],
    lifetimeSeconds = TOKEN_LIFETIME_SECONDS,
  ): { token: string; expiresAtMs: number } {
    const token = `ya29.local-${globalThis.crypto.randomUUID()}`;
    const expiresAtMs = this.#clock.now() + lifetimeSeconds * 1000;
    // The oldest go first: no test holds so many.
    if (this.#tokens.size >= TOKENS_MAX) this.#tokens.delete(this.#tokens.keys().next().value as string);
    this.#tokens.set(token, { email, scopes, expiresAtMs });
    return { token, expiresAtMs };
  }

  /** The token, unless it is unknown or over. */
  find(token: string): IssuedToken | undefined {
    const issued = this.#tokens.get(token);
    return issued !== undefined && issued.expiresAtMs > this.#clock.now() ? issued : undefined;
  }

  keys(email: string): readonly ServiceAccountKey[] {
    return this.#keys.get(email) ?? [];
  }

  addKey(key: ServiceAccountKey): void {
    this.#keys.set(key.email, [...this.keys(key.email), key]);
  }

  deleteKey(email: string, id: string): void {
    this.#keys.set(
      email,
      this.keys(email).filter((key) => key.id !== id),
    );
  }

  /** A key of the account's that signs: made when first asked for, as making one takes a while. */
  async signingKey(email: string): Promise<ServiceAccountKey> {
    const [known] = this.keys(email);
    if (known !== undefined) return known;
    const key = await generateKey(email);
    this.addKey(key);
    return key;
  }
}

export async function generateKey(email: string): Promise<ServiceAccountKey> {
  const { generateKeyPair, randomBytes } = process.getBuiltinModule("node:crypto");
  return new Promise((resolve, reject) => {
    const options = {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki" as const, format: "pem" as const },
      privateKeyEncoding: { type: "pkcs8" as const, format: "pem" as const },
    };
    generateKeyPair("rsa", options, (error, publicKey: string, privateKey: string) => {
      if (error) reject(error);
      else resolve({ id: randomBytes(20).toString("hex"), email, publicKey, privateKey });
    });
  });
}

export const identities: StoreKey<Identities> = {
  name: "gcp/identities",
  create: ({ clock }) => new Identities(clock),
};

/** `name@project.iam.gserviceaccount.com`. */
export function projectOf(email: string): string {
  return /@([^.]+)\.iam\.gserviceaccount\.com$/.exec(email)?.[1] ?? DEFAULT_PROJECT;
}

const PROJECT_IN_PATH = /\/projects\/([^/:]+)/;

/**
 * Verifies a bearer token: one that this emulator issued, or a service account's own assertion in place of one. Without any
 * the request is anonymous, and what that may do is the service's matter.
 *
 * @throws EmulatorError 401 for a token that is unknown, forged or over.
 */
export async function verifyBearer(request: IncomingRequest, context: Context): Promise<Verified> {
  const account = PROJECT_IN_PATH.exec(request.path)?.[1] ?? DEFAULT_PROJECT;
  if (isTokenless(request.headers)) return { account };
  const token = bearerOf(request.headers) ?? "";
  const issued = context.store(identities).find(token);
  const email = issued?.email ?? (await selfSignedBy(token, context));
  if (email !== undefined) return { caller: { id: email, account: projectOf(email) }, account };
  if (!context.verify) return { caller: { id: DEFAULT_EMAIL, account: DEFAULT_PROJECT }, account };
  throw invalidCredentials();
}

/** Without credentials, or with a scheme alone: so Rust's object_store says it where `disable_oauth` points it at an emulator. */
export function isTokenless({ authorization }: IncomingRequest["headers"]): boolean {
  return authorization === undefined || /^Bearer *$/i.test(authorization);
}

/** Who signed a JWT that stands in for an access token. https://google.aip.dev/auth/4111 */
async function selfSignedBy(token: string, context: Context): Promise<string | undefined> {
  const email = parseJwt(token)?.claims.iss;
  if (typeof email !== "string") return undefined;
  for (const { publicKey } of context.store(identities).keys(email)) {
    const claims = await verifyJwt(token, publicKey);
    if (claims !== undefined) return Number(claims.exp) * 1000 > context.clock.now() ? email : undefined;
  }
  return undefined;
}

/** For services that serve nobody they do not know. */
export async function verifyKnown(request: IncomingRequest, context: Context): Promise<Verified> {
  const verified = await verifyBearer(request, context);
  if (verified.caller !== undefined || !context.verify) return verified;
  throw new EmulatorError(
    "required",
    "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
    401,
    undefined,
    { "www-authenticate": 'Bearer realm="https://accounts.google.com/"' },
  );
}

export function invalidCredentials(): EmulatorError {
  return new EmulatorError("authError", "Invalid Credentials", 401, undefined, {
    "www-authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"',
  });
}
