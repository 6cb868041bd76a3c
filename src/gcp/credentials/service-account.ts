/**
 * A service account's key file: a signed assertion exchanged for an access token, or used in its place.
 * https://developers.google.com/identity/protocols/oauth2/service-account
 */
import type { AccessToken } from "../../auth/credentials.js";
import { type BlobSigner, keySigner } from "../../auth/gcs-v4.js";
import { signJwt } from "../../auth/jwt.js";
import { expiryOf } from "./authorized-user.js";
import {
  type CredentialsContext,
  type CredentialsFile,
  DEFAULT_UNIVERSE,
  type GoogleCredentials,
  optionalText,
  requiredText,
} from "./credentials.js";
import { sendForJson, tokenOf } from "./token-request.js";

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const TOKEN_URL = "https://oauth2.googleapis.com/token";
const LIFETIME_SECONDS = 3600;
const TYPE = "service_account";

export function serviceAccount(file: CredentialsFile, context: CredentialsContext): GoogleCredentials {
  const email = requiredText(file, "client_email", TYPE);
  const privateKey = requiredText(file, "private_key", TYPE);
  const keyId = optionalText(file, "private_key_id");
  const tokenUrl = optionalText(file, "token_uri") ?? TOKEN_URL;
  const universe = optionalText(file, "universe_domain") ?? DEFAULT_UNIVERSE;
  const what = `The exchange of ${email}'s assertion`;
  const assert = (claims: Readonly<Record<string, unknown>>): string | Promise<string> => {
    const now = Math.floor(context.environment.now() / 1000);
    const header = { alg: "RS256", typ: "JWT", ...(keyId !== undefined && { kid: keyId }) } as const;
    return signJwt(header, { iss: email, ...claims, iat: now, exp: now + LIFETIME_SECONDS }, privateKey);
  };
  const exchange = async (claims: Readonly<Record<string, unknown>>, signal: AbortSignal | undefined) => {
    const form = { grant_type: JWT_BEARER, assertion: await assert({ aud: tokenUrl, ...claims }) };
    return sendForJson(context, { method: "POST", url: tokenUrl, form }, what, signal);
  };
  /** The assertion itself is the token: other universes know no exchange, and calls without scopes need none. */
  const selfSigned = async (scopes: readonly string[], audience: string): Promise<AccessToken> => {
    const to = scopes.length > 0 ? { scope: scopes.join(" ") } : { aud: audience };
    const token = await assert({ sub: email, ...to });
    return { token, expiresAt: expiryOf(token) };
  };
  return {
    description: `service account ${email}`,
    project: () => optionalText(file, "project_id"),
    quotaProject: optionalText(file, "quota_project_id"),
    universeDomain: () => universe,
    async accessToken(scopes, signal, audience = ""): Promise<AccessToken> {
      if (universe !== DEFAULT_UNIVERSE || scopes.length === 0) return selfSigned(scopes, audience);
      return tokenOf(await exchange({ scope: scopes.join(" ") }, signal), context, what);
    },
    async idToken(audience, signal): Promise<AccessToken> {
      const { id_token: token } = await exchange({ target_audience: audience }, signal);
      if (typeof token !== "string") throw new Error(`${what} answered no ID token`);
      return { token, expiresAt: expiryOf(token) };
    },
    async signer(): Promise<BlobSigner> {
      return keySigner(email, privateKey);
    },
  };
}
