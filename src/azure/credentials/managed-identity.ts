/** The identity of the machine or service that the code runs on: which endpoint answers depends on the host. https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/ */
import type { AccessToken } from "../../auth/credentials.js";
import { CloudError, invalidInput } from "../../internal/cloud-error.js";
import { arcToken } from "./azure-arc.js";
import {
  type Exchange,
  exchange,
  refused,
  resourceOf,
  type TokenContext,
  type TokenSource,
  textOf,
  tokenOf,
  unavailable,
} from "./context.js";

/** A user-assigned identity; none of them is the system-assigned one. */
export interface IdentityId {
  readonly clientId?: string | undefined;
  readonly objectId?: string | undefined;
  readonly resourceId?: string | undefined;
}

const IMDS = "http://169.254.169.254";
const PROBE_TIMEOUT_MS = 1_000;
/** IMDS answers these while it starts or an identity is being assigned. */
const IMDS_RETRIED = [404, 410];

export function managedIdentityCredential(id: IdentityId = {}): TokenSource {
  if (Object.values(id).filter((each) => each !== undefined).length > 1) {
    throw invalidInput("Cannot make the credential: give one of clientId, objectId and resourceId");
  }
  return { name: "managed identity", provide: (context, signal) => provide(context, id, signal) };
}

/** As part of the chain: AZURE_CLIENT_ID names a user-assigned identity. */
export const managedIdentitySource: TokenSource = {
  name: "managed identity",
  provide: (context, signal) =>
    provide(context, { clientId: context.environment.env.AZURE_CLIENT_ID }, signal),
};

async function provide(context: TokenContext, id: IdentityId, signal?: AbortSignal): Promise<AccessToken> {
  const { env } = context.environment;
  const resource = resourceOf(context);
  const {
    IDENTITY_ENDPOINT,
    IDENTITY_HEADER,
    IDENTITY_SERVER_THUMBPRINT,
    IMDS_ENDPOINT,
    MSI_ENDPOINT,
    MSI_SECRET,
  } = env;
  if (IDENTITY_ENDPOINT && IDENTITY_HEADER && IDENTITY_SERVER_THUMBPRINT) throw serviceFabric();
  if (IDENTITY_ENDPOINT && IDENTITY_HEADER)
    return ask(context, appService(IDENTITY_ENDPOINT, IDENTITY_HEADER, resource, id), "App Service", signal);
  if (IDENTITY_ENDPOINT && IMDS_ENDPOINT) return arcToken(context, IDENTITY_ENDPOINT, resource, signal);
  if (MSI_ENDPOINT && MSI_SECRET)
    return ask(context, machineLearning(MSI_ENDPOINT, MSI_SECRET, resource, id), "Machine Learning", signal);
  if (MSI_ENDPOINT) return ask(context, cloudShell(MSI_ENDPOINT, resource), "Cloud Shell", signal);
  return imds(context, resource, id, signal);
}

function appService(endpoint: string, secret: string, resource: string, id: IdentityId): Exchange {
  const query = {
    "api-version": "2019-08-01",
    resource,
    client_id: id.clientId,
    object_id: id.objectId,
    mi_res_id: id.resourceId,
  };
  return { url: withQuery(endpoint, query), headers: { "x-identity-header": secret } };
}

function machineLearning(endpoint: string, secret: string, resource: string, id: IdentityId): Exchange {
  const query = { "api-version": "2017-09-01", resource, clientid: id.clientId };
  return { url: withQuery(endpoint, query), headers: { secret } };
}

function cloudShell(endpoint: string, resource: string): Exchange {
  return { url: endpoint, form: { resource }, headers: { metadata: "true" } };
}

/** Its certificate is checked by thumbprint alone, which no transport of ours can do. */
function serviceFabric(): CloudError {
  return new CloudError("Cannot get a token: managed identities of Service Fabric are not implemented", {
    kind: "notImplemented",
    code: "NotImplemented",
    cloud: "azure",
  });
}

async function imds(
  context: TokenContext,
  resource: string,
  id: IdentityId,
  signal?: AbortSignal,
): Promise<AccessToken> {
  const host = context.environment.env.AZURE_POD_IDENTITY_AUTHORITY_HOST ?? IMDS;
  const url = `${host.replace(/\/+$/, "")}/metadata/identity/oauth2/token`;
  if (!context.alone) await probe(context, url, signal);
  const query = {
    "api-version": "2018-02-01",
    resource,
    client_id: id.clientId,
    object_id: id.objectId,
    msi_res_id: id.resourceId,
  };
  return ask(
    context,
    { url: withQuery(url, query), headers: { metadata: "true" }, retryStatuses: IMDS_RETRIED },
    "the instance metadata service",
    signal,
  );
}

/** Without the header that it wants, IMDS refuses at once; where it is not, nobody answers: a second tells. */
async function probe(context: TokenContext, url: string, signal?: AbortSignal): Promise<void> {
  try {
    await exchange(
      context,
      {
        url: withQuery(url, { "api-version": "2018-02-01", resource: "probe" }),
        timeoutMs: PROBE_TIMEOUT_MS,
        attemptsMax: 1,
      },
      signal,
    );
  } catch {
    signal?.throwIfAborted();
    throw unavailable("no instance metadata service answers");
  }
}

async function ask(
  context: TokenContext,
  request: Exchange,
  endpoint: string,
  signal?: AbortSignal,
): Promise<AccessToken> {
  const reply = await exchange(context, request, signal);
  const token = tokenOf(reply.json, context.environment.now());
  if (reply.status === 200 && token !== undefined) return token;
  const detail =
    textOf(reply.json?.error_description) ?? textOf(reply.json?.message) ?? `status ${reply.status}`;
  // No identity is assigned to this machine, or a proxy answered in the service's place.
  if (!context.alone && (reply.status === 400 || reply.status === 403 || reply.json === undefined)) {
    throw unavailable(`${endpoint} says: ${detail}`);
  }
  throw refused(
    `Cannot get a token from ${endpoint}: ${detail}`,
    textOf(reply.json?.error) ?? String(reply.status),
  );
}

export function withQuery(url: string, query: Readonly<Record<string, string | undefined>>): string {
  const full = new URL(url);
  for (const [name, value] of Object.entries(query)) if (value) full.searchParams.set(name, value);
  return full.href;
}
