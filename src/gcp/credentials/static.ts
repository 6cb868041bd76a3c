/** Credentials that are at hand already. */
import type { GoogleCredentials } from "./credentials.js";

/** A token that somebody else got and renews: it is used until the service refuses it. */
export function staticToken(token: string): GoogleCredentials {
  return { description: "access token", fixed: true, accessToken: async () => ({ token }) };
}
