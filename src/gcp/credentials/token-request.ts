/** Requests that credentials make: to token endpoints, the metadata server, IAM. Small, JSON, retried where the way failed. */
import type { AccessToken } from "../../auth/credentials.js";
import type { HeaderMap, HttpResponse } from "../../http/message.js";
import { CloudError } from "../../internal/cloud-error.js";
import type { CredentialsContext } from "./credentials.js";

const ATTEMPTS_MAX = 3;
const FIRST_DELAY_MS = 250;
const TIMEOUT_MS = 30_000;
const BYTES_MAX = 1024 * 1024;

export interface TokenRequest {
  readonly method?: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers?: HeaderMap;
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly timeoutMs?: number;
  readonly attempts?: number;
}

export interface TokenAnswer {
  readonly status: number;
  readonly headers: Readonly<HeaderMap>;
  readonly text: string;
}

/** Sends the request; answers whatever came back, errors of the server too. Throws where no answer came. */
export async function send(
  context: CredentialsContext,
  request: TokenRequest,
  signal?: AbortSignal,
): Promise<TokenAnswer> {
  const attempts = request.attempts ?? ATTEMPTS_MAX;
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await sendOnce(context, request, signal);
      if (attempt === attempts || (answer.status < 500 && answer.status !== 429)) return answer;
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt === attempts) throw error;
    }
    await pause(FIRST_DELAY_MS * 2 ** (attempt - 1));
  }
}

async function sendOnce(
  { transport }: CredentialsContext,
  { method = "GET", url, headers = {}, form, json, timeoutMs = TIMEOUT_MS }: TokenRequest,
  signal: AbortSignal | undefined,
): Promise<TokenAnswer> {
  const { origin, pathname, search } = new URL(url);
  const timeout = AbortSignal.timeout(timeoutMs);
  const all: HeaderMap = { accept: "application/json", ...headers };
  let body: string | undefined;
  if (form !== undefined) {
    body = new URLSearchParams(form).toString();
    all["content-type"] = "application/x-www-form-urlencoded";
  } else if (json !== undefined) {
    body = JSON.stringify(json);
    all["content-type"] = "application/json";
  }
  const response: HttpResponse = await transport.send(
    {
      method,
      origin,
      path: pathname,
      query: search.slice(1),
      headers: all,
      ...(body !== undefined && { body }),
    },
    { signal: signal ? AbortSignal.any([signal, timeout]) : timeout, connectTimeoutMs: timeoutMs },
  );
  const bytes = await response.body.bytes(BYTES_MAX);
  return { status: response.status, headers: response.headers, text: new TextDecoder().decode(bytes) };
}

/** The answer as JSON; a refusal as an error of kind `unauthenticated` that says why and holds no secret. */
export async function sendForJson(
  context: CredentialsContext,
  request: TokenRequest,
  what: string,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await send(context, request, signal);
  const json = parse(answer.text);
  if (answer.status >= 200 && answer.status < 300 && json !== undefined) return json;
  throw refusal(what, answer, json);
}

/** The token of an OAuth answer. */
export function tokenOf(
  json: Readonly<Record<string, unknown>>,
  context: CredentialsContext,
  what: string,
): AccessToken {
  const { access_token: token, expires_in: seconds } = json;
  if (typeof token !== "string" || token === "") {
    throw new CloudError(`${what} answered no access token`, {
      kind: "unauthenticated",
      code: "BadTokenResponse",
    });
  }
  if (typeof seconds !== "number" && typeof seconds !== "string") return { token };
  return { token, expiresAt: new Date(context.environment.now() + Number(seconds) * 1000) };
}

function refusal(
  what: string,
  answer: TokenAnswer,
  json: Readonly<Record<string, unknown>> | undefined,
): CloudError {
  const { code, detail } = reasonOf(json);
  const said = [code, detail].filter((part) => part !== "").join(": ") || `status ${answer.status}`;
  return new CloudError(`${what} refused: ${said}`, {
    kind: answer.status >= 500 ? "unavailable" : "unauthenticated",
    code: code || "TokenRefused",
    status: answer.status,
  });
}

function reasonOf(json: Readonly<Record<string, unknown>> | undefined): { code: string; detail: string } {
  const error = json?.error;
  if (typeof error === "object" && error !== null) {
    const { status, message } = error as Record<string, unknown>;
    return { code: textOf(status), detail: textOf(message) };
  }
  return { code: textOf(error), detail: textOf(json?.error_description) };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
