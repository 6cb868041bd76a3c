/** Plain HTTP messages: what protocols make, signers sign and transports send. No behaviour. */

/** Lower-case names. A repeated header is one value joined with `, `. */
export type HeaderMap = Record<string, string>;

export interface HttpRequest {
  method: string;
  /** Scheme, host and port as sent, no trailing slash: `https://bucket.s3.eu-west-1.amazonaws.com`. */
  origin: string;
  /** Absolute path, percent-encoded exactly as sent: `/a%20b`. */
  path: string;
  /** Query without `?`, percent-encoded exactly as sent; empty when there is none. */
  query: string;
  headers: HeaderMap;
  /** Absent when there is no body. */
  body?: RequestBody;
}

/** Bytes to send. A stream is sent once: only `string` and `Uint8Array` and `Blob` can be sent again. */
export type RequestBody =
  | string
  | Uint8Array
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>;

export interface HttpResponse {
  status: number;
  headers: HeaderMap;
  body: ResponseBody;
}

/**
 * A response's bytes, still in flight. Exactly one of `bytes()` and the iteration may be used, once; `cancel()` at any time.
 * A body shorter or longer than its Content-Length fails with a CloudError of kind `unavailable`, never ends quietly.
 */
export interface ResponseBody extends AsyncIterable<Uint8Array> {
  /** All bytes; refuses more than `limit` bytes when given. */
  bytes(limit?: number): Promise<Uint8Array>;
  /** Drops what is unread and lets the connection go. Safe to repeat. */
  cancel(): void;
}

export const DEFAULT_IDLE_TIMEOUT_MS = 60_000;

export interface SendOptions {
  signal?: AbortSignal | undefined;
  /** Longest wait for the connection, TLS included, ms. */
  connectTimeoutMs?: number | undefined;
  /** Longest silence on the socket, ms. Default DEFAULT_IDLE_TIMEOUT_MS. */
  idleTimeoutMs?: number | undefined;
  /** The response is wanted while the body is still being sent: takes HTTP/2. */
  duplex?: boolean | undefined;
}

/** Sends one request over one connection. Fails with a TransportError before a response head, never retries. */
export interface Transport {
  send(request: HttpRequest, options?: SendOptions): Promise<HttpResponse>;
  /** Closes idle connections; in-flight requests finish. */
  close?(): void;
}

export function urlOf(request: Pick<HttpRequest, "origin" | "path" | "query">): string {
  return request.query === ""
    ? request.origin + request.path
    : `${request.origin}${request.path}?${request.query}`;
}
