import assert from "node:assert/strict";
import { test } from "node:test";
import type { AwsCredentials } from "../../auth/credentials.js";
import { emptyEnvironment } from "../../auth/environment.js";
import { verifyV4 } from "../../auth/sigv4-verify.js";
import { verifyV4a } from "../../auth/sigv4a-verify.js";
import { S3 } from "../../gen/aws/s3.js";
import { inProcessTransport } from "../../http/in-process.js";
import type { HttpRequest } from "../../http/message.js";
import { bytesBody } from "../../http/response-body.js";
import { Session } from "../session.js";

const OWN = { accessKeyId: "AKID", secretAccessKey: "SECRET", sessionToken: "OWN" };
const SESSION_MS = 5 * 60_000;
const MINUTE_MS = 60_000;

/** S3 as far as signatures go: gives out sessions of directory buckets and checks what comes signed with them, by a clock of its own. */
class ExpressServer {
  readonly log: string[] = [];
  nowMs = Date.parse("2026-11-24T12:00:00Z");
  readonly #keys = new Map<string, AwsCredentials>([[OWN.accessKeyId, OWN]]);

  client(): S3 {
    const transport = inProcessTransport(async (request) => {
      const body = new TextEncoder().encode(this.#answer(request));
      return { status: 200, headers: {}, body: bytesBody(body) };
    });
    const environment = { ...emptyEnvironment(), now: () => this.nowMs };
    return new Session({ region: "eu-west-1", credentials: OWN, environment, transport }).client(S3);
  }

  #answer(request: HttpRequest): string {
    const host = new URL(request.origin).host;
    const found = verifyV4(
      { ...request, headers: { host, ...request.headers }, body: undefined },
      { secretOf: (id) => this.#keys.get(id), now: new Date(this.nowMs) },
    );
    assert.ok(found.ok, `not signed well: ${found.ok || found.message}`);
    assert.equal(found.service, "s3express");
    if (!/^session(=|$)/.test(request.query)) {
      this.log.push(`${found.accessKeyId} ${host.split(".")[0]}${request.path}`);
      assert.ok(
        (this.#keys.get(found.accessKeyId)?.expiration?.getTime() ?? 0) > this.nowMs,
        "session is over",
      );
      return "";
    }
    assert.equal(found.accessKeyId, OWN.accessKeyId);
    assert.equal(request.headers["x-amz-create-session-mode"], "ReadWrite");
    const accessKeyId = `S${this.#keys.size}`;
    const expiration = new Date(this.nowMs + SESSION_MS);
    this.#keys.set(accessKeyId, {
      accessKeyId,
      secretAccessKey: "S",
      sessionToken: `T-${accessKeyId}`,
      expiration,
    });
    return (
      `<CreateSessionResult><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>S</SecretAccessKey>` +
      `<SessionToken>T-${accessKeyId}</SessionToken><Expiration>${expiration.toISOString()}</Expiration></Credentials></CreateSessionResult>`
    );
  }
}

test("a session for each bucket, renewed before it ends however long the client lives", async () => {
  const server = new ExpressServer();
  const s3 = server.client();
  const get = (name: string) => s3.headObject({ Bucket: `${name}--euw1-az1--x-s3`, Key: "k" });
  await get("a");
  await get("a");
  await get("b");
  for (let renewals = 0; renewals < 5; renewals++) {
    server.nowMs += SESSION_MS - MINUTE_MS / 6;
    await get("a");
  }
  assert.deepEqual(server.log, [
    "S1 a--euw1-az1--x-s3/k",
    "S1 a--euw1-az1--x-s3/k",
    "S2 b--euw1-az1--x-s3/k",
    ...[3, 4, 5, 6, 7].map((key) => `S${key} a--euw1-az1--x-s3/k`),
  ]);
});

test("a URL into a directory bucket is signed by its session", async () => {
  const server = new ExpressServer();
  const s3 = server.client();
  const url = new URL(await s3.getObject.presign({ Bucket: "a--euw1-az1--x-s3", Key: "k" }));
  assert.match(url.searchParams.get("X-Amz-Credential") ?? "", /^S1\/20261124\/eu-west-1\/s3express\//);
  assert.equal(url.searchParams.get("X-Amz-S3session-Token"), "T-S1");
});

test("a multi-region access point is signed for every region at once", async () => {
  const sent: HttpRequest[] = [];
  const transport = inProcessTransport(async (request) => {
    sent.push(request);
    return { status: 200, headers: {}, body: bytesBody() };
  });
  const session = new Session({
    region: "eu-west-1",
    credentials: OWN,
    environment: emptyEnvironment(),
    transport,
  });
  const input = { Bucket: "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap", Key: "a b" };
  await session.client(S3).headObject(input);
  const [request] = sent;
  assert.equal(request?.origin, "https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com");
  assert.equal(request?.path, "/a%20b");
  assert.equal(request?.headers["x-amz-region-set"], "*");
  const { host } = new URL(request?.origin ?? "");
  const options = { secretOf: () => OWN, now: new Date() };
  const received = { ...(request as HttpRequest), headers: { host, ...request?.headers }, body: undefined };
  assert.equal(verifyV4a(received, options).ok, true);
  assert.equal(verifyV4a({ ...received, path: "/other" }, options).ok, false);
  const url = new URL(await session.client(S3).getObject.presign(input));
  assert.equal(url.searchParams.get("X-Amz-Region-Set"), "*");
  const link = { method: "GET", path: url.pathname, query: url.search.slice(1), headers: { host } };
  assert.equal(verifyV4a(link, options).ok, true);
});
