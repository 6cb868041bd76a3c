/** An application that proves itself with a secret, a certificate or an assertion of another issuer. */
import { type CloudError, invalidInput } from "../../internal/cloud-error.js";
import { certificateAssertion } from "./certificate.js";
import type { TokenSource } from "./context.js";
import { type ClientProof, requestToken } from "./entra.js";

export interface ServicePrincipal {
  readonly tenantId: string;
  readonly clientId: string;
}

/** A credential for `new Session({ credential })`: an application and its secret. */
export function clientSecretCredential(
  options: ServicePrincipal & { readonly clientSecret: string },
): TokenSource {
  const { clientSecret, ...principal } = options;
  return clientCredentials("client secret", principal, { clientSecret });
}

/** An application and its certificate: PEM text of the certificate and its private key. */
export function clientCertificateCredential(
  options: ServicePrincipal & {
    readonly certificate: string;
    readonly password?: string | undefined;
    /** Send the certificate's chain too, for subject name and issuer authentication. */
    readonly sendCertificateChain?: boolean | undefined;
  },
): TokenSource {
  const { certificate, password, sendCertificateChain, ...principal } = options;
  const assertion = (audience: string) =>
    certificateAssertion({
      clientId: principal.clientId,
      audience,
      pem: certificate,
      password,
      sendCertificateChain,
    });
  return clientCredentials("client certificate", principal, { assertion });
}

/** An application and a token of an issuer that it trusts (federated credentials). */
export function clientAssertionCredential(
  options: ServicePrincipal & { readonly assertion: () => Promise<string> | string },
): TokenSource {
  const { assertion, ...principal } = options;
  return clientCredentials("client assertion", principal, { assertion: () => assertion() });
}

/** The user whose token a service was called with, passed on to the next service. */
export function onBehalfOfCredential(
  options: ServicePrincipal & {
    readonly userAssertion: string;
    readonly clientSecret?: string | undefined;
    readonly assertion?: (() => Promise<string> | string) | undefined;
  },
): TokenSource {
  const { tenantId, clientId, userAssertion, clientSecret, assertion } = options;
  if (clientSecret === undefined && assertion === undefined) throw missing("clientSecret or assertion");
  return {
    name: "on behalf of",
    provide: async (context, signal) =>
      (
        await requestToken(
          context,
          tenantId,
          { clientId, clientSecret, assertion },
          {
            grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
            requested_token_use: "on_behalf_of",
            assertion: userAssertion,
          },
          signal,
        )
      ).token,
  };
}

function clientCredentials(
  name: string,
  { tenantId, clientId }: ServicePrincipal,
  proof: Omit<ClientProof, "clientId">,
): TokenSource {
  if (!tenantId) throw missing("tenantId");
  if (!clientId) throw missing("clientId");
  return {
    name,
    provide: async (context, signal) =>
      (
        await requestToken(
          context,
          tenantId,
          { clientId, ...proof },
          { grant_type: "client_credentials" },
          signal,
        )
      ).token,
  };
}

function missing(option: string): CloudError {
  return invalidInput(`Cannot make the credential: options.${option} is required, is missing`);
}
