/** Microsoft Entra ID's token endpoint, with the discovery documents that its clients ask for first. */
import type { EncodedResponse } from "../../protocol/protocol.js";
import {
  type Context,
  type EmulatedService,
  EmulatorError,
  type IncomingRequest,
  type StoreKey,
} from "../service.js";
import { CLIENT_ID, CLIENT_OBJECT_ID, CLIENT_SECRET, TENANT_ID } from "./identity.js";
import { claimsOf, issueToken, tokenKeys } from "./tokens.js";

interface Application {
  readonly secret: string;
  readonly objectId: string;
}

/** Applications by client id. */
export const applications: StoreKey<Map<string, Application>> = {
  name: "entra applications",
  create: () => new Map([[CLIENT_ID, { secret: CLIENT_SECRET, objectId: CLIENT_OBJECT_ID }]]),
};

const FORM_BYTES_MAX = 64 * 1024;
const TENANT_PATH = /^\/([^/]+)\/(.+)$/;

export const entra: EmulatedService = {
  cloud: "azure",
  id: "entra",
  async answer(request, context) {
    if (request.path === "/common/discovery/instance") return json(instanceDiscovery(request));
    const [, tenant = "", rest = ""] = TENANT_PATH.exec(request.path) ?? [];
    switch (rest) {
      case "v2.0/.well-known/openid-configuration":
      case ".well-known/openid-configuration":
        return json(openIdConfiguration(request, tenant));
      case "discovery/v2.0/keys":
      case "discovery/keys":
        return json({ keys: [publicKey(context)] });
      case "oauth2/v2.0/token":
      case "oauth2/token":
        return json(await token(request, context, tenant));
      default:
        return undefined;
    }
  },
  encodeError: ({ code, message, status }, { requestId, clock }) => ({
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify({
      error: code,
      error_description: `${message} Trace ID: ${requestId} Timestamp: ${clock.date().toISOString()}`,
      error_codes: [Number(/AADSTS(\d+)/.exec(message)?.[1] ?? 0)],
      timestamp: clock.date().toISOString(),
      trace_id: requestId,
      correlation_id: requestId,
    }),
  }),
};

function json(body: unknown): EncodedResponse {
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
    body: JSON.stringify(body),
  };
}

function instanceDiscovery({ origin, host }: IncomingRequest) {
  return {
    tenant_discovery_endpoint: `${origin}/${TENANT_ID}/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}

function openIdConfiguration({ origin }: IncomingRequest, tenant: string) {
  return {
    issuer: `${origin}/${tenant}/v2.0`,
    authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
    token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${origin}/${tenant}/oauth2/v2.0/logout`,
    jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
    response_types_supported: ["code", "id_token"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["ES256"],
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    tenant_region_scope: "EU",
    cloud_instance_name: new URL(origin).host,
  };
}

function publicKey(context: Context) {
  const { publicKey: key, keyId } = context.store(tokenKeys);
  return { ...key.export({ format: "jwk" }), use: "sig", alg: "ES256", kid: keyId };
}

async function token(request: IncomingRequest, context: Context, tenant: string) {
  const form = new URLSearchParams(new TextDecoder().decode(await request.body.bytes(FORM_BYTES_MAX)));
  const grant = form.get("grant_type");
  if (grant !== "client_credentials") {
    throw new EmulatorError(
      "NotImplemented",
      `The emulator does not implement entra token with grant_type ${grant}`,
      501,
    );
  }
  const clientId = form.get("client_id") ?? "";
  const application = context.store(applications).get(clientId);
  if (context.verify) checkClient(form, clientId, application, context);
  const scope = form.get("scope") ?? form.get("resource") ?? "";
  if (scope === "")
    throw refusal("invalid_scope", "AADSTS1002012: The provided value for scope is not valid.", 400);
  const { token, expiresIn } = issueToken(context, {
    tenantId: /^[0-9a-f-]{36}$/i.test(tenant) ? tenant : TENANT_ID,
    clientId,
    objectId: application?.objectId ?? clientId,
    audience: (scope.split(" ")[0] as string).replace(/\/\.default$/, ""),
  });
  return { token_type: "Bearer", expires_in: expiresIn, ext_expires_in: expiresIn, access_token: token };
}

function checkClient(
  form: URLSearchParams,
  clientId: string,
  application: Application | undefined,
  context: Context,
): void {
  if (application === undefined) {
    throw refusal(
      "unauthorized_client",
      `AADSTS700016: Application with identifier '${clientId}' was not found in the directory.`,
      400,
    );
  }
  const assertion = form.get("client_assertion");
  if (assertion !== null) return checkAssertion(assertion, context);
  if (form.get("client_secret") === application.secret) return;
  throw refusal(
    "invalid_client",
    "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value.",
    401,
  );
}

/** The emulator holds no certificates: an assertion must be a token that has not expired; who signed it is taken as given. */
function checkAssertion(assertion: string, context: Context): void {
  const claims = claimsOf(assertion);
  const expires = Number(claims?.exp ?? 0) * 1000;
  if (claims === undefined || expires <= context.clock.now()) {
    throw refusal(
      "invalid_client",
      "AADSTS700024: Client assertion is not within its valid time range.",
      401,
    );
  }
}

function refusal(code: string, message: string, status: number): EmulatorError {
  return new EmulatorError(code, message, status);
}
