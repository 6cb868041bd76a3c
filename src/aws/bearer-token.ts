/** Tokens in place of signatures: AWS_BEARER_TOKEN_<SERVICE>, or the profile's SSO session. */
import type { AccessToken } from "../auth/credentials.js";
import { ADVISORY_REFRESH_MS, MANDATORY_REFRESH_MS } from "../auth/token-cache.js";
import { CloudError } from "../internal/cloud-error.js";
import type { Model } from "../model/model.js";
import type { Settings } from "./config/settings.js";
import type { CredentialContext } from "./credentials/context.js";

export const TOKEN_POLICY = {
  expiresAt: (token: AccessToken) => token.expiresAt,
  advisoryMs: ADVISORY_REFRESH_MS,
  mandatoryMs: MANDATORY_REFRESH_MS,
};

/** https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-use.html */
export function bearerTokenOf({ service }: Model, { environment }: Settings): string | undefined {
  const name = service.aws?.signingName ?? service.aws?.endpointPrefix ?? service.id;
  return environment.env[`AWS_BEARER_TOKEN_${name.replace(/[ -]/g, "_").toUpperCase()}`] || undefined;
}

export async function ssoBearerToken(context: CredentialContext): Promise<AccessToken> {
  const { files, profileName } = context.settings;
  const { planSso } = await import("./credentials/profile-plan.js");
  const plan = planSso(files, profileName);
  if (plan?.session === undefined) {
    throw new CloudError(`Cannot find a bearer token: profile "${profileName}" has no sso_session`, {
      kind: "unauthenticated",
      code: "NoToken",
    });
  }
  const { ssoToken } = await import("./credentials/sso-token.js");
  return ssoToken(context, plan);
}
