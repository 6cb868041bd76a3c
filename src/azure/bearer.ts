/** Requests that carry a token of Entra. */
import { signBearer } from "../auth/bearer.js";
import type { Target } from "../client/backend.js";
import type { HttpRequest, HttpResponse } from "../http/message.js";
import type { CloudError } from "../internal/cloud-error.js";
import type { AzureClientOptions } from "./options.js";
import type { Session } from "./session.js";

export interface BearerEndpoint {
  readonly url: string;
  readonly scopes: readonly string[];
}

export function bearerTarget(
  session: Session,
  { url, scopes }: BearerEndpoint,
  options: AzureClientOptions,
): Target {
  const { origin, pathname } = new URL(url);
  const credentials = session.credentialsFor(options.credential);
  let claims: string | undefined;
  return {
    origin,
    basePath: pathname.replace(/\/+$/, ""),
    async sign(request: HttpRequest): Promise<HttpRequest> {
      if (credentials === undefined) return request;
      const { token } = await credentials.get(scopes, options.signal, claims);
      return signBearer(request, token);
    },
    /** A token that was revoked meanwhile, or that lacks a claim which the resource now wants: worth a new one. */
    onError(error: CloudError, response: HttpResponse | undefined): boolean {
      if (error.status !== 401 || credentials === undefined) return false;
      const challenge = claimsOf(response?.headers["www-authenticate"]);
      if (challenge !== undefined) {
        if (challenge === claims) return false;
        claims = challenge;
        return true;
      }
      credentials.invalidate(scopes);
      return error.code === "ExpiredAuthenticationToken" || error.code === "InvalidAuthenticationToken";
    },
  };
}

/** `Bearer error="insufficient_claims", claims="<base64>"`. https://learn.microsoft.com/entra/identity-platform/claims-challenge */
export function claimsOf(header: string | undefined): string | undefined {
  const encoded = /insufficient_claims/.test(header ?? "") && /claims="([^"]+)"/.exec(header ?? "")?.[1];
  if (!encoded) return undefined;
  try {
    return atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return undefined;
  }
}
