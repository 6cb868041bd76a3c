/**
 * What a `defaults_mode` other than `legacy` changes. https://docs.aws.amazon.com/sdkref/latest/guide/feature-smart-config-defaults.html
 * Its retry mode and regional endpoints are ours in every mode but for S3's in us-east-1 (`endpoint-parameters.ts`); what is left
 * is the time in which a connection must stand.
 */
import type { CredentialContext } from "./credentials/context.js";

type Mode = "standard" | "in-region" | "cross-region" | "mobile";

/** As in the file that botocore has of them, `models/aws/defaults.json`. */
const CONNECT_TIMEOUT_MS: Readonly<Record<Mode, number>> = {
  standard: 3100,
  "in-region": 1100,
  "cross-region": 3100,
  mobile: 30_000,
};

export async function connectTimeoutOf(
  mode: Mode | "auto",
  region: string | undefined,
  context: () => Promise<CredentialContext>,
): Promise<number> {
  return CONNECT_TIMEOUT_MS[mode === "auto" ? await autoMode(region, await context()) : mode];
}

/** By where the process runs: Lambda and the like say so in the environment, an instance's metadata service elsewhere. */
async function autoMode(region: string | undefined, context: CredentialContext): Promise<Mode> {
  const { env } = context.settings.environment;
  let current = env.AWS_EXECUTION_ENV ? env.AWS_REGION || env.AWS_DEFAULT_REGION : undefined;
  if (!current) {
    const { imdsRegion } = await import("./credentials/imds.js");
    // Anywhere else there is no such service, or one that is not Amazon's: that is an answer too.
    current = await imdsRegion(context).catch(() => undefined);
  }
  if (!current) return "standard";
  return current === region ? "in-region" : "cross-region";
}
