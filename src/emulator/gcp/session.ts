/** Sessions on the emulator, without a socket in between. */
import { emptyEnvironment } from "../../auth/environment.js";
import type { GoogleCredentials } from "../../gcp/credentials/credentials.js";
import { Session, type SessionOptions } from "../../gcp/session.js";
import type { Emulator } from "../emulator.js";
import {
  DEFAULT_EMAIL,
  DEFAULT_PROJECT,
  type Identities,
  identities,
  projectOf,
  type ServiceAccountKey,
} from "./identity.js";

/** A session as the default service account, or with the options that are given. */
export function gcpSession(emulator: Emulator, options: SessionOptions = {}): Session {
  return new Session({
    project: DEFAULT_PROJECT,
    credentials: emulatedCredentials(emulator, DEFAULT_EMAIL),
    // The machine's own files and variables stay out of it; signatures and tokens expire by one clock.
    environment: { ...emptyEnvironment(), now: () => emulator.clock.now() },
    ...options,
    transport: options.transport ?? emulator.transport,
  });
}

/** Credentials of a service account of the emulator's. It is made when it is new. */
export function emulatedCredentials(emulator: Emulator, email: string): GoogleCredentials {
  const store = (): Identities => {
    const all = emulator.store(identities);
    if (!all.accounts.has(email)) all.addAccount(email, projectOf(email));
    return all;
  };
  return {
    description: `service account ${email} of the emulator`,
    project: () => projectOf(email),
    async accessToken(scopes) {
      const { token, expiresAtMs } = store().issue(email, scopes);
      return { token, expiresAt: new Date(expiresAtMs) };
    },
    async signer() {
      const { createPrivateKey, sign } = process.getBuiltinModule("node:crypto");
      const { privateKey } = await store().signingKey(email);
      const key = createPrivateKey(privateKey);
      return { email, sign: (bytes) => new Uint8Array(sign("RSA-SHA256", bytes, key)) };
    },
  };
}

/**
 * A key file of a service account of the emulator's, as `gcloud iam service-accounts keys create` writes it. `origin` is
 * where the emulator listens; by default Google's own host, which the in-process transport answers too.
 */
export async function serviceAccountKeyFile(
  emulator: Emulator,
  { email = DEFAULT_EMAIL, origin = "https://oauth2.googleapis.com" } = {},
): Promise<Record<string, string>> {
  const store = emulator.store(identities);
  if (!store.accounts.has(email)) store.addAccount(email, projectOf(email));
  return keyFile(await store.signingKey(email), origin);
}

function keyFile({ id, email, privateKey }: ServiceAccountKey, origin: string): Record<string, string> {
  return {
    type: "service_account",
    project_id: projectOf(email),
    private_key_id: id,
    private_key: privateKey,
    client_email: email,
    client_id: "100000000000000000000",
    token_uri: `${origin}/token`,
    universe_domain: "googleapis.com",
  };
}
