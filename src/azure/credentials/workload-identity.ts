/** Kubernetes: a service account's token, exchanged for one of Entra. AZURE_FEDERATED_TOKEN_FILE, AZURE_TENANT_ID, AZURE_CLIENT_ID. */
import { invalidInput } from "../../internal/cloud-error.js";
import { type TokenSource, unavailable } from "./context.js";
import { clientAssertionCredential } from "./service-principal.js";

export const workloadIdentitySource: TokenSource = {
  name: "workload identity",
  async provide(context, signal) {
    const { env, readFile } = context.environment;
    const tenantId = env.AZURE_TENANT_ID;
    const clientId = env.AZURE_CLIENT_ID;
    const path = env.AZURE_FEDERATED_TOKEN_FILE;
    if (!tenantId || !clientId || !path) {
      throw unavailable("AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE are not all set");
    }
    // Read for each request: the file is renewed.
    const assertion = async () => {
      const token = (await readFile(path))?.trim();
      if (!token) throw invalidInput(`Cannot read the federated token: no text in ${path}`);
      return token;
    };
    return clientAssertionCredential({ tenantId, clientId, assertion }).provide(context, signal);
  },
};
