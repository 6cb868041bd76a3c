/**
 * The chain of sources, in botocore's order. What a source needs to answer is loaded when it has something to answer: most
 * programs use one.
 */

import { Chain, SourceUnavailable } from "../../auth/chain.js";
import type { AwsCredentials } from "../../auth/credentials.js";
import type { Environment } from "../../auth/environment.js";
import type { CredentialContext, CredentialSource } from "./context.js";
import { environmentSource } from "./environment.js";
import type { BasePlan } from "./profile-plan.js";

type Plans = typeof import("./profile-plan.js");

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
    const plan = hasProfile(context)
      ? (await plans()).planRoles(settings.files, settings.profileName)
      : undefined;
    if (plan === undefined)
      throw new SourceUnavailable(`profile "${settings.profileName}" has no role to assume`);
    const { runPlan } = await import("./roles.js");
    return await runPlan(plan, context, signal);
  },
};

/** In botocore's order. */
const SOURCES: readonly CredentialSource[] = [
  environmentSource,
  assumeRoleSource,
  planned(
    "web identity",
    "web_identity_token_file",
    ({ planWebIdentity, planWebIdentityFromEnvironment }, { settings }) => {
      const fromProfile = planWebIdentity(settings.profile, settings.profileName);
      if (fromProfile !== undefined || settings.profileNamedInCode) return fromProfile;
      return planWebIdentityFromEnvironment(settings.environment);
    },
    (context) => hasProfile(context) || Boolean(context.settings.environment.env.AWS_WEB_IDENTITY_TOKEN_FILE),
  ),
  planned("sso", "sso_session or sso_start_url", ({ planSso }, { settings }) =>
    planSso(settings.files, settings.profileName),
  ),
  planned(
    "shared credentials file",
    "aws_access_key_id there",
    ({ planStatic }, { settings: { files, profileName } }) =>
      planStatic(files.credentials.profiles[profileName], profileName),
  ),
  planned("login", "login_session", ({ planLogin }, { settings }) => planLogin(settings.profile)),
  planned("process", "credential_process", ({ planProcess }, { settings }) => planProcess(settings.profile)),
  planned("config file", "aws_access_key_id there", ({ planStatic }, { settings: { files, profileName } }) =>
    planStatic(files.config.profiles[profileName], profileName),
  ),
  {
    name: "container",
    async provide(context, signal) {
      if (!isContainer(context.settings.environment)) throw new SourceUnavailable(NO_CONTAINER);
      const { containerCredentials } = await import("./container.js");
      return await containerCredentials(context, signal);
    },
  },
  {
    name: "instance metadata",
    async provide(context, signal) {
      const { imdsCredentials } = await import("./imds.js");
      return await imdsCredentials(context, signal);
    },
  },
];

const NO_CONTAINER =
  "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set";

function isContainer({ env }: Environment): boolean {
  return Boolean(env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || env.AWS_CONTAINER_CREDENTIALS_FULL_URI);
}

/** Nothing is loaded to read a profile that is not there. */
function hasProfile({ settings }: CredentialContext): boolean {
  return Object.keys(settings.profile).length > 0;
}

function plans(): Promise<Plans> {
  return import("./profile-plan.js");
}

/** A source that the profile has when `plan` finds it there; `key` says what was looked for. */
function planned(
  name: string,
  key: string,
  plan: (plans: Plans, context: CredentialContext) => BasePlan | undefined,
  isPossible = hasProfile,
): CredentialSource {
  return {
    name,
    async provide(context, signal) {
      const found = isPossible(context) ? plan(await plans(), context) : undefined;
      if (found === undefined) {
        throw new SourceUnavailable(`profile "${context.settings.profileName}" has no ${key}`);
      }
      const { baseCredentials } = await import("./roles.js");
      return await baseCredentials(found, context, signal);
    },
  };
}
