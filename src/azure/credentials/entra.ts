/** The token endpoint of Microsoft Entra ID: every grant of the v2.0 protocol goes through here. https://learn.microsoft.com/entra/identity-platform/v2-protocols */
import type { AccessToken } from "../../auth/credentials.js";
import {
  authorityOf,
  checkedTenant,
  exchange,
  refused,
  type TokenContext,
  textOf,
  tokenOf,
} from "./context.js";

export type Form = Readonly<Record<string, string | undefined>>;

/** What a source proves that it is the application with. */
export interface ClientProof {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** Signed afresh for each request: the audience is the token endpoint. */
  readonly assertion?: ((audience: string) => Promise<string> | string) | undefined;
}

export interface EntraAnswer {
  readonly token: AccessToken;
  readonly refreshToken?: string | undefined;
}

export function tokenEndpoint(context: TokenContext, tenantId: string): string {
  return `${authorityOf(context)}/${checkedTenant(context.tenantId ?? tenantId)}/oauth2/v2.0/token`;
}

/** @throws CloudError `unauthenticated` with Entra's own error code: `invalid_client`, `invalid_grant`. */
export async function requestToken(
  context: TokenContext,
  tenantId: string,
  proof: ClientProof,
  grant: Form,
  signal?: AbortSignal,
): Promise<EntraAnswer> {
  const url = tokenEndpoint(context, tenantId);
  const assertion = await proof.assertion?.(url);
  const reply = await exchange(
    context,
    {
      url,
      form: {
        client_id: proof.clientId,
        client_secret: proof.clientSecret,
        ...(assertion !== undefined && {
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
          client_assertion: assertion,
        }),
        scope: context.scopes.join(" "),
        claims: context.claims,
        ...grant,
      },
    },
    signal,
  );
  const token = tokenOf(reply.json, context.environment.now());
  if (reply.status !== 200 || token === undefined) {
    const code = textOf(reply.json?.error) ?? String(reply.status);
    throw refused(
      `Cannot get a token from ${url}: ${descriptionOf(reply.json) ?? `status ${reply.status}`}`,
      code,
    );
  }
  return { token, refreshToken: textOf(reply.json?.refresh_token) };
}

/** `AADSTS7000215: Invalid client secret provided. Trace ID: ...`: the first line says it. */
export function descriptionOf(json: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const description = textOf(json?.error_description) ?? textOf(json?.error);
  return description?.split(/\r?\n/)[0];
}
