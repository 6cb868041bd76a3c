import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { test } from "node:test";
import { type Environment, emptyEnvironment } from "../../auth/environment.js";
import { parseJwt, verifyJwt } from "../../auth/jwt.js";
import type { HttpRequest, Transport } from "../../http/message.js";
import { readBody } from "../../http/request-body.js";
import { bytesBody } from "../../http/response-body.js";
import { transportError } from "../../http/transport-error.js";
import { Session } from "../session.js";

const NOW = Date.UTC(2026, 10, 24, 12);
const rsa = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

type Answer = string | object;
type Handler = (request: HttpRequest & { readonly text: string }) => Answer | undefined;

interface Machine {
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string | object>;
  readonly run?: Environment["run"];
  readonly answer?: Handler;
}

/** A machine of its own: nothing of the real one is read, nothing is sent. */
function machine({ env = {}, files = {}, run, answer }: Machine) {
  const requests: (HttpRequest & { text: string })[] = [];
  const environment: Environment = {
    ...emptyEnvironment(env),
    homedir: () => "/home/me",
    readFile: async (path) => {
      const file = files[path];
      return file === undefined || typeof file === "string" ? file : JSON.stringify(file);
    },
    now: () => NOW,
    ...(run && { run }),
  };
  const transport: Transport = {
    async send(request) {
      const received = { ...request, text: new TextDecoder().decode(await readBody(request.body)) };
      requests.push(received);
      const found = answer?.(received);
      if (found === undefined) throw transportError("ConnectionRefused", `Cannot reach ${request.origin}`);
      const status = "error" in Object(found) ? 400 : 200;
      const text = typeof found === "string" ? found : JSON.stringify(found);
      return {
        status,
        headers: { "metadata-flavor": "Google" },
        body: bytesBody(new TextEncoder().encode(text)),
      };
    },
  };
  return { environment, transport, requests };
}

const GCLOUD_FILE = "/home/me/.config/gcloud/application_default_credentials.json";
const USER = {
  type: "authorized_user",
  client_id: "id",
  client_secret: "secret-1",
  refresh_token: "refresh-1",
  quota_project_id: "quota",
};
const ACCOUNT = {
  type: "service_account",
  project_id: "my-proj",
  private_key_id: "k1",
  private_key: rsa.privateKey,
  client_email: "app@my-proj.iam.gserviceaccount.com",
};
const TOKEN = { access_token: "token-1", expires_in: 3600 };
const SCOPES = ["https://www.googleapis.com/auth/cloud-platform"];

function formOf(request: { readonly text: string } | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(request?.text));
}

test("GOOGLE_APPLICATION_CREDENTIALS wins, and a missing file is an error, not a reason to go on", async () => {
  const { environment, transport, requests } = machine({
    env: { GOOGLE_APPLICATION_CREDENTIALS: "/key.json" },
    files: { "/key.json": ACCOUNT, [GCLOUD_FILE]: USER },
    answer: () => TOKEN,
  });
  const session = new Session({ environment, transport });
  assert.equal((await session.credentials.accessToken(SCOPES)).token, "token-1");
  assert.equal(requests.length, 1);
  const broken = new Session({
    ...machine({ env: { GOOGLE_APPLICATION_CREDENTIALS: "/none" }, files: { [GCLOUD_FILE]: USER } }),
  });
  await assert.rejects(broken.credentials.accessToken(SCOPES), {
    kind: "unauthenticated",
    message: /\/none is not there/,
  });
});

test("a service account exchanges a signed assertion, and keeps the token", async () => {
  const { environment, transport, requests } = machine({ answer: () => TOKEN });
  const session = new Session({ environment, transport, credentials: { json: ACCOUNT } });
  await session.credentials.accessToken(SCOPES);
  await session.credentials.accessToken(SCOPES);
  assert.equal(requests.length, 1);
  const { assertion = "", grant_type } = formOf(requests[0]);
  assert.equal(grant_type, "urn:ietf:params:oauth:grant-type:jwt-bearer");
  assert.deepEqual(parseJwt(assertion)?.header, { alg: "RS256", typ: "JWT", kid: "k1" });
  assert.deepEqual(await verifyJwt(assertion, rsa.publicKey), {
    iss: ACCOUNT.client_email,
    aud: "https://oauth2.googleapis.com/token",
    scope: SCOPES[0],
    iat: NOW / 1000,
    exp: NOW / 1000 + 3600,
  });
  assert.equal(await session.project(), "my-proj");
});

test("in another universe the assertion is the token", async () => {
  const { environment, transport, requests } = machine({});
  const session = new Session({
    environment,
    transport,
    credentials: { json: { ...ACCOUNT, universe_domain: "example.com" } },
  });
  const { token } = await session.credentials.accessToken(SCOPES);
  assert.equal(((await verifyJwt(token, rsa.publicKey)) as { scope: string }).scope, SCOPES[0]);
  assert.equal(requests.length, 0);
  assert.equal(await session.credentials.universeDomain(), "example.com");
});

test("gcloud's file: a refresh token is exchanged, its quota project billed", async () => {
  const { environment, transport, requests } = machine({
    files: { [GCLOUD_FILE]: USER },
    answer: () => TOKEN,
  });
  const session = new Session({ environment, transport });
  assert.equal((await session.credentials.accessToken(SCOPES)).token, "token-1");
  assert.deepEqual(formOf(requests[0]), {
    grant_type: "refresh_token",
    client_id: "id",
    client_secret: "secret-1",
    refresh_token: "refresh-1",
  });
  assert.equal(await session.quotaProject(), "quota");
  const sources = await session.credentials.explain();
  assert.deepEqual(
    sources.map(({ outcome }) => outcome),
    ["skipped", "answered", "not reached"],
  );
  assert.doesNotMatch(JSON.stringify([sources, session, session.credentials]), /secret-1|refresh-1|token-1/);
});

test("a refused exchange says why and holds no secret", async () => {
  const answer = { error: "invalid_grant", error_description: "Token has been revoked." };
  const { environment, transport } = machine({ files: { [GCLOUD_FILE]: USER }, answer: () => answer });
  await assert.rejects(
    new Session({ environment, transport }).credentials.accessToken(SCOPES),
    (error: Error) => {
      assert.match(error.message, /invalid_grant: Token has been revoked/);
      assert.doesNotMatch(JSON.stringify(error) + error.stack, /secret-1|refresh-1/);
      return true;
    },
  );
});

const METADATA: Readonly<Record<string, Answer>> = {
  "/": "computeMetadata/",
  "/computeMetadata/v1/instance/service-accounts/default/token": TOKEN,
  "/computeMetadata/v1/instance/service-accounts/default/email": "vm@my-proj.iam.gserviceaccount.com",
  "/computeMetadata/v1/project/project-id": "vm-proj",
  "/computeMetadata/v1/universe/universe-domain": "",
};

test("the metadata server answers for the machine", async () => {
  const { environment, transport, requests } = machine({ answer: ({ path }) => METADATA[path] });
  const session = new Session({ environment, transport });
  assert.equal((await session.credentials.accessToken(SCOPES)).token, "token-1");
  assert.equal(await session.project(), "vm-proj");
  assert.equal(await session.credentials.universeDomain(), "googleapis.com");
  assert.ok(requests.every(({ headers }) => headers["metadata-flavor"] === "Google"));
  assert.deepEqual(
    [requests[0]?.origin, requests[1]?.origin],
    ["http://169.254.169.254", "http://metadata.google.internal"],
  );
});

test("GCE_METADATA_HOST says where it is, NO_GCE_CHECK that there is none", async () => {
  const { environment, transport, requests } = machine({
    env: { GCE_METADATA_HOST: "127.0.0.1:8080" },
    answer: ({ path }) => METADATA[path],
  });
  await new Session({ environment, transport }).credentials.accessToken(SCOPES);
  assert.ok(requests.every(({ origin }) => origin === "http://127.0.0.1:8080"));
  const off = machine({ env: { NO_GCE_CHECK: "true" } });
  const session = new Session({ ...off });
  await assert.rejects(session.credentials.accessToken(SCOPES), {
    kind: "unauthenticated",
    code: "NoCredentials",
  });
  assert.equal(off.requests.length, 0);
});

test("without credentials one error says what each source answered", async () => {
  const session = new Session({ ...machine({}) });
  await assert.rejects(session.credentials.accessToken(SCOPES), (error: Error) => {
    assert.match(error.message, /GOOGLE_APPLICATION_CREDENTIALS: not set/);
    assert.match(error.message, /application_default_credentials\.json is not there/);
    assert.match(error.message, /metadata server: no answer from http:\/\/169\.254\.169\.254/);
    return true;
  });
});

test("an impersonated account's token and signature come from IAM", async () => {
  const { environment, transport, requests } = machine({
    answer: ({ path }) => {
      if (path === "/token") return TOKEN;
      if (path.endsWith(":generateAccessToken"))
        return { accessToken: "token-2", expireTime: "2026-11-24T13:00:00Z" };
      return { keyId: "k", signedBlob: btoa("signature") };
    },
  });
  const json = {
    type: "impersonated_service_account",
    service_account_impersonation_url:
      "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/b@p.iam.gserviceaccount.com:generateAccessToken",
    delegates: ["d@p.iam.gserviceaccount.com"],
    source_credentials: USER,
  };
  const session = new Session({ environment, transport, credentials: { json } });
  const token = await session.credentials.accessToken(SCOPES);
  assert.deepEqual([token.token, token.expiresAt?.getTime()], ["token-2", NOW + 3_600_000]);
  assert.equal(requests[1]?.headers.authorization, "Bearer token-1");
  assert.deepEqual(JSON.parse(requests[1]?.text ?? ""), {
    delegates: ["projects/-/serviceAccounts/d@p.iam.gserviceaccount.com"],
    scope: SCOPES,
    lifetime: "3600s",
  });
  const signer = await session.credentials.signer();
  assert.deepEqual(
    [signer.email, new TextDecoder().decode(await signer.sign(new Uint8Array([1])))],
    ["b@p.iam.gserviceaccount.com", "signature"],
  );
});

const EXTERNAL = {
  type: "external_account",
  audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/p",
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  token_url: "https://sts.googleapis.com/v1/token",
};

test("an external account's token comes from a file or a URL and is exchanged", async () => {
  const file = {
    ...EXTERNAL,
    credential_source: { file: "/var/token", format: { type: "json", subject_token_field_name: "id" } },
  };
  const fromFile = machine({ files: { "/var/token": { id: "subject-1" } }, answer: () => TOKEN });
  await new Session({ ...fromFile, credentials: { json: file } }).credentials.accessToken(SCOPES);
  assert.deepEqual(formOf(fromFile.requests[0]), {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    audience: EXTERNAL.audience,
    scope: SCOPES[0],
    requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
    subject_token: "subject-1",
    subject_token_type: EXTERNAL.subject_token_type,
  });
  const url = {
    ...EXTERNAL,
    credential_source: { url: "http://169.254.1.1/token", headers: { "X-Flavor": "1" } },
  };
  const fromUrl = machine({
    answer: ({ origin }) => (origin === "http://169.254.1.1" ? "subject-2\n" : TOKEN),
  });
  await new Session({ ...fromUrl, credentials: { json: url } }).credentials.accessToken(SCOPES);
  assert.equal(fromUrl.requests[0]?.headers["x-flavor"], "1");
  assert.equal(formOf(fromUrl.requests[1]).subject_token, "subject-2");
});

test("an executable runs only where the environment allows it", async () => {
  const json = {
    ...EXTERNAL,
    credential_source: { executable: { command: "get-token --now", timeout_millis: 5000 } },
  };
  const commands: string[] = [];
  const run: Environment["run"] = async (command) => {
    commands.push(command);
    return {
      code: 0,
      stderr: "",
      stdout: JSON.stringify({
        version: 1,
        success: true,
        token_type: EXTERNAL.subject_token_type,
        id_token: "subject-3",
      }),
    };
  };
  const refused = machine({ run });
  await assert.rejects(
    new Session({ ...refused, credentials: { json } }).credentials.accessToken(SCOPES),
    /GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES/,
  );
  assert.deepEqual(commands, []);
  const allowed = machine({
    env: { GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: "1" },
    run,
    answer: () => TOKEN,
  });
  await new Session({ ...allowed, credentials: { json } }).credentials.accessToken(SCOPES);
  assert.match(commands[0] ?? "", /^GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE='\/\/iam.*get-token --now$/);
  assert.equal(formOf(allowed.requests[0]).subject_token, "subject-3");
});

test("AWS proves itself by a signed request that Google sends on", async () => {
  const json = {
    ...EXTERNAL,
    subject_token_type: "urn:ietf:params:aws:token-type:aws4_request",
    credential_source: {
      environment_id: "aws1",
      regional_cred_verification_url:
        "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
    },
  };
  const env = {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKID",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "session",
  };
  const { environment, transport, requests } = machine({ env, answer: () => TOKEN });
  await new Session({ environment, transport, credentials: { json } }).credentials.accessToken(SCOPES);
  const subject = JSON.parse(decodeURIComponent(formOf(requests[0]).subject_token ?? "")) as {
    url: string;
    method: string;
    headers: { key: string; value: string }[];
  };
  assert.deepEqual(
    [subject.method, subject.url],
    ["POST", "https://sts.eu-west-1.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"],
  );
  const headers = Object.fromEntries(subject.headers.map(({ key, value }) => [key, value]));
  assert.equal(headers["x-goog-cloud-target-resource"], EXTERNAL.audience);
  assert.match(
    headers.authorization ?? "",
    /^AWS4-HMAC-SHA256 Credential=AKID\/20261124\/eu-west-1\/sts\/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token;x-goog-cloud-target-resource, /,
  );
});

test("a workforce user's refresh token is exchanged with the client's own credentials", async () => {
  const json = {
    type: "external_account_authorized_user",
    client_id: "id",
    client_secret: "s",
    refresh_token: "r1",
  };
  const { environment, transport, requests } = machine({ answer: () => ({ ...TOKEN, refresh_token: "r2" }) });
  const session = new Session({ environment, transport, credentials: { json } });
  await session.credentials.accessToken(SCOPES);
  assert.equal(requests[0]?.headers.authorization, `Basic ${btoa("id:s")}`);
  await session.credentials.renew(SCOPES);
  await session.credentials.accessToken(SCOPES);
  assert.equal(formOf(requests[1]).refresh_token, "r2");
});

test("GDCH's assertion is signed by its elliptic key", async () => {
  const keys = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "sec1", format: "pem" },
  });
  const json = {
    type: "gdch_service_account",
    format_version: "1",
    project: "p",
    name: "n",
    private_key_id: "k",
    private_key: keys.privateKey,
    token_uri: "https://gdch.example/token",
  };
  const { environment, transport, requests } = machine({ answer: () => TOKEN });
  await new Session({ environment, transport, credentials: { json } }).credentials.accessToken(
    SCOPES,
    undefined,
    "https://storage.gdch.example/",
  );
  const { audience, subject_token } = JSON.parse(requests[0]?.text ?? "") as Record<string, string>;
  assert.equal(audience, "https://storage.gdch.example/");
  const [header = "", claims = "", signature = ""] = (subject_token ?? "").split(".");
  const signed = Buffer.from(`${header}.${claims}`);
  assert.ok(
    verify(
      "sha256",
      signed,
      { key: keys.publicKey, dsaEncoding: "ieee-p1363" },
      Buffer.from(signature, "base64url"),
    ),
  );
});

test("an ID token is for its audience", async () => {
  const { environment, transport, requests } = machine({ answer: () => ({ id_token: "a.b.c" }) });
  const session = new Session({ environment, transport, credentials: { json: ACCOUNT } });
  assert.equal((await session.credentials.idToken("https://my-service")).token, "a.b.c");
  const claims = await verifyJwt(formOf(requests[0]).assertion ?? "", rsa.publicKey);
  assert.equal(claims?.target_audience, "https://my-service");
});

test("the project comes from the session, the environment, the credentials, gcloud, the metadata server, in that order", async () => {
  const gcloud = {
    "/home/me/.config/gcloud/active_config": "work\n",
    "/home/me/.config/gcloud/configurations/config_work":
      "[compute]\nproject = no\n[core]\nproject = gcloud-proj\n",
  };
  const project = (options: object, env: Record<string, string>, files: Record<string, string | object>) =>
    new Session({ ...machine({ env, files, answer: ({ path }) => METADATA[path] }), ...options }).project();
  assert.equal(await project({ project: "given" }, { GOOGLE_CLOUD_PROJECT: "env" }, gcloud), "given");
  assert.equal(await project({}, { GOOGLE_CLOUD_PROJECT: "env" }, gcloud), "env");
  assert.equal(await project({ credentials: { json: ACCOUNT } }, {}, gcloud), "my-proj");
  assert.equal(await project({}, {}, { ...gcloud, [GCLOUD_FILE]: USER }), "gcloud-proj");
  assert.equal(await project({}, {}, {}), "vm-proj");
  await assert.rejects(new Session({ ...machine({ env: { NO_GCE_CHECK: "true" } }) }).project(), {
    kind: "invalidInput",
    code: "NoProject",
  });
});

test("files of an unknown type are refused by name", async () => {
  const session = new Session({ ...machine({ files: { [GCLOUD_FILE]: { type: "magic" } } }) });
  await assert.rejects(
    session.credentials.accessToken(SCOPES),
    /type "magic": expected one of authorized_user/,
  );
});
