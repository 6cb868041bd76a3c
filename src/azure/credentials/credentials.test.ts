import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import test from "node:test";
import { type Environment, emptyEnvironment, type RunResult } from "../../auth/environment.js";
import { inProcessTransport } from "../../http/in-process.js";
import type { HttpRequest } from "../../http/message.js";
import { responseBodyOf } from "../../http/response-body.js";
import { transportError } from "../../http/transport-error.js";
import { isCloudError } from "../../internal/cloud-error.js";
import { Session } from "../session.js";
import { certificateAssertion } from "./certificate.js";
import type { TokenContext } from "./context.js";
import { defaultChain } from "./default-chain.js";
import { azureCliSource, azureDeveloperCliSource, azurePowerShellSource } from "./developer-tools.js";
import { environmentSource } from "./environment.js";
import { authorizationCodeCredential, deviceCodeCredential } from "./interactive.js";
import { managedIdentityCredential, managedIdentitySource } from "./managed-identity.js";
import { clientSecretCredential, onBehalfOfCredential } from "./service-principal.js";
import { workloadIdentitySource } from "./workload-identity.js";

const NOW = Date.parse("2026-11-24T12:00:00Z");

interface Machine {
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
  readonly run?: (command: string) => RunResult;
  /** Status and JSON by request, or a failure of the connection. */
  readonly answer?: (
    request: HttpRequest,
  ) => { status?: number; headers?: Record<string, string>; json: unknown } | undefined;
}

function machine({ env = {}, files = {}, run, answer }: Machine) {
  const requests: HttpRequest[] = [];
  const environment: Environment = {
    ...emptyEnvironment(env),
    readFile: async (path) => files[path],
    run: async (command) => run?.(command) ?? { code: 127, stdout: "", stderr: "not found" },
    now: () => NOW,
  };
  const transport = inProcessTransport(async (request) => {
    requests.push(request);
    const reply = answer?.(request);
    if (reply === undefined) throw transportError("NetworkUnreachable", "no route");
    return {
      status: reply.status ?? 200,
      headers: reply.headers ?? {},
      body: responseBodyOf(JSON.stringify(reply.json)),
    };
  });
  const context: TokenContext = { scopes: ["https://management.azure.com/.default"], environment, transport };
  return { environment, transport, requests, context };
}

const TOKEN = { access_token: "secret-token", expires_in: 3600, token_type: "Bearer" };
const form = (request: HttpRequest | undefined) =>
  Object.fromEntries(new URLSearchParams(String(request?.body)));

test("a client secret is exchanged at the tenant's endpoint", async () => {
  const { context, requests } = machine({ answer: () => ({ json: TOKEN }) });
  const source = clientSecretCredential({ tenantId: "my-tenant", clientId: "app", clientSecret: "shh" });
  const token = await source.provide(context);
  assert.deepEqual(token, { token: "secret-token", expiresAt: new Date(NOW + 3_600_000) });
  assert.equal(requests[0]?.origin, "https://login.microsoftonline.com");
  assert.equal(requests[0]?.path, "/my-tenant/oauth2/v2.0/token");
  assert.deepEqual(form(requests[0]), {
    client_id: "app",
    client_secret: "shh",
    grant_type: "client_credentials",
    scope: "https://management.azure.com/.default",
  });
});

test("AZURE_AUTHORITY_HOST moves the endpoint, with or without a scheme", async () => {
  for (const host of ["login.microsoftonline.us", "https://login.microsoftonline.us/"]) {
    const { context, requests } = machine({
      env: { AZURE_AUTHORITY_HOST: host },
      answer: () => ({ json: TOKEN }),
    });
    await clientSecretCredential({ tenantId: "t", clientId: "a", clientSecret: "s" }).provide(context);
    assert.equal(requests[0]?.origin, "https://login.microsoftonline.us");
  }
});

test("a refusal names Entra's code and never the secret", async () => {
  const json = {
    error: "invalid_client",
    error_description: "AADSTS7000215: Invalid client secret.\r\nTrace ID: 1",
  };
  const { context } = machine({ answer: () => ({ status: 401, json }) });
  const source = clientSecretCredential({ tenantId: "t", clientId: "a", clientSecret: "hush-hush" });
  await assert.rejects(
    async () => source.provide(context),
    (error: unknown) => {
      assert.ok(isCloudError(error));
      assert.equal(error.kind, "unauthenticated");
      assert.equal(error.code, "invalid_client");
      assert.match(error.message, /AADSTS7000215: Invalid client secret\.$/);
      assert.doesNotMatch(JSON.stringify(error) + error.message, /hush-hush/);
      return true;
    },
  );
});

test("a busy token endpoint is asked again", async () => {
  let calls = 0;
  const { context } = machine({ answer: () => (++calls < 2 ? { status: 503, json: {} } : { json: TOKEN }) });
  await clientSecretCredential({ tenantId: "t", clientId: "a", clientSecret: "s" }).provide(context);
  assert.equal(calls, 2);
});

test("the environment gives a secret, a certificate, or says what is missing", async () => {
  const ids = { AZURE_TENANT_ID: "t", AZURE_CLIENT_ID: "a" };
  const secret = machine({ env: { ...ids, AZURE_CLIENT_SECRET: "s" }, answer: () => ({ json: TOKEN }) });
  assert.equal((await environmentSource.provide(secret.context))?.token, "secret-token");
  assert.equal(form(secret.requests[0]).client_secret, "s");

  const path = { ...ids, AZURE_CLIENT_CERTIFICATE_PATH: "/cert.pem" };
  const certificate = machine({
    env: path,
    files: { "/cert.pem": pem().text },
    answer: () => ({ json: TOKEN }),
  });
  await environmentSource.provide(certificate.context);
  assert.match(form(certificate.requests[0]).client_assertion ?? "", /^ey[\w-]+\.ey[\w-]+\.[\w-]+$/);
  assert.equal(form(certificate.requests[0]).client_secret, undefined);

  const missing = machine({ env: { AZURE_TENANT_ID: "t" } });
  await assert.rejects(async () => environmentSource.provide(missing.context), /AZURE_CLIENT_ID not set/);
});

/** A key with something that stands for its certificate: the assertion needs its bytes alone. */
function pem() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const der = publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const certificate = `-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----\n`;
  return { text: certificate + privateKey.export({ type: "pkcs8", format: "pem" }), publicKey };
}

test("a certificate's assertion is a PS256 token for the endpoint", () => {
  const { text, publicKey } = pem();
  const token = certificateAssertion({
    clientId: "app",
    audience: "https://login/t/token",
    pem: text,
    now: NOW,
  });
  const [head = "", body = "", signature = ""] = token.split(".");
  const header = JSON.parse(Buffer.from(head, "base64url").toString());
  const claims = JSON.parse(Buffer.from(body, "base64url").toString());
  assert.equal(header.alg, "PS256");
  assert.equal(Buffer.from(header["x5t#S256"], "base64url").length, 32);
  assert.deepEqual(
    [claims.aud, claims.iss, claims.sub, claims.exp],
    ["https://login/t/token", "app", "app", NOW / 1000 + 600],
  );
  const key = { key: publicKey, padding: 6, saltLength: 32 };
  assert.ok(verify("sha256", Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url")));
});

test("a workload identity reads its file for each request", async () => {
  const env = { AZURE_TENANT_ID: "t", AZURE_CLIENT_ID: "a", AZURE_FEDERATED_TOKEN_FILE: "/token" };
  const files: Record<string, string> = { "/token": "first\n" };
  const { context, requests } = machine({ env, files, answer: () => ({ json: TOKEN }) });
  await workloadIdentitySource.provide(context);
  files["/token"] = "second";
  await workloadIdentitySource.provide(context);
  assert.deepEqual(
    requests.map((request) => form(request).client_assertion),
    ["first", "second"],
  );
});

test("IMDS is probed within the chain, and asked by client id", async () => {
  const answer = (request: HttpRequest) =>
    request.headers.metadata === undefined
      ? { status: 400, json: { error: "invalid_request" } }
      : { json: { access_token: "imds", expires_in: "86400", expires_on: String(NOW / 1000 + 86_400) } };
  const { context, requests } = machine({ env: { AZURE_CLIENT_ID: "mine" }, answer });
  const token = await managedIdentitySource.provide(context);
  assert.equal(token?.token, "imds");
  // A token for a day is renewed at half time.
  assert.deepEqual(token?.refreshAt, new Date(NOW + 43_200_000));
  assert.equal(requests.length, 2);
  assert.equal(requests[1]?.origin, "http://169.254.169.254");
  const query = Object.fromEntries(new URLSearchParams(requests[1]?.query));
  assert.deepEqual(query, {
    "api-version": "2018-02-01",
    resource: "https://management.azure.com",
    client_id: "mine",
  });
});

test("without an endpoint the managed identity is skipped; alone it fails", async () => {
  const { context } = machine({});
  await assert.rejects(async () => managedIdentitySource.provide(context), { name: "SourceUnavailable" });
  const refusing = machine({
    answer: () => ({
      status: 400,
      json: { error: "invalid_request", error_description: "Identity not found" },
    }),
  });
  const alone = managedIdentityCredential({ clientId: "x" }).provide({ ...refusing.context, alone: true });
  await assert.rejects(alone, /Cannot get a token from the instance metadata service: Identity not found/);
});

test("App Service, Cloud Shell and Machine Learning have endpoints of their own", async () => {
  const json = { access_token: "x", expires_on: String(NOW / 1000 + 3600) };
  const site = machine({
    env: { IDENTITY_ENDPOINT: "http://127.0.0.1:41/msi/token", IDENTITY_HEADER: "h" },
    answer: () => ({ json }),
  });
  await managedIdentityCredential({ resourceId: "/subscriptions/1" }).provide(site.context);
  assert.equal(site.requests[0]?.headers["x-identity-header"], "h");
  assert.match(
    site.requests[0]?.query ?? "",
    /api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com&mi_res_id=%2Fsubscriptions%2F1/,
  );
  const shell = machine({
    env: { MSI_ENDPOINT: "http://localhost:50342/oauth2/token" },
    answer: () => ({ json }),
  });
  await managedIdentitySource.provide(shell.context);
  assert.deepEqual(form(shell.requests[0]), { resource: "https://management.azure.com" });
  const learning = machine({
    env: { MSI_ENDPOINT: "http://localhost:1/t", MSI_SECRET: "s" },
    answer: () => ({ json }),
  });
  await managedIdentitySource.provide(learning.context);
  assert.equal(learning.requests[0]?.headers.secret, "s");
});

test("Azure Arc's challenge is answered from the agent's folder alone", async () => {
  const env = {
    IDENTITY_ENDPOINT: "http://localhost:40342/metadata/identity/oauth2/token",
    IMDS_ENDPOINT: "http://localhost:40342",
  };
  const arc = (path: string) =>
    machine({
      env,
      files: { "/var/opt/azcmagent/tokens/1.key": "proof", "/etc/passwd": "root" },
      answer: ({ headers }) =>
        headers.authorization === "Basic proof"
          ? { json: TOKEN }
          : { status: 401, headers: { "www-authenticate": `Basic realm=${path}` }, json: {} },
    });
  assert.equal(
    (await managedIdentitySource.provide(arc("/var/opt/azcmagent/tokens/1.key").context))?.token,
    "secret-token",
  );
  for (const path of [
    "/etc/passwd",
    "/var/opt/azcmagent/tokens/../../../../etc/passwd",
    "/var/opt/azcmagent/tokens/1.txt",
  ]) {
    await assert.rejects(async () => managedIdentitySource.provide(arc(path).context), { code: "ArcSecret" });
  }
});

test("the Azure CLI answers a token, or says why not", async () => {
  const commands: string[] = [];
  const stdout = JSON.stringify({
    accessToken: "cli",
    expiresOn: "2026-11-24 14:00:00.0",
    expires_on: NOW / 1000 + 7200,
  });
  const run = (command: string) => {
    commands.push(command);
    return { code: 0, stdout, stderr: "" };
  };
  const { context } = machine({ run });
  const token = await azureCliSource.provide({ ...context, tenantId: "my-tenant" });
  assert.deepEqual(token, { token: "cli", expiresAt: new Date(NOW + 7_200_000) });
  assert.deepEqual(commands, [
    "az account get-access-token --output json --resource https://management.azure.com --tenant my-tenant",
  ]);

  await assert.rejects(async () => azureCliSource.provide(machine({}).context), /az is not installed/);
  const out = machine({
    run: () => ({ code: 1, stdout: "", stderr: "ERROR: Please run 'az login' to setup account." }),
  });
  await assert.rejects(async () => azureCliSource.provide(out.context), /not signed in \(az login\)/);
});

test("no scope or tenant reaches a shell unchecked", async () => {
  const { context } = machine({ run: () => ({ code: 0, stdout: "{}", stderr: "" }) });
  await assert.rejects(async () => azureCliSource.provide({ ...context, tenantId: "x; rm -rf /" }), {
    kind: "invalidInput",
  });
  await assert.rejects(async () => azureCliSource.provide({ ...context, scopes: ["a$(id)"] }), {
    kind: "invalidInput",
  });
  await assert.rejects(async () => azureDeveloperCliSource.provide({ ...context, scopes: ["a`id`"] }), {
    kind: "invalidInput",
  });
});

test("PowerShell runs an encoded script; azd its own command", async () => {
  const commands: string[] = [];
  const answer = JSON.stringify({ token: "t", expiresOn: "2026-11-24T13:00:00Z" });
  const run = (command: string) => {
    commands.push(command);
    return { code: 0, stdout: answer, stderr: "" };
  };
  const { context } = machine({ run });
  assert.equal((await azurePowerShellSource.provide(context))?.token, "t");
  const encoded = /-EncodedCommand (\S+)$/.exec(commands[0] ?? "")?.[1] ?? "";
  assert.match(
    Buffer.from(encoded, "base64").toString("utf16le"),
    /Get-AzAccessToken -ResourceUrl 'https:\/\/management\.azure\.com'/,
  );
  assert.deepEqual(
    (await azureDeveloperCliSource.provide(context))?.expiresAt,
    new Date("2026-11-24T13:00:00Z"),
  );
  assert.equal(
    commands[1],
    "azd auth token --output json --no-prompt --scope https://management.azure.com/.default",
  );
});

test("the default chain asks its sources in order and explains itself", async () => {
  const { context } = machine({
    run: (command) =>
      command.startsWith("azd")
        ? { code: 0, stdout: '{"token":"azd","expiresOn":"2026-11-24T13:00:00Z"}', stderr: "" }
        : { code: 127, stdout: "", stderr: "not found" },
  });
  const chain = defaultChain({ env: {} });
  assert.equal((await chain.provide(context)).token, "azd");
  const explained = await chain.explain(context);
  assert.deepEqual(
    explained.map(({ source, outcome }) => [source, outcome]),
    [
      ["environment", "skipped"],
      ["workload identity", "skipped"],
      ["managed identity", "skipped"],
      ["Azure CLI", "skipped"],
      ["Azure PowerShell", "skipped"],
      ["Azure Developer CLI", "answered"],
    ],
  );
  assert.doesNotMatch(JSON.stringify(explained), /"azd"/);
});

test("a configured source that fails ends the chain", async () => {
  const env = { AZURE_TENANT_ID: "t", AZURE_CLIENT_ID: "a", AZURE_CLIENT_SECRET: "s" };
  const { context } = machine({ env, answer: () => ({ status: 401, json: { error: "invalid_client" } }) });
  await assert.rejects(defaultChain({ env }).provide(context), {
    code: "invalid_client",
    kind: "unauthenticated",
  });
});

test("AZURE_TOKEN_CREDENTIALS chooses the sources", async () => {
  const namesOf = async (value: string) => {
    const chain = defaultChain({ env: { AZURE_TOKEN_CREDENTIALS: value } });
    return (await chain.explain(machine({}).context)).map(({ source }) => source);
  };
  assert.deepEqual(await namesOf("prod"), ["environment", "workload identity", "managed identity"]);
  assert.deepEqual(await namesOf("dev"), ["Azure CLI", "Azure PowerShell", "Azure Developer CLI"]);
  assert.deepEqual(await namesOf("azureclicredential"), ["Azure CLI"]);
  assert.throws(
    () => defaultChain({ env: { AZURE_TOKEN_CREDENTIALS: "staging" } }),
    /must be one of dev, prod, /,
  );
});

test("on behalf of passes the user's token on", async () => {
  const { context, requests } = machine({ answer: () => ({ json: TOKEN }) });
  await onBehalfOfCredential({
    tenantId: "t",
    clientId: "a",
    clientSecret: "s",
    userAssertion: "user",
  }).provide(context);
  const sent = form(requests[0]);
  assert.equal(sent.assertion, "user");
  assert.equal(sent.requested_token_use, "on_behalf_of");
});

test("an authorization code is used once, then its refresh token", async () => {
  const { context, requests } = machine({ answer: () => ({ json: { ...TOKEN, refresh_token: "r1" } }) });
  const source = authorizationCodeCredential({
    tenantId: "t",
    clientId: "a",
    code: "c",
    redirectUri: "http://localhost",
  });
  await source.provide(context);
  await source.provide(context);
  assert.deepEqual(
    requests.map((request) => form(request).grant_type),
    ["authorization_code", "refresh_token"],
  );
  assert.match(form(requests[1]).scope ?? "", /offline_access/);
});

test("a device code is shown and polled for", async () => {
  let polls = 0;
  const { context } = machine({
    answer: ({ path }) => {
      if (path.endsWith("/devicecode")) {
        return {
          json: {
            device_code: "d",
            user_code: "ABC",
            verification_uri: "https://aka.ms/devicelogin",
            interval: 0.001,
            expires_in: 900,
          },
        };
      }
      return ++polls < 2 ? { status: 400, json: { error: "authorization_pending" } } : { json: TOKEN };
    },
  });
  const shown: string[] = [];
  const source = deviceCodeCredential({
    onPrompt: ({ userCode, verificationUri }) => void shown.push(userCode, verificationUri),
  });
  assert.equal((await source.provide(context))?.token, "secret-token");
  assert.deepEqual(shown, ["ABC", "https://aka.ms/devicelogin"]);
  assert.equal(polls, 2);
});

test("a session keeps a token for each scope, and takes credentials of @azure/identity", async () => {
  const asked: string[] = [];
  const credential = {
    async getToken(scopes: string | string[]) {
      asked.push(String(scopes));
      return { token: `for ${scopes}`, expiresOnTimestamp: NOW + 3_600_000 };
    },
  };
  const { environment, transport } = machine({});
  const { credentials } = new Session({ credential, environment, transport });
  await credentials.get(["a"]);
  await credentials.get(["a"]);
  assert.equal((await credentials.get(["b"])).token, "for b");
  assert.deepEqual(asked, ["a", "b"]);
});
