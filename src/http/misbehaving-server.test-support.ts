/** For tests: raw TCP servers on loopback that answer as each test says, right or wrong. */

import type { Server, Socket } from "node:net";

export interface MisbehavingServer {
  readonly origin: string;
  /** Requests heads seen, in order. */
  readonly heads: string[];
  /** Connections accepted so far. */
  connections: number;
  /** Connections open now. */
  readonly open: Set<Socket>;
  close(): Promise<void>;
}

/** `answer` is called with each request head; what follows the head is left to `socket`'s data events. */
export async function misbehave(
  answer: (socket: Socket, head: string, requestsOnSocket: number, rest: string) => void,
): Promise<MisbehavingServer> {
  const { createServer } = process.getBuiltinModule("node:net");
  const { once } = process.getBuiltinModule("node:events");
  const heads: string[] = [];
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    self.connections++;
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => undefined);
    let text = "";
    let requests = 0;
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      for (let end = text.indexOf("\r\n\r\n"); end !== -1; end = text.indexOf("\r\n\r\n")) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        heads.push(head);
        requests++;
        const rest = text;
        if (!/^(GET|HEAD)/.test(head)) text = "";
        answer(socket, head, requests, rest);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address() as { port: number };
  const self: MisbehavingServer = {
    origin: `http://127.0.0.1:${address.port}`,
    heads,
    connections: 0,
    open,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
  return self;
}

/** A whole, well-formed response. */
export function response(body: string, status = "200 OK", headers = ""): string {
  return `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
}
