/** A server of event streams over HTTP/2 that checks the signatures of head and events by our verifiers. */
import { once } from "node:events";
import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { type GoodSignature, verifyV4 } from "../auth/sigv4-verify.js";
import type { HeaderMap } from "../http/message.js";
import { selfSigned } from "../http/self-signed.test-support.js";
import {
  decodeMessage,
  decodeMessages,
  type EventMessage,
  encodeMessage,
} from "../protocol/codec/event-stream.js";
import { verifyEvents } from "./signers/event-stream.js";

export const CREDENTIALS = { accessKeyId: "AKID", secretAccessKey: "SECRET", sessionToken: "TOKEN" };

export interface Conversation {
  readonly path: string;
  readonly headers: HeaderMap;
  /** Of the head. */
  readonly signature: GoodSignature;
  readonly stream: ServerHttp2Stream;
  /** The client's events, each checked as it comes. Fails at the first that is not signed in its turn. */
  events(): AsyncGenerator<EventMessage, void, undefined>;
  begin(): void;
  /** Sends an event with JSON for its payload. */
  say(headers: Readonly<Record<string, string>>, payload?: unknown): void;
}

export interface EventServer {
  readonly origin: string;
  /** PEM to trust, of a server that speaks TLS. */
  readonly ca: string;
  close(): void;
}

export async function eventServer(
  converse: (conversation: Conversation) => Promise<void>,
  { tls = false } = {},
): Promise<EventServer> {
  const { key, cert } = selfSigned("localhost");
  const server = tls ? createSecureServer({ key, cert }) : createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", (stream: ServerHttp2Stream, received: IncomingHttpHeaders) => {
    stream.on("error", () => undefined);
    answer(stream, received, converse).catch((error: Error) => refuse(stream, error.message));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `${tls ? "https" : "http"}://127.0.0.1:${(server.address() as { port: number }).port}`,
    ca: cert,
    close() {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

async function answer(
  stream: ServerHttp2Stream,
  received: IncomingHttpHeaders,
  converse: (conversation: Conversation) => Promise<void>,
): Promise<void> {
  const authority = String(received[":authority"]);
  const headers: HeaderMap = { host: authority, ":authority": authority };
  for (const [name, value] of Object.entries(received)) {
    if (!name.startsWith(":")) headers[name] = String(value);
  }
  const [path = "", query = ""] = String(received[":path"]).split("?");
  const signature = verifyV4(
    { method: String(received[":method"]), path, query, headers },
    { secretOf: (id) => (id === CREDENTIALS.accessKeyId ? CREDENTIALS : undefined), now: new Date() },
  );
  if (!signature.ok) return refuse(stream, signature.message);
  await converse({
    path,
    headers,
    signature,
    stream,
    events: () => eventsOf(stream, signature),
    begin() {
      stream.respond({ ":status": 200, "content-type": "application/vnd.amazon.eventstream" });
    },
    say(eventHeaders, payload = {}) {
      stream.write(message(eventHeaders, JSON.stringify(payload)));
    },
  });
}

/** An event's message as a service sends it. */
export function message(headers: Readonly<Record<string, string>>, payload: string | Uint8Array): Uint8Array {
  return encodeMessage({
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, { type: "string", value }]),
    ),
    payload: typeof payload === "string" ? new TextEncoder().encode(payload) : payload,
  });
}

async function* eventsOf(
  stream: ServerHttp2Stream,
  { seed }: GoodSignature,
): AsyncGenerator<EventMessage, void, undefined> {
  if (seed === undefined) throw new Error("The head gives no seed for its events");
  // Whoever stops listening may still have something to say.
  const received = stream.iterator({ destroyOnReturn: false });
  for await (const event of verifyEvents(frames(received), seed)) yield decodeMessage(event);
}

/** Frames as they were sent: what carries the signatures. */
async function* frames(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const frame of decodeMessages(stream)) yield encodeMessage(frame);
}

function refuse(stream: ServerHttp2Stream, why: string): void {
  if (stream.destroyed) return;
  const headers = { ":type": "InvalidSignatureException" };
  if (stream.headersSent) {
    stream.end(
      message({ ":message-type": "error", ":error-code": headers[":type"], ":error-message": why }, ""),
    );
    return;
  }
  stream.respond({
    ":status": 403,
    "x-amzn-errortype": "InvalidSignatureException",
    "x-amzn-requestid": "r-1",
  });
  stream.end(JSON.stringify({ message: why }));
}
