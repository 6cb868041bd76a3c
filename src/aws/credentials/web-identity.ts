/** A role for a token that someone else issued: EKS service accounts, CI systems. https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html */
import type { AwsCredentials } from "../../auth/credentials.js";
import { type CredentialContext, misconfigured } from "./context.js";
import type { WebIdentityPlan } from "./profile-plan.js";
import { sessionName } from "./roles.js";
import { assumeRole } from "./sts.js";

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
