import assert from "node:assert/strict";
import { createPublicKey, createVerify, generateKeyPairSync, type KeyObject } from "node:crypto";
import { test } from "node:test";
import { type Environment, emptyEnvironment } from "../../auth/environment.js";
import type { HttpRequest, Transport } from "../../http/message.js";
import { bytesBody } from "../../http/response-body.js";
import { CloudError, isCloudError } from "../../internal/cloud-error.js";
import type { SessionOptions } from "../options.js";
import { Session } from "../session.js";
import { hexDigest } from "./digest.js";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const LATER = "2026-01-01T06:00:00Z";

type Answer = { status?: number; body: unknown } | "unreachable" | "silent";

interface Fixture {
  readonly session: Session;
  readonly sent: HttpRequest[];
  readonly files: Map<string, string>;
}

function fixture(
  given: { env?: Record<string, string>; config?: string; files?: Record<string, string> },
  answer: (request: HttpRequest, url: string) => Answer,
  options: SessionOptions = {},
): Fixture {
  const files = new Map(Object.entries(given.files ?? {}));
  if (given.config !== undefined) files.set("/home/.aws/config", given.config);
  const sent: HttpRequest[] = [];
  const environment: Environment = {
    ...emptyEnvironment({ HOME: "/home", AWS_REGION: "eu-west-1", ...given.env }),
    readFile: async (path) => files.get(path),
    writeFile: async (path, text) => void files.set(path, text),
    now: () => NOW,
  };
  const transport: Transport = {
    async send(request) {
      sent.push(request);
      const answered = answer(request, request.origin + request.path);
      if (answered === "unreachable") throw new Error("unreachable");
      if (answered === "silent") throw new CloudError("silent", { kind: "timeout", code: "Timeout" });
      const text = typeof answered.body === "string" ? answered.body : JSON.stringify(answered.body);
      const body = bytesBody(new TextEncoder().encode(text));
      return { status: answered.status ?? 200, headers: {}, body };
    },
  };
  return { session: new Session({ environment, transport, ...options }), sent, files };
}

const ROLE_KEYS = { AccessKeyId: "ASIA", SecretAccessKey: "SECRET", Token: "TOKEN", Expiration: LATER };

test("instance metadata: a token first, then the role's keys with it", async () => {
  const { session, sent } = fixture({}, (_, url) => {
    if (url.endsWith("/latest/api/token")) return { body: "imds-token" };
    return { body: url.endsWith("/security-credentials/") ? "my-role" : ROLE_KEYS };
  });
  const credentials = await session.credentials.get();
  assert.equal(credentials.accessKeyId, "ASIA");
  assert.equal(credentials.sessionToken, "TOKEN");
  assert.deepEqual(
    sent.map(({ method, origin, path }) => `${method} ${origin}${path}`),
    [
      "PUT http://169.254.169.254/latest/api/token",
      "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/",
      "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role",
    ],
  );
  assert.equal(sent[2]?.headers["x-aws-ec2-metadata-token"], "imds-token");
});

test("instance metadata: version 1 where there is no token, unless it is disabled", async () => {
  const old = (_: HttpRequest, url: string): Answer => {
    if (url.endsWith("/latest/api/token")) return { status: 404, body: "" };
    return { body: url.endsWith("/security-credentials/") ? "my-role" : ROLE_KEYS };
  };
  assert.equal((await fixture({}, old).session.credentials.get()).accessKeyId, "ASIA");
  const disabled = fixture({ env: { AWS_EC2_METADATA_V1_DISABLED: "true" } }, old);
  await assert.rejects(async () => disabled.session.credentials.get(), /version 1 is disabled/);
});

test("instance metadata: version 1 where the token's answer does not come through", async () => {
  const { session } = fixture({}, (_, url) => {
    if (url.endsWith("/latest/api/token")) return "silent";
    return { body: url.endsWith("/security-credentials/") ? "my-role" : ROLE_KEYS };
  });
  assert.equal((await session.credentials.get()).accessKeyId, "ASIA");
});

test("no credentials: the error says what each source answered", async () => {
  const { session } = fixture({}, () => "unreachable");
  await assert.rejects(
    async () => session.credentials.get(),
    (error: unknown) => {
      assert.ok(isCloudError(error));
      assert.equal(error.kind, "unauthenticated");
      for (const source of [
        "environment: AWS_ACCESS_KEY_ID is not set",
        "container: neither",
        "instance metadata: no answer",
      ]) {
        assert.ok(error.message.includes(source), `${error.message} lacks ${source}`);
      }
      return true;
    },
  );
});

test("container: the token file goes along; a host that must not see it is refused", async () => {
  const url = "http://127.0.0.1:1234/v1/credentials";
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/token" };
  const { session, sent } = fixture({ env, files: { "/token": "secret-token\n" } }, () => ({
    body: ROLE_KEYS,
  }));
  assert.equal((await session.credentials.get()).accessKeyId, "ASIA");
  assert.equal(sent[0]?.headers.authorization, "secret-token");
  const foreign = fixture(
    { env: { ...env, AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://example.com/" } },
    () => ({ body: {} }),
  );
  await assert.rejects(async () => foreign.session.credentials.get(), /must be loopback/);
  assert.equal(foreign.sent.length, 0);
});

const MFA_CONFIG = `[profile admin]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/me
duration_seconds = 1800
external_id = ext
[profile base]
aws_access_key_id = AKID
aws_secret_access_key = SECRET
`;
const ASSUMED = `<R><Arn>arn:aws:sts::123456789012:assumed-role/Admin/s</Arn><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken><Expiration>${LATER}</Expiration></R>`;

test("assume role: the code of the MFA device is asked for and sent", async () => {
  const mfaCode = (serial: string) => (serial.endsWith("/me") ? "123456" : "");
  const options = { profile: "admin", mfaCode };
  const { session, sent } = fixture({ config: MFA_CONFIG }, () => ({ body: ASSUMED }), options);
  const { accessKeyId, accountId } = await session.credentials.get();
  assert.deepEqual([accessKeyId, accountId], ["ASIA", "123456789012"]);
  const form = new URLSearchParams(String(sent[0]?.body));
  assert.equal(form.get("TokenCode"), "123456");
  assert.equal(form.get("DurationSeconds"), "1800");
  assert.equal(form.get("ExternalId"), "ext");
  assert.match(sent[0]?.headers.authorization ?? "", /Credential=AKID\/20\d{6}\/eu-west-1\/sts/);
});

test("assume role: without a way to ask, the error names the device", async () => {
  const { session } = fixture({ config: MFA_CONFIG }, () => ({ body: ASSUMED }), { profile: "admin" });
  await assert.rejects(async () => session.credentials.get(), /mfa\/me asks for a code/);
});

test("assume role: STS's refusal is told with its code", async () => {
  const body =
    "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized &amp; so on</Message></Error></ErrorResponse>";
  const { session } = fixture({ config: MFA_CONFIG }, () => ({ status: 403, body }), {
    profile: "admin",
    mfaCode: () => "1",
  });
  await assert.rejects(
    async () => session.credentials.get(),
    (error: unknown) =>
      isCloudError(error) && error.kind === "accessDenied" && /not authorized & so on/.test(error.message),
  );
});

test("web identity: the token file is read, nothing is signed", async () => {
  const env = {
    AWS_WEB_IDENTITY_TOKEN_FILE: "/jwt",
    AWS_ROLE_ARN: "arn:aws:iam::1:role/r",
    AWS_ROLE_SESSION_NAME: "s",
  };
  const { session, sent } = fixture({ env, files: { "/jwt": "the-token" } }, () => ({ body: ASSUMED }));
  await session.credentials.get();
  const form = new URLSearchParams(String(sent[0]?.body));
  assert.equal(form.get("WebIdentityToken"), "the-token");
  assert.equal(form.get("RoleSessionName"), "s");
  assert.equal(sent[0]?.headers.authorization, undefined);
});

const SSO_CONFIG = `[default]
sso_session = dev
sso_account_id = 123456789012
sso_role_name = Reader
[sso-session dev]
sso_region = eu-central-1
sso_start_url = https://example.awsapps.com/start
`;
const ssoPath = async (name: string) => `/home/.aws/sso/cache/${await hexDigest("SHA-1", name)}.json`;
const roleCredentials = {
  accessKeyId: "ASIA",
  secretAccessKey: "S",
  sessionToken: "T",
  expiration: Date.parse(LATER),
};

test("sso: a token about to expire is renewed and kept for the CLI", async () => {
  const path = await ssoPath("dev");
  const cached = {
    accessToken: "old",
    expiresAt: "2026-01-01T00:01:00Z",
    refreshToken: "refresh",
    clientId: "id",
    clientSecret: "secret",
    registrationExpiresAt: "2026-03-01T00:00:00Z",
  };
  const { session, sent, files } = fixture(
    { config: SSO_CONFIG, files: { [path]: JSON.stringify(cached) } },
    (_, url) =>
      url.endsWith("/token")
        ? { body: { accessToken: "new", expiresIn: 3600, refreshToken: "refresh-2" } }
        : { body: { roleCredentials } },
  );
  assert.equal((await session.credentials.get()).accessKeyId, "ASIA");
  assert.equal(sent[0]?.origin, "https://oidc.eu-central-1.amazonaws.com");
  assert.equal(sent[1]?.headers["x-amz-sso_bearer_token"], "new");
  const kept = JSON.parse(files.get(path) ?? "{}") as Record<string, string>;
  assert.deepEqual(
    [kept.accessToken, kept.refreshToken, kept.expiresAt, kept.clientId],
    ["new", "refresh-2", "2026-01-01T01:00:00Z", "id"],
  );
});

test("sso: without a token the error says how to log in", async () => {
  const { session } = fixture({ config: SSO_CONFIG }, () => ({ body: {} }));
  await assert.rejects(async () => session.credentials.get(), /"dev".*aws sso login/);
});

test("sso: device login shows the page, waits for the user, and caches the token", async () => {
  let polls = 0;
  const { session, files } = fixture({ config: SSO_CONFIG }, (_, url) => {
    if (url.endsWith("/client/register"))
      return { body: { clientId: "id", clientSecret: "secret", clientSecretExpiresAt: NOW / 1000 + 9999 } };
    if (url.endsWith("/device_authorization")) {
      return {
        body: {
          deviceCode: "d",
          userCode: "ABCD",
          verificationUriComplete: "https://device/?code=ABCD",
          interval: 0,
          expiresIn: 60,
        },
      };
    }
    polls++;
    return polls === 1
      ? { status: 400, body: { error: "authorization_pending" } }
      : { body: { accessToken: "fresh", expiresIn: 60 } };
  });
  const shown: string[] = [];
  await session.ssoLogin(({ verificationUrl }) => void shown.push(verificationUrl));
  assert.deepEqual(shown, ["https://device/?code=ABCD"]);
  assert.equal(
    (JSON.parse(files.get(await ssoPath("dev")) ?? "{}") as Record<string, string>).accessToken,
    "fresh",
  );
});

test("login: cached keys serve; expired ones are renewed with a proof of possession", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const dpopKey = privateKey.export({ type: "sec1", format: "pem" }).toString();
  const path = `/home/.aws/login/cache/${await hexDigest("SHA-256", "arn:login")}.json`;
  const document = (expiresAt: string) =>
    JSON.stringify({
      accessToken: { accessKeyId: "OLD", secretAccessKey: "S", sessionToken: "T", accountId: "1", expiresAt },
      refreshToken: "r",
      clientId: "c",
      dpopKey,
    });
  const config = "[default]\nlogin_session = arn:login\n";
  const valid = fixture({ config, files: { [path]: document(LATER) } }, () => "unreachable");
  assert.equal((await valid.session.credentials.get()).accessKeyId, "OLD");
  const expired = fixture({ config, files: { [path]: document("2026-01-01T00:01:00Z") } }, () => ({
    body: {
      accessToken: { accessKeyId: "NEW", secretAccessKey: "S", sessionToken: "T" },
      refreshToken: "r2",
      expiresIn: 900,
    },
  }));
  const { accessKeyId, accountId } = await expired.session.credentials.get();
  assert.deepEqual([accessKeyId, accountId], ["NEW", "1"]);
  assert.equal(expired.sent[0]?.origin, "https://eu-west-1.signin.aws.amazon.com");
  assert.ok(isSignedBy(publicKey, expired.sent[0]?.headers.dpop ?? ""));
});

function isSignedBy(key: KeyObject, proof: string): boolean {
  const [header = "", payload = "", signature = ""] = proof.split(".");
  const { jwk } = JSON.parse(Buffer.from(header, "base64url").toString()) as { jwk: JsonWebKey };
  const own = createPublicKey({ key: jwk as import("node:crypto").JsonWebKey, format: "jwk" });
  assert.deepEqual(own.export({ format: "jwk" }), key.export({ format: "jwk" }));
  const verify = createVerify("sha256").update(`${header}.${payload}`);
  return verify.verify({ key, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
}

test("a profile named in code wins over keys in the environment", async () => {
  const env = { AWS_ACCESS_KEY_ID: "ENV", AWS_SECRET_ACCESS_KEY: "S" };
  const named = fixture({ env, config: MFA_CONFIG }, () => "unreachable", { profile: "base" });
  assert.equal((await named.session.credentials.get()).accessKeyId, "AKID");
  const fromEnv = fixture({ env: { ...env, AWS_PROFILE: "base" }, config: MFA_CONFIG }, () => "unreachable");
  assert.equal((await fromEnv.session.credentials.get()).accessKeyId, "ENV");
});

test("explain says what each source answered, without secrets", async () => {
  const { session } = fixture({ config: MFA_CONFIG }, () => "unreachable", { profile: "base" });
  const explained = await session.credentials.explain();
  const answered = explained.find(({ outcome }) => outcome === "answered");
  assert.deepEqual(answered, { source: "config file", outcome: "answered", detail: "access key AKID" });
  assert.ok(!JSON.stringify(explained).includes("SECRET"));
});

test("a profile that does not exist is said so", async () => {
  const { session } = fixture({ config: MFA_CONFIG }, () => "unreachable", { profile: "nope" });
  await assert.rejects(async () => session.credentials.get(), /profile "nope"/);
});

test("assume role: a region of FIPS's old names is signed for without it", async () => {
  const env = { AWS_REGION: "fips-us-west-2" };
  const config = MFA_CONFIG.replace(/mfa.*\n/, "");
  const { session, sent } = fixture({ env, config }, () => ({ body: ASSUMED }), { profile: "admin" });
  await session.credentials.get();
  assert.equal(sent[0]?.origin, "https://sts-fips.us-west-2.amazonaws.com");
  assert.match(sent[0]?.headers.authorization ?? "", /\/us-west-2\/sts\//);
});
