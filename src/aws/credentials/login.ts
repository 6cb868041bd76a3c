/**
 * Sessions of `aws login`: credentials in a cache file that the CLI made, renewed with a proof of possession of its key.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html
 */
import type { AwsCredentials } from "../../auth/credentials.js";
import { CloudError } from "../../internal/cloud-error.js";
import { awsFolder } from "../config/shared-files.js";
import type { CredentialContext } from "./context.js";
import { hexDigest } from "./digest.js";
import { serviceEndpoint } from "./endpoint.js";
import { exchange, parseJson, textOf } from "./http.js";
import type { LoginPlan } from "./profile-plan.js";
import { isoSeconds } from "./sso-token.js";

/** What is left of the cached credentials before they are renewed, ms; botocore's. */
const REFRESH_WINDOW_MS = 5 * 60_000;

interface CachedLogin {
  readonly accessToken: Record<string, unknown>;
  readonly refreshToken: string;
  readonly clientId: string;
  readonly dpopKey: string;
}

export async function loginCredentials(
  plan: LoginPlan,
  context: CredentialContext,
  signal?: AbortSignal,
): Promise<AwsCredentials> {
  const { environment } = context.settings;
  const path = await cachePath(context, plan);
  const cached = loginOf(await environment.readFile(path), plan);
  const current = credentialsOf(cached.accessToken);
  const left = (current?.expiration?.getTime() ?? 0) - environment.now();
  if (current !== undefined && left > REFRESH_WINDOW_MS) return current;
  const accessToken = await renew(context, plan, cached, path, signal);
  const renewed = credentialsOf(accessToken);
  if (renewed === undefined) throw failed(plan, "the answer has no keys");
  return renewed;
}

async function renew(
  context: CredentialContext,
  plan: LoginPlan,
  cached: CachedLogin,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Record<string, unknown>> {
  const { environment } = context.settings;
  const { url } = serviceEndpoint(context.settings, "Signin", context.region ?? "us-east-1");
  const target = `${url.replace(/\/$/, "")}/v1/token`;
  const { clientId, refreshToken } = cached;
  const request = {
    method: "POST",
    url: target,
    headers: { "content-type": "application/json", dpop: proof(cached.dpopKey, target, environment.now()) },
    body: JSON.stringify({ clientId, refreshToken, grantType: "refresh_token" }),
    timeoutMs: 30_000,
  };
  const reply = await exchange(context.transport, request, signal);
  const answer = parseJson(reply.text);
  const fresh = answer?.accessToken;
  if (reply.status !== 200 || typeof fresh !== "object" || fresh === null) {
    throw failed(plan, textOf(answer?.error) ?? `the service answered ${reply.status}`);
  }
  const accessToken = {
    ...(fresh as Record<string, unknown>),
    accountId: cached.accessToken.accountId,
    expiresAt: isoSeconds(new Date(environment.now() + Number(answer?.expiresIn) * 1000)),
  };
  const document = { ...cached, accessToken, refreshToken: answer?.refreshToken ?? refreshToken };
  await environment.writeFile(path, JSON.stringify(document));
  return accessToken;
}

/** DPoP, RFC 9449: a token request signed with the key that the session was made with. */
function proof(pem: string, target: string, now: number): string {
  const { createPrivateKey, createPublicKey, sign, randomUUID } = process.getBuiltinModule("node:crypto");
  const key = createPrivateKey(pem);
  const { kty, crv, x, y } = createPublicKey(key).export({ format: "jwk" });
  const header = { typ: "dpop+jwt", alg: "ES256", jwk: { kty, x, y, crv } };
  const payload = { htm: "POST", htu: target, iat: Math.floor(now / 1000), jti: randomUUID() };
  const signed = [header, payload]
    .map((each) => Buffer.from(JSON.stringify(each)).toString("base64url"))
    .join(".");
  const signature = sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}

function loginOf(text: string | undefined, plan: LoginPlan): CachedLogin {
  const document = text === undefined ? undefined : parseJson(text);
  if (document === undefined) throw failed(plan, "there is no cached login");
  const { accessToken } = document;
  const refreshToken = textOf(document.refreshToken);
  const clientId = textOf(document.clientId);
  const dpopKey = textOf(document.dpopKey);
  if (typeof accessToken !== "object" || accessToken === null || !refreshToken || !clientId || !dpopKey) {
    throw failed(plan, "the cached login is incomplete");
  }
  return {
    ...document,
    accessToken: accessToken as Record<string, unknown>,
    refreshToken,
    clientId,
    dpopKey,
  };
}

function credentialsOf(token: Record<string, unknown>): AwsCredentials | undefined {
  const accessKeyId = textOf(token.accessKeyId);
  const secretAccessKey = textOf(token.secretAccessKey);
  const expiresAt = textOf(token.expiresAt);
  if (accessKeyId === undefined || secretAccessKey === undefined || expiresAt === undefined) return undefined;
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken: textOf(token.sessionToken),
    expiration: new Date(expiresAt),
    accountId: textOf(token.accountId),
    source: "login",
  };
}

async function cachePath({ settings }: CredentialContext, plan: LoginPlan): Promise<string> {
  const { environment } = settings;
  const name = `${await hexDigest("SHA-256", plan.session)}.json`;
  const folder = environment.env.AWS_LOGIN_CACHE_DIRECTORY;
  return folder ? `${folder}/${name}` : awsFolder(environment, "login", "cache", name);
}

function failed(plan: LoginPlan, reason: string): CloudError {
  return new CloudError(`Cannot use login session "${plan.session}": ${reason}; log in with \`aws login\``, {
    kind: "unauthenticated",
    code: "LoginRequired",
  });
}
