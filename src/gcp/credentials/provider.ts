/**
 * A session's credentials: Application Default Credentials, or what the user gave; tokens kept until they expire.
 * https://cloud.google.com/docs/authentication/application-default-credentials
 */
import { Chain, SourceUnavailable } from "../../auth/chain.js";
import { type AccessToken, type Explanation, hideSecrets, type Source } from "../../auth/credentials.js";
import type { BlobSigner } from "../../auth/gcs-v4.js";
import { KeyedTokenCache, type RefreshPolicy } from "../../auth/token-cache.js";
import { CloudError } from "../../internal/cloud-error.js";
import { type CredentialsContext, DEFAULT_UNIVERSE, type GoogleCredentials } from "./credentials.js";
import { readCredentialsFile, readGcloudFile } from "./file.js";
import { MetadataServer, metadataCredentials } from "./metadata-server.js";

/**
 * The metadata server hands out one token until less than four minutes are left of it: asking earlier gains nothing.
 * https://cloud.google.com/compute/docs/access/authenticate-workloads
 */
const POLICY: RefreshPolicy<AccessToken> = {
  expiresAt: (token) => token.expiresAt,
  refreshAt: (token) => token.refreshAt,
  advisoryMs: 225_000,
  mandatoryMs: 60_000,
};

export class CredentialsProvider {
  readonly #chain: Chain<GoogleCredentials>;
  readonly #cache: KeyedTokenCache<AccessToken>;
  #credentials: Promise<GoogleCredentials> | undefined;

  constructor(sources: readonly Source<GoogleCredentials>[], now: () => number) {
    this.#chain = new Chain(sources, {
      describe: (credentials) => credentials.description,
      missing: "Cannot find Google Cloud credentials",
    });
    this.#cache = new KeyedTokenCache(POLICY, undefined, now);
  }

  /** The credentials behind the tokens. Found once. */
  resolve(signal?: AbortSignal): Promise<GoogleCredentials> {
    // A failure is not kept: the next call may find what is missing now.
    this.#credentials ??= this.#chain.provide(undefined, signal).catch((error: unknown) => {
      this.#credentials = undefined;
      throw error;
    });
    return this.#credentials;
  }

  async accessToken(scopes: readonly string[], signal?: AbortSignal, audience = ""): Promise<AccessToken> {
    const load = async () =>
      hideSecrets(await (await this.resolve()).accessToken(scopes, undefined, audience));
    return this.#cache.get(accessKey(scopes, audience), load, signal);
  }

  /** An OpenID Connect token for a service of one's own: Cloud Run, IAP. */
  async idToken(audience: string, signal?: AbortSignal): Promise<AccessToken> {
    const load = async () => {
      const credentials = await this.resolve();
      if (credentials.idToken === undefined) throw cannot("get an ID token", credentials);
      return hideSecrets(await credentials.idToken(audience));
    };
    return this.#cache.get(`id ${audience}`, load, signal);
  }

  /** Signs in the name of the service account, by its key or by IAM. */
  async signer(signal?: AbortSignal): Promise<BlobSigner> {
    const credentials = await this.resolve(signal);
    if (credentials.signer === undefined) throw cannot("sign", credentials);
    return credentials.signer(signal);
  }

  async universeDomain(signal?: AbortSignal): Promise<string> {
    return (await (await this.resolve(signal)).universeDomain?.(signal)) ?? DEFAULT_UNIVERSE;
  }

  /** The service refused the token: the next call gets a new one. False where there is no other to get. */
  async renew(scopes: readonly string[], audience = ""): Promise<boolean> {
    this.#cache.invalidate(accessKey(scopes, audience));
    return (await this.resolve()).fixed !== true;
  }

  /** What each source answered, or why it was skipped. No secrets. */
  explain(signal?: AbortSignal): Promise<readonly Explanation[]> {
    return this.#chain.explain(undefined, signal);
  }

  /** Credentials do not show in a log. */
  toJSON(): string {
    return "CredentialsProvider";
  }
}

function accessKey(scopes: readonly string[], audience: string): string {
  return `access ${audience} ${scopes.join(" ")}`;
}

function cannot(what: string, credentials: GoogleCredentials): CloudError {
  return new CloudError(`Cannot ${what} with these credentials: ${credentials.description}`, {
    kind: "unauthenticated",
    code: "CredentialsUnsuitable",
  });
}

/** The three places of Application Default Credentials, in Google's order. */
export function applicationDefault(context: CredentialsContext): Source<GoogleCredentials>[] {
  return [
    {
      name: "GOOGLE_APPLICATION_CREDENTIALS",
      async provide() {
        const path = context.environment.env.GOOGLE_APPLICATION_CREDENTIALS;
        if (!path) throw new SourceUnavailable("not set");
        return readCredentialsFile(path, context);
      },
    },
    { name: "gcloud's application default credentials", provide: () => readGcloudFile(context) },
    {
      name: "metadata server",
      async provide(_, signal) {
        await new MetadataServer(context).detect(signal);
        return metadataCredentials(context);
      },
    },
  ];
}
