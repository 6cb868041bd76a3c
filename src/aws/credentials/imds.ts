/** The EC2 instance metadata service, version 2 with fallback to 1 unless that is disabled. https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html */

import { SourceUnavailable } from "../../auth/chain.js";
import type { AwsCredentials } from "../../auth/credentials.js";
import { isCloudError } from "../../internal/cloud-error.js";
import type { Settings } from "../config/settings.js";
import { type CredentialContext, misconfigured } from "./context.js";
import { exchange, parseJson, type Reply, textOf } from "./http.js";

const ROLE_PATH = "/latest/meta-data/iam/security-credentials/";
const REGION_PATH = "/latest/meta-data/placement/region";
const TOKEN_SECONDS = "21600";
/** How much longer credentials serve that the service could not renew in time, ms. */
const EXTENSION_MS = 15 * 60_000;

export async function imdsCredentials(
  context: CredentialContext,
  signal?: AbortSignal,
): Promise<AwsCredentials> {
  const read = await openImds(context, signal);
  const roles = await read(ROLE_PATH);
  const role = roles.text.split("\n")[0]?.trim();
  if (roles.status !== 200 || !role) throw new SourceUnavailable("the instance has no role");
  const { status, text } = await read(ROLE_PATH + role);
  const document = status === 200 ? parseJson(text) : undefined;
  const accessKeyId = textOf(document?.AccessKeyId);
  const secretAccessKey = textOf(document?.SecretAccessKey);
  const sessionToken = textOf(document?.Token);
  const expiration = textOf(document?.Expiration);
  if (!accessKeyId || !secretAccessKey || !sessionToken || !expiration) {
    throw new SourceUnavailable(textOf(document?.Message) ?? `role "${role}" gives no credentials`);
  }
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken,
    expiration: extended(new Date(expiration), context.settings.environment.now()),
    accountId: textOf(document?.AccountId),
    source: "instance metadata",
  };
}

/** The region that the instance is in; undefined where there is no metadata service. */
export async function imdsRegion(
  context: CredentialContext,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const read = await openImds(context, signal);
    const { status, text } = await read(REGION_PATH);
    return status === 200 ? text.trim() || undefined : undefined;
  } catch (error) {
    if (error instanceof SourceUnavailable) return undefined;
    throw error;
  }
}

/**
 * When the metadata service itself is cut off it hands out credentials that are over; they go on being accepted. Asking again
 * on each call would only add load. https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html
 */
function extended(expiration: Date, now: number): Date {
  return expiration.getTime() > now ? expiration : new Date(now + EXTENSION_MS);
}

type ReadMetadata = (path: string) => Promise<Reply>;

/** Gets a session token; answers a reader that sends it. Throws SourceUnavailable where no metadata service answers. */
async function openImds(
  { settings, transport }: CredentialContext,
  signal?: AbortSignal,
): Promise<ReadMetadata> {
  if (settings.get("ec2MetadataDisabled")) throw new SourceUnavailable("AWS_EC2_METADATA_DISABLED is true");
  const base = imdsEndpoint(settings);
  const limits = {
    timeoutMs: settings.get("metadataServiceTimeoutSeconds") * 1000,
    attempts: settings.get("metadataServiceNumAttempts"),
  };
  const send = async (method: string, path: string, headers: Record<string, string>): Promise<Reply> => {
    try {
      return await exchange(transport, { method, url: base + path, headers, ...limits }, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw new SourceUnavailable(`no answer from ${base}`, { cause: error });
    }
  };
  const withoutToken = (path: string) => send("GET", path, {});
  const v1Disabled = settings.get("ec2MetadataV1Disabled");
  let reply: Reply;
  try {
    reply = await send("PUT", "/latest/api/token", { "x-aws-ec2-metadata-token-ttl-seconds": TOKEN_SECONDS });
  } catch (error) {
    // In a container the token's answer may be a network hop too far away; version 1's is not.
    if (isSilence((error as Error).cause) && !v1Disabled) return withoutToken;
    throw error;
  }
  if (reply.status === 200) {
    const headers = { "x-aws-ec2-metadata-token": reply.text };
    return (path) => send("GET", path, headers);
  }
  if (reply.status === 400) throw new SourceUnavailable(`${base} refused the token request`);
  if (v1Disabled) throw new SourceUnavailable(`${base} gives no token and version 1 is disabled`);
  return withoutToken;
}

/** A connection that was made and stayed silent. */
function isSilence(error: unknown): boolean {
  return isCloudError(error) && (error.code === "Timeout" || error.code === "IdleTimeout");
}

function imdsEndpoint(settings: Settings): string {
  const configured = settings.get("ec2MetadataServiceEndpoint");
  if (configured !== undefined) {
    if (!URL.canParse(configured))
      throw misconfigured("Cannot use ec2_metadata_service_endpoint: it is no URL");
    return configured.replace(/\/+$/, "");
  }
  const ipv6 = settings.get("ec2MetadataServiceEndpointMode") === "IPv6" || settings.get("imdsUseIpv6");
  return ipv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
}
