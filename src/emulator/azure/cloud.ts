/** Azure in the emulator: which requests are Azure's, and its services. */
import type { EmulatedCloud } from "../service.js";

export const azureCloud: EmulatedCloud = {
  name: "azure",
  claim: () => undefined,
  services: {},
  encodeUnknown: (_service, { code, message, status }) => ({
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ error: { code, message } }),
  }),
  environment: () => ({}),
};
