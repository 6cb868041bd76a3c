/** Which storage account a client works on, where it is and with what it signs: options, connection string, environment. */
import type { Environment } from "../auth/environment.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { AzureClientOptions } from "./options.js";

export interface StorageAccount {
  readonly account: string;
  /** Base address of the blob service, without a slash at the end; undefined: the cloud's own. */
  readonly endpoint?: string | undefined;
  readonly accountKey?: string | undefined;
  readonly sasToken?: string | undefined;
}

/** The account of every local storage emulator, and its public key. https://learn.microsoft.com/azure/storage/common/storage-connect-azurite */
const DEVELOPMENT: StorageAccount = {
  account: "devstoreaccount1",
  accountKey: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
  endpoint: "http://127.0.0.1:10000/devstoreaccount1",
};

/** `AccountName=a;AccountKey=k;EndpointSuffix=core.windows.net`, `BlobEndpoint=u;SharedAccessSignature=s`, `UseDevelopmentStorage=true`. */
export function parseConnectionString(text: string): StorageAccount {
  const parts = new Map<string, string>();
  for (const part of text.split(";")) {
    const at = part.indexOf("=");
    if (at > 0) parts.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim());
  }
  if (parts.get("usedevelopmentstorage")?.toLowerCase() === "true") {
    const proxy = parts.get("developmentstorageproxyuri")?.replace(/\/+$/, "");
    return proxy === undefined
      ? DEVELOPMENT
      : { ...DEVELOPMENT, endpoint: `${proxy}:10000/${DEVELOPMENT.account}` };
  }
  const named = parts.get("accountname");
  const suffix = parts.get("endpointsuffix");
  const protocol = parts.get("defaultendpointsprotocol") ?? "https";
  const endpoint = parts.get("blobendpoint") ?? (named && suffix && `${protocol}://${named}.blob.${suffix}`);
  const account = named ?? (endpoint && accountOf(endpoint));
  if (!account)
    throw invalidInput("Cannot read the connection string: it has neither AccountName nor BlobEndpoint");
  const accountKey = parts.get("accountkey");
  const sasToken = parts.get("sharedaccesssignature");
  return {
    account,
    ...(endpoint && { endpoint: endpoint.replace(/\/+$/, "") }),
    ...(accountKey && { accountKey }),
    ...(sasToken && { sasToken }),
  };
}

/** First label of a host name, or the first part of the path of an address without one. */
function accountOf(endpoint: string): string | undefined {
  const { hostname, pathname } = new URL(endpoint);
  return isNameless(hostname) ? pathname.split("/")[1] : hostname.split(".")[0];
}

/** An address or `localhost` names no account: the path does. */
export function isNameless(hostname: string): boolean {
  return hostname === "localhost" || /^[\d.]+$|^\[/.test(hostname) || !hostname.includes(".");
}

export function storageAccountOf(
  options: AzureClientOptions,
  { env }: Pick<Environment, "env">,
): StorageAccount {
  const fromOptions = options.connectionString && parseConnectionString(options.connectionString);
  const fromEnvironment = environmentAccount(env);
  const base = fromOptions || fromEnvironment;
  const account = options.account ?? base?.account ?? (options.endpoint && accountOf(options.endpoint));
  if (!account) {
    throw invalidInput(
      "Cannot reach a storage account: none is named. Set options.account, options.connectionString or AZURE_STORAGE_ACCOUNT",
    );
  }
  // Keys of another account than the one named are of no use.
  const same = base !== undefined && base.account === account ? base : undefined;
  const explicit = options.credential !== undefined;
  return {
    account,
    endpoint: options.endpoint ?? same?.endpoint,
    accountKey: options.accountKey ?? (explicit ? undefined : same?.accountKey),
    sasToken: (options.sasToken ?? (explicit || options.accountKey ? undefined : same?.sasToken))?.replace(
      /^\?/,
      "",
    ),
  };
}

function environmentAccount(env: Environment["env"]): StorageAccount | undefined {
  const connectionString = env.AZURE_STORAGE_CONNECTION_STRING;
  if (connectionString) return parseConnectionString(connectionString);
  const account = env.AZURE_STORAGE_ACCOUNT;
  return account
    ? { account, accountKey: env.AZURE_STORAGE_KEY, sasToken: env.AZURE_STORAGE_SAS_TOKEN }
    : undefined;
}
