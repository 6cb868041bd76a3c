/**
 * Workload and workforce identity federation: another provider's token exchanged for Google's.
 * https://google.aip.dev/auth/4117
 */
import type { AccessToken } from "../../auth/credentials.js";
import {
  CLOUD_PLATFORM_SCOPE,
  type CredentialsContext,
  type CredentialsFile,
  DEFAULT_UNIVERSE,
  type GoogleCredentials,
  optionalText,
  requiredText,
} from "./credentials.js";
import { impersonated, targetOf } from "./impersonated.js";
import { objectOf, subjectTokenSource } from "./subject-token.js";
import { sendForJson, tokenOf } from "./token-request.js";

const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const WHAT = "The exchange of the external account's token";

export function externalAccount(file: CredentialsFile, context: CredentialsContext): GoogleCredentials {
  const audience = requiredText(file, "audience", "external_account");
  const universe = optionalText(file, "universe_domain") ?? DEFAULT_UNIVERSE;
  const url = requiredText(file, "token_url", "external_account").replace("{universe_domain}", universe);
  const subjectType = requiredText(file, "subject_token_type", "external_account");
  const getSubjectToken = subjectTokenSource(file, context);
  const quotaProject = optionalText(file, "quota_project_id");
  const workforceProject = optionalText(file, "workforce_pool_user_project");
  const basic = basicAuthorization(file);

  const federated: GoogleCredentials = {
    description: `external account of ${audience.split("/").slice(-3).join("/")}`,
    quotaProject,
    universeDomain: () => universe,
    async accessToken(scopes, signal): Promise<AccessToken> {
      const subject = await getSubjectToken(signal);
      const form = {
        grant_type: EXCHANGE,
        audience,
        scope: (scopes.length === 0 ? [CLOUD_PLATFORM_SCOPE] : scopes).join(" "),
        requested_token_type: ACCESS_TOKEN,
        subject_token: subject.token,
        subject_token_type: subject.type ?? subjectType,
        ...(workforceProject !== undefined &&
          !basic && { options: JSON.stringify({ userProject: workforceProject }) }),
      };
      const request = {
        method: "POST",
        url,
        form,
        ...(basic && { headers: { authorization: basic } }),
      } as const;
      return tokenOf(await sendForJson(context, request, WHAT, signal), context, WHAT);
    },
  };
  const impersonationUrl = optionalText(file, "service_account_impersonation_url");
  if (impersonationUrl === undefined) return federated;
  const lifetime = objectOf(file.service_account_impersonation)?.token_lifetime_seconds;
  const options = {
    target: targetOf(impersonationUrl),
    lifetimeSeconds: typeof lifetime === "number" ? lifetime : undefined,
  };
  return impersonated(federated, options, context);
}

/** A workforce user's refresh token, as `gcloud auth application-default login` leaves it. */
export function externalAccountAuthorizedUser(
  file: CredentialsFile,
  context: CredentialsContext,
): GoogleCredentials {
  const type = "external_account_authorized_user";
  const universe = optionalText(file, "universe_domain") ?? DEFAULT_UNIVERSE;
  const url = optionalText(file, "token_url") ?? `https://sts.${universe}/v1/oauthtoken`;
  const authorization = basicAuthorization(file);
  if (authorization === undefined)
    throw new Error(`The ${type} credentials lack "client_id" or "client_secret"`);
  let refreshToken = requiredText(file, "refresh_token", type);
  return {
    description: "external account, authorized user",
    quotaProject: optionalText(file, "quota_project_id"),
    universeDomain: () => universe,
    async accessToken(_scopes, signal): Promise<AccessToken> {
      const form = { grant_type: "refresh_token", refresh_token: refreshToken };
      const request = { method: "POST", url, form, headers: { authorization } } as const;
      const json = await sendForJson(context, request, WHAT, signal);
      refreshToken = optionalText(json, "refresh_token") ?? refreshToken;
      return tokenOf(json, context, WHAT);
    },
  };
}

function basicAuthorization(file: CredentialsFile): string | undefined {
  const id = optionalText(file, "client_id");
  const secret = optionalText(file, "client_secret");
  return id === undefined || secret === undefined ? undefined : `Basic ${btoa(`${id}:${secret}`)}`;
}
