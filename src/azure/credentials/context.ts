/** What every credential source of Azure is given, and how it talks HTTP. */
import { SourceUnavailable } from "../../auth/chain.js";
import type { AccessToken, Source } from "../../auth/credentials.js";
import type { Environment } from "../../auth/environment.js";
import type { HeaderMap, Transport } from "../../http/message.js";
import { CloudError, invalidInput, isCloudError } from "../../internal/cloud-error.js";

export interface TokenContext {
  /** `https://management.azure.com/.default` */
  readonly scopes: readonly string[];
  readonly environment: Environment;
  readonly transport: Transport;
  /** Where tokens are issued. Default: AZURE_AUTHORITY_HOST, else the public cloud's. */
  readonly authorityHost?: string | undefined;
  /** Over the tenant that a source has of its own. */
  readonly tenantId?: string | undefined;
  /** A claims challenge of a resource, to pass on (continuous access evaluation). */
  readonly claims?: string | undefined;
  /** The source stands alone: it need not find out first whether it is there at all. */
  readonly alone?: true;
}

export type TokenSource = Source<AccessToken, TokenContext>;

export const PUBLIC_AUTHORITY = "https://login.microsoftonline.com";

export function authorityOf({ authorityHost, environment }: TokenContext): string {
  const host = authorityHost ?? environment.env.AZURE_AUTHORITY_HOST ?? PUBLIC_AUTHORITY;
  const url = /^https?:\/\//.test(host) ? host : `https://${host}`;
  return url.replace(/\/+$/, "");
}

/** Tenants and scopes stand in URLs and command lines: nothing else may. */
export function checkedTenant(tenantId: string): string {
  if (/^[\w.-]+$/.test(tenantId)) return tenantId;
  throw invalidInput("Cannot get a token: the tenant id must be letters, digits, dots and hyphens");
}

export function checkedScope(scope: string): string {
  if (/^[\w.:/-]+$/.test(scope)) return scope;
  throw invalidInput("Cannot get a token: the scope must be letters, digits and any of . - : _ /");
}

/** The scope without `/.default`: what older endpoints call the resource. */
export function resourceOf({ scopes }: TokenContext): string {
  const [scope, ...others] = scopes;
  if (scope === undefined || others.length > 0)
    throw invalidInput("Cannot get a token: this source takes one scope");
  return scope.replace(/\/\.default$/, "");
}

export interface Exchange {
  readonly method?: string;
  readonly url: string;
  readonly headers?: HeaderMap;
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  /** Statuses to try again, besides 429 and 5xx. */
  readonly retryStatuses?: readonly number[];
  readonly attemptsMax?: number;
}

export interface Reply {
  readonly status: number;
  readonly headers: HeaderMap;
  readonly text: string;
  /** Undefined when the text is not a JSON object. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
}

const ATTEMPTS_MAX = 3;
const REPLY_BYTES_MAX = 1 << 20;
const TIMEOUT_MS = 30_000;

/** One request, tried again where the endpoint says that it is busy. Fails when there is no answer at all. */
export async function exchange(
  context: TokenContext,
  request: Exchange,
  signal?: AbortSignal,
): Promise<Reply> {
  const attemptsMax = request.attemptsMax ?? ATTEMPTS_MAX;
  for (let attempt = 1; ; attempt++) {
    let failure: unknown;
    try {
      const reply = await sendOnce(context, request, signal);
      const { status } = reply;
      const again = status === 429 || status >= 500 || request.retryStatuses?.includes(status);
      if (!again || attempt >= attemptsMax) return reply;
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt >= attemptsMax) throw error;
      failure = error;
    }
    if (failure !== undefined && !isTransient(failure)) throw failure;
    await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt));
  }
}

function isTransient(error: unknown): boolean {
  return isCloudError(error) && (error.kind === "unavailable" || error.kind === "timeout");
}

async function sendOnce(context: TokenContext, request: Exchange, signal?: AbortSignal): Promise<Reply> {
  const url = new URL(request.url);
  const form = request.form && formOf(request.form);
  const headers: HeaderMap = { accept: "application/json", ...request.headers };
  if (form !== undefined) headers["content-type"] = "application/x-www-form-urlencoded";
  const timeoutMs = request.timeoutMs ?? TIMEOUT_MS;
  const response = await context.transport.send(
    {
      method: request.method ?? (form === undefined ? "GET" : "POST"),
      origin: url.origin,
      path: url.pathname,
      query: url.search.slice(1),
      headers,
      ...(form !== undefined && { body: form }),
    },
    { signal, connectTimeoutMs: timeoutMs, idleTimeoutMs: timeoutMs },
  );
  const text = new TextDecoder().decode(await response.body.bytes(REPLY_BYTES_MAX));
  return { status: response.status, headers: response.headers, text, json: parseObject(text) };
}

function formOf(form: Readonly<Record<string, string | undefined>>): string {
  const present = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(present).toString();
}

export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A token that a user may renew at half time is renewed at half time: managed identities keep theirs for a day. */
const LONG_LIVED_SECONDS = 2 * 3600;

/** The token of a token endpoint's or managed identity's answer; undefined when there is none. */
export function tokenOf(json: Reply["json"], nowMs: number): AccessToken | undefined {
  const token = textOf(json?.access_token);
  if (json === undefined || token === undefined) return undefined;
  const expiresAt = expiryOf(json, nowMs);
  const refreshIn = Number(json.refresh_in);
  const left = (expiresAt.getTime() - nowMs) / 1000;
  const refreshSeconds = refreshIn > 0 ? refreshIn : left >= LONG_LIVED_SECONDS ? left / 2 : undefined;
  return {
    token,
    expiresAt,
    ...(refreshSeconds !== undefined && { refreshAt: new Date(nowMs + refreshSeconds * 1000) }),
  };
}

/** `expires_on` is seconds since 1970 or a date, `expires_in` seconds from now. */
function expiryOf(json: Readonly<Record<string, unknown>>, nowMs: number): Date {
  const on = json.expires_on;
  if (on !== undefined && on !== "") {
    const seconds = Number(on);
    const ms = Number.isNaN(seconds) ? Date.parse(String(on)) : seconds * 1000;
    if (!Number.isNaN(ms)) return new Date(ms);
  }
  const expiresIn = Number(json.expires_in);
  return new Date(nowMs + (expiresIn > 0 ? expiresIn : 3600) * 1000);
}

export function unavailable(message: string): SourceUnavailable {
  return new SourceUnavailable(message);
}

export function refused(message: string, code: string, cause?: unknown): CloudError {
  return new CloudError(message, { kind: "unauthenticated", code, cloud: "azure", cause });
}
