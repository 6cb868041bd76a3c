/**
 * IAM Identity Center's bearer tokens: the cache that `aws sso login` fills too, their renewal, and the device login that makes
 * the first. https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html
 */
import type { AccessToken } from "../../auth/credentials.js";
import { sleep } from "../../client/deadline.js";
import { CloudError } from "../../internal/cloud-error.js";
import { awsFolder } from "../config/shared-files.js";
import type { CredentialContext } from "./context.js";
import { hexDigest } from "./digest.js";
import { serviceEndpoint } from "./endpoint.js";
import { exchange, parseJson, type Reply, textOf } from "./http.js";
import type { SsoPlan } from "./profile-plan.js";

/** Renewed when it is to expire within so long, as botocore does. */
const REFRESH_WINDOW_MS = 15 * 60_000;

/** The cache file's document, shared with the AWS CLI. */
type CachedToken = Record<string, unknown>;

type SessionPlan = Pick<SsoPlan, "session" | "region" | "startUrl">;

/** The session's token, renewed where that is due and possible. */
export async function ssoToken(
  context: CredentialContext,
  plan: SessionPlan,
  signal?: AbortSignal,
): Promise<AccessToken> {
  const { environment } = context.settings;
  const path = await cachePath(context, plan);
  const text = await environment.readFile(path);
  const cached = text === undefined ? undefined : parseJson(text);
  const token = textOf(cached?.accessToken);
  const expiresAt = dateOf(cached?.expiresAt);
  if (cached === undefined || token === undefined || expiresAt === undefined) {
    throw loginNeeded(plan, "there is no cached token");
  }
  // Only tokens of an sso-session come with what renews them.
  if (plan.session !== undefined && expiresAt.getTime() - environment.now() < REFRESH_WINDOW_MS) {
    const renewed = await renew(context, plan, cached, path, signal);
    if (renewed !== undefined) return renewed;
  }
  if (expiresAt.getTime() <= environment.now()) throw loginNeeded(plan, "the cached token has expired");
  return { token, expiresAt };
}

/** Undefined when the token cannot be renewed: what is left of the old one serves. */
async function renew(
  context: CredentialContext,
  plan: SessionPlan,
  cached: CachedToken,
  path: string,
  signal?: AbortSignal,
): Promise<AccessToken | undefined> {
  const { clientId, clientSecret, refreshToken } = cached;
  const registered = dateOf(cached.registrationExpiresAt);
  if (!textOf(clientId) || !textOf(clientSecret) || !textOf(refreshToken) || registered === undefined)
    return undefined;
  if (registered.getTime() <= context.settings.environment.now()) return undefined;
  const body = { clientId, clientSecret, refreshToken, grantType: "refresh_token" };
  const reply = await post(context, plan.region, "/token", body, signal);
  if (reply.status !== 200) return undefined;
  return await store(context, plan, path, parseJson(reply.text) ?? {}, cached);
}

async function store(
  context: CredentialContext,
  plan: SessionPlan,
  path: string,
  answer: Record<string, unknown>,
  registration: CachedToken,
): Promise<AccessToken> {
  const token = textOf(answer.accessToken);
  const seconds = answer.expiresIn;
  if (token === undefined || typeof seconds !== "number") throw loginNeeded(plan, "the answer has no token");
  const { environment } = context.settings;
  const expiresAt = new Date(environment.now() + seconds * 1000);
  const document = {
    startUrl: plan.startUrl,
    region: plan.region,
    accessToken: token,
    expiresAt: isoSeconds(expiresAt),
    clientId: registration.clientId,
    clientSecret: registration.clientSecret,
    registrationExpiresAt: registration.registrationExpiresAt,
    ...(textOf(answer.refreshToken) && { refreshToken: answer.refreshToken }),
  };
  await environment.writeFile(path, JSON.stringify(document));
  return { token, expiresAt };
}

export interface DeviceAuthorization {
  /** Page on which the user confirms, the code already in it. */
  readonly verificationUrl: string;
  readonly userCode: string;
}

/**
 * Logs in with the user's browser on this or another device, as `aws sso login --use-device-code` does, and caches the token.
 * `show` is told the page to open. https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/Welcome.html
 */
export async function ssoDeviceLogin(
  context: CredentialContext,
  plan: SessionPlan,
  show: (authorization: DeviceAuthorization) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const registered = await answered(context, plan, "/client/register", registrationOf(plan), signal);
  const client = { clientId: registered.clientId, clientSecret: registered.clientSecret };
  const started = await answered(
    context,
    plan,
    "/device_authorization",
    { ...client, startUrl: plan.startUrl },
    signal,
  );
  await show({
    verificationUrl:
      textOf(started.verificationUriComplete) ?? textOf(started.verificationUri) ?? plan.startUrl,
    userCode: textOf(started.userCode) ?? "",
  });
  const answer = await pollForToken(context, plan, client, started, signal);
  const registrationExpiresAt = isoSeconds(new Date(Number(registered.clientSecretExpiresAt ?? 0) * 1000));
  await store(context, plan, await cachePath(context, plan), answer, { ...client, registrationExpiresAt });
}

async function pollForToken(
  context: CredentialContext,
  plan: SessionPlan,
  client: Record<string, unknown>,
  started: Record<string, unknown>,
  signal: AbortSignal | undefined,
): Promise<Record<string, unknown>> {
  const { environment } = context.settings;
  const deadline = environment.now() + Number(started.expiresIn ?? 600) * 1000;
  let intervalMs = Number(started.interval ?? 5) * 1000;
  const body = {
    ...client,
    deviceCode: started.deviceCode,
    grantType: "urn:ietf:params:oauth:grant-type:device_code",
  };
  while (environment.now() < deadline) {
    const reply = await post(context, plan.region, "/token", body, signal);
    const answer = parseJson(reply.text) ?? {};
    if (reply.status === 200) return answer;
    if (answer.error === "slow_down") intervalMs += 5000;
    else if (answer.error !== "authorization_pending") throw oidcFailed("/token", reply);
    await sleep(intervalMs, signal);
  }
  throw loginNeeded(plan, "the login was not confirmed in time");
}

function registrationOf(plan: SessionPlan): Record<string, unknown> {
  const scopes = plan.session === undefined ? {} : { scopes: ["sso:account:access"] };
  return { clientName: "trivet", clientType: "public", ...scopes };
}

async function answered(
  context: CredentialContext,
  plan: SessionPlan,
  path: string,
  body: Record<string, unknown>,
  signal: AbortSignal | undefined,
): Promise<Record<string, unknown>> {
  const reply = await post(context, plan.region, path, body, signal);
  const answer = reply.status === 200 ? parseJson(reply.text) : undefined;
  if (answer === undefined) throw oidcFailed(path, reply);
  return answer;
}

function post(
  context: CredentialContext,
  region: string,
  path: string,
  body: Record<string, unknown>,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  const { url } = serviceEndpoint(context.settings, "SSO OIDC", region);
  const request = {
    method: "POST",
    url: url.replace(/\/$/, "") + path,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    timeoutMs: 30_000,
  };
  return exchange(context.transport, request, signal);
}

async function cachePath({ settings }: CredentialContext, plan: SessionPlan): Promise<string> {
  const name = await hexDigest("SHA-1", plan.session ?? plan.startUrl);
  return awsFolder(settings.environment, "sso", "cache", `${name}.json`);
}

export function loginNeeded(plan: SessionPlan, reason: string): CloudError {
  const session = plan.session ?? plan.startUrl;
  return new CloudError(`Cannot use SSO session "${session}": ${reason}; log in with \`aws sso login\``, {
    kind: "unauthenticated",
    code: "SsoLoginRequired",
  });
}

function oidcFailed(path: string, { status, text }: Reply): CloudError {
  const answer = parseJson(text);
  const code = textOf(answer?.error) ?? String(status);
  const description = textOf(answer?.error_description) ?? code;
  return new CloudError(`Cannot log in to SSO: ${path} answered ${status}: ${description}`, {
    kind: "unauthenticated",
    code,
    status,
  });
}

function dateOf(value: unknown): Date | undefined {
  const date = typeof value === "string" ? new Date(value.replace(/UTC$/, "Z")) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}

export function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}
