/**
 * Tokens by which an account's users and roles prove themselves to others, and what others need to verify them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html
 */
import { generateKeyPair, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";
import type { STS } from "../../../gen/aws/sts.js";
import type { EncodedResponse } from "../../../protocol/protocol.js";
import {
  type Context,
  EmulatorError,
  type Handler,
  type IncomingRequest,
  type StoreKey,
} from "../../service.js";
import { callerEntity, principalArn } from "../iam/caller.js";
import { accountOf } from "../iam/entities.js";
import { validationError } from "../iam/store.js";
import { checkTags, durationError } from "./checks.js";

interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly hash: string;
}

/** The keys of the issuers: made when a token or the set of them is first asked for. */
class SigningKeys {
  readonly #keys = new Map<string, Promise<SigningKey>>();

  async key(algorithm: string): Promise<SigningKey> {
    const known = this.#keys.get(algorithm);
    if (known !== undefined) return known;
    const made = algorithm === "RS256" ? rsaKey() : ellipticKey();
    this.#keys.set(algorithm, made);
    return made;
  }
}

const signingKeys: StoreKey<SigningKeys> = { name: "aws.sts-signing-keys", create: () => new SigningKeys() };

const makeKeyPair = promisify(generateKeyPair);

async function rsaKey(): Promise<SigningKey> {
  return { id: "RSA_0", hash: "sha256", ...(await makeKeyPair("rsa", { modulusLength: 2048 })) };
}

async function ellipticKey(): Promise<SigningKey> {
  return { id: "EC384_0", hash: "sha384", ...(await makeKeyPair("ec", { namedCurve: "P-384" })) };
}

const ALGORITHMS = ["RS256", "ES384"];
const DURATION_SECONDS = { min: 60, default: 300, max: 3600 };

export const issueToken: Handler<STS["getWebIdentityToken"]> = async (input, context) => {
  const { SigningAlgorithm: alg, DurationSeconds: duration = DURATION_SECONDS.default, Tags = [] } = input;
  const { issuer } = accountOf(context);
  if (!issuer?.enabled) {
    throw new EmulatorError(
      "OutboundWebIdentityFederationDisabledException",
      "Outbound web identity federation is not enabled for this account.",
      403,
    );
  }
  if (!ALGORITHMS.includes(alg)) throw validationError(`Invalid signing algorithm: ${alg}`);
  if (duration < DURATION_SECONDS.min || duration > DURATION_SECONDS.max) {
    throw durationError(duration, DURATION_SECONDS.max, DURATION_SECONDS.min);
  }
  checkTags(Tags);
  const now = Math.floor(context.clock.now() / 1000);
  const claims = {
    iss: issuer.url,
    aud: input.Audience.length === 1 ? input.Audience[0] : input.Audience,
    sub: principalArn(context),
    iat: now,
    exp: now + duration,
    jti: crypto.randomUUID(),
    "https://sts.amazonaws.com/": identityClaims(context, Tags),
  };
  const key = await context.store(signingKeys).key(alg);
  const signed = `${part({ typ: "JWT", alg, kid: key.id })}.${part(claims)}`;
  const signature = sign(key.hash, Buffer.from(signed), { key: key.privateKey, dsaEncoding: "ieee-p1363" });
  return {
    WebIdentityToken: `${signed}.${signature.toString("base64url")}`,
    Expiration: new Date((now + duration) * 1000),
  };
};

function identityClaims(context: Context, tags: readonly { readonly Key: string; readonly Value: string }[]) {
  const own = callerEntity(context)?.principal.tags ?? new Map<string, string>();
  return {
    aws_account: context.account,
    source_region: context.region,
    principal_id: principalArn(context),
    ...(own.size > 0 && { principal_tags: Object.fromEntries(own) }),
    ...(tags.length > 0 && { request_tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) }),
  };
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

export function isDiscovery({ method, path }: IncomingRequest): boolean {
  return method === "GET" && /^\/\.well-known\/(openid-configuration|jwks\.json)$/.test(path);
}

/** What an issuer publishes at its own host. */
export async function answerDiscovery(
  request: IncomingRequest,
  context: Context,
): Promise<EncodedResponse | undefined> {
  if (!isDiscovery(request)) return undefined;
  if (request.path.endsWith("jwks.json")) {
    const keys = await Promise.all(ALGORITHMS.map((alg) => publicKey(alg, context)));
    return json({ keys });
  }
  const issuer = `https://${request.host}`;
  return json({
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ALGORITHMS,
    claims_supported: ["sub", "iss", "aud", "exp", "iat", "jti", "https://sts.amazonaws.com/"],
  });
}

async function publicKey(alg: string, context: Context) {
  const { id, publicKey: key } = await context.store(signingKeys).key(alg);
  return { ...key.export({ format: "jwk" }), kid: id, alg, use: "sig" };
}

function json(body: object): EncodedResponse {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
