import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { test } from "node:test";
import { emptyEnvironment } from "../auth/environment.js";
import type { Body } from "../http/body.js";
import { isCloudError } from "../internal/cloud-error.js";
import type { ServiceModel } from "../model/ir.js";
import { pack } from "../model/pack.js";
import { protocolOf } from "./protocols.js";
import { awsService } from "./service.js";
import { Session } from "./session.js";

type S3 = Record<"listBuckets" | "getObject", (input?: object, options?: object) => Promise<{ Body?: Body }>>;

/** Long enough for a loopback answer on a busy machine: what is slow here never answers at all. */
const ATTEMPT_MS = 400;
const ANSWER = "<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>";

interface Seen {
  readonly requests: number;
  /** Resolves when so many responses have lost their client. */
  cuts(count: number): Promise<void>;
}

/** A client of a server that meets the first request, the second and so on with these. */
async function withServer(
  handlers: readonly ((response: ServerResponse, request: IncomingMessage) => void)[],
  run: (s3: S3, server: Seen) => Promise<void>,
): Promise<void> {
  const seen = {
    requests: 0,
    cut: 0,
    async cuts(count: number) {
      while (seen.cut < count) await once(server, "cut");
    },
  };
  const server = createServer((request, response) => {
    const handler = handlers[Math.min(seen.requests++, handlers.length - 1)];
    response.on("close", () => {
      if (response.writableFinished) return;
      seen.cut++;
      server.emit("cut");
    });
    handler?.(response, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const model = JSON.parse(readFileSync("models/aws/s3.json", "utf8")) as ServiceModel;
  const rules = readFileSync(`models/aws/rules/${model.service.aws?.rules}.json`, "utf8");
  const session = new Session({
    region: "us-east-1",
    credentials: { accessKeyId: "AKID", secretAccessKey: "SECRET" },
    environment: emptyEnvironment(),
    endpoint: `http://127.0.0.1:${port}`,
    retry: { maxAttempts: 3, maxDelayMs: 1 },
    attemptTimeoutMs: ATTEMPT_MS,
  });
  try {
    await run(
      session.client(awsService(pack(model), rules, protocolOf(model.service))) as unknown as S3,
      seen,
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const silent = () => undefined;
const whole = (response: ServerResponse) => void response.end(ANSWER);
const half = (response: ServerResponse) => {
  response.writeHead(200, { "content-length": ANSWER.length });
  response.write(ANSWER.slice(0, 10));
};

async function failureOf(call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(isCloudError(error), String(error));
  return error;
}

test("an attempt that is not answered in its time is cut and repeated", () =>
  withServer([silent, whole], async (s3, seen) => {
    await s3.listBuckets();
    await seen.cuts(1);
    assert.equal(seen.requests, 2);
  }));

test("so is one whose body stands still, and one whose error's does", () =>
  withServer(
    [half, (response) => void response.writeHead(500, { "content-length": 9 }).write("<"), whole],
    async (s3, seen) => {
      await s3.listBuckets();
      await seen.cuts(2);
      assert.equal(seen.requests, 3);
    },
  ));

test("the last attempt's timeout is the call's", () =>
  withServer([silent], async (s3) => {
    const error = await failureOf(s3.listBuckets());
    assert.deepEqual([error.kind, error.code, error.attempts], ["timeout", "AttemptTimeout", 3]);
  }));

test("the call's own deadline and signal end it, whatever attempts are left", () =>
  withServer([silent], async (s3, seen) => {
    const late = await failureOf(s3.listBuckets({}, { timeoutMs: ATTEMPT_MS / 4 }));
    assert.deepEqual([late.kind, late.code, late.attempts], ["timeout", "Timeout", 1]);
    const users = new AbortController();
    const call = failureOf(s3.listBuckets({}, { signal: users.signal, attemptTimeoutMs: 60_000 }));
    users.abort();
    assert.equal((await call).kind, "aborted");
    assert.ok(seen.requests <= 2);
  }));

test("a streamed body takes its own time; the user's signal still ends it", () =>
  withServer(
    [
      (response) => {
        response.writeHead(200, { "content-length": 6 });
        response.write("abc");
        setTimeout(() => response.end("def"), ATTEMPT_MS * 2);
      },
      (response) => {
        response.writeHead(200, { "content-length": 6 });
        response.write("abc");
      },
    ],
    async (s3, seen) => {
      const { Body } = await s3.getObject({ Bucket: "b", Key: "k" });
      assert.equal(await Body?.text(), "abcdef");
      const users = new AbortController();
      const { Body: stuck } = await s3.getObject({ Bucket: "b", Key: "k" }, { signal: users.signal });
      const read = failureOf((stuck as Body).text());
      users.abort();
      assert.equal((await read).kind, "aborted");
      await seen.cuts(1);
      assert.equal(seen.requests, 2);
    },
  ));
