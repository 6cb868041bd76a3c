/** The credential endpoint of ECS, EKS and Greengrass. https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */

import { SourceUnavailable } from "../../auth/chain.js";
import type { AwsCredentials } from "../../auth/credentials.js";
import type { Environment } from "../../auth/environment.js";
import { CloudError } from "../../internal/cloud-error.js";
import { type CredentialContext, misconfigured } from "./context.js";
import { exchange, parseJson, textOf } from "./http.js";

const RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const ECS_HOST = "169.254.170.2";
/** Hosts that may be sent the token without TLS, besides loopback: ECS, EKS. */
const ALLOWED_HOSTS = new Set([ECS_HOST, "169.254.170.23", "[fd00:ec2::23]", "localhost"]);

export async function containerCredentials(
  { settings: { environment }, transport }: CredentialContext,
  signal?: AbortSignal,
): Promise<AwsCredentials> {
  const url = containerUrl(environment);
  if (url === undefined) throw new SourceUnavailable(`neither ${RELATIVE} nor ${FULL} is set`);
  const token = await authorization(environment);
  const headers = { accept: "application/json", ...(token !== undefined && { authorization: token }) };
  const reply = await exchange(transport, { url, headers, timeoutMs: 2000 }, signal);
  const document = parseJson(reply.text);
  if (reply.status !== 200) {
    throw failed(
      `it answered ${reply.status}: ${textOf(document?.message) ?? textOf(document?.Message) ?? ""}`,
    );
  }
  const accessKeyId = textOf(document?.AccessKeyId);
  const secretAccessKey = textOf(document?.SecretAccessKey);
  if (accessKeyId === undefined || secretAccessKey === undefined) throw failed("its answer has no keys");
  const expiration = textOf(document?.Expiration);
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken: textOf(document?.Token),
    expiration: expiration === undefined ? undefined : new Date(expiration),
    accountId: textOf(document?.AccountId),
    source: "container",
  };
}

/** The endpoint that the environment names, or undefined. Refuses hosts that must not see the token. */
export function containerUrl({ env }: Environment): string | undefined {
  if (env[RELATIVE]) return `http://${ECS_HOST}${env[RELATIVE]}`;
  const full = env[FULL];
  if (!full) return undefined;
  if (!URL.canParse(full)) throw misconfigured(`Cannot use ${FULL}: it names no host`);
  const { protocol, hostname } = new URL(full);
  if (protocol === "https:" || (protocol === "http:" && isAllowed(hostname))) return full;
  throw misconfigured(
    `Cannot use ${FULL}: without https its host must be loopback or one of ${[...ALLOWED_HOSTS].join(", ")}`,
  );
}

function isAllowed(host: string): boolean {
  return ALLOWED_HOSTS.has(host) || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

async function authorization(environment: Environment): Promise<string | undefined> {
  const file = environment.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  let token = environment.env.AWS_CONTAINER_AUTHORIZATION_TOKEN || undefined;
  if (file) {
    token = (await environment.readFile(file))?.trim();
    if (token === undefined)
      throw misconfigured(`Cannot read AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: ${file}`);
  }
  if (token !== undefined && /[\r\n]/.test(token)) {
    throw misconfigured("Cannot use the container authorization token: it holds a line break");
  }
  return token;
}

function failed(reason: string): CloudError {
  return new CloudError(`Cannot get credentials from the container endpoint: ${reason}`, {
    kind: "unauthenticated",
    code: "ContainerCredentialsError",
  });
}
