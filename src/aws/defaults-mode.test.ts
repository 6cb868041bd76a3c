import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { emptyEnvironment } from "../auth/environment.js";
import type { HttpRequest, SendOptions, Transport } from "../http/message.js";
import { bytesBody } from "../http/response-body.js";
import type { ServiceModel } from "../model/ir.js";
import { pack } from "../model/pack.js";
import { connectTimeoutOf } from "./defaults-mode.js";
import type { AwsClientOptions } from "./options.js";
import { protocolOf } from "./protocols.js";
import { awsService } from "./service.js";
import { Session } from "./session.js";

interface Defaults {
  readonly base: Readonly<Record<string, string | number>>;
  readonly modes: Readonly<Record<string, Record<string, { override: number }>>>;
}
const DEFAULTS = JSON.parse(readFileSync("models/aws/defaults.json", "utf8")) as Defaults;
const STS = JSON.parse(readFileSync("models/aws/sts.json", "utf8")) as ServiceModel;

/** Answers as the instance's metadata service in `instanceRegion`, and as STS; keeps how each was asked. */
class Wire implements Transport {
  readonly sent: { request: HttpRequest; options: SendOptions }[] = [];
  readonly #instanceRegion: string | undefined;

  constructor(instanceRegion?: string) {
    this.#instanceRegion = instanceRegion;
  }

  async send(request: HttpRequest, options: SendOptions = {}) {
    this.sent.push({ request, options });
    const answer = (status: number, text: string) => ({
      status,
      headers: {},
      body: bytesBody(new TextEncoder().encode(text)),
    });
    if (!request.origin.includes("169.254.169.254")) return answer(200, "<R><GetCallerIdentityResult/></R>");
    if (this.#instanceRegion === undefined) return answer(404, "");
    return answer(200, request.path.endsWith("/token") ? "token" : this.#instanceRegion);
  }
}

async function timeoutOf(
  env: Record<string, string>,
  options: AwsClientOptions = {},
  wire = new Wire(),
): Promise<number | undefined> {
  const rules = readFileSync(`models/aws/rules/${STS.service.aws?.rules}.json`, "utf8");
  const session = new Session({
    region: "eu-west-1",
    credentials: { accessKeyId: "AKID", secretAccessKey: "SECRET" },
    environment: emptyEnvironment(env),
    transport: wire,
    ...options,
  });
  const sts = session.client(awsService(pack(STS), rules, protocolOf(STS.service))) as unknown as {
    getCallerIdentity(): Promise<unknown>;
  };
  await sts.getCallerIdentity();
  return wire.sent.at(-1)?.options.connectTimeoutMs;
}

test("the modes' times are botocore's, and what else they say is what we do anyway", async () => {
  const { base, modes } = DEFAULTS;
  for (const [mode, { connectTimeoutInMillis }] of Object.entries(modes)) {
    const expected = connectTimeoutInMillis?.override ?? base.connectTimeoutInMillis;
    const context = () => assert.fail("nobody is asked");
    assert.equal(await connectTimeoutOf(mode as "standard", "eu-west-1", context), expected, mode);
  }
  const { connectTimeoutInMillis: _connect, tlsNegotiationTimeoutInMillis: _tls, ...rest } = base;
  assert.deepEqual(rest, {
    retryMode: "standard",
    stsRegionalEndpoints: "regional",
    s3UsEast1RegionalEndpoints: "regional",
  });
});

test("a mode sets the time in which a connection must stand, unless code does", async () => {
  assert.equal(await timeoutOf({}), undefined);
  assert.equal(await timeoutOf({ AWS_DEFAULTS_MODE: "mobile" }), 30_000);
  assert.equal(await timeoutOf({}, { defaultsMode: "in-region" }), 1_100);
  assert.equal(await timeoutOf({ AWS_DEFAULTS_MODE: "mobile" }, { connectTimeoutMs: 5 }), 5);
  await assert.rejects(timeoutOf({ AWS_DEFAULTS_MODE: "fast" }), /AWS_DEFAULTS_MODE/);
});

test("auto asks the environment, then the instance, where it is", async () => {
  const auto = { AWS_DEFAULTS_MODE: "auto" };
  const lambda = { ...auto, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" };
  assert.equal(await timeoutOf({ ...lambda, AWS_REGION: "eu-west-1" }), 1_100);
  assert.equal(await timeoutOf({ ...lambda, AWS_DEFAULT_REGION: "us-east-1" }), 3_100);
  const [near, far, none] = [new Wire("eu-west-1"), new Wire("us-east-1"), new Wire()];
  assert.equal(await timeoutOf({ ...auto, AWS_REGION: "eu-west-1" }, {}, near), 1_100);
  assert.equal(await timeoutOf(auto, {}, far), 3_100);
  assert.equal(await timeoutOf(auto, {}, none), 3_100);
  assert.ok(none.sent.length > 1, "the instance was asked");
  const off = new Wire("eu-west-1");
  assert.equal(await timeoutOf({ ...auto, AWS_EC2_METADATA_DISABLED: "true" }, {}, off), 3_100);
  assert.equal(off.sent.length, 1);
});
