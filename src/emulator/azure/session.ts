/** Sessions on the emulator, without a socket in between. */
import { emptyEnvironment } from "../../auth/environment.js";
import { clientSecretCredential } from "../../azure/credentials/service-principal.js";
import type { SessionOptions } from "../../azure/options.js";
import { Session } from "../../azure/session.js";
import type { Emulator } from "../emulator.js";
import { CLIENT_ID, CLIENT_SECRET, STORAGE_ACCOUNT, SUBSCRIPTION_ID, TENANT_ID } from "./identity.js";

/** A session as the application of a fresh emulator, or with the options that are given. */
export function azureSession(emulator: Emulator, options: SessionOptions): Session {
  return new Session({
    subscriptionId: SUBSCRIPTION_ID,
    account: STORAGE_ACCOUNT,
    credential: clientSecretCredential({
      tenantId: TENANT_ID,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
    }),
    environment: { ...emptyEnvironment(), now: () => emulator.clock.now() },
    ...options,
    transport: options.transport ?? emulator.transport,
  });
}
