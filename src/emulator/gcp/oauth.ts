/** oauth2.googleapis.com: assertions and refresh tokens exchanged for access tokens. */
import { parseJwt, verifyJwt } from "../../auth/jwt.js";
import type { EncodedResponse } from "../../protocol/protocol.js";
import { type Context, type EmulatedService, EmulatorError } from "../service.js";
import { makeIdToken } from "./id-token.js";
import { identities, TOKEN_LIFETIME_SECONDS } from "./identity.js";

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const FORM_BYTES_MAX = 64 * 1024;
/** An assertion may say that it is good for so long, at most. */
const ASSERTION_SECONDS_MAX = 3600;
const CLOCK_SKEW_SECONDS = 300;

export const oauthService: EmulatedService = {
  cloud: "gcp",
  id: "oauth2",
  async answer(request, context) {
    if (request.method !== "POST" || request.path !== "/token") return undefined;
    const form = new URLSearchParams(new TextDecoder().decode(await request.body.bytes(FORM_BYTES_MAX)));
    const grant = form.get("grant_type");
    if (grant === JWT_BEARER) return exchangeAssertion(form.get("assertion") ?? "", context);
    if (grant === "refresh_token") return refresh(form, context);
    throw new EmulatorError("unsupported_grant_type", `Invalid grant_type: ${grant ?? ""}`, 400);
  },
  encodeError: ({ code, message, status }) => json(status, { error: code, error_description: message }),
};

async function exchangeAssertion(assertion: string, context: Context): Promise<EncodedResponse> {
  const claims = await verifiedClaims(assertion, context);
  const email = String(claims.iss ?? "");
  const audience = claims.target_audience;
  if (typeof audience === "string")
    return json(200, { id_token: await makeIdToken(email, audience, context) });
  const scopes = String(claims.scope ?? "")
    .split(" ")
    .filter(Boolean);
  if (scopes.length === 0)
    throw new EmulatorError("invalid_scope", "Empty or missing scope not allowed.", 400);
  return tokenFor(email, scopes, context);
}

/** The signature must be by a key of the account that the assertion names. */
async function verifiedClaims(
  assertion: string,
  context: Context,
): Promise<Readonly<Record<string, unknown>>> {
  const parsed = parseJwt(assertion);
  if (parsed === undefined) throw invalidGrant("Invalid JWT: Failed parsing the assertion.");
  const { header, claims } = parsed;
  if (!context.verify) return claims;
  const keys = context.store(identities).keys(String(claims.iss));
  const candidates = keys.filter((key) => header.kid === undefined || key.id === header.kid);
  const verified = await Promise.all(candidates.map((key) => verifyJwt(assertion, key.publicKey)));
  if (!verified.some(Boolean)) throw invalidGrant("Invalid JWT Signature.");
  const now = context.clock.now() / 1000;
  const issued = Number(claims.iat);
  const expires = Number(claims.exp);
  if (!(expires > now) || issued > now + CLOCK_SKEW_SECONDS || expires - issued > ASSERTION_SECONDS_MAX) {
    throw invalidGrant(
      "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.",
    );
  }
  return claims;
}

function refresh(form: URLSearchParams, context: Context): EncodedResponse {
  const email = context.store(identities).refreshTokens.get(form.get("refresh_token") ?? "");
  if (email === undefined && context.verify) throw invalidGrant("Bad Request");
  return tokenFor(
    email ?? "person@example.com",
    (form.get("scope") ?? "").split(" ").filter(Boolean),
    context,
  );
}

function tokenFor(email: string, scopes: readonly string[], context: Context): EncodedResponse {
  const { token } = context.store(identities).issue(email, scopes);
  return json(200, { access_token: token, expires_in: TOKEN_LIFETIME_SECONDS, token_type: "Bearer" });
}

function invalidGrant(description: string): EmulatorError {
  return new EmulatorError("invalid_grant", description, 400);
}

function json(status: number, body: object): EncodedResponse {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(body),
  };
}
