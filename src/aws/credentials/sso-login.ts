/** The device login that makes an SSO session's first token. `sso-token.ts` keeps and renews it. */
import { sleep } from "../../client/deadline.js";
import { CloudError } from "../../internal/cloud-error.js";
import type { CredentialContext } from "./context.js";
import { parseJson, type Reply, textOf } from "./http.js";
import { cachePath, isoSeconds, loginNeeded, post, type SessionPlan, store } from "./sso-token.js";

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
