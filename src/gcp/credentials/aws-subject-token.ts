/**
 * AWS's word for who one is there: a signed request for GetCallerIdentity that Google sends on.
 * https://google.aip.dev/auth/4117#determining-the-subject-token-in-aws
 */
import type { AwsCredentials } from "../../auth/credentials.js";
import { signV4 } from "../../auth/sigv4.js";
import type { CredentialsContext, CredentialsFile } from "./credentials.js";
import { optionalText, requiredText } from "./credentials.js";
import type { SubjectToken } from "./subject-token.js";
import { send } from "./token-request.js";

const WHAT = "external_account";

export async function awsSubjectToken(
  source: CredentialsFile,
  audience: string,
  context: CredentialsContext,
  signal: AbortSignal | undefined,
): Promise<SubjectToken> {
  if (!/^aws1$/.test(requiredText(source, "environment_id", WHAT))) {
    throw new Error(
      `The credential_source's environment_id ${String(source.environment_id)} is not supported`,
    );
  }
  const metadata = new InstanceMetadata(source, context, signal);
  const region = await regionOf(source, context, metadata);
  const credentials = await credentialsOf(source, context, metadata);
  const url = requiredText(source, "regional_cred_verification_url", WHAT).replace("{region}", region);
  const { origin, pathname, search, host } = new URL(url);
  const headers = { host, "x-goog-cloud-target-resource": audience };
  const request = { method: "POST", origin, path: pathname, query: search.slice(1), headers };
  const signed = await signV4(request, {
    credentials,
    region,
    service: "sts",
    at: new Date(context.environment.now()),
  });
  const list = Object.entries({ host, ...signed.headers }).map(([key, value]) => ({ key, value }));
  const token = encodeURIComponent(JSON.stringify({ url, method: "POST", headers: list }));
  return { token };
}

async function regionOf(
  source: CredentialsFile,
  { environment }: CredentialsContext,
  metadata: InstanceMetadata,
): Promise<string> {
  const { env } = environment;
  const named = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  if (named) return named;
  const zone = await metadata.text(requiredText(source, "region_url", WHAT));
  return zone.replace(/[a-z]$/, "");
}

async function credentialsOf(
  source: CredentialsFile,
  { environment }: CredentialsContext,
  metadata: InstanceMetadata,
): Promise<AwsCredentials> {
  const { env } = environment;
  const accessKeyId = env.AWS_ACCESS_KEY_ID;
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY;
  if (accessKeyId && secretAccessKey) {
    return { accessKeyId, secretAccessKey, sessionToken: env.AWS_SESSION_TOKEN || undefined };
  }
  const url = requiredText(source, "url", WHAT);
  const role = (await metadata.text(url)).split("\n")[0] as string;
  const json = JSON.parse(await metadata.text(`${url}/${role}`)) as Record<string, unknown>;
  return {
    accessKeyId: requiredText(json, "AccessKeyId", "AWS instance's"),
    secretAccessKey: requiredText(json, "SecretAccessKey", "AWS instance's"),
    sessionToken: optionalText(json, "Token"),
  };
}

/** EC2's metadata, by IMDSv2 where the source names its token URL. */
class InstanceMetadata {
  readonly #source: CredentialsFile;
  readonly #context: CredentialsContext;
  readonly #signal: AbortSignal | undefined;
  #token: string | undefined;

  constructor(source: CredentialsFile, context: CredentialsContext, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#context = context;
    this.#signal = signal;
  }

  async text(url: string): Promise<string> {
    const tokenUrl = optionalText(this.#source, "imdsv2_session_token_url");
    if (tokenUrl !== undefined && this.#token === undefined) {
      const headers = { "x-aws-ec2-metadata-token-ttl-seconds": "300" };
      this.#token = await this.#ask({ method: "PUT", url: tokenUrl, headers });
    }
    const headers: Record<string, string> =
      this.#token === undefined ? {} : { "x-aws-ec2-metadata-token": this.#token };
    return this.#ask({ method: "GET", url, headers });
  }

  async #ask(request: {
    method: "GET" | "PUT";
    url: string;
    headers: Record<string, string>;
  }): Promise<string> {
    const answer = await send(this.#context, request, this.#signal);
    if (answer.status !== 200)
      throw new Error(`The AWS instance's metadata answered status ${answer.status} for ${request.url}`);
    return answer.text.trim();
  }
}
