/** AWS_ACCESS_KEY_ID and its like. https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html */

import { SourceUnavailable } from "../../auth/chain.js";
import type { AwsCredentials } from "../../auth/credentials.js";
import type { Environment } from "../../auth/environment.js";
import { type CredentialContext, type CredentialSource, misconfigured } from "./context.js";

export const environmentSource: CredentialSource = {
  name: "environment",
  async provide({ settings }: CredentialContext): Promise<AwsCredentials> {
    if (settings.profileNamedInCode) {
      throw new SourceUnavailable(`profile "${settings.profileName}" is named in code and wins`);
    }
    return environmentCredentials(settings.environment);
  },
};

/** @throws SourceUnavailable without AWS_ACCESS_KEY_ID. */
export function environmentCredentials({ env }: Environment): AwsCredentials {
  const accessKeyId = env.AWS_ACCESS_KEY_ID;
  if (!accessKeyId) throw new SourceUnavailable("AWS_ACCESS_KEY_ID is not set");
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY;
  if (!secretAccessKey) {
    throw misconfigured("Cannot use AWS_ACCESS_KEY_ID: AWS_SECRET_ACCESS_KEY is not set");
  }
  const expiration = env.AWS_CREDENTIAL_EXPIRATION;
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken: env.AWS_SESSION_TOKEN || env.AWS_SECURITY_TOKEN || undefined,
    expiration: expiration ? new Date(expiration) : undefined,
    accountId: env.AWS_ACCOUNT_ID || undefined,
    source: "environment",
  };
}
