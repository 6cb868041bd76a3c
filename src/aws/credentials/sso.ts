/** Role credentials of IAM Identity Center, for a session's token. */

import { SourceUnavailable } from "../../auth/chain.js";
import type { AwsCredentials } from "../../auth/credentials.js";
import { CloudError, kindOfStatus } from "../../internal/cloud-error.js";
import type { CredentialContext } from "./context.js";
import { serviceEndpoint } from "./endpoint.js";
import { exchange, parseJson, textOf } from "./http.js";
import type { SsoPlan } from "./profile-plan.js";
import { loginNeeded, ssoToken } from "./sso-token.js";

export async function ssoCredentials(
  plan: SsoPlan,
  context: CredentialContext,
  signal?: AbortSignal,
): Promise<AwsCredentials> {
  const { accountId, roleName } = plan;
  if (accountId === undefined || roleName === undefined) {
    throw new SourceUnavailable(
      "without sso_account_id and sso_role_name the profile gives an access token, not credentials",
    );
  }
  const { token } = await ssoToken(context, plan, signal);
  const { url } = serviceEndpoint(context.settings, "SSO", plan.region);
  const query = new URLSearchParams({ role_name: roleName, account_id: accountId });
  const request = {
    url: `${url.replace(/\/$/, "")}/federation/credentials?${query}`,
    headers: { "x-amz-sso_bearer_token": token },
    timeoutMs: 30_000,
  };
  const reply = await exchange(context.transport, request, signal);
  const document = parseJson(reply.text);
  if (reply.status === 401) throw loginNeeded(plan, "the token was refused");
  if (reply.status !== 200) {
    const message = textOf(document?.message) ?? `the service answered ${reply.status}`;
    throw new CloudError(`Cannot get SSO credentials for role "${roleName}": ${message}`, {
      kind: kindOfStatus(reply.status),
      code: "SsoCredentialsError",
      status: reply.status,
    });
  }
  return credentialsOf(document?.roleCredentials, accountId);
}

function credentialsOf(value: unknown, accountId: string): AwsCredentials {
  const document = (value ?? {}) as Record<string, unknown>;
  const accessKeyId = textOf(document.accessKeyId);
  const secretAccessKey = textOf(document.secretAccessKey);
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new CloudError("Cannot get SSO credentials: the answer has no keys", {
      kind: "unavailable",
      code: "BadResponse",
    });
  }
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken: textOf(document.sessionToken),
    expiration: new Date(Number(document.expiration)),
    accountId,
    source: "sso",
  };
}
