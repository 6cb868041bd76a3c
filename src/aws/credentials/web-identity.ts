/** A role for a token that someone else issued: EKS service accounts, CI systems. https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html */
import type { AwsCredentials } from "../../auth/credentials.js";
import type { Environment } from "../../auth/environment.js";
import { type CredentialContext, misconfigured } from "./context.js";
import type { WebIdentityPlan } from "./profile-plan.js";
import { sessionName } from "./roles.js";
import { assumeRole } from "./sts.js";

/** The plan that AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME make; undefined without the first. */
export function planWebIdentityFromEnvironment({ env }: Environment): WebIdentityPlan | undefined {
  const tokenFile = env.AWS_WEB_IDENTITY_TOKEN_FILE;
  if (!tokenFile) return undefined;
  const roleArn = env.AWS_ROLE_ARN;
  if (!roleArn) throw misconfigured("Cannot use AWS_WEB_IDENTITY_TOKEN_FILE: AWS_ROLE_ARN is not set");
  const name = env.AWS_ROLE_SESSION_NAME;
  return { kind: "web identity", roleArn, tokenFile, ...(name && { sessionName: name }) };
}

/** The token file is read on each renewal: its owner rotates it. */
export async function webIdentityCredentials(
  plan: WebIdentityPlan,
  context: CredentialContext,
  signal?: AbortSignal,
): Promise<AwsCredentials> {
  const token = (await context.settings.environment.readFile(plan.tokenFile))?.trim();
  if (token === undefined) throw misconfigured(`Cannot use web identity: there is no file ${plan.tokenFile}`);
  const input = {
    RoleArn: plan.roleArn,
    RoleSessionName: plan.sessionName ?? sessionName(context),
    WebIdentityToken: token,
  };
  return await assumeRole(
    context,
    { action: "AssumeRoleWithWebIdentity", input, source: "web identity" },
    signal,
  );
}
