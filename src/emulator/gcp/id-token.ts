/** OpenID Connect tokens of the emulator: signed by the account's own key, so that a test can verify them. */
import { signJwt } from "../../auth/jwt.js";
import type { Context } from "../service.js";
import { identities } from "./identity.js";

export async function makeIdToken(email: string, audience: string, context: Context): Promise<string> {
  const store = context.store(identities);
  const key = await store.signingKey(email);
  const now = Math.floor(context.clock.now() / 1000);
  const sub = store.accounts.get(email)?.uniqueId ?? email;
  const claims = {
    iss: "https://accounts.google.com",
    aud: audience,
    azp: sub,
    sub,
    email,
    email_verified: true,
    iat: now,
    exp: now + 3600,
  };
  return signJwt({ alg: "RS256", kid: key.id, typ: "JWT" }, claims, key.privateKey);
}
