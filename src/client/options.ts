/** What a user can set on a call, and as defaults on a session or client. */

import type { HeaderMap, HttpRequest, HttpResponse, Transport } from "../http/message.js";
import type { CloudError } from "../internal/cloud-error.js";

export interface CallOptions {
  /** Aborts the call: the socket is destroyed, the promise fails with kind `aborted`. */
  signal?: AbortSignal | undefined;
  /** For the whole call, retries and waits included, ms; a streamed output's body is not counted. Default: none. */
  timeoutMs?: number | undefined;
  /**
   * For each attempt, from its request to the end of its answer, ms: one that takes longer ends with kind `timeout` and is
   * repeated as any that was lost. A streamed output's body is not counted. Default: none.
   */
  attemptTimeoutMs?: number | undefined;
  /** Retry settings of this call, over the client's. */
  retry?: RetryOptions | undefined;
  /** Added to the request, signed where the signer signs headers. */
  headers?: HeaderMap | undefined;
}

export interface RetryOptions {
  /** Attempts in total, the first included. Default 3. 1 turns retries off. */
  maxAttempts?: number | undefined;
  /** AWS only: which rule set. Default `standard` (with the 2026 rules). */
  mode?: "legacy" | "standard" | "adaptive" | undefined;
  /** Longest wait between two attempts, ms. Default 20,000. */
  maxDelayMs?: number | undefined;
}

/** What a hook is told about the call it runs in. */
export interface CallInfo {
  readonly cloud: string;
  readonly service: string;
  readonly operation: string;
  readonly attempt: number;
}

/** Three places to look in or step in. A hook that throws fails the call. */
export interface Hooks {
  /** Before signing, each attempt. May change headers; may answer itself by returning a response. */
  onRequest?:
    | ((request: HttpRequest, info: CallInfo) => HttpResponse | undefined | Promise<HttpResponse | undefined>)
    | undefined;
  /** After each response head, whatever its status. */
  onResponse?: ((response: HttpResponse, info: CallInfo) => void | Promise<void>) | undefined;
  /** Before the wait that precedes another attempt. */
  onRetry?:
    | ((error: CloudError, info: CallInfo & { readonly delayMs: number }) => void | Promise<void>)
    | undefined;
}

/** Defaults that a session gives its clients; each client may override them. */
export interface ClientOptions extends CallOptions {
  /** Where requests go instead of the service's own endpoint: `http://127.0.0.1:4566`. A path is kept as a prefix. */
  endpoint?: string | undefined;
  hooks?: Hooks | undefined;
  /** How requests travel. Default: node:http(s) with keep-alive; fetch outside Node. */
  transport?: Transport | undefined;
  /** Longest wait for a connection, ms. Default 10,000. */
  connectTimeoutMs?: number | undefined;
  /** Longest silence on a socket, ms. Default 60,000. */
  idleTimeoutMs?: number | undefined;
  /** Added to the User-Agent. */
  appId?: string | undefined;
}
