import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { emptyEnvironment } from "../auth/environment.js";
import { STS } from "../gen/aws/sts.js";
import { selfSigned } from "../http/self-signed.test-support.js";
import { Session } from "./session.js";

const ANSWER =
  "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

test("a profile's ca_bundle is trusted, and only then", async () => {
  const folder = mkdtempSync(join(tmpdir(), "trivet-ca-"));
  const { key, cert } = selfSigned("localhost");
  const server = createServer({ key, cert }, (_request, response) => response.end(ANSWER));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const caFile = join(folder, "ca.pem");
  writeFileSync(caFile, cert);
  const endpoint = `https://127.0.0.1:${(server.address() as { port: number }).port}`;
  const call = async (profile: string) => {
    const environment = {
      ...emptyEnvironment({ AWS_CONFIG_FILE: "config" }),
      readFile: async (path: string) =>
        path === "config" ? `[profile safe]\nca_bundle = ${caFile}\n[profile plain]\n` : undefined,
    };
    const credentials = { accessKeyId: "AKID", secretAccessKey: "SECRET" };
    const session = new Session({
      profile,
      region: "eu-west-1",
      credentials,
      environment,
      retry: { maxAttempts: 1 },
    });
    try {
      return await session.client(STS, { endpoint }).getCallerIdentity();
    } finally {
      session.close();
    }
  };
  try {
    assert.equal((await call("safe")).Account, "1");
    await assert.rejects(call("plain"), { code: "TlsFailed" });
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
});
