/** Microsoft Entra ID's token and sign-in endpoints, with the discovery documents that its clients ask for first. */
import type { EncodedResponse } from "../../protocol/protocol.js";
import { type Context, type EmulatedService, EmulatorError, type IncomingRequest } from "../service.js";
import { applicationOf, refusal } from "./applications.js";
import { TENANT_ID, USER_NAME, USER_OBJECT_ID } from "./identity.js";
import {
  type Asked,
  approveDevice,
  authorize,
  newRefreshToken,
  redeemCode,
  redeemDevice,
  redeemRefreshToken,
  startDevice,
} from "./sign-in.js";
import { claimsOf, issueToken, tokenKeys } from "./tokens.js";

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
      case "oauth2/v2.0/devicecode":
      case "oauth2/devicecode":
        return json(startDevice(await formOf(request), request, context));
      case "oauth2/deviceauth":
        return approveDevice(request, context);
      case "oauth2/v2.0/authorize":
      case "oauth2/authorize":
        return authorize(request, context);
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

const SIGN_IN_GRANTS = {
  authorization_code: redeemCode,
  refresh_token: redeemRefreshToken,
  "urn:ietf:params:oauth:grant-type:device_code": redeemDevice,
  // As MSAL writes it.
  device_code: redeemDevice,
} as const;
/** Scopes about the person, not about a service. */
const OF_PERSON: ReadonlySet<string> = new Set(["openid", "profile", "email", "offline_access"]);

async function token(request: IncomingRequest, context: Context, tenant: string) {
  const form = await formOf(request);
  const grant = form.get("grant_type") ?? "";
  const tenantId = /^[0-9a-f-]{36}$/i.test(tenant) ? tenant : TENANT_ID;
  const clientId = form.get("client_id") ?? "";
  const application = applicationOf(clientId, context);
  if (Object.hasOwn(SIGN_IN_GRANTS, grant)) {
    if (context.verify && form.has("client_secret")) checkClient(form, application.secret, context);
    const redeem = SIGN_IN_GRANTS[grant as keyof typeof SIGN_IN_GRANTS];
    return userToken(redeem(form, clientId, context), tenantId, context);
  }
  if (grant !== "client_credentials") {
    throw new EmulatorError(
      "NotImplemented",
      `The emulator does not implement entra token with grant_type ${grant}`,
      501,
    );
  }
  if (context.verify) checkClient(form, application.secret, context);
  const audience = audienceOf(form.get("scope") ?? form.get("resource") ?? "");
  const { objectId } = application;
  const { token, expiresIn } = issueToken(context, { tenantId, clientId, objectId, audience });
  return { token_type: "Bearer", expires_in: expiresIn, ext_expires_in: expiresIn, access_token: token };
}

/** For the person who signed in: a token, and with it what the scopes say. */
function userToken({ clientId, scope, nonce }: Asked, tenantId: string, context: Context) {
  const scopes = scope.split(" ");
  const subject = { tenantId, clientId, objectId: USER_OBJECT_ID, userName: USER_NAME };
  const { token, expiresIn } = issueToken(context, { ...subject, audience: audienceOf(scope) });
  const person = scopes.includes("openid") && issueToken(context, { ...subject, audience: clientId, nonce });
  return {
    token_type: "Bearer",
    scope,
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    access_token: token,
    ...(scopes.includes("offline_access") && { refresh_token: newRefreshToken(clientId, context) }),
    ...(person && { id_token: person.token }),
    client_info: Buffer.from(JSON.stringify({ uid: USER_OBJECT_ID, utid: tenantId })).toString("base64url"),
  };
}

/** The service that the first scope is of. */
function audienceOf(scope: string): string {
  const first = scope.split(" ").find((each) => each !== "" && !OF_PERSON.has(each));
  if (first !== undefined) return first.replace(/\/(\.default|user_impersonation)$/, "");
  throw refusal("invalid_scope", "AADSTS1002012: The provided value for scope is not valid.", 400);
}

async function formOf({ body }: IncomingRequest): Promise<URLSearchParams> {
  return new URLSearchParams(new TextDecoder().decode(await body.bytes(FORM_BYTES_MAX)));
}

function checkClient(form: URLSearchParams, secret: string | undefined, context: Context): void {
  const assertion = form.get("client_assertion");
  if (assertion !== null) return checkAssertion(assertion, context);
  if (secret !== undefined && form.get("client_secret") === secret) return;
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
