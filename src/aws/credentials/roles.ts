/** Carries out a profile's plan: gets what it starts from, then assumes its roles one after the other. */

import { SourceUnavailable } from "../../auth/chain.js";
import type { AwsCredentials } from "../../auth/credentials.js";
import { CloudError } from "../../internal/cloud-error.js";
import { containerCredentials } from "./container.js";
import type { CredentialContext } from "./context.js";
import { environmentCredentials } from "./environment.js";
import { imdsCredentials } from "./imds.js";
import { loginCredentials } from "./login.js";
import { processCredentials } from "./process.js";
import type { BasePlan, NamedPlan, ProfilePlan, RoleStep } from "./profile-plan.js";
import { ssoCredentials } from "./sso.js";
import { assumeRole } from "./sts.js";
import { webIdentityCredentials } from "./web-identity.js";

export async function runPlan(
  plan: ProfilePlan,
  context: CredentialContext,
  signal?: AbortSignal,
): Promise<AwsCredentials> {
  let credentials = await baseCredentials(plan.base, context, signal);
  for (const role of plan.roles) credentials = await assumeStep(role, credentials, context, signal);
  return credentials;
}

export function baseCredentials(
  plan: BasePlan,
  context: CredentialContext,
  signal?: AbortSignal,
): Promise<AwsCredentials> {
  switch (plan.kind) {
    case "static": {
      const { kind, ...keys } = plan;
      return Promise.resolve({ ...keys, source: "profile" });
    }
    case "named":
      return namedCredentials(plan, context, signal);
    case "web identity":
      return webIdentityCredentials(plan, context, signal);
    case "sso":
      return ssoCredentials(plan, context, signal);
    case "login":
      return loginCredentials(plan, context, signal);
    case "process":
      return processCredentials(plan, context, signal);
  }
}

async function namedCredentials(
  { source }: NamedPlan,
  context: CredentialContext,
  signal: AbortSignal | undefined,
): Promise<AwsCredentials> {
  try {
    if (source === "Environment") return environmentCredentials(context.settings.environment);
    if (source === "EcsContainer") return await containerCredentials(context, signal);
    return await imdsCredentials(context, signal);
  } catch (error) {
    if (!(error instanceof SourceUnavailable)) throw error;
    // The profile names this one source: there is no other to try.
    throw new CloudError(`Cannot get credentials from credential_source ${source}: ${error.message}`, {
      kind: "unauthenticated",
      code: "CredentialsError",
      cause: error,
    });
  }
}

async function assumeStep(
  role: RoleStep,
  credentials: AwsCredentials,
  context: CredentialContext,
  signal: AbortSignal | undefined,
): Promise<AwsCredentials> {
  const input = {
    RoleArn: role.roleArn,
    RoleSessionName: role.sessionName ?? sessionName(context),
    DurationSeconds: role.durationSeconds,
    ExternalId: role.externalId,
    SerialNumber: role.mfaSerial,
    TokenCode: role.mfaSerial === undefined ? undefined : await mfaCode(role.mfaSerial, context),
  };
  return await assumeRole(
    context,
    { action: "AssumeRole", credentials, input, source: "assume role" },
    signal,
  );
}

export function sessionName({ settings }: CredentialContext): string {
  return `trivet-session-${settings.environment.now()}`;
}

async function mfaCode(serial: string, context: CredentialContext): Promise<string> {
  if (context.mfaCode === undefined) {
    throw new CloudError(
      `Cannot assume role: MFA device ${serial} asks for a code; give the session a \`mfaCode\``,
      {
        kind: "unauthenticated",
        code: "MfaCodeRequired",
      },
    );
  }
  return await context.mfaCode(serial);
}
