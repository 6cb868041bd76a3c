/** What a user can set on a client of a Google Cloud service. */
import type { ClientOptions } from "../client/options.js";

export interface GcpClientOptions extends ClientOptions {
  /** Project of this client's calls. Default: the session's. */
  readonly project?: string | undefined;
  /** Scopes of this client's tokens. Default: those that the API states. */
  readonly scopes?: readonly string[] | undefined;
}
