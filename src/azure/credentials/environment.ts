/** AZURE_TENANT_ID and AZURE_CLIENT_ID with AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH. */
import { invalidInput } from "../../internal/cloud-error.js";
import { type TokenSource, unavailable } from "./context.js";
import { requestToken } from "./entra.js";
import { clientCertificateCredential, clientSecretCredential } from "./service-principal.js";

export const environmentSource: TokenSource = {
  name: "environment",
  async provide(context, signal) {
    const { env, readFile } = context.environment;
    const tenantId = env.AZURE_TENANT_ID;
    const clientId = env.AZURE_CLIENT_ID;
    const clientSecret = env.AZURE_CLIENT_SECRET;
    const path = env.AZURE_CLIENT_CERTIFICATE_PATH;
    const username = env.AZURE_USERNAME;
    const password = env.AZURE_PASSWORD;
    if (!tenantId || !clientId) {
      const missing = [!tenantId && "AZURE_TENANT_ID", !clientId && "AZURE_CLIENT_ID"]
        .filter(Boolean)
        .join(" and ");
      throw unavailable(`${missing} not set`);
    }
    if (clientSecret)
      return clientSecretCredential({ tenantId, clientId, clientSecret }).provide(context, signal);
    if (path) {
      const certificate = await readFile(path);
      if (certificate === undefined) throw invalidInput(`Cannot read the certificate: no file ${path}`);
      return clientCertificateCredential({
        tenantId,
        clientId,
        certificate,
        password: env.AZURE_CLIENT_CERTIFICATE_PASSWORD,
        sendCertificateChain: /^(1|true)$/i.test(env.AZURE_CLIENT_SEND_CERTIFICATE_CHAIN ?? ""),
      }).provide(context, signal);
    }
    // Deprecated by Entra: works only for accounts without a second factor.
    if (username && password) {
      const grant = { grant_type: "password", username, password };
      return (await requestToken(context, tenantId, { clientId }, grant, signal)).token;
    }
    throw unavailable("neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH is set");
  },
};
