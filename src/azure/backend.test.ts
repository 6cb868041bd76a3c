import assert from "node:assert/strict";
import test from "node:test";
import { emptyEnvironment } from "../auth/environment.js";
import { Blob as BlobService } from "../gen/azure/blob.js";
import { Resources } from "../gen/azure/resources.js";
import { inProcessTransport } from "../http/in-process.js";
import type { HttpRequest } from "../http/message.js";
import { responseBodyOf } from "../http/response-body.js";
import type { SessionOptions } from "./options.js";
import { Session } from "./session.js";

interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
}

function answering(answer: (request: HttpRequest, number: number) => Reply, options: SessionOptions = {}) {
  const requests: HttpRequest[] = [];
  const asked: { scopes: string; claims: string | undefined }[] = [];
  const transport = inProcessTransport(async (request) => {
    requests.push(request);
    const { status = 200, headers = {}, json } = answer(request, requests.length);
    return {
      status,
      headers: { "x-ms-request-id": "r", ...headers },
      body: responseBodyOf(json === undefined ? undefined : JSON.stringify(json)),
    };
  });
  const credential = {
    async getToken(scopes: string | string[], { claims }: { claims?: string | undefined } = {}) {
      asked.push({ scopes: String(scopes), claims });
      return { token: `token-${asked.length}`, expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
  const session = new Session({
    transport,
    credential,
    subscriptionId: "sub",
    environment: emptyEnvironment(),
    ...options,
  });
  return { session, requests, asked };
}

test("a call to the resource manager carries token, id and version", async () => {
  const { session, requests, asked } = answering(() => ({ json: { name: "rg", location: "x" } }));
  await session.client(Resources).resourceGroups.get({ resourceGroupName: "my rg" });
  const [request] = requests;
  assert.equal(request?.origin, "https://management.azure.com");
  assert.equal(request?.path, "/subscriptions/sub/resourcegroups/my%20rg");
  assert.match(request?.query ?? "", /^api-version=\d{4}-\d\d-\d\d$/);
  assert.equal(request?.headers.authorization, "Bearer token-1");
  assert.match(request?.headers["x-ms-client-request-id"] ?? "", /^[0-9a-f-]{36}$/);
  assert.deepEqual(asked, [{ scopes: "https://management.azure.com/.default", claims: undefined }]);
});

test("apiVersion asks for another version of the interface", async () => {
  const { session, requests } = answering(() => ({ json: { value: [] } }));
  await session.client(Resources, { apiVersion: "2030-01-01" }).resourceGroups.list({ $top: 1 });
  assert.equal(requests[0]?.query, "api-version=2030-01-01&$top=1");
});

test("a sovereign cloud has its own manager, storage and audience", async () => {
  const { session, requests, asked } = answering(() => ({ json: {} }), {
    authorityHost: "https://login.microsoftonline.us",
  });
  await session.client(Resources).resourceGroups.get({ resourceGroupName: "rg" });
  assert.equal(requests[0]?.origin, "https://management.usgovcloudapi.net");
  assert.equal(asked[0]?.scopes, "https://management.usgovcloudapi.net/.default");
  await session.client(BlobService, { account: "acct" }).deleteBlob({ containerName: "c", blobName: "b" });
  assert.equal(requests[1]?.origin, "https://acct.blob.core.usgovcloudapi.net");
});

test("a claims challenge is answered with a token that has them, once", async () => {
  const challenge = `Bearer error="insufficient_claims", claims="${btoa('{"access_token":{}}')}"`;
  const refused = {
    status: 401,
    headers: { "www-authenticate": challenge },
    json: { error: { code: "AuthenticationFailed" } },
  };
  const { session, requests, asked } = answering((_, number) =>
    number === 1 ? refused : { json: { name: "rg" } },
  );
  await session.client(Resources).resourceGroups.get({ resourceGroupName: "rg" });
  assert.deepEqual(
    asked.map(({ claims }) => claims),
    [undefined, '{"access_token":{}}'],
  );
  assert.equal(requests[1]?.headers.authorization, "Bearer token-2");
  const stubborn = answering(() => refused);
  await assert.rejects(stubborn.session.client(Resources).resourceGroups.get({ resourceGroupName: "rg" }), {
    kind: "unauthenticated",
  });
  assert.equal(stubborn.requests.length, 2);
});

test("Retry-After is kept to; an error carries code, details and request id", async () => {
  const throttled = {
    status: 429,
    headers: { "retry-after": "0" },
    json: { error: { code: "TooManyRequests", message: "slow down" } },
  };
  const { session, requests } = answering((_, number) => (number < 3 ? throttled : { json: {} }));
  await session.client(Resources).resourceGroups.get({ resourceGroupName: "rg" });
  assert.equal(requests.length, 3);
  const error = {
    code: "ResourceGroupNotFound",
    message: "not there",
    details: [{ code: "x", message: "y" }],
  };
  const failing = answering(() => ({ status: 404, json: { error } }));
  await assert.rejects(failing.session.client(Resources).resourceGroups.get({ resourceGroupName: "rg" }), {
    kind: "notFound",
    code: "ResourceGroupNotFound",
    message: "not there",
    requestId: "r",
    body: error,
    cloud: "azure",
    service: "resources",
    operation: "resourceGroups.get",
  });
});

test("nextLink is followed on the manager's own host alone", async () => {
  const next = "https://management.azure.com/subscriptions/sub/resourcegroups?api-version=1&$skiptoken=2";
  const paged = answering((_, number) => ({
    json: number === 1 ? { value: [{ name: "a" }], nextLink: next } : { value: [{ name: "b" }] },
  }));
  const names = (await paged.session.client(Resources).resourceGroups.list.all()).map(({ name }) => name);
  assert.deepEqual(names, ["a", "b"]);
  assert.equal(paged.requests[1]?.query, "api-version=1&$skiptoken=2");
  const astray = answering(() => ({ json: { value: [], nextLink: "https://elsewhere.example/steal" } }));
  await assert.rejects(astray.session.client(Resources).resourceGroups.list.all(), { kind: "invalidInput" });
  assert.equal(astray.requests.length, 1);
});

test("a deployment is followed to its result", async () => {
  const { session, requests } = answering((request, number) => {
    if (request.method === "PUT") {
      return {
        status: 201,
        headers: { "azure-asyncoperation": "https://management.azure.com/ops/1", "retry-after": "0" },
        json: { name: "d" },
      };
    }
    if (request.path === "/ops/1")
      return { headers: { "retry-after": "0" }, json: { status: number < 3 ? "Running" : "Succeeded" } };
    return {
      json: { name: "d", properties: { provisioningState: "Succeeded", timestamp: "2026-01-01T00:00:00Z" } },
    };
  });
  const parameters = { properties: { mode: "Incremental" as const, template: { resources: [] } } };
  const result = await session
    .client(Resources)
    .deployments.createOrUpdate.untilDone({ resourceGroupName: "rg", deploymentName: "d", parameters });
  assert.equal(result.properties?.provisioningState, "Succeeded");
  assert.deepEqual(result.properties?.timestamp, new Date("2026-01-01T00:00:00Z"));
  assert.deepEqual(
    requests.map(({ method }) => method),
    ["PUT", "GET", "GET", "GET"],
  );
  assert.equal(requests[3]?.path, requests[0]?.path);
});
