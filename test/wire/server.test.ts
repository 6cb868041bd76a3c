/** The emulator's server and clients that are slow, impatient, wrong about lengths, or not speaking HTTP at all. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { Emulator } from "../../src/emulator/emulator.js";
import { serve } from "../../src/emulator/server.js";
import { exchange } from "./raw-http.js";

const cloud = await Emulator.start({ verify: false });
let port: number;

before(async () => {
  ({ port } = await cloud.listen());
  await send("PUT /wire HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n", ["PUT"]);
});
after(() => cloud.close());

const latin = (text: string) => Buffer.from(text, "latin1");

async function send(text: string | readonly Uint8Array[], methods: readonly string[], end = false) {
  const pieces = typeof text === "string" ? [latin(text)] : text;
  return exchange(pieces, { port, methods, end });
}

const codeOf = (body: string) => /<Code>(\w+)/.exec(body)?.[1];

test("what is no HTTP is refused, and its connection closed", async () => {
  const refusals: [string, number, string][] = [
    ["rubbish\r\n\r\n", 400, "BadRequest"],
    [
      `GET / HTTP/1.1\r\nhost: a\r\nx-long: ${"y".repeat(200_000)}\r\n\r\n`,
      431,
      "RequestHeaderSectionTooLarge",
    ],
    ["CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n", 405, "MethodNotAllowed"],
    ["GET / HTTP/1.1\r\n\r\n", 400, "MissingRequiredHeader"],
  ];
  for (const [text, status, code] of refusals) {
    const { responses } = await send(text, ["GET"]);
    assert.deepEqual(
      [responses[0]?.status, codeOf(responses[0]?.body ?? "")],
      [status, code],
      text.slice(0, 40),
    );
  }
});

test("an expectation that cannot be met is refused in the service's form", async () => {
  const blob =
    "PUT /devstoreaccount1/c?restype=container HTTP/1.1\r\nhost: localhost\r\nexpect: more\r\ncontent-length: 0\r\n\r\n";
  const { responses } = await send(blob, ["PUT"]);
  assert.equal(responses[0]?.status, 417);
  assert.equal(responses[0]?.headers.get("x-ms-error-code"), "ExpectationFailed");
});

test("requests that come together are answered in their order, and rubbish behind them last", async () => {
  const get = (key: string) => `GET /wire/${key} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
  const together = await send(get("a") + get("b") + get("c"), ["GET", "GET", "GET"]);
  assert.deepEqual(
    together.responses.map(({ body }) => /<Key>(\w)/.exec(body)?.[1]),
    ["a", "b", "c"],
  );
  const mixed = await send(`${get("a")}RUBBISH\r\n\r\n`, ["GET", "GET"]);
  assert.deepEqual(
    mixed.responses.map(({ body }) => codeOf(body)),
    ["NoSuchKey", "BadRequest"],
  );
});

test("a client that shuts its side after the request is answered", async () => {
  const { responses } = await send("GET /wire/none HTTP/1.1\r\nhost: localhost\r\n\r\n", ["GET"], true);
  assert.equal(codeOf(responses[0]?.body ?? ""), "NoSuchKey");
});

test("a body that ends early is refused and stored nowhere", async () => {
  const used = cloud.memory.usedBytes;
  const half = "PUT /wire/half HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhalf";
  const { responses } = await send(half, ["PUT"], true);
  assert.equal(codeOf(responses[0]?.body ?? ""), "IncompleteBody");
  assert.equal(cloud.memory.usedBytes, used);
  const chunks =
    "PUT /wire/half HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalfzz\r\n";
  assert.equal(codeOf((await send(chunks, ["PUT"])).responses[0]?.body ?? ""), "IncompleteBody");
  const { responses: after } = await send("HEAD /wire/half HTTP/1.1\r\nhost: localhost\r\n\r\n", ["HEAD"]);
  assert.equal(after[0]?.status, 404);
});

test("a refusal reaches a client that is still sending a long body", async () => {
  const megabyte = Buffer.alloc(1024 * 1024);
  const head = "PUT /no-such-bucket/k HTTP/1.1\r\nhost: localhost\r\ncontent-length: 8388608\r\n\r\n";
  const { responses } = await send([latin(head), ...Array.from({ length: 8 }, () => megabyte)], ["PUT"]);
  assert.equal(codeOf(responses[0]?.body ?? ""), "NoSuchBucket");
  const strict = await Emulator.start({ memoryLimitBytes: 1000 });
  const { S3 } = await import("../../src/gen/aws/s3.js");
  await strict.aws().client(S3).createBucket({ Bucket: "full" });
  const { env } = await strict.listen();
  const { Session } = await import("../../src/aws/index.js");
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const session = new Session({
    region: "us-east-1",
    endpoint: env.AWS_ENDPOINT_URL as string,
    credentials,
    s3AddressingStyle: "path",
    retry: { maxAttempts: 1 },
  });
  const put = session.client(S3).putObject({ Bucket: "full", Key: "k", Body: megabyte });
  await assert.rejects(put, (error: { status?: number }) => error.status === 507);
  session.close();
  await strict.close();
});

test("a body that stops coming is refused after a while; an idle connection is closed", async () => {
  const server = await serve(async ({ body }) => ({ status: 200, headers: {}, body: await body.bytes() }), {
    host: "127.0.0.1",
    port: 0,
    bodyIdleMs: 50,
  });
  const stalled = exchange([latin("PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab")], {
    port: server.port,
    methods: ["PUT"],
    end: false,
  });
  // What a handler makes of it is the pipeline's matter: here nothing does.
  assert.equal((await stalled).responses[0]?.status, 500);
  const idle = connect(server.port, "127.0.0.1");
  await new Promise((closed) => idle.on("close", closed).resume());
  await server.close();
});

test("whatever the target: paths, whole addresses, an asterisk", async () => {
  for (const [method, target, code] of [
    ["GET", "http://localhost/wire/none", "NoSuchKey"],
    ["GET", "/wire/%zz", "InvalidURI"],
    ["GET", "/wire/%FF", "InvalidURI"],
    ["OPTIONS", "*", "BadRequest"],
  ] as const) {
    const { responses } = await send(`${method} ${target} HTTP/1.1\r\nhost: localhost\r\n\r\n`, [method]);
    assert.equal(codeOf(responses[0]?.body ?? ""), code, target);
  }
});

test("what was stored through JSON and is no header is left out of the answer", async () => {
  const { Storage } = await import("../../src/gen/gcp/storage.js");
  const storage = cloud.gcp().client(Storage);
  await storage.buckets.insert({ body: { name: "odd-headers" } });
  const metadata = { good: "1", "no token": "2" };
  const body = { contentType: "text/\u0001x", metadata };
  await storage.objects.insert({ bucket: "odd-headers", name: "x", media: "hello", body });
  const { responses } = await send("GET /odd-headers/x HTTP/1.1\r\nhost: storage.googleapis.com\r\n\r\n", [
    "GET",
  ]);
  assert.deepEqual([responses[0]?.status, responses[0]?.body], [200, "hello"]);
  assert.equal(responses[0]?.headers.get("x-goog-meta-good"), "1");
});

test("a header that is repeated counts once with all its values", async () => {
  const put = [
    "PUT /wire/repeated HTTP/1.1",
    "host: localhost",
    "x-amz-meta-a: 1",
    "X-Amz-Meta-A: 2",
    "content-length: 0",
    "",
    "",
  ].join("\r\n");
  assert.equal((await send(put, ["PUT"])).responses[0]?.status, 200);
  const { responses } = await send("HEAD /wire/repeated HTTP/1.1\r\nhost: localhost\r\n\r\n", ["HEAD"]);
  assert.equal(responses[0]?.headers.get("x-amz-meta-a"), "1,2");
});
