/** Registered clients, devices that wait for a person, and tokens. */
import type { StoreKey } from "../../service.js";

export interface Device {
  readonly userCode: string;
  readonly clientId: string;
  readonly expiresAt: number;
  approved: boolean;
}

export interface SsoStore {
  /** Secret and end by client id. */
  readonly clients: Map<string, { readonly secret: string; readonly expiresAt: number }>;
  readonly devices: Map<string, Device>;
  /** End by access token. */
  readonly accessTokens: Map<string, number>;
  /** Client by refresh token. */
  readonly refreshTokens: Map<string, string>;
}

export const ssoStore: StoreKey<SsoStore> = {
  name: "aws.sso",
  create: () => ({
    clients: new Map(),
    devices: new Map(),
    accessTokens: new Map(),
    refreshTokens: new Map(),
  }),
};

export function randomToken(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("base64url");
}
