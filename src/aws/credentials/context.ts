/** What every credential source of AWS is given. */

import type { AwsCredentials, Source } from "../../auth/credentials.js";
import type { Transport } from "../../http/message.js";
import { invalidInput } from "../../internal/cloud-error.js";
import type { Settings } from "../config/settings.js";

export interface CredentialContext {
  readonly settings: Settings;
  readonly transport: Transport;
  /** The session's region, where it has one. */
  readonly region: string | undefined;
  /** Asks the user for the code of an MFA device. */
  readonly mfaCode?: ((serial: string) => Promise<string> | string) | undefined;
}

export type CredentialSource = Source<AwsCredentials, CredentialContext>;

/** A profile or variable that cannot be used as it stands. Names it, never its secret. */
export function misconfigured(message: string): Error {
  return invalidInput(message, { code: "InvalidConfig" });
}
