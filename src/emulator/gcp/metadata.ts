/** The metadata server. https://cloud.google.com/compute/docs/metadata/predefined-metadata-keys */
import type { EncodedResponse } from "../../protocol/protocol.js";
import type { Context, EmulatedService } from "../service.js";
import { makeIdToken } from "./id-token.js";
import { DEFAULT_EMAIL, DEFAULT_PROJECT, identities, TOKEN_LIFETIME_SECONDS } from "./identity.js";

const ROOT = "/computeMetadata/v1";
const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

export const metadataService: EmulatedService = {
  cloud: "gcp",
  id: "metadata",
  async answer(request, context) {
    if (request.path === "/") return text("computeMetadata/\n");
    if (request.headers["metadata-flavor"] !== "Google")
      return text("Missing required header: Metadata-Flavor", 403);
    if (!request.path.startsWith(ROOT)) return text("Not Found", 404);
    const query = new URLSearchParams(request.query);
    const path = request.path.slice(ROOT.length).replace(/\/$/, "").replace(`/${DEFAULT_EMAIL}`, "/default");
    const value = VALUES[path];
    if (value !== undefined) return text(value);
    if (query.get("recursive") === "true" && path === ACCOUNT) return json(ACCOUNT_TREE);
    if (path === `${ACCOUNT}/token`) return token(query, context);
    if (path === `${ACCOUNT}/identity`)
      return text(await makeIdToken(DEFAULT_EMAIL, query.get("audience") ?? "", context));
    return text("Not Found", 404);
  },
};

const ACCOUNT = "/instance/service-accounts/default";
const ACCOUNT_TREE = { aliases: ["default"], email: DEFAULT_EMAIL, scopes: [CLOUD_PLATFORM] };

const VALUES: Readonly<Record<string, string>> = {
  "/project/project-id": DEFAULT_PROJECT,
  "/project/numeric-project-id": "123456789012",
  "/instance/id": "1234567890123456789",
  "/instance/name": "local",
  "/instance/zone": "projects/123456789012/zones/us-central1-a",
  "/instance/region": "projects/123456789012/regions/us-central1",
  "/instance/service-accounts": `default/\n${DEFAULT_EMAIL}/\n`,
  [`${ACCOUNT}/email`]: DEFAULT_EMAIL,
  [`${ACCOUNT}/aliases`]: "default\n",
  [`${ACCOUNT}/scopes`]: `${CLOUD_PLATFORM}\n`,
  "/universe/universe-domain": "googleapis.com",
};

function token(query: URLSearchParams, context: Context): EncodedResponse {
  const scopes = query.get("scopes")?.split(",") ?? [CLOUD_PLATFORM];
  const { token } = context.store(identities).issue(DEFAULT_EMAIL, scopes);
  return json({ access_token: token, expires_in: TOKEN_LIFETIME_SECONDS, token_type: "Bearer" });
}

const FLAVOR = { "metadata-flavor": "Google", server: "Metadata Server for VM" };

function text(body: string, status = 200): EncodedResponse {
  return { status, headers: { ...FLAVOR, "content-type": "application/text" }, body };
}

function json(body: object): EncodedResponse {
  return {
    status: 200,
    headers: { ...FLAVOR, "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}
