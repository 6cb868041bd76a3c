/** Managed identity endpoints: the instance metadata service's and App Service's. */
import { type Context, type EmulatedService, EmulatorError, type IncomingRequest } from "../service.js";
import { MANAGED_IDENTITY_ID, MANAGED_IDENTITY_SECRET, TENANT_ID } from "./identity.js";
import { issueToken } from "./tokens.js";

export const APP_SERVICE_PATH = "/msi/token";
export const IMDS_PATH = "/metadata/identity/oauth2/token";

export const managedIdentity: EmulatedService = {
  cloud: "azure",
  id: "managed-identity",
  answer(request, context) {
    if (request.path === IMDS_PATH) {
      if (request.headers.metadata?.toLowerCase() !== "true")
        throw badRequest("Required metadata header not specified");
      return answer(request, context);
    }
    if (request.path === APP_SERVICE_PATH) {
      const secret = request.headers["x-identity-header"];
      if (context.verify && secret !== MANAGED_IDENTITY_SECRET) {
        throw new EmulatorError("unauthorized", "The X-IDENTITY-HEADER is not this site's", 401);
      }
      return answer(request, context);
    }
    return undefined;
  },
  encodeError: ({ code, message, status }) => ({
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify({ error: code, error_description: message }),
  }),
};

function answer(request: IncomingRequest, context: Context) {
  const query = new URLSearchParams(request.query);
  const resource = query.get("resource");
  if (!resource) throw badRequest("Required query variable 'resource' is missing");
  if (!query.get("api-version")) throw badRequest("Required query variable 'api-version' is missing");
  const clientId = query.get("client_id") ?? MANAGED_IDENTITY_ID;
  if (context.verify && clientId !== MANAGED_IDENTITY_ID) throw badRequest("Identity not found");
  const { token, expiresIn, expiresOn } = issueToken(context, {
    tenantId: TENANT_ID,
    clientId,
    objectId: clientId,
    audience: resource.replace(/\/\.default$/, ""),
  });
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify({
      access_token: token,
      client_id: clientId,
      expires_in: String(expiresIn),
      expires_on: String(expiresOn),
      not_before: String(expiresOn - expiresIn),
      resource,
      token_type: "Bearer",
    }),
  };
}

function badRequest(message: string): EmulatorError {
  return new EmulatorError("invalid_request", message, 400);
}
