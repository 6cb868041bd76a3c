import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { isCloudError } from "../internal/cloud-error.js";
import { createBody } from "./body.js";
import { loopbackOnly } from "./default-transport.js";
import { fetchTransport } from "./fetch-transport.js";
import { http2Transport } from "./http2-transport.js";
import { inProcessTransport } from "./in-process.js";
import type { HttpRequest, RequestBody } from "./message.js";
import { misbehave, response } from "./misbehaving-server.test-support.js";
import { bytesBody, responseBodyOf, streamBody } from "./response-body.js";

function request(origin: string, body?: RequestBody): HttpRequest {
  return {
    method: body === undefined ? "GET" : "PUT",
    origin,
    path: "/a%20b",
    query: "c=d",
    headers: {},
    ...(body !== undefined && { body }),
  };
}

async function text(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let all = "";
  for await (const chunk of chunks) all += Buffer.from(chunk);
  return all;
}

async function failure(work: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isCloudError(error), String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

test("fetch: answers, streams both ways, names failures, aborts", async () => {
  const fetching = fetchTransport();
  const server = await misbehave((socket, head) => {
    if (head.includes("cut")) socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabcd");
    else if (!head.includes("silent")) socket.write(response("héllo", "404 Not Found", "x-a: b\r\n"));
  });
  const answer = await fetching.send(request(server.origin));
  assert.equal(answer.status, 404);
  assert.equal(answer.headers["x-a"], "b");
  assert.equal(await text(answer.body), "héllo");
  assert.match(server.heads[0] ?? "", /^GET \/a%20b\?c=d HTTP/);
  const streamed = await fetching.send(request(server.origin, Readable.from(["abc"])));
  await streamed.body.bytes();
  assert.match(server.heads[1] ?? "", /transfer-encoding: chunked/i);

  await failure(
    (await fetching.send({ ...request(server.origin), path: "/cut" })).body.bytes(),
    "ConnectionFailed",
  );
  const silent = { ...request(server.origin), path: "/silent" };
  await failure(fetching.send(silent, { idleTimeoutMs: 20 }), "IdleTimeout");
  const abort = new AbortController();
  const waiting = fetching.send(silent, { signal: abort.signal });
  setImmediate(() => abort.abort());
  await failure(waiting, "Aborted");
  await server.close();
  await failure(fetching.send(request(server.origin)), "ConnectionFailed");
});

test("in process: hands messages over as they are, and stops waiting on abort", async () => {
  const echo = inProcessTransport(async ({ body }) => ({
    status: 200,
    headers: {},
    body: responseBodyOf(body),
  }));
  async function* chunks() {
    yield "a";
    yield new Uint8Array([98]);
  }
  for (const body of [
    "ab",
    new Uint8Array([97, 98]),
    new Blob(["ab"]),
    chunks(),
    Readable.from(["a", "b"]),
  ]) {
    assert.equal(await text((await echo.send(request("http://x", body))).body), "ab");
  }
  let cancelled = false;
  const slow = inProcessTransport(
    () =>
      new Promise((resolve) => {
        const body = streamBody(
          (async function* () {
            yield new Uint8Array(1);
          })(),
          () => {
            cancelled = true;
          },
        );
        setTimeout(() => resolve({ status: 200, headers: {}, body }), 10);
      }),
  );
  const abort = new AbortController();
  const waiting = slow.send(request("http://x"), { signal: abort.signal });
  abort.abort();
  await failure(waiting, "Aborted");
  while (!cancelled) await new Promise((resolve) => setTimeout(resolve, 1));

  const within = new AbortController();
  const endless = inProcessTransport(async () => ({
    status: 200,
    headers: {},
    body: streamBody(
      (async function* () {
        yield new Uint8Array(1);
        await new Promise(() => {});
      })(),
    ),
  }));
  const { body } = await endless.send(request("http://x"), { signal: within.signal });
  const reading = body.bytes();
  setImmediate(() => within.abort());
  await failure(reading, "Aborted");
});

test("bodies in memory: read once, limited, cancelled", async () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const body = bytesBody(bytes);
  assert.equal(await body.bytes(), bytes);
  await assert.rejects(body.bytes(), /read or cancelled/);
  await failure(bytesBody(bytes).bytes(2), "BodyTooLong");
  const left = createBody(
    streamBody(
      (async function* () {
        yield bytes;
        yield bytes;
      })(),
    ),
  );
  for await (const _ of left) break;
  await assert.rejects(left.bytes(), /read or cancelled/);
});

test("loopback only: refuses other hosts before anything is sent", async () => {
  let sent = 0;
  const guarded = loopbackOnly(
    inProcessTransport(async () => {
      sent++;
      return { status: 200, headers: {}, body: bytesBody() };
    }),
  );
  for (const host of ["127.0.0.1:80", "localhost:4566", "[::1]:1", "bucket.localhost:4566"]) {
    await guarded.send(request(`http://${host}`));
  }
  for (const host of ["s3.amazonaws.com", "127.0.0.1.evil.test", "localhost.evil.test", "10.0.0.1"]) {
    await failure(guarded.send(request(`https://${host}`)), "LocalOnly");
  }
  assert.equal(sent, 4);
});

async function withHttp2(
  onStream: (stream: ServerHttp2Stream, path: string) => void,
  run: (origin: string, server: Http2Server) => Promise<void>,
): Promise<void> {
  const server = createHttp2Server();
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    onStream(stream, String(headers[":path"]));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await run(`http://127.0.0.1:${(server.address() as { port: number }).port}`, server);
  } finally {
    for (const session of sessions) session.destroy();
    server.close();
  }
}

const http2 = http2Transport();
after(() => http2.close?.());

test("http2: request and response stream at the same time", async () => {
  await withHttp2(
    (stream) => {
      stream.respond({ ":status": 200, "x-a": "b" });
      stream.on("data", (chunk) => stream.write(`echo ${chunk}`));
      stream.on("end", () => stream.end());
    },
    async (origin) => {
      const heard: string[] = [];
      let speak: (word: string | undefined) => void = () => undefined;
      async function* words() {
        for (let word: string | undefined = "one"; word !== undefined; ) {
          yield word;
          word = await new Promise<string | undefined>((resolve) => {
            speak = resolve;
          });
        }
      }
      const { status, headers, body } = await http2.send(request(origin, words()));
      assert.equal(status, 200);
      assert.equal(headers["x-a"], "b");
      for await (const chunk of body) {
        heard.push(Buffer.from(chunk).toString());
        speak(heard.length === 1 ? "two" : undefined);
      }
      assert.deepEqual(heard, ["echo one", "echo two"]);
    },
  );
});

test("http2: resets, silence, abort and refusal are named", async () => {
  await withHttp2(
    (stream, path) => {
      if (path.startsWith("/reset")) stream.close(2);
      if (path.startsWith("/cut")) {
        stream.respond({ ":status": 200 });
        stream.write("abc");
        setTimeout(() => stream.destroy(new Error("broken")), 5);
      }
      if (path.startsWith("/whole")) {
        stream.respond({ ":status": 200 });
        stream.end("whole");
      }
    },
    async (origin) => {
      const to = (path: string) => ({ ...request(origin), path });
      assert.equal(await text((await http2.send(to("/whole"))).body), "whole");
      await assert.rejects(
        http2.send(to("/reset")),
        (error) => isCloudError(error) && error.kind === "unavailable",
      );
      const { body } = await http2.send(to("/cut"));
      await assert.rejects(body.bytes(), (error) => isCloudError(error) && error.kind === "unavailable");
      await failure(http2.send(to("/silent"), { idleTimeoutMs: 20 }), "IdleTimeout");
      const abort = new AbortController();
      const waiting = http2.send(to("/silent"), { signal: abort.signal });
      setImmediate(() => abort.abort());
      await failure(waiting, "Aborted");
    },
  );
  const gone = await misbehave(() => undefined);
  await gone.close();
  await failure(http2.send(request(gone.origin)), "ConnectionRefused");
});
