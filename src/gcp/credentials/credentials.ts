/** What every kind of Google credentials can do, and what they need to do it. */
import type { AccessToken } from "../../auth/credentials.js";
import type { Environment } from "../../auth/environment.js";
import type { BlobSigner } from "../../auth/gcs-v4.js";
import type { Transport } from "../../http/message.js";

export const DEFAULT_UNIVERSE = "googleapis.com";
export const CLOUD_PLATFORM_SCOPE = "https://www.googleapis.com/auth/cloud-platform";

export interface GoogleCredentials {
  /** As users know it: `service account app@my-proj.iam.gserviceaccount.com`. No secret. */
  readonly description: string;
  /** A new access token for the scopes. Callers cache it. `audience`: the API's own URL, for kinds that name it instead. */
  accessToken(scopes: readonly string[], signal?: AbortSignal, audience?: string): Promise<AccessToken>;
  /** A new OpenID Connect token for the audience, where these credentials can get one. */
  idToken?(audience: string, signal?: AbortSignal): Promise<AccessToken>;
  /** Signs in the name of `email`: signed URLs and policies. */
  signer?(signal?: AbortSignal): Promise<BlobSigner>;
  /** The project that the credentials belong to. */
  project?(signal?: AbortSignal): Promise<string | undefined> | string | undefined;
  /** The project that is billed for calls, as the credentials' file says. */
  readonly quotaProject?: string | undefined;
  /** One token that cannot be renewed. */
  readonly fixed?: true;
  /** Default `googleapis.com`. */
  universeDomain?(signal?: AbortSignal): Promise<string> | string;
}

/** What credentials reach: the session's machine and its transport. */
export interface CredentialsContext {
  readonly environment: Environment;
  readonly transport: Transport;
}

/** The content of a credentials file, not yet checked. */
export type CredentialsFile = Readonly<Record<string, unknown>>;

/** A text member that must be there; `what` names the file's type. */
export function requiredText(file: CredentialsFile, name: string, what: string): string {
  const value = file[name];
  if (typeof value !== "string" || value === "") {
    throw new Error(`The ${what} credentials lack "${name}"`);
  }
  return value;
}

export function optionalText(file: CredentialsFile, name: string): string | undefined {
  const value = file[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}
