/** The few requests that credential sources send: small, plain, with their own time limit and attempts. */
import { sleep } from "../../client/deadline.js";
import type { HeaderMap, HttpRequest, Transport } from "../../http/message.js";

export interface Exchange {
  readonly method?: string;
  readonly url: string;
  readonly headers?: HeaderMap;
  readonly body?: string;
  /** Longest wait for one attempt, ms. Default 5,000. */
  readonly timeoutMs?: number;
  /** Default 3. */
  readonly attempts?: number;
  /** Signs one attempt. */
  readonly sign?: (request: HttpRequest) => Promise<HttpRequest> | HttpRequest;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** A credential document is a few kilobytes. */
const REPLY_BYTES_MAX = 1 << 20;
/** A host that takes no connection is told from one that takes it and says nothing. */
const CONNECT_SHARE = 0.9;
const RETRIED = new Set([429, 500, 502, 503, 504]);

/** Sends until an attempt is answered with a status that is no passing fault. Fails with the last attempt's error. */
export async function exchange(transport: Transport, what: Exchange, signal?: AbortSignal): Promise<Reply> {
  const { attempts = 3 } = what;
  for (let attempt = 1; ; attempt++) {
    try {
      const reply = await attemptOnce(transport, what, signal);
      if (attempt >= attempts || !RETRIED.has(reply.status)) return reply;
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt >= attempts) throw error;
    }
    await sleep(50 * 2 ** attempt * Math.random(), signal);
  }
}

async function attemptOnce(
  transport: Transport,
  what: Exchange,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  const { timeoutMs = 5000 } = what;
  const limit = AbortSignal.timeout(timeoutMs);
  const either = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const request = requestOf(what);
  const signed = (await what.sign?.(request)) ?? request;
  const response = await transport.send(signed, {
    signal: either,
    connectTimeoutMs: timeoutMs * CONNECT_SHARE,
  });
  const bytes = await response.body.bytes(REPLY_BYTES_MAX);
  return { status: response.status, text: new TextDecoder().decode(bytes) };
}

function requestOf({ method = "GET", url, headers = {}, body }: Exchange): HttpRequest {
  const { origin, pathname, search } = new URL(url);
  const request = { method, origin, path: pathname, query: search.slice(1), headers: { ...headers } };
  return body === undefined ? request : { ...request, body };
}

/** JSON, or undefined where the text is not JSON. */
export function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** A member that must be text: undefined when it is absent, empty or something else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
