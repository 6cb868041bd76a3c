/**
 * SSO's OIDC service: clients register, a device asks, a person agrees in a browser, the device gets its token.
 * Opening `verificationUriComplete` is agreeing.
 */
import { SSOOIDC } from "../../../gen/aws/sso-oidc.js";
import { awsRestJsonServer } from "../../../protocol/aws-rest-json.js";
import type { EncodedResponse } from "../../../protocol/protocol.js";
import {
  type Context,
  type EmulatedService,
  EmulatorError,
  eraseHandlers,
  type Handlers,
  type IncomingRequest,
} from "../../service.js";
import { verifyQuery } from "../verify.js";
import { randomToken, ssoStore } from "./store.js";

const CLIENT_SECONDS = 90 * 86_400;
const DEVICE_SECONDS = 600;
const TOKEN_SECONDS = 28_800;
const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

const handlers: Handlers<SSOOIDC> = {
  registerClient(input, context) {
    if (input.clientType !== "public") {
      throw failure(
        "InvalidClientMetadataException",
        "invalid_client_metadata",
        "Only public clients can register",
      );
    }
    const issuedAt = Math.floor(context.clock.now() / 1000);
    const clientId = randomToken(16);
    const clientSecret = randomToken(64);
    const expiresAt = issuedAt + CLIENT_SECONDS;
    context.store(ssoStore).clients.set(clientId, { secret: clientSecret, expiresAt: expiresAt * 1000 });
    return { clientId, clientSecret, clientIdIssuedAt: issuedAt, clientSecretExpiresAt: expiresAt };
  },

  startDeviceAuthorization(input, context) {
    checkClient(input, context);
    const [left = 0, right = 0] = crypto.getRandomValues(new Uint32Array(2));
    const part = (number: number) => number.toString(36).toUpperCase().padStart(4, "X").slice(-4);
    const userCode = `${part(left)}-${part(right)}`;
    const deviceCode = randomToken(48);
    const expiresAt = context.clock.now() + DEVICE_SECONDS * 1000;
    context
      .store(ssoStore)
      .devices.set(deviceCode, { userCode, clientId: input.clientId, expiresAt, approved: false });
    const verificationUri = `${context.request.origin}/sso/device`;
    return {
      deviceCode,
      userCode,
      verificationUri,
      verificationUriComplete: `${verificationUri}?user_code=${userCode}`,
      expiresIn: DEVICE_SECONDS,
      interval: 1,
    };
  },

  createToken(input, context) {
    checkClient(input, context);
    if (input.grantType === DEVICE_CODE) redeemDevice(input.deviceCode ?? "", input.clientId, context);
    else if (input.grantType === "refresh_token")
      checkRefreshToken(input.refreshToken, input.clientId, context);
    else throw unsupportedGrant(input.grantType);
    return issueTokens(input.clientId, context);
  },

  /** For applications that sign with keys of IAM. Any application's ARN does: nobody makes them here. */
  createTokenWithIAM(input, context) {
    if (!/^arn:[\w-]+:sso::\d{12}:application\/[\w-]+\/apl-[\w-]+$/.test(input.clientId)) {
      throw failure("InvalidClientException", "invalid_client", "Invalid client id provided", 401);
    }
    checkGrant(input, context);
    return {
      ...issueTokens(input.clientId, context),
      issuedTokenType: input.requestedTokenType ?? ACCESS_TOKEN,
      scope: input.scope ?? DEFAULT_SCOPES,
    };
  },
};

const DEFAULT_SCOPES = ["openid", "aws", "sts:identity_context"];
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

interface Grant {
  readonly clientId: string;
  readonly grantType: string;
  readonly refreshToken?: string;
  readonly assertion?: string;
  readonly subjectToken?: string;
}

function checkGrant({ clientId, grantType, refreshToken, assertion, subjectToken }: Grant, context: Context) {
  const { accessTokens } = context.store(ssoStore);
  switch (grantType) {
    case "refresh_token":
      return checkRefreshToken(refreshToken, clientId, context);
    case "urn:ietf:params:oauth:grant-type:token-exchange":
      if ((accessTokens.get(subjectToken ?? "") ?? 0) > context.clock.now()) return;
      throw failure("InvalidGrantException", "invalid_grant", "Invalid subject token provided");
    case "urn:ietf:params:oauth:grant-type:jwt-bearer":
      if (/^[\w-]+\.[\w-]+\.[\w-]*$/.test(assertion ?? "")) return;
      throw failure("InvalidGrantException", "invalid_grant", "Invalid assertion provided");
    case "authorization_code":
      // Codes come by a person's browser, from pages that are not here.
      throw failure("InvalidGrantException", "invalid_grant", "Invalid authorization code provided");
    default:
      throw unsupportedGrant(grantType);
  }
}

function checkRefreshToken(token: string | undefined, clientId: string, context: Context): void {
  if (context.store(ssoStore).refreshTokens.get(token ?? "") === clientId) return;
  throw failure("InvalidGrantException", "invalid_grant", "Invalid refresh token provided");
}

function issueTokens(clientId: string, context: Context) {
  const store = context.store(ssoStore);
  const accessToken = `aoa${randomToken(64)}`;
  const refreshToken = `aor${randomToken(64)}`;
  store.accessTokens.set(accessToken, context.clock.now() + TOKEN_SECONDS * 1000);
  store.refreshTokens.set(refreshToken, clientId);
  return { accessToken, tokenType: "Bearer", expiresIn: TOKEN_SECONDS, refreshToken };
}

function checkClient(
  input: { readonly clientId: string; readonly clientSecret: string },
  context: Context,
): void {
  const client = context.store(ssoStore).clients.get(input.clientId);
  if (
    client === undefined ||
    client.secret !== input.clientSecret ||
    client.expiresAt <= context.clock.now()
  ) {
    throw failure("InvalidClientException", "invalid_client", "Invalid client id or secret provided", 401);
  }
}

function redeemDevice(code: string, clientId: string, context: Context): void {
  const { devices } = context.store(ssoStore);
  const device = devices.get(code);
  if (device === undefined || device.clientId !== clientId) {
    throw failure("InvalidGrantException", "invalid_grant", "Invalid device code provided");
  }
  if (device.expiresAt <= context.clock.now()) {
    throw failure("ExpiredTokenException", "expired_token", "Device code has expired");
  }
  if (!device.approved) {
    throw failure("AuthorizationPendingException", "authorization_pending", "Authorization is still pending");
  }
  devices.delete(code);
}

function unsupportedGrant(type: string): EmulatorError {
  const description = `Grant type ${type} is not supported`;
  return failure("UnsupportedGrantTypeException", "unsupported_grant_type", description);
}

function failure(code: string, error: string, description: string, status = 400): EmulatorError {
  return new EmulatorError(code, description, status, { error, error_description: description });
}

/** The page that a person opens. */
function answer({ method, path, query }: IncomingRequest, context: Context): EncodedResponse | undefined {
  if (method !== "GET" || path !== "/sso/device") return undefined;
  const userCode = new URLSearchParams(query).get("user_code");
  const devices = [...context.store(ssoStore).devices.values()];
  const device = devices.find((each) => each.userCode === userCode && each.expiresAt > context.clock.now());
  if (device === undefined) return page(404, "No device waits with this code.");
  device.approved = true;
  return page(200, "The device may act for you now.");
}

function page(status: number, sentence: string): EncodedResponse {
  const body = `<!doctype html><title>Device sign-in</title><p>${sentence}</p>`;
  return { status, headers: { "content-type": "text/html; charset=utf-8" }, body };
}

export const oidcService: EmulatedService = {
  cloud: "aws",
  id: "sso-oidc",
  model: SSOOIDC.serviceModel,
  protocol: awsRestJsonServer,
  handlers: eraseHandlers<SSOOIDC>(handlers),
  // The other operations are signed by nobody: their callers have no keys yet.
  verify: (request, context) =>
    context.operation?.name === "CreateTokenWithIAM" ? verifyQuery(request, context) : {},
  answer,
};
