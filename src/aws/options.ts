/** What a session and a client of AWS can be told. */
import type { AwsCredentials } from "../auth/credentials.js";
import type { Environment } from "../auth/environment.js";
import type { ClientOptions } from "../client/options.js";
import type { SettingOverrides } from "./config/settings.js";

/** Keys, a function that gives them (called again before they expire), or `"anonymous"`: requests are not signed. */
export type CredentialsOption =
  | AwsCredentials
  | (() => Promise<AwsCredentials> | AwsCredentials)
  | "anonymous";

/**
 * Options of a client, and a session's defaults for its clients. Besides those of every cloud: each setting of
 * `config/keys.ts` under its name (`region`, `useFipsEndpoint`, `s3AddressingStyle`, `requestChecksumCalculation`...), over
 * what environment and profile say.
 */
export interface AwsClientOptions extends ClientOptions, SettingOverrides {
  /** Where the services are. Env: AWS_REGION, AWS_DEFAULT_REGION; profile: `region`. */
  readonly region?: string | undefined;
  /** Default: the chain of `credentials/default-chain.ts`. */
  readonly credentials?: CredentialsOption | undefined;
  readonly appId?: string | undefined;
}

export interface SessionOptions extends AwsClientOptions {
  /** A profile of ~/.aws/config; wins over keys in the environment. Env: AWS_PROFILE. */
  readonly profile?: string | undefined;
  /** Asks the user for the code of an MFA device when a profile's role needs one. */
  readonly mfaCode?: ((serial: string) => Promise<string> | string) | undefined;
  /** Where no region is configured, ask the EC2 instance for its own. Default false. */
  readonly regionFromInstance?: boolean | undefined;
  /** Variables, files and commands in place of the process's own, for tests and other runtimes. */
  readonly environment?: Environment | undefined;
}
