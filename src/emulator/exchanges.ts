/** What is under way on the server's connections, and what is said to a client whose bytes are no HTTP. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { NodeResponseBody } from "../http/node-response.js";
import { transportError } from "../http/transport-error.js";

export interface Exchange {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: NodeResponseBody;
}

export class Exchanges {
  /** The last one of each connection: answers leave in the order of their requests. */
  readonly #last = new WeakMap<Socket, Exchange>();

  begin(exchange: Exchange): void {
    const { message, body } = exchange;
    this.#last.set(message.socket, exchange);
    // A client that goes away in the middle of its body: who reads it must not wait for ever.
    message.once("close", () => {
      if (!message.complete) body.fail(transportError("BodyTruncated", "The client closed the connection"));
    });
  }

  /** What came is no HTTP: the request under way fails by its body, or the refusal follows its answer. */
  refuse(error: Error, socket: Socket): void {
    if (!socket.writable || (error as NodeJS.ErrnoException).code === "ECONNRESET") {
      socket.destroy();
      return;
    }
    const exchange = this.#last.get(socket);
    if (exchange === undefined) socket.end(refusal(error));
    else if (!exchange.message.complete) {
      // A request that was answered before it had all come has its answer.
      if (exchange.response.writableEnded) socket.end();
      else cutShort(exchange, transportError("BodyTruncated", `The body cannot be read: ${error.message}`));
    } else if (exchange.response.writableFinished) socket.end(refusal(error));
    else exchange.response.once("finish", () => socket.end(refusal(error)));
  }

  /** A body that stopped coming, or a connection that nobody uses. A silence while an answer is made is the handler's own. */
  onIdle(socket: Socket): void {
    const exchange = this.#last.get(socket);
    if (exchange === undefined || exchange.response.writableEnded) socket.destroy();
    else if (!exchange.message.complete && exchange.body.onIdle())
      cutShort(exchange, transportError("IdleTimeout", "The client stopped sending the body"));
  }
}

/** The handler fails as it reads and the service answers in its own form; nothing more can be read from this connection. */
function cutShort({ response, body }: Exchange, error: ReturnType<typeof transportError>): void {
  response.shouldKeepAlive = false;
  body.fail(error);
}

/** A tunnel to elsewhere: there is none. */
export function refuseTunnel(socket: Socket): void {
  socket.end(rawAnswer(405, "Method Not Allowed", "MethodNotAllowed", "The emulator is no proxy."));
}

/** Which service was meant is not known: the form that most of them share. */
function refusal(error: Error): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case "HPE_HEADER_OVERFLOW":
      return rawAnswer(
        431,
        "Request Header Fields Too Large",
        "RequestHeaderSectionTooLarge",
        "The request's headers are too long.",
      );
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return rawAnswer(408, "Request Timeout", "RequestTimeout", "The request did not come to its end.");
    default:
      return rawAnswer(400, "Bad Request", "BadRequest", "The request cannot be parsed.");
  }
}

function rawAnswer(status: number, reason: string, code: string, message: string): string {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return [
    `HTTP/1.1 ${status} ${reason}`,
    "Connection: close",
    "Content-Type: application/xml",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");
}
