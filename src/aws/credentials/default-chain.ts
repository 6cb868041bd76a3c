/** The chain of sources, in botocore's order. */

import { Chain, SourceUnavailable } from "../../auth/chain.js";
import type { AwsCredentials } from "../../auth/credentials.js";
import { containerSource } from "./container.js";
import type { CredentialContext, CredentialSource } from "./context.js";
import { environmentSource } from "./environment.js";
import { imdsSource } from "./imds.js";
import {
  type BasePlan,
  planLogin,
  planProcess,
  planRoles,
  planSso,
  planStatic,
  planWebIdentity,
} from "./profile-plan.js";
import { baseCredentials, runPlan } from "./roles.js";
import { planWebIdentityFromEnvironment } from "./web-identity.js";

export function defaultChain(): Chain<AwsCredentials, CredentialContext> {
  return new Chain<AwsCredentials, CredentialContext>(SOURCES, {
    missing: "Cannot find AWS credentials",
    describe: ({ accessKeyId, expiration }) =>
      `access key ${accessKeyId}${expiration === undefined ? "" : `, expires ${expiration.toISOString()}`}`,
  });
}

const assumeRoleSource: CredentialSource = {
  name: "assume role",
  async provide(context, signal) {
    const { settings } = context;
    const plan = planRoles(settings.files, settings.profileName);
    if (plan === undefined)
      throw new SourceUnavailable(`profile "${settings.profileName}" has no role to assume`);
    return await runPlan(plan, context, signal);
  },
};

const webIdentitySource = planned("web identity", "web_identity_token_file", ({ settings }) => {
  const fromProfile = planWebIdentity(settings.profile, settings.profileName);
  if (fromProfile !== undefined || settings.profileNamedInCode) return fromProfile;
  return planWebIdentityFromEnvironment(settings.environment);
});

/** In botocore's order. */
const SOURCES: readonly CredentialSource[] = [
  environmentSource,
  assumeRoleSource,
  webIdentitySource,
  planned("sso", "sso_session or sso_start_url", ({ settings }) =>
    planSso(settings.files, settings.profileName),
  ),
  planned("shared credentials file", "aws_access_key_id there", ({ settings: { files, profileName } }) =>
    planStatic(files.credentials.profiles[profileName], profileName),
  ),
  planned("login", "login_session", ({ settings }) => planLogin(settings.profile)),
  planned("process", "credential_process", ({ settings }) => planProcess(settings.profile)),
  planned("config file", "aws_access_key_id there", ({ settings: { files, profileName } }) =>
    planStatic(files.config.profiles[profileName], profileName),
  ),
  containerSource,
  imdsSource,
];

/** A source that the profile has when `plan` finds it there; `key` says what was looked for. */
function planned(
  name: string,
  key: string,
  plan: (context: CredentialContext) => BasePlan | undefined,
): CredentialSource {
  return {
    name,
    async provide(context, signal) {
      const found = plan(context);
      if (found === undefined) {
        throw new SourceUnavailable(`profile "${context.settings.profileName}" has no ${key}`);
      }
      return await baseCredentials(found, context, signal);
    },
  };
}
