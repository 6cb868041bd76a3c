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
    const store = context.store(ssoStore);
    if (input.grantType === DEVICE_CODE) redeemDevice(input.deviceCode ?? "", input.clientId, context);
    else if (input.grantType === "refresh_token") {
      if (store.refreshTokens.get(input.refreshToken ?? "") !== input.clientId) {
        throw failure("InvalidGrantException", "invalid_grant", "Invalid refresh token provided");
      }
    } else {
      throw failure(
        "UnsupportedGrantTypeException",
        "unsupported_grant_type",
        `Grant type ${input.grantType} is not supported`,
      );
    }
    const accessToken = `aoa${randomToken(64)}`;
    const refreshToken = `aor${randomToken(64)}`;
    store.accessTokens.set(accessToken, context.clock.now() + TOKEN_SECONDS * 1000);
    store.refreshTokens.set(refreshToken, input.clientId);
    return { accessToken, tokenType: "Bearer", expiresIn: TOKEN_SECONDS, refreshToken };
  },
};

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
  answer,
};
