/**
 * Another service account's credentials, lent by IAM to those who may have them.
 * https://cloud.google.com/iam/docs/reference/credentials/rest
 */
import type { AccessToken } from "../../auth/credentials.js";
import type { BlobSigner } from "../../auth/gcs-v4.js";
import { expiryOf } from "./authorized-user.js";
import {
  CLOUD_PLATFORM_SCOPE,
  type CredentialsContext,
  type CredentialsFile,
  DEFAULT_UNIVERSE,
  type GoogleCredentials,
  optionalText,
  requiredText,
} from "./credentials.js";
import { sendForJson } from "./token-request.js";

export interface ImpersonationOptions {
  /** E-mail of the service account to become. */
  readonly target: string;
  /** Service accounts in between, each allowed to become the next. */
  readonly delegates?: readonly string[] | undefined;
  /** Default 3,600; more needs an organisation policy. */
  readonly lifetimeSeconds?: number | undefined;
}

type GetToken = (scopes: readonly string[], signal?: AbortSignal) => Promise<AccessToken>;

export function impersonated(
  source: Pick<GoogleCredentials, "accessToken" | "quotaProject" | "project" | "universeDomain">,
  { target, delegates = [], lifetimeSeconds = 3600 }: ImpersonationOptions,
  context: CredentialsContext,
  quotaProject: string | undefined = source.quotaProject,
): GoogleCredentials {
  const universe = async (signal?: AbortSignal) =>
    (await source.universeDomain?.(signal)) ?? DEFAULT_UNIVERSE;
  const delegateNames = delegates.map(resourceName);
  const post = async (verb: string, json: object, signal: AbortSignal | undefined) =>
    postToIam(
      { verb, target, json, getToken: source.accessToken.bind(source), universe: await universe(signal) },
      context,
      signal,
    );
  return {
    description: `service account ${target}, impersonated`,
    quotaProject,
    universeDomain: universe,
    ...(source.project && { project: source.project.bind(source) }),
    async accessToken(scopes, signal): Promise<AccessToken> {
      const scope = scopes.length === 0 ? [CLOUD_PLATFORM_SCOPE] : scopes;
      const json = { delegates: delegateNames, scope, lifetime: `${lifetimeSeconds}s` };
      const { accessToken, expireTime } = await post("generateAccessToken", json, signal);
      if (typeof accessToken !== "string") throw new Error(`IAM answered no access token for ${target}`);
      return {
        token: accessToken,
        expiresAt: typeof expireTime === "string" ? new Date(expireTime) : undefined,
      };
    },
    async idToken(audience, signal): Promise<AccessToken> {
      const json = { delegates: delegateNames, audience, includeEmail: true };
      const { token } = await post("generateIdToken", json, signal);
      if (typeof token !== "string") throw new Error(`IAM answered no ID token for ${target}`);
      return { token, expiresAt: expiryOf(token) };
    },
    async signer(signal): Promise<BlobSigner> {
      return iamSigner(
        target,
        source.accessToken.bind(source),
        context,
        await universe(signal),
        delegateNames,
      );
    },
  };
}

/** Signs by IAM, so that no key has to be at hand. */
export function iamSigner(
  email: string,
  getToken: GetToken,
  context: CredentialsContext,
  universe: string,
  delegates: readonly string[] = [],
): BlobSigner {
  return {
    email,
    async sign(bytes): Promise<Uint8Array> {
      const payload = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
      const json = { delegates, payload };
      const { signedBlob } = await postToIam(
        { verb: "signBlob", target: email, json, getToken, universe },
        context,
        undefined,
      );
      if (typeof signedBlob !== "string") throw new Error(`IAM answered no signature by ${email}`);
      return Uint8Array.from(atob(signedBlob), (char) => char.charCodeAt(0));
    },
  };
}

interface IamCall {
  readonly verb: string;
  readonly target: string;
  readonly json: object;
  readonly getToken: GetToken;
  readonly universe: string;
}

async function postToIam(
  { verb, target, json, getToken, universe }: IamCall,
  context: CredentialsContext,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const { token } = await getToken([CLOUD_PLATFORM_SCOPE], signal);
  // Tokens go where the environment says that this API is: an emulator's must not reach Google.
  const override = context.environment.env.CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS;
  const root = override?.replace(/\/$/, "") || `https://iamcredentials.${universe}`;
  const url = `${root}/v1/${resourceName(target)}:${verb}`;
  const headers = { authorization: `Bearer ${token}` };
  return sendForJson(context, { method: "POST", url, headers, json }, `IAM's ${verb} for ${target}`, signal);
}

function resourceName(account: string): string {
  return account.startsWith("projects/") ? account : `projects/-/serviceAccounts/${account}`;
}

/** A file of type `impersonated_service_account`; `read` makes the credentials that it holds inside. */
export function impersonatedFile(
  file: CredentialsFile,
  context: CredentialsContext,
  read: (file: CredentialsFile, context: CredentialsContext) => GoogleCredentials,
): GoogleCredentials {
  const url = requiredText(file, "service_account_impersonation_url", "impersonated_service_account");
  const source = file.source_credentials;
  if (typeof source !== "object" || source === null) {
    throw new Error('The impersonated_service_account credentials lack "source_credentials"');
  }
  const delegates = file.delegates;
  const options: ImpersonationOptions = {
    target: targetOf(url),
    delegates: Array.isArray(delegates) ? delegates.map(String) : undefined,
  };
  return impersonated(
    read(source as CredentialsFile, context),
    options,
    context,
    optionalText(file, "quota_project_id"),
  );
}

/** The account in `.../serviceAccounts/<email>:generateAccessToken`. */
export function targetOf(impersonationUrl: string): string {
  const email = /\/serviceAccounts\/([^/:]+):generateAccessToken$/.exec(impersonationUrl)?.[1];
  if (email === undefined) throw new Error("The service_account_impersonation_url names no service account");
  return decodeURIComponent(email);
}
