/**
 * Google Cloud in the emulator: which requests are Google's, and its services.
 *
 * `/token` with a JSON body is AWS's SSO-OIDC on a shared port: Google's token endpoint takes forms.
 */
import { bearerOf } from "../../auth/bearer.js";
import type { EmulatedCloud, IncomingRequest, StoreOf } from "../service.js";
import { DEFAULT_PROJECT, identities, isTokenless } from "./identity.js";
import { isBareJson, isHmacSigned, isPrefixedJson } from "./storage/paths.js";
import { storageStore } from "./storage/store.js";

export const gcpCloud: EmulatedCloud = {
  name: "gcp",
  claim,
  services: {
    storage: async () => (await import("./storage/service.js")).storageService,
    compute: async () => (await import("./compute/service.js")).computeService,
    iamcredentials: async () => (await import("./iam-credentials.js")).iamCredentialsService,
    oauth2: async () => (await import("./oauth.js")).oauthService,
    metadata: async () => (await import("./metadata.js")).metadataService,
  },
  encodeUnknown: (_service, { code, message, status }) => ({
    status,
    headers: { "content-type": "application/json; charset=UTF-8" },
    body: JSON.stringify({
      error: {
        code: status,
        message,
        status: "UNIMPLEMENTED",
        errors: [{ message, domain: "global", reason: code }],
      },
    }),
  }),
  environment: (url) => ({
    STORAGE_EMULATOR_HOST: url,
    GCE_METADATA_HOST: new URL(url).host,
    GCE_METADATA_IP: new URL(url).host,
    GOOGLE_CLOUD_PROJECT: DEFAULT_PROJECT,
    CLOUDSDK_CORE_PROJECT: DEFAULT_PROJECT,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${url}/storage/v1/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS: `${url}/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${url}/compute/v1/`,
    GOOGLE_COMPUTE_CUSTOM_ENDPOINT: `${url}/compute/v1/`,
    GOOGLE_STORAGE_CUSTOM_ENDPOINT: `${url}/storage/v1/`,
  }),
};

function claim(request: IncomingRequest, store: StoreOf): string | undefined {
  return byHost(request) ?? byPath(request) ?? byBucket(request, store);
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** What a browser or a client of the XML API sends has no sign of Google but the bucket, and a token that Google issued. */
function byBucket({ host, path, headers }: IncomingRequest, store: StoreOf): string | undefined {
  if (!LOOPBACK.test(host)) return undefined;
  const token = bearerOf(headers);
  const isKnown = token === undefined ? isTokenless(headers) : store(identities).find(token) !== undefined;
  if (!isKnown) return undefined;
  const name = /^\/([^/]+)/.exec(path)?.[1];
  if (name === undefined || !store(storageStore).buckets.has(decodeURIComponent(name))) return undefined;
  return "storage";
}

/** `storage.googleapis.com`, `bucket.storage.googleapis.com`, the metadata server's names. */
function byHost({ host, path, headers }: IncomingRequest): string | undefined {
  if (host.startsWith("metadata.google.internal")) return "metadata";
  if (host.startsWith("169.254.169.254") && headers["metadata-flavor"] === "Google") return "metadata";
  const labels = /^(.+)\.googleapis\.com(:\d+)?$/.exec(host)?.[1]?.split(".");
  if (labels === undefined) return undefined;
  if (labels.at(-1) === "storage") return "storage";
  const [first] = labels;
  // Some services live on a host that they share.
  if (first === "www") return /^\/(?:upload\/|download\/|batch\/)?([a-z]+)\/v\d/.exec(path)?.[1] ?? "www";
  return first === "sts" ? "oauth2" : first;
}

const COMPUTE_PATH = /^\/(?:batch\/)?compute\/v1(\/|$)/;
const IAM_CREDENTIALS_PATH =
  /^\/v1\/projects\/[^/]+\/serviceAccounts\/[^/:]+:(signBlob|signJwt|generateAccessToken|generateIdToken)$/;

/** On a port that the clouds share, what a request carries tells Google's apart. */
function byPath({ method, path, query, headers }: IncomingRequest): string | undefined {
  if (isHmacSigned({ headers, query })) return "storage";
  if (headers["metadata-flavor"] === "Google" || path.startsWith("/computeMetadata/")) return "metadata";
  if (isPrefixedJson(path) || /(^|&)(X-Goog-(Algorithm|Signature)|GoogleAccessId)=/i.test(query))
    return "storage";
  if (isBareJson(path) && "x-goog-api-client" in headers) return "storage";
  if (COMPUTE_PATH.test(path)) return "compute";
  if (IAM_CREDENTIALS_PATH.test(path)) return "iamcredentials";
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  if (method === "POST" && path === "/token" && isForm) return "oauth2";
  // Google's clients say who they are: what is left is the XML API, or a service that is not there.
  if ("x-goog-api-client" in headers) return /^\/v\d/.test(path) ? "the service at this path" : "storage";
  return undefined;
}
