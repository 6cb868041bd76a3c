/** A command that prints credentials. https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html */
import type { AwsCredentials } from "../../auth/credentials.js";
import { CloudError } from "../../internal/cloud-error.js";
import type { CredentialContext } from "./context.js";
import { parseJson, textOf } from "./http.js";
import type { ProcessPlan } from "./profile-plan.js";

/** A process may ask its user something, so the limit is long. */
const TIMEOUT_MS = 300_000;

export async function processCredentials(
  plan: ProcessPlan,
  { settings }: CredentialContext,
  signal?: AbortSignal,
): Promise<AwsCredentials> {
  const { code, stdout, stderr } = await settings.environment.run(plan.command, {
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  if (code !== 0) {
    // The standard error is the process's word to its user; its output may hold keys and stays unsaid.
    throw failed(
      code === undefined ? `it did not run: ${stderr.trim()}` : `it exited with ${code}: ${stderr.trim()}`,
    );
  }
  const answer = parseJson(stdout);
  if (answer === undefined) throw failed("its output is not JSON");
  if (answer.Version !== 1) throw failed("its output has no Version 1");
  const accessKeyId = textOf(answer.AccessKeyId);
  const secretAccessKey = textOf(answer.SecretAccessKey);
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw failed("its output lacks AccessKeyId or SecretAccessKey");
  }
  const expiration = textOf(answer.Expiration);
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken: textOf(answer.SessionToken),
    expiration: expiration === undefined ? undefined : new Date(expiration),
    accountId: textOf(answer.AccountId) ?? plan.accountId,
    source: "process",
  };
}

function failed(reason: string): CloudError {
  return new CloudError(`Cannot get credentials from credential_process: ${reason}`, {
    kind: "unauthenticated",
    code: "CredentialProcessError",
  });
}
