/**
 * How a person signs in at Entra: by a code for a device, or in a browser that is sent back with one. The emulator has one
 * person, who agrees to whatever is asked at the address that shows it.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
import { createHash, randomBytes } from "node:crypto";
import type { EncodedResponse } from "../../protocol/protocol.js";
import { type Context, EmulatorError, type IncomingRequest, type StoreKey } from "../service.js";
import { applicationOf, refusal } from "./applications.js";

/** What is asked for, and by whom. */
export interface Asked {
  readonly clientId: string;
  readonly scope: string;
  readonly nonce?: string | undefined;
}

interface Device extends Asked {
  readonly userCode: string;
  readonly expiresAt: number;
  isApproved: boolean;
}

interface AuthorizationCode extends Asked {
  readonly redirectUri: string;
  /** Of PKCE; undefined where none was sent. */
  readonly challenge: string | undefined;
  readonly expiresAt: number;
}

interface SignIns {
  readonly devices: Map<string, Device>;
  readonly codes: Map<string, AuthorizationCode>;
  /** Clients by the refresh tokens that they hold. */
  readonly refreshTokens: Map<string, string>;
}

const signIns: StoreKey<SignIns> = {
  name: "entra sign-ins",
  create: () => ({ devices: new Map(), codes: new Map(), refreshTokens: new Map() }),
};

const DEVICE_SECONDS = 900;
const CODE_SECONDS = 600;
/** The service says 5: nobody is kept waiting here. */
const POLL_SECONDS = 1;

/** A device asks for a code that a person enters elsewhere. */
export function startDevice(form: URLSearchParams, { origin }: IncomingRequest, context: Context) {
  const clientId = form.get("client_id") ?? "";
  applicationOf(clientId, context);
  const userCode = randomBytes(5).toString("hex").toUpperCase().slice(0, 9);
  const deviceCode = randomBytes(32).toString("base64url");
  const expiresAt = context.clock.now() + DEVICE_SECONDS * 1000;
  const scope = form.get("scope") ?? "";
  context.store(signIns).devices.set(deviceCode, { clientId, scope, userCode, expiresAt, isApproved: false });
  const verificationUri = `${origin}/common/oauth2/deviceauth`;
  return {
    user_code: userCode,
    device_code: deviceCode,
    verification_uri: verificationUri,
    expires_in: DEVICE_SECONDS,
    interval: POLL_SECONDS,
    message: `To sign in, open ${verificationUri}?user_code=${userCode}`,
  };
}

/** The person opens the page with the device's code, which is to agree. */
export function approveDevice({ query }: IncomingRequest, context: Context): EncodedResponse {
  const userCode = new URLSearchParams(query).get("user_code");
  const devices = [...context.store(signIns).devices.values()];
  const device = devices.find((each) => each.userCode === userCode && each.expiresAt > context.clock.now());
  if (device === undefined) return page(404, "No device waits with this code.");
  device.isApproved = true;
  return page(200, "The device may act for you now.");
}

/** The person's browser asks: it is sent back at once with a code. */
export function authorize({ query }: IncomingRequest, context: Context): EncodedResponse {
  const asked = new URLSearchParams(query);
  const clientId = asked.get("client_id") ?? "";
  applicationOf(clientId, context);
  const redirectUri = asked.get("redirect_uri") ?? "";
  if (!URL.canParse(redirectUri))
    throw refusal("invalid_request", "AADSTS900971: No reply address provided.", 400);
  const method = asked.get("code_challenge_method");
  if (asked.get("response_type") !== "code" || (method !== null && method !== "S256"))
    throw new EmulatorError(
      "NotImplemented",
      `The emulator does not implement entra authorize with response_type ${asked.get("response_type")}, code_challenge_method ${method}`,
      501,
    );
  const code = randomBytes(32).toString("base64url");
  context.store(signIns).codes.set(code, {
    clientId,
    scope: asked.get("scope") ?? "",
    nonce: asked.get("nonce") ?? undefined,
    redirectUri,
    challenge: asked.get("code_challenge") ?? undefined,
    expiresAt: context.clock.now() + CODE_SECONDS * 1000,
  });
  const location = new URL(redirectUri);
  location.searchParams.set("code", code);
  const state = asked.get("state");
  if (state !== null) location.searchParams.set("state", state);
  return { status: 302, headers: { location: location.href } };
}

/** What the person agreed to; refused while they have not. */
export function redeemDevice(form: URLSearchParams, clientId: string, context: Context): Asked {
  const { devices } = context.store(signIns);
  const deviceCode = form.get("device_code") ?? "";
  const device = devices.get(deviceCode);
  if (device === undefined || device.clientId !== clientId)
    throw refusal("bad_verification_code", "AADSTS70018: Bad verification code.", 400);
  if (device.expiresAt <= context.clock.now())
    throw refusal(
      "expired_token",
      "AADSTS70020: The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
      400,
    );
  if (!device.isApproved)
    throw refusal(
      "authorization_pending",
      "AADSTS70016: OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
      400,
    );
  devices.delete(deviceCode);
  return { ...device, scope: form.get("scope") ?? device.scope };
}

/** A code serves once, for who asked for it, at the address that it was sent to. */
export function redeemCode(form: URLSearchParams, clientId: string, context: Context): Asked {
  const { codes } = context.store(signIns);
  const code = form.get("code") ?? "";
  const known = codes.get(code);
  codes.delete(code);
  if (known === undefined || known.clientId !== clientId || known.expiresAt <= context.clock.now())
    throw refusal(
      "invalid_grant",
      "AADSTS70008: The provided authorization code or refresh token is expired.",
      400,
    );
  if (known.redirectUri !== form.get("redirect_uri"))
    throw refusal(
      "invalid_client",
      "AADSTS500112: The reply address does not match the reply address provided when requesting the authorization code.",
      400,
    );
  const challenge = createHash("sha256")
    .update(form.get("code_verifier") ?? "")
    .digest("base64url");
  if (known.challenge !== undefined && known.challenge !== challenge)
    throw refusal(
      "invalid_grant",
      "AADSTS501481: The Code_Verifier does not match the code_challenge supplied in the authorization request.",
      400,
    );
  return { ...known, scope: form.get("scope") ?? known.scope };
}

export function redeemRefreshToken(form: URLSearchParams, clientId: string, context: Context): Asked {
  if (context.store(signIns).refreshTokens.get(form.get("refresh_token") ?? "") !== clientId)
    throw refusal("invalid_grant", "AADSTS9002313: Invalid request. Request is malformed or invalid.", 400);
  return { clientId, scope: form.get("scope") ?? "" };
}

export function newRefreshToken(clientId: string, context: Context): string {
  const token = randomBytes(48).toString("base64url");
  context.store(signIns).refreshTokens.set(token, clientId);
  return token;
}

function page(status: number, sentence: string): EncodedResponse {
  const body = `<!doctype html><title>Sign-in</title><p>${sentence}</p>`;
  return { status, headers: { "content-type": "text/html; charset=utf-8" }, body };
}
