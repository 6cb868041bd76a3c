/** Sources in which a user takes part: device code and authorization code. Renewed by refresh token while it serves. */
import type { AccessToken } from "../../auth/credentials.js";
import { isCloudError } from "../../internal/cloud-error.js";
import {
  authorityOf,
  checkedTenant,
  exchange,
  refused,
  type TokenContext,
  type TokenSource,
  textOf,
} from "./context.js";
import { descriptionOf, type EntraAnswer, requestToken } from "./entra.js";

/** The Azure CLI's own public application, which every tenant knows. */
const DEVELOPER_CLIENT_ID = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

export interface DeviceCodePrompt {
  readonly userCode: string;
  readonly verificationUri: string;
  /** In the user's language: what to do. */
  readonly message: string;
}

export interface DeviceCodeOptions {
  /** Shows the user the code and where to enter it. */
  readonly onPrompt: (prompt: DeviceCodePrompt) => void | Promise<void>;
  /** Default `organizations`. */
  readonly tenantId?: string | undefined;
  readonly clientId?: string | undefined;
}

export function deviceCodeCredential(options: DeviceCodeOptions): TokenSource {
  const { onPrompt, tenantId = "organizations", clientId = DEVELOPER_CLIENT_ID } = options;
  return renewing("device code", tenantId, { clientId }, (context, signal) =>
    pollDevice(context, tenantId, clientId, onPrompt, signal),
  );
}

async function pollDevice(
  context: TokenContext,
  tenantId: string,
  clientId: string,
  onPrompt: DeviceCodeOptions["onPrompt"],
  signal?: AbortSignal,
): Promise<EntraAnswer> {
  const url = `${authorityOf(context)}/${checkedTenant(context.tenantId ?? tenantId)}/oauth2/v2.0/devicecode`;
  const start = await exchange(
    context,
    { url, form: { client_id: clientId, scope: offlineScopes(context) } },
    signal,
  );
  const deviceCode = textOf(start.json?.device_code);
  const userCode = textOf(start.json?.user_code);
  if (start.json === undefined || deviceCode === undefined || userCode === undefined) {
    throw refused(
      `Cannot start the device login: ${descriptionOf(start.json) ?? `status ${start.status}`}`,
      "device_code",
    );
  }
  const verificationUri = textOf(start.json.verification_uri) ?? "";
  await onPrompt({
    userCode,
    verificationUri,
    message: textOf(start.json.message) ?? `${verificationUri} ${userCode}`,
  });
  let intervalMs = (Number(start.json.interval) || 5) * 1000;
  const until = context.environment.now() + (Number(start.json.expires_in) || 900) * 1000;
  const grant = { grant_type: "urn:ietf:params:oauth:grant-type:device_code", device_code: deviceCode };
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
    signal?.throwIfAborted();
    try {
      return await requestToken(
        context,
        tenantId,
        { clientId },
        { ...grant, scope: offlineScopes(context) },
        signal,
      );
    } catch (error) {
      const code = isCloudError(error) ? error.code : "";
      if (code === "slow_down") intervalMs += 5000;
      else if (code !== "authorization_pending" || context.environment.now() > until) throw error;
    }
  }
}

export interface InteractiveBrowserOptions {
  /** Opens the address in the user's browser. */
  readonly openBrowser: (url: string) => void | Promise<void>;
  /** Default `organizations`. */
  readonly tenantId?: string | undefined;
  readonly clientId?: string | undefined;
  /** Port of localhost that the browser comes back to, as the application is registered. Default 0: any free port. */
  readonly redirectPort?: number | undefined;
  /** The user's name, filled in for them. */
  readonly loginHint?: string | undefined;
  /** How long the user may take. Default 300,000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * The user signs in with their browser, which comes back to a listener on this machine with a code (authorization code with
 * PKCE). Node alone.
 */
export function interactiveBrowserCredential(options: InteractiveBrowserOptions): TokenSource {
  const { tenantId = "organizations", clientId = DEVELOPER_CLIENT_ID, ...rest } = options;
  return renewing("interactive browser", tenantId, { clientId }, async (context, signal) => {
    const { askBrowser } = await import("./browser.js");
    const request = { ...rest, tenantId, clientId, scope: offlineScopes(context) };
    return askBrowser(context, request, signal);
  });
}

export interface AuthorizationCodeOptions {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly code: string;
  readonly redirectUri: string;
  /** Of the PKCE pair that the code was asked for with. */
  readonly codeVerifier?: string | undefined;
}

export function authorizationCodeCredential(options: AuthorizationCodeOptions): TokenSource {
  const { tenantId, clientId, clientSecret, code, redirectUri, codeVerifier } = options;
  const grant = {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: codeVerifier,
  };
  return renewing("authorization code", tenantId, { clientId, clientSecret }, (context, signal) =>
    requestToken(
      context,
      tenantId,
      { clientId, clientSecret },
      { ...grant, scope: offlineScopes(context) },
      signal,
    ),
  );
}

/** Asks the user once; from then on the refresh token answers, for every scope. */
function renewing(
  name: string,
  tenantId: string,
  client: { readonly clientId: string; readonly clientSecret?: string | undefined },
  askUser: (context: TokenContext, signal?: AbortSignal) => Promise<EntraAnswer>,
): TokenSource {
  let refreshToken: string | undefined;
  const keep = (answer: EntraAnswer): AccessToken => {
    refreshToken = answer.refreshToken ?? refreshToken;
    return answer.token;
  };
  return {
    name,
    async provide(context, signal) {
      if (refreshToken !== undefined) {
        const grant = {
          grant_type: "refresh_token",
          refresh_token: refreshToken,
          scope: offlineScopes(context),
        };
        try {
          return keep(await requestToken(context, tenantId, client, grant, signal));
        } catch (error) {
          // Expired or revoked: the user signs in again.
          if (!isCloudError(error) || error.code !== "invalid_grant") throw error;
          refreshToken = undefined;
        }
      }
      return keep(await askUser(context, signal));
    },
  };
}

function offlineScopes({ scopes }: TokenContext): string {
  return [...scopes, "offline_access"].join(" ");
}
