/** A person's credentials as `gcloud auth application-default login` leaves them: a refresh token. */
import type { AccessToken } from "../../auth/credentials.js";
import {
  type CredentialsContext,
  type CredentialsFile,
  DEFAULT_UNIVERSE,
  type GoogleCredentials,
  optionalText,
  requiredText,
} from "./credentials.js";
import { sendForJson, tokenOf } from "./token-request.js";

const TOKEN_URL = "https://oauth2.googleapis.com/token";
const WHAT = "The exchange of the refresh token";

export function authorizedUser(file: CredentialsFile, context: CredentialsContext): GoogleCredentials {
  const clientId = requiredText(file, "client_id", "authorized_user");
  const clientSecret = requiredText(file, "client_secret", "authorized_user");
  const refreshToken = requiredText(file, "refresh_token", "authorized_user");
  const url = optionalText(file, "token_uri") ?? TOKEN_URL;
  const refresh = (scopes: readonly string[], signal: AbortSignal | undefined) => {
    const form = {
      grant_type: "refresh_token",
      client_id: clientId,
      client_secret: clientSecret,
      refresh_token: refreshToken,
      // The token's own scopes hold when none are asked for.
      ...(scopes.length > 0 && { scope: scopes.join(" ") }),
    };
    return sendForJson(context, { method: "POST", url, form }, WHAT, signal);
  };
  return {
    description: `authorized user ${optionalText(file, "account") ?? clientId}`,
    quotaProject: optionalText(file, "quota_project_id"),
    universeDomain: () => optionalText(file, "universe_domain") ?? DEFAULT_UNIVERSE,
    async accessToken(_scopes, signal): Promise<AccessToken> {
      // A person consented to certain scopes: asking for others is refused, so the grant decides.
      return tokenOf(await refresh([], signal), context, WHAT);
    },
    async idToken(_audience, signal): Promise<AccessToken> {
      const { id_token: token } = await refresh([], signal);
      if (typeof token !== "string")
        throw new Error(`${WHAT} answered no ID token: the grant lacks the scope openid`);
      return { token, expiresAt: expiryOf(token) };
    },
  };
}

/** The `exp` claim of a JWT. */
export function expiryOf(jwt: string): Date | undefined {
  try {
    const [, payload = ""] = jwt.split(".");
    const claims = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as { exp?: unknown };
    return typeof claims.exp === "number" ? new Date(claims.exp * 1000) : undefined;
  } catch {
    return undefined;
  }
}
