import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { PassThrough, Readable, Transform, Writable } from "node:stream";
import { after, test } from "node:test";
import { isCloudError } from "../internal/cloud-error.js";
import { createBody } from "./body.js";
import type { HttpRequest, RequestBody } from "./message.js";
import { misbehave, response } from "./misbehaving-server.test-support.js";
import { nodeTransport } from "./node-transport.js";

const transport = nodeTransport({ env: {} });
after(() => transport.close?.());

function get(origin: string, path = "/"): HttpRequest {
  return { method: "GET", origin, path, query: "", headers: {} };
}

function put(origin: string, body: RequestBody, headers: Record<string, string> = {}): HttpRequest {
  return { method: "PUT", origin, path: "/o", query: "", headers, body };
}

async function withServer(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  run: (origin: string, server: Server) => Promise<void>,
): Promise<void> {
  const server = createServer(handler);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await run(`http://127.0.0.1:${(server.address() as { port: number }).port}`, server);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function text(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

async function failure(work: Promise<unknown>, code: string, kind: string): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isCloudError(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.equal(error.kind, kind);
    return true;
  });
}

/** Echoes the request's body and tells how it was framed. */
function echo(request: IncomingMessage, answer: ServerResponse): void {
  const framing = request.headers["content-length"] ?? request.headers["transfer-encoding"] ?? "none";
  answer.setHeader("x-framing", framing);
  request.pipe(answer);
}

test("sends every kind of body with the right framing", async () => {
  const bytes = new TextEncoder().encode("héllo");
  const blob = new Blob([bytes]);
  const objectMode = Readable.from(["hé", "llo"]);
  const passThrough = new PassThrough();
  passThrough.end(bytes);
  const transform = new Transform({ transform: (chunk, _, done) => done(null, chunk) });
  transform.end(bytes);
  async function* generator() {
    yield bytes.subarray(0, 2);
    yield bytes.subarray(2);
  }
  const cases: [string, RequestBody, string][] = [
    ["text", "héllo", "6"],
    ["bytes", bytes, "6"],
    ["a Buffer", Buffer.from(bytes), "6"],
    ["a Blob", blob, "6"],
    ["a web stream", blob.stream() as ReadableStream<Uint8Array>, "chunked"],
    ["a generator", generator(), "chunked"],
    ["an object-mode stream", objectMode, "chunked"],
    ["a PassThrough", passThrough, "chunked"],
    ["a Transform", transform, "chunked"],
  ];
  await withServer(echo, async (origin) => {
    for (const [name, body, framing] of cases) {
      const answer = await transport.send(put(origin, body));
      assert.equal(await text(answer.body), "héllo", name);
      assert.equal(answer.headers["x-framing"], framing, name);
    }
    const declared = await transport.send(put(origin, Readable.from([bytes]), { "content-length": "6" }));
    assert.equal(declared.headers["x-framing"], "6");
    await declared.body.bytes();
    const empty = await transport.send({ ...get(origin), method: "POST" });
    assert.equal(empty.headers["x-framing"], "0");
    await empty.body.bytes();
  });
});

test("fails when a body is not as long as declared, and closes the connection", async () => {
  await withServer(echo, async (origin) => {
    const short = transport.send(put(origin, Readable.from(["abc"]), { "content-length": "5" }));
    await failure(
      short.then(({ body }) => body.bytes()),
      "RequestBodyFailed",
      "invalidInput",
    );
    const long = transport.send(put(origin, Readable.from(["abcdef"]), { "content-length": "5" }));
    await failure(
      long.then(({ body }) => body.bytes()),
      "RequestBodyFailed",
      "invalidInput",
    );
  });
});

test("fails with the cause when the body's stream fails or is destroyed", async () => {
  const server = await misbehave(() => undefined);
  const cause = new Error("disk on fire");
  const failing = new Readable({
    read() {
      this.destroy(cause);
    },
  });
  await assert.rejects(
    transport.send(put(server.origin, failing)),
    (error) => isCloudError(error) && error.cause === cause,
  );
  const destroyed = new PassThrough();
  destroyed.write("abc");
  setImmediate(() => destroyed.destroy());
  await failure(transport.send(put(server.origin, destroyed)), "RequestBodyFailed", "invalidInput");
  await server.close();
});

test("names what happened to a connection", async () => {
  const closed = await misbehave(() => undefined);
  await closed.close();
  await failure(transport.send(get(closed.origin)), "ConnectionRefused", "unavailable");
  await failure(transport.send(get("http://no-such-host.invalid")), "HostNotFound", "unavailable");

  const resetting = await misbehave((socket) => socket.resetAndDestroy());
  await failure(transport.send(get(resetting.origin)), "ConnectionReset", "unavailable");
  await resetting.close();

  const hangingUp = await misbehave((socket) => socket.end());
  await failure(transport.send(get(hangingUp.origin)), "ConnectionReset", "unavailable");
  await hangingUp.close();

  const silent = await misbehave(() => undefined);
  await failure(transport.send(get(silent.origin), { idleTimeoutMs: 20 }), "IdleTimeout", "timeout");
  await silent.close();

  const babbling = await misbehave((socket) => socket.write("SSH-2.0-OpenSSH\r\n\r\n"));
  await failure(transport.send(get(babbling.origin)), "BadResponse", "unavailable");
  await babbling.close();

  await withPlainTextTls(async (origin) => {
    await failure(transport.send(get(origin)), "TlsFailed", "unavailable");
  });
});

/** A server that answers a TLS hello in plain text. */
async function withPlainTextTls(run: (origin: string) => Promise<void>): Promise<void> {
  const { createServer } = await import("node:net");
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  await run(`https://127.0.0.1:${(server.address() as { port: number }).port}`);
  server.close();
}

test("gives up a connection that is not made in time", async () => {
  // The server accepts TCP but never speaks TLS: the connection is not there until the handshake is.
  const { createServer } = await import("node:net");
  const server = createServer((socket) => socket.on("error", () => undefined));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `https://127.0.0.1:${(server.address() as { port: number }).port}`;
  await failure(transport.send(get(origin), { connectTimeoutMs: 20 }), "ConnectTimeout", "timeout");
  server.close();
});

test("fails a body that is cut, in every way of reading it", async () => {
  const server = await misbehave((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabcd");
    socket.end();
  });
  await failure((await transport.send(get(server.origin))).body.bytes(), "BodyTruncated", "unavailable");
  await failure(text((await transport.send(get(server.origin))).body), "BodyTruncated", "unavailable");
  const body = createBody((await transport.send(get(server.origin))).body, 10);
  await failure(body.text(), "BodyTruncated", "unavailable");
  const stream = createBody((await transport.send(get(server.origin))).body).stream();
  await failure(new Response(stream).text(), "BodyTruncated", "unavailable");
  const piped = createBody((await transport.send(get(server.origin))).body);
  await failure(piped.pipeTo(new PassThrough().resume()), "BodyTruncated", "unavailable");
  // Read only after the connection is long closed.
  const late = await transport.send(get(server.origin));
  while (server.open.size > 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await failure(text(late.body), "BodyTruncated", "unavailable");
  await server.close();
});

test("fails a chunked body that is cut", async () => {
  const server = await misbehave((socket) => {
    socket.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nabcd\r\n");
  });
  await failure((await transport.send(get(server.origin))).body.bytes(), "BodyTruncated", "unavailable");
  await server.close();
});

test("fails a body that is longer than declared", async () => {
  const server = await misbehave((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcdefgh");
  });
  await failure((await transport.send(get(server.origin))).body.bytes(), "BodyTooLong", "unavailable");
  await server.close();
});

test("does not answer a request with bytes that came before it was sent", async () => {
  let sockets = 0;
  const server = await misbehave((socket, _, requests) => {
    if (requests > 1) return;
    socket.write(response(`from socket ${++sockets}`));
    setTimeout(() => socket.write(response("smuggled")), 5);
  });
  const first = await transport.send(get(server.origin));
  assert.equal(await text(first.body), "from socket 1");
  await new Promise((resolve) => setTimeout(resolve, 30));
  const second = await transport.send(get(server.origin));
  assert.equal(await text(second.body), "from socket 2");
  await server.close();
});

test("tries a kept connection that the peer closed once more, on a new one, when the body can be sent again", async () => {
  const server = await misbehave((socket, _, requests) => {
    if (requests === 1) socket.write(response("ok"));
    else socket.resetAndDestroy();
  });
  await text((await transport.send(get(server.origin))).body);
  assert.equal(await text((await transport.send(put(server.origin, "again"))).body), "ok");
  assert.equal(server.connections, 2);
  assert.equal(server.heads.length, 3);
  await failure(
    transport.send(put(server.origin, Readable.from(["once"]))),
    "ConnectionReset",
    "unavailable",
  );
  assert.equal(server.heads.length, 4);
  await server.close();
});

test("does not send again after the first byte of a response", async () => {
  const server = await misbehave((socket, _, requests) => {
    if (requests === 1) return void socket.write(response("ok"));
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n");
    setTimeout(() => socket.resetAndDestroy(), 5);
  });
  await text((await transport.send(get(server.origin))).body);
  const second = await transport.send(get(server.origin));
  await assert.rejects(second.body.bytes(), (error) => isCloudError(error) && error.kind === "unavailable");
  assert.equal(server.heads.length, 2);
  await server.close();
});

test("abort destroys the socket, before the response and within it", async () => {
  const server = await misbehave((socket, head) => {
    if (head.startsWith("GET /body")) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabcd");
  });
  const before = new AbortController();
  const waiting = transport.send(get(server.origin), { signal: before.signal });
  while (server.heads.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  before.abort();
  await failure(waiting, "Aborted", "aborted");

  const within = new AbortController();
  const { body } = await transport.send(get(server.origin, "/body"), { signal: within.signal });
  const reading = text(body);
  setImmediate(() => within.abort());
  await failure(reading, "Aborted", "aborted");
  while (server.open.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));

  await failure(transport.send(get(server.origin), { signal: AbortSignal.abort() }), "Aborted", "aborted");
  assert.equal(server.heads.length, 2);
  await failure(
    transport.send(get(server.origin), { signal: AbortSignal.timeout(10) }),
    "Timeout",
    "timeout",
  );
  await server.close();
});

test("abort stops an upload: its source is closed and its socket destroyed", async () => {
  const server = await misbehave((socket) => socket.pause());
  const source = new Readable({
    read() {
      this.push(Buffer.alloc(65_536));
    },
  });
  const abort = new AbortController();
  const sending = transport.send(put(server.origin, source), { signal: abort.signal });
  while (server.heads.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  abort.abort();
  await failure(sending, "Aborted", "aborted");
  while (!source.closed) await new Promise((resolve) => setTimeout(resolve, 1));
  await server.close();
});

test("a refusal in the middle of an upload is the answer", async () => {
  const server = await misbehave((socket, head) => {
    if (head.startsWith("PUT")) socket.write(response("<Error/>", "403 Forbidden"));
  });
  let stopped = false;
  async function* endless() {
    try {
      for (;;) {
        yield Buffer.alloc(1024);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } finally {
      stopped = true;
    }
  }
  const answer = await transport.send(put(server.origin, endless()));
  assert.equal(answer.status, 403);
  assert.equal(await text(answer.body), "<Error/>");
  while (!stopped || server.open.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await server.close();
});

test("waits for 100 Continue before the body, and sends none when refused", async () => {
  const bodies: string[] = [];
  const server = await misbehave((socket, head, _, rest) => {
    assert.equal(rest, "");
    if (head.includes("/o")) {
      socket.once("data", (chunk) => {
        bodies.push(chunk.toString());
        socket.write(response("stored"));
      });
      socket.write("HTTP/1.1 100 Continue\r\n\r\n");
    }
  });
  const expect = { expect: "100-continue" };
  assert.equal(await text((await transport.send(put(server.origin, "payload", expect))).body), "stored");
  assert.deepEqual(bodies, ["payload"]);
  await server.close();

  const refusing = await misbehave((socket, _, __, rest) => {
    assert.equal(rest, "");
    socket.on("data", (chunk) => bodies.push(chunk.toString()));
    socket.write(response("no", "403 Forbidden"));
  });
  const refused = await transport.send(put(refusing.origin, "payload", expect));
  assert.equal(refused.status, 403);
  assert.equal(await text(refused.body), "no");
  while (refusing.open.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(bodies, ["payload"]);
  await refusing.close();
});

test("sends the body to a peer that does not know Expect", async () => {
  const server = await misbehave((socket) => {
    socket.once("data", () => socket.write(response("stored")));
  });
  const answer = await transport.send(put(server.origin, "payload", { expect: "100-continue" }));
  assert.equal(await text(answer.body), "stored");
  await server.close();
});

test("keeps connections: many requests in turn take one", async () => {
  const server = await misbehave((socket) => socket.write(response("ok")));
  for (let i = 0; i < 5; i++) assert.equal(await text((await transport.send(get(server.origin))).body), "ok");
  assert.equal(server.connections, 1);
  await server.close();
});

test("a cancelled body lets its connection go: a short one to the next request", async () => {
  const server = await misbehave((socket, head) => {
    if (head.includes("/long")) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\nabc");
    else socket.write(response("short"));
  });
  const narrow = nodeTransport({ env: {}, socketsMax: 1 });
  (await narrow.send(get(server.origin))).body.cancel();
  await text((await narrow.send(get(server.origin))).body);
  assert.equal(server.connections, 1);
  const long = await narrow.send(get(server.origin, "/long"));
  const waiting = narrow.send(get(server.origin));
  long.body.cancel();
  long.body.cancel();
  assert.equal(await text((await waiting).body), "short");
  for await (const _ of (await narrow.send(get(server.origin, "/long"))).body) break;
  assert.equal(await text((await narrow.send(get(server.origin))).body), "short");
  narrow.close?.();
  await server.close();
});

test("a body that nobody reads does not hold its connection for ever", async () => {
  const server = await misbehave((socket, head) => {
    if (head.includes("/long")) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\nabc");
    else socket.write(response("short"));
  });
  const narrow = nodeTransport({ env: {}, socketsMax: 1 });
  const unread = createBody((await narrow.send(get(server.origin, "/long"), { idleTimeoutMs: 20 })).body);
  assert.equal(await text((await narrow.send(get(server.origin))).body), "short");
  await failure(unread.bytes(), "IdleTimeout", "timeout");
  await server.close();
});

test("a slow reader is not taken for a silent socket", async () => {
  await withServer(
    (_, answer) => {
      answer.setHeader("content-length", 4_000_000);
      answer.end(Buffer.alloc(4_000_000));
    },
    async (origin) => {
      const { body } = await transport.send(get(origin), { idleTimeoutMs: 30 });
      let length = 0;
      for await (const chunk of body) {
        if (length === 0) await new Promise((resolve) => setTimeout(resolve, 100));
        length += chunk.length;
      }
      assert.equal(length, 4_000_000);
    },
  );
});

test("a reader that stops does not make the sender's bytes pile up", async () => {
  let written = 0;
  await withServer(
    (_, answer) => {
      const chunk = Buffer.alloc(65_536);
      const write = () => {
        while (!answer.destroyed && written < 256 * 1024 * 1024) {
          written += chunk.length;
          if (!answer.write(chunk)) return void answer.once("drain", write);
        }
      };
      write();
    },
    async (origin) => {
      const { body } = await transport.send(get(origin));
      const iterator = body[Symbol.asyncIterator]();
      await iterator.next();
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.ok(written < 64 * 1024 * 1024, `${written} bytes were taken from a server nobody listened to`);
      await iterator.return?.();
    },
  );
});

test("limits what is read into memory", async () => {
  await withServer(
    (request, answer) => {
      if (request.url === "/chunked") answer.write("0123456789");
      answer.end("0123456789");
    },
    async (origin) => {
      const declared = await transport.send(get(origin));
      await failure(declared.body.bytes(5), "BodyTooLong", "unavailable");
      const chunked = await transport.send(get(origin, "/chunked"));
      await failure(chunked.body.bytes(5), "BodyTooLong", "unavailable");
      assert.equal((await (await transport.send(get(origin))).body.bytes(10)).length, 10);
    },
  );
});

test("every reader of Body gives the bytes, once", async () => {
  await withServer(
    (_, answer) => answer.end('{"a":"é"}'),
    async (origin) => {
      const body = async () => createBody((await transport.send(get(origin))).body, 10);
      assert.deepEqual(await (await body()).json(), { a: "é" });
      assert.equal(await (await body()).text(), '{"a":"é"}');
      const bytes = await (await body()).bytes();
      assert.equal(bytes.constructor, Uint8Array);
      assert.equal(new TextDecoder().decode(bytes), '{"a":"é"}');
      assert.equal(await new Response((await body()).stream()).text(), '{"a":"é"}');
      assert.equal(await text((await body()).nodeStream()), '{"a":"é"}');
      assert.equal(await text(await body()), '{"a":"é"}');
      let piped = "";
      await (await body()).pipeTo(
        new Writable({
          write: (chunk, _, done) => {
            piped += chunk;
            done();
          },
        }),
      );
      await (await body()).pipeTo(
        new WritableStream({
          write: (chunk) => {
            piped += Buffer.from(chunk);
          },
        }),
      );
      assert.equal(piped, '{"a":"é"}{"a":"é"}');
      const used = await body();
      assert.equal(used.contentLength, 10);
      await used.text();
      await assert.rejects(used.text(), /read or cancelled before/);
      assert.throws(() => used.stream(), /read or cancelled before/);
    },
  );
});

test("speaks to plain hosts through a proxy, and says when a proxy refuses a tunnel", async () => {
  const proxy = await misbehave((socket, head) => {
    socket.write(
      head.startsWith("CONNECT") ? response("", "407 Proxy Authentication Required") : response("by proxy"),
    );
  });
  const env = {
    HTTP_PROXY: proxy.origin.replace("//", "//user:p%40ss@"),
    HTTPS_PROXY: proxy.origin,
    NO_PROXY: ".internal",
  };
  const proxied = nodeTransport({ env });
  assert.equal(await text((await proxied.send(get("http://example.test", "/a"))).body), "by proxy");
  assert.match(proxy.heads[0] ?? "", /^GET http:\/\/example\.test\/a HTTP\/1\.1\r\nhost: example\.test\r\n/);
  assert.match(proxy.heads[0] ?? "", /proxy-authorization: Basic dXNlcjpwQHNz/);
  await failure(proxied.send(get("https://example.test")), "ProxyFailed", "unavailable");
  assert.match(proxy.heads[1] ?? "", /^CONNECT example\.test:443 HTTP/);
  proxied.close?.();
  await proxy.close();
});

test("tunnels to TLS hosts through a proxy", async () => {
  const target = await misbehave(() => undefined);
  const received: string[] = [];
  const proxy = await misbehave((socket) => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.once("data", (chunk) => {
      // 22 is a TLS handshake record: the tunnel carries the client's hello.
      received.push(`record ${chunk[0]}`);
      socket.end("not TLS");
    });
  });
  const proxied = nodeTransport({ env: { https_proxy: proxy.origin } });
  await failure(proxied.send(get("https://example.test")), "TlsFailed", "unavailable");
  assert.match(proxy.heads[0] ?? "", /^CONNECT example\.test:443 HTTP\/1\.1\r\nhost: example\.test:443/i);
  assert.deepEqual(received, ["record 22"]);
  const gone = nodeTransport({ env: { HTTPS_PROXY: target.origin } });
  await target.close();
  await failure(gone.send(get("https://example.test")), "ProxyFailed", "unavailable");
  await proxy.close();
});

test("refuses what would break out of a header or the request line", async () => {
  const server = await misbehave((socket) => socket.write(response("ok")));
  const injected = { ...get(server.origin), headers: { "x-a": "b\r\nx-c: d" } };
  await failure(transport.send(injected), "InvalidInput", "invalidInput");
  await failure(transport.send(get(server.origin, "/a b")), "InvalidInput", "invalidInput");
  await failure(transport.send(get("ftp://127.0.0.1")), "ConnectionFailed", "unavailable");
  assert.equal(server.heads.length, 0);
  await server.close();
});

test("a body that is garbage lets its connection go", async () => {
  process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
  const collectGarbage = process.getBuiltinModule("node:vm").runInNewContext("gc") as () => void;
  const server = await misbehave((socket, head) => {
    if (head.includes("/long")) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\nabc");
    else socket.write(response("short"));
  });
  const narrow = nodeTransport({ env: {}, socketsMax: 1 });
  await (async () => createBody((await narrow.send(get(server.origin, "/long"))).body).contentLength)();
  let answered = false;
  const next = narrow.send(get(server.origin)).then(({ body }) => text(body));
  next.then(() => {
    answered = true;
  });
  while (!answered) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(await next, "short");
  narrow.close?.();
  await server.close();
});
