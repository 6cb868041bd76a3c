/** The sources of credentials that AWS's JavaScript SDK knows, each answered by the emulator; what they give must sign. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { emulated, type Foreign, load, named, skip } from "./sdk.js";

/** The machine's own settings stay out: variables that a provider looks at are put back. */
const KEPT = { ...process.env };
for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
after(() => {
  for (const name of Object.keys(process.env)) if (!(name in KEPT)) delete process.env[name];
  Object.assign(process.env, KEPT);
});

const target = emulated();
const { providers, STS } = skip
  ? ({} as Foreign)
  : { providers: load("@aws-sdk/credential-providers"), STS: load("@aws-sdk/client-sts") };

async function arnOf(credentials: Foreign): Promise<string> {
  const sts = new STS.STS({ ...target.options, credentials });
  return (await sts.getCallerIdentity({})).Arn;
}

const clientConfig = () => ({ region: "us-east-1", endpoint: target.url });

test("credentials of the instance", { skip }, async () => {
  process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = target.url;
  const provider = providers.fromInstanceMetadata({ timeout: 5000, maxRetries: 0 });
  const keys = await provider();
  assert.ok(keys.expiration > new Date());
  assert.equal(
    await arnOf(provider),
    "arn:aws:sts::000000000000:assumed-role/emulator-instance-role/i-0123456789abcdef0",
  );
});

test("credentials of the container, by relative and by full address", { skip }, async () => {
  process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${target.url}/v2/credentials/my-task`;
  process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN = "token";
  assert.match(
    await arnOf(providers.fromContainerMetadata({ timeout: 5000 })),
    /assumed-role\/my-task\/task/,
  );
  assert.match(await arnOf(providers.fromHttp({})), /assumed-role\/my-task\/task/);
  delete process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  delete process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
});

test("credentials of assumed roles, one by the other", { skip }, async () => {
  const masterCredentials = target.options.credentials;
  const params = {
    RoleArn: "arn:aws:iam::111111111111:role/first",
    RoleSessionName: "one",
    DurationSeconds: 900,
  };
  const first = providers.fromTemporaryCredentials({
    masterCredentials,
    params,
    clientConfig: clientConfig(),
  });
  assert.equal(await arnOf(first), "arn:aws:sts::111111111111:assumed-role/first/one");
  const second = providers.fromTemporaryCredentials({
    masterCredentials: first,
    params: { RoleArn: "arn:aws:iam::222222222222:role/second", RoleSessionName: "two" },
    clientConfig: clientConfig(),
  });
  assert.equal(await arnOf(second), "arn:aws:sts::222222222222:assumed-role/second/two");
  const unsigned = providers.fromTemporaryCredentials({
    masterCredentials: { accessKeyId: "AKIASTRANGER", secretAccessKey: "x" },
    params,
    clientConfig: clientConfig(),
  });
  await assert.rejects(unsigned(), named("InvalidClientTokenId", 403));
});

test("credentials of web identities", { skip }, async () => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const tokenOf = (exp: number) =>
    `${encode({ alg: "RS256" })}.${encode({ sub: "me", aud: "sts.amazonaws.com", iss: "https://issuer", exp })}.AAAA`;
  const seconds = Math.floor(Date.now() / 1000);
  const fromWebToken = (exp: number) =>
    providers.fromWebToken({
      roleArn: "arn:aws:iam::333333333333:role/web",
      roleSessionName: "pod",
      webIdentityToken: tokenOf(exp),
      clientConfig: clientConfig(),
    });
  assert.equal(await arnOf(fromWebToken(seconds + 60)), "arn:aws:sts::333333333333:assumed-role/web/pod");
  await assert.rejects(fromWebToken(seconds - 60)(), named("ExpiredTokenException", 400));
  const folder = await mkdtemp(join(tmpdir(), "trivet-"));
  try {
    await writeFile(join(folder, "token"), tokenOf(seconds + 60));
    const provider = providers.fromTokenFile({
      roleArn: "arn:aws:iam::333333333333:role/web",
      roleSessionName: "file",
      webIdentityTokenFile: join(folder, "token"),
      clientConfig: clientConfig(),
    });
    assert.equal(await arnOf(provider), "arn:aws:sts::333333333333:assumed-role/web/file");
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** A person's login by device, as `aws sso login` does it, leaves the token where the provider looks. */
test("credentials of a person by SSO", { skip }, async () => {
  const post = async (path: string, body: object) => {
    const response = await fetch(`${target.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Foreign;
  };
  const { clientId, clientSecret } = await post("/client/register", {
    clientName: "t",
    clientType: "public",
  });
  const startUrl = "https://example.awsapps.com/start";
  const device = await post("/device_authorization", { clientId, clientSecret, startUrl });
  await fetch(device.verificationUriComplete);
  const grantType = "urn:ietf:params:oauth:grant-type:device_code";
  const { accessToken } = await post("/token", {
    clientId,
    clientSecret,
    grantType,
    deviceCode: device.deviceCode,
  });
  const home = await mkdtemp(join(tmpdir(), "trivet-"));
  const configFilepath = join(home, "config");
  const { createHash } = await import("node:crypto");
  await mkdir(join(home, ".aws/sso/cache"), { recursive: true });
  await writeFile(
    join(home, ".aws/sso/cache", `${createHash("sha1").update(startUrl).digest("hex")}.json`),
    JSON.stringify({
      accessToken,
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      startUrl,
      region: "us-east-1",
    }),
  );
  const lines = {
    sso_start_url: startUrl,
    sso_region: "us-east-1",
    sso_account_id: "444444444444",
    sso_role_name: "Admin",
  };
  await writeFile(
    configFilepath,
    `[profile person]\n${Object.entries(lines)
      .map(([key, value]) => `${key} = ${value}\n`)
      .join("")}`,
  );
  const { HOME } = process.env;
  process.env.HOME = home;
  process.env.AWS_ENDPOINT_URL_SSO = target.url;
  try {
    const provider = providers.fromSSO({
      profile: "person",
      configFilepath,
      filepath: configFilepath,
      clientConfig: clientConfig(),
    });
    assert.match(await arnOf(provider), /^arn:aws:sts::444444444444:assumed-role\/AWSReservedSSO_Admin_/);
  } finally {
    process.env.HOME = HOME;
    delete process.env.AWS_ENDPOINT_URL_SSO;
    await rm(home, { recursive: true });
  }
});

test("credentials that are over are refused, in each service's words", { skip }, async () => {
  const sts = new STS.STS(target.options);
  const { Credentials } = await sts.assumeRole({
    RoleArn: "arn:aws:iam::111111111111:role/short",
    RoleSessionName: "short",
    DurationSeconds: 900,
  });
  const credentials = {
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken,
  };
  const S3 = load("@aws-sdk/client-s3");
  const EC2 = load("@aws-sdk/client-ec2");
  const s3 = new S3.S3({ ...target.options, credentials, forcePathStyle: true });
  await s3.listBuckets({});
  const noToken = { ...credentials, sessionToken: undefined };
  await assert.rejects(
    new S3.S3({ ...target.options, credentials: noToken, forcePathStyle: true }).listBuckets({}),
    named("InvalidAccessKeyId", 403),
  );
  target.cloud.clock.advance(901_000);
  await assert.rejects(s3.listBuckets({}), named("ExpiredToken", 400));
  await assert.rejects(arnOf(credentials), named("ExpiredToken", 403));
  const ec2 = new EC2.EC2({ ...target.options, credentials });
  await assert.rejects(ec2.describeInstances({}), named("RequestExpired", 400));
  target.cloud.clock.reset();
});
