/** What a session and a client of Azure can be told. */
import type { AccessToken } from "../auth/credentials.js";
import type { Environment } from "../auth/environment.js";
import type { ClientOptions } from "../client/options.js";
import type { TokenSource } from "./credentials/context.js";

/** Anything of @azure/identity, or of another maker with the same method. */
export interface TokenCredential {
  getToken(
    scopes: string | string[],
    options?: { abortSignal?: AbortSignal | undefined; claims?: string | undefined },
  ): Promise<{ token: string; expiresOnTimestamp: number } | AccessToken | null>;
}

/** A source of `trivet/azure`, a TokenCredential, or `"anonymous"`: requests are not signed. */
export type CredentialOption = TokenSource | TokenCredential | "anonymous";

export interface AzureClientOptions extends ClientOptions {
  /** Default: the chain of `credentials/default-chain.ts`, DefaultAzureCredential's. */
  readonly credential?: CredentialOption | undefined;
  /** Filled into operations that take one. Env: AZURE_SUBSCRIPTION_ID. */
  readonly subscriptionId?: string | undefined;
  /** Storage account. Env: AZURE_STORAGE_ACCOUNT. */
  readonly account?: string | undefined;
  /** Shared key of the storage account, base64. Env: AZURE_STORAGE_KEY. */
  readonly accountKey?: string | undefined;
  /** Shared access signature, with or without `?`. Env: AZURE_STORAGE_SAS_TOKEN. */
  readonly sasToken?: string | undefined;
  /** Account, key and endpoint in one; `UseDevelopmentStorage=true` is a local emulator. Env: AZURE_STORAGE_CONNECTION_STRING. */
  readonly connectionString?: string | undefined;
  /** Version of the interface that requests ask for. Default: the model's. */
  readonly apiVersion?: string | undefined;
}

export interface SessionOptions extends AzureClientOptions {
  /** Tenant that tokens are asked for, over the one that a source has of its own. */
  readonly tenantId?: string | undefined;
  /** Where tokens are issued: `https://login.microsoftonline.us`. Env: AZURE_AUTHORITY_HOST. */
  readonly authorityHost?: string | undefined;
  /** Variables, files and commands in place of the process's own, for tests and other runtimes. */
  readonly environment?: Environment | undefined;
}
