/**
 * Google Cloud in the emulator: which requests are Google's, and its services.
 *
 * `/token` with a JSON body is AWS's SSO-OIDC on a shared port: Google's token endpoint takes forms.
 */
import type { EmulatedCloud } from "../service.js";

export const gcpCloud: EmulatedCloud = {
  name: "gcp",
  claim: () => undefined,
  services: {},
  encodeUnknown: (_service, { code, message, status }) => ({
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ error: { code: status, message, status: code } }),
  }),
  environment: () => ({}),
};
