/** Sessions on the emulator, without a socket in between. */
import { emptyEnvironment } from "../../auth/environment.js";
import type { SessionOptions } from "../../aws/options.js";
import { Session } from "../../aws/session.js";
import type { Emulator } from "../emulator.js";
import { ROOT_ACCESS_KEY_ID, ROOT_ACCOUNT, ROOT_SECRET_ACCESS_KEY } from "./identity.js";

/** A session as the root user, or with the options that are given. The machine's own files and variables stay out of it. */
export function awsSession(emulator: Emulator, options: SessionOptions): Session {
  return new Session({
    region: "us-east-1",
    credentials: {
      accessKeyId: ROOT_ACCESS_KEY_ID,
      secretAccessKey: ROOT_SECRET_ACCESS_KEY,
      accountId: ROOT_ACCOUNT,
    },
    environment: { ...emptyEnvironment(), now: () => emulator.clock.now() },
    ...options,
    transport: options.transport ?? emulator.transport,
  });
}
