/**
 * IAM Identity Center's bearer tokens: the cache that `aws sso login` fills too, and their renewal.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html
 */
import type { AccessToken } from "../../auth/credentials.js";
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

export type SessionPlan = Pick<SsoPlan, "session" | "region" | "startUrl">;

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

export async function store(
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

export function post(
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

export async function cachePath({ settings }: CredentialContext, plan: SessionPlan): Promise<string> {
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

function dateOf(value: unknown): Date | undefined {
  const date = typeof value === "string" ? new Date(value.replace(/UTC$/, "Z")) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}

export function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}
