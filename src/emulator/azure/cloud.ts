/** Azure in the emulator: which requests are Azure's, and its services. */
import type { EmulatedCloud, IncomingRequest } from "../service.js";
import {
  CLIENT_ID,
  CLIENT_SECRET,
  STORAGE_ACCOUNT,
  STORAGE_KEY,
  SUBSCRIPTION_ID,
  TENANT_ID,
} from "./identity.js";

export const azureCloud: EmulatedCloud = {
  name: "azure",
  claim,
  services: {
    blob: async () => (await import("./blob/service.js")).blobService,
    entra: async () => (await import("./entra.js")).entra,
    "managed-identity": async () => (await import("./managed-identity.js")).managedIdentity,
    resources: async () => (await import("./resources/service.js")).resourcesService,
  },
  encodeUnknown: (_service, { code, message, status }) => ({
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify({ error: { code, message } }),
  }),
  environment: (url) => ({
    AZURE_TENANT_ID: TENANT_ID,
    AZURE_CLIENT_ID: CLIENT_ID,
    AZURE_CLIENT_SECRET: CLIENT_SECRET,
    AZURE_SUBSCRIPTION_ID: SUBSCRIPTION_ID,
    AZURE_AUTHORITY_HOST: url,
    AZURE_POD_IDENTITY_AUTHORITY_HOST: url,
    AZURE_STORAGE_CONNECTION_STRING: [
      `DefaultEndpointsProtocol=${new URL(url).protocol.slice(0, -1)}`,
      `AccountName=${STORAGE_ACCOUNT}`,
      `AccountKey=${STORAGE_KEY}`,
      `BlobEndpoint=${url}/${STORAGE_ACCOUNT}`,
    ].join(";"),
  }),
};

const BLOB_HOST =
  /^[a-z0-9-]+\.blob\.(core\.(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)|localhost)(:\d+)?$/;
const MANAGER_HOST = /^management\.(azure\.com|usgovcloudapi\.net|chinacloudapi\.cn)$/;
const LOGIN_HOST = /^login\.(microsoftonline\.(com|us)|chinacloudapi\.cn|partner\.microsoftonline\.cn)$/;
const LOGIN_PATH =
  /^\/[^/]+\/(oauth2\/(v2\.0\/)?(token|devicecode|deviceauth|authorize)|(v2\.0\/)?\.well-known\/openid-configuration|discovery\/(v2\.0\/)?keys|discovery\/instance)$/;
const IDENTITY_PATH = /^\/(metadata\/identity\/oauth2\/token|msi\/token)$/;
const MANAGER_PATH = /^\/(subscriptions|tenants|providers|operations|operationresults)(\/|$)/i;

/** Public blobs of the development account are read without any sign of Azure but its name. */
const DEVELOPMENT_PATH = new RegExp(`^/${STORAGE_ACCOUNT}(-secondary)?(/|$)`);

function claim({ host, path, query, headers }: IncomingRequest): string | undefined {
  if (BLOB_HOST.test(host)) return "blob";
  if (LOGIN_HOST.test(host)) return "entra";
  if (MANAGER_HOST.test(host)) return "resources";
  if (IDENTITY_PATH.test(path)) return "managed-identity";
  if (LOGIN_PATH.test(path)) return "entra";
  if (MANAGER_PATH.test(path) && /(^|&)api-version=/.test(query)) return "resources";
  return isStorage(query, headers) || DEVELOPMENT_PATH.test(path) ? "blob" : undefined;
}

/** Storage's clients say its version; a shared access signature says it in the query. */
function isStorage(query: string, headers: Readonly<Record<string, string>>): boolean {
  if ("x-ms-version" in headers || /^SharedKey /.test(headers.authorization ?? "")) return true;
  return /(^|&)sv=/.test(query) && /(^|&)sig=/.test(query);
}
