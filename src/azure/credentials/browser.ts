/** A sign-in in the user's browser: authorization code with PKCE, sent back to this machine. https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { authorityOf, checkedTenant, refused, type TokenContext } from "./context.js";
import { type EntraAnswer, requestToken } from "./entra.js";

export interface BrowserRequest {
  readonly openBrowser: (url: string) => void | Promise<void>;
  readonly tenantId: string;
  readonly clientId: string;
  readonly scope: string;
  readonly redirectPort?: number | undefined;
  readonly loginHint?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 300_000;
const PAGE = "<!doctype html><title>Sign-in</title><p>You may close this window.</p>";

export async function askBrowser(
  context: TokenContext,
  request: BrowserRequest,
  signal?: AbortSignal,
): Promise<EntraAnswer> {
  const { createHash, randomBytes } = process.getBuiltinModule("node:crypto");
  const { tenantId, clientId, scope, loginHint, timeoutMs = TIMEOUT_MS } = request;
  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(16).toString("base64url");
  const listener = await listen(request.redirectPort ?? 0, state);
  try {
    const redirectUri = `http://localhost:${listener.port}`;
    const query = new URLSearchParams({
      client_id: clientId,
      response_type: "code",
      response_mode: "query",
      redirect_uri: redirectUri,
      scope,
      state,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
      prompt: "select_account",
      ...(loginHint !== undefined && { login_hint: loginHint }),
      ...(context.claims !== undefined && { claims: context.claims }),
    });
    const tenant = checkedTenant(context.tenantId ?? tenantId);
    await request.openBrowser(`${authorityOf(context)}/${tenant}/oauth2/v2.0/authorize?${query}`);
    const code = await listener.code(timeoutMs, signal);
    const grant = {
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      scope,
    };
    return await requestToken(context, tenantId, { clientId }, grant, signal);
  } finally {
    listener.close();
  }
}

interface Listener {
  readonly port: number;
  /** What the browser brings back. Rejects when the user or Entra refuses, or it does not come in time. */
  code(timeoutMs: number, signal?: AbortSignal): Promise<string>;
  close(): void;
}

/** On loopback alone. Requests of another state are another's, and are told nothing. */
async function listen(port: number, state: string): Promise<Listener> {
  const { createServer } = process.getBuiltinModule("node:http");
  let bring: (answer: URLSearchParams) => void = () => {};
  const brought = new Promise<URLSearchParams>((resolve) => {
    bring = resolve;
  });
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const isOurs = request.method === "GET" && pathname === "/" && searchParams.get("state") === state;
    response.writeHead(isOurs ? 200 : 404, { "content-type": "text/html", connection: "close" });
    response.end(isOurs ? PAGE : undefined);
    if (isOurs) bring(searchParams);
  });
  await new Promise<void>((started, failed) => {
    server.once("error", failed);
    server.listen(port, "localhost", started);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async code(timeoutMs, signal) {
      const found = await Promise.race([brought, endOf(timeoutMs, signal)]);
      if (found === undefined)
        throw refused(`Cannot sign in with the browser: it did not come back in ${timeoutMs} ms`, "timeout");
      const code = found.get("code");
      if (code !== null) return code;
      const [description] = (found.get("error_description") ?? "no code came back").split(/\r?\n/);
      throw refused(`Cannot sign in with the browser: ${description}`, found.get("error") ?? "no_code");
    },
    close: () => void server.close(),
  };
}

/** Undefined when the time is over. */
async function endOf(timeoutMs: number, signal: AbortSignal | undefined): Promise<undefined> {
  await new Promise<void>((resolve, reject) => {
    setTimeout(resolve, timeoutMs).unref();
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return undefined;
}
