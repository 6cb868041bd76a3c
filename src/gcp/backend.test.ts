import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyEnvironment } from "../auth/environment.js";
import { CloudResourceManager } from "../gen/gcp/cloudresourcemanager.js";
import { Compute } from "../gen/gcp/compute.js";
import { Pubsub } from "../gen/gcp/pubsub.js";
import { SQLAdmin } from "../gen/gcp/sqladmin.js";
import { Storage } from "../gen/gcp/storage.js";
import type { HttpRequest, Transport } from "../http/message.js";
import { readBody } from "../http/request-body.js";
import { bytesBody } from "../http/response-body.js";
import type { ServiceModel } from "../model/ir.js";
import { pack } from "../model/pack.js";
import { gcpService } from "./service.js";
import { Session, type SessionOptions } from "./session.js";

interface Sent extends HttpRequest {
  readonly text: string;
}

type Reply = { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: unknown };

/** A session whose requests are kept and answered one by one; the last answer goes on. */
function start(replies: readonly Reply[], options: SessionOptions & { env?: Record<string, string> } = {}) {
  const { env, ...rest } = options;
  const sent: Sent[] = [];
  const transport: Transport = {
    async send(request) {
      sent.push({ ...request, text: new TextDecoder().decode(await readBody(request.body)) });
      const {
        status = 200,
        headers = {},
        body = {},
      } = replies[Math.min(sent.length, replies.length) - 1] ?? {};
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return { status, headers, body: bytesBody(new TextEncoder().encode(text)) };
    },
  };
  const session = new Session({
    project: "my-proj",
    credentials: { accessToken: "token" },
    environment: emptyEnvironment(env),
    transport,
    retry: { maxDelayMs: 1 },
    ...rest,
  });
  return { session, sent };
}

test("requests say who calls, with whose token and on whose account", async () => {
  const { session, sent } = start([{}], { quotaProject: "payer", appId: "my-app" });
  await session.client(Storage).buckets.list();
  const [{ origin, path, query, headers }] = sent as [Sent];
  assert.deepEqual(
    [origin, path, query],
    ["https://storage.googleapis.com", "/storage/v1/b", "project=my-proj&prettyPrint=false"],
  );
  assert.equal(headers.authorization, "Bearer token");
  assert.equal(headers["x-goog-user-project"], "payer");
  assert.match(headers["x-goog-api-client"] ?? "", /^trivet\/\S+ gl-node\/\d/);
  assert.match(headers["user-agent"] ?? "", /^my-app trivet\//);
});

test("the project is the session's, in the form that the API wants", async () => {
  const { session, sent } = start([{}]);
  await session.client(Pubsub).projects.topics.list();
  await session.client(Compute, { project: "other" }).zones.list();
  await session.client(Compute).zones.list({ project: "named" });
  assert.deepEqual(
    sent.map(({ path }) => path),
    ["/v1/projects/my-proj/topics", "/compute/v1/projects/other/zones", "/compute/v1/projects/named/zones"],
  );
});

for (const [what, options, expected] of [
  ["a universe's", { universeDomain: "example.com" }, "https://storage.example.com/storage/v1/b/x"],
  [
    "the universe of the environment's",
    { env: { GOOGLE_CLOUD_UNIVERSE_DOMAIN: "example.org" } },
    "https://storage.example.org/storage/v1/b/x",
  ],
  [
    "STORAGE_EMULATOR_HOST",
    { env: { STORAGE_EMULATOR_HOST: "http://127.0.0.1:9000" } },
    "http://127.0.0.1:9000/storage/v1/b/x",
  ],
  [
    "STORAGE_EMULATOR_HOST without a scheme",
    { env: { STORAGE_EMULATOR_HOST: "127.0.0.1:9000" } },
    "http://127.0.0.1:9000/storage/v1/b/x",
  ],
  [
    "gcloud's override",
    { env: { CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: "http://127.0.0.1:9000/storage/v1/" } },
    "http://127.0.0.1:9000/storage/v1/b/x",
  ],
  [
    "the user's, with a path",
    { endpoint: "http://127.0.0.1:9000/gcs/" },
    "http://127.0.0.1:9000/gcs/storage/v1/b/x",
  ],
] as const) {
  test(`requests go to ${what} endpoint`, async () => {
    const { session, sent } = start([{}], options);
    await session.client(Storage).buckets.get({ bucket: "x" });
    const [{ origin, path }] = sent as [Sent];
    assert.equal(origin + path, expected);
  });
}

test("an endpoint of the user's is called without credentials where there are none; Google's is not", async () => {
  const env = { STORAGE_EMULATOR_HOST: "http://127.0.0.1:9000", NO_GCE_CHECK: "true" };
  const { session, sent } = start([{}], { env, credentials: undefined });
  await session.client(Storage).buckets.get({ bucket: "x" });
  assert.equal(sent[0]?.headers.authorization, undefined);
  const google = start([{}], { env: { NO_GCE_CHECK: "true" }, credentials: undefined });
  await assert.rejects(google.session.client(Storage).buckets.get({ bucket: "x" }), {
    code: "NoCredentials",
  });
});

for (const [status, error, kind, code] of [
  [404, { errors: [{ reason: "notFound" }] }, "notFound", "notFound"],
  [403, { errors: [{ reason: "forbidden" }] }, "accessDenied", "forbidden"],
  [403, { errors: [{ reason: "quotaExceeded" }] }, "throttled", "quotaExceeded"],
  [409, { errors: [{ reason: "conflict" }] }, "alreadyExists", "conflict"],
  [409, { status: "ABORTED" }, "conflict", "ABORTED"],
  [400, { status: "FAILED_PRECONDITION" }, "conflict", "FAILED_PRECONDITION"],
  [412, { errors: [{ reason: "conditionNotMet" }] }, "preconditionFailed", "conditionNotMet"],
  [401, { status: "UNAUTHENTICATED" }, "unauthenticated", "UNAUTHENTICATED"],
  [501, { status: "UNIMPLEMENTED" }, "notImplemented", "UNIMPLEMENTED"],
] as const) {
  test(`status ${status} with ${JSON.stringify(error)} is ${kind}`, async () => {
    const { session, sent } = start([
      { status, body: { error: { code: status, message: "Why", ...error } } },
    ]);
    await assert.rejects(session.client(Storage).buckets.get({ bucket: "x" }), {
      kind,
      code,
      status,
      message: "Why",
    });
    assert.equal(sent.length, 1, "sent once");
  });
}

test("a proxy's page is unavailable, and reads are repeated", async () => {
  const page = { status: 502, headers: { "content-type": "text/html" }, body: "<html>" };
  const { session, sent } = start([page, page, { body: { name: "x" } }]);
  assert.equal((await session.client(Storage).buckets.get({ bucket: "x" })).name, "x");
  assert.equal(sent.length, 3);
  const failing = start([page]);
  await assert.rejects(failing.session.client(Storage).buckets.get({ bucket: "x" }), {
    kind: "unavailable",
    attempts: 3,
  });
});

test("a 403 that means slow down is waited out, as long as the service says", async () => {
  const slow = {
    status: 403,
    body: { error: { errors: [{ reason: "rateLimitExceeded" }], details: [{ retryDelay: "0.001s" }] } },
  };
  const { session, sent } = start([slow, {}]);
  await session.client(Compute).zones.list();
  assert.equal(sent.length, 2);
});

test("Compute's changes carry a request id and so may be repeated", async () => {
  const { session, sent } = start([{ status: 503 }, { body: { name: "operation-1" } }]);
  await session.client(Compute).instances.delete({ zone: "z", instance: "i" });
  const ids = sent.map(({ query }) => new URLSearchParams(query).get("requestId"));
  assert.match(ids[0] ?? "", /^[0-9a-f-]{36}$/);
  assert.deepEqual(ids, [ids[0], ids[0]]);
});

test("changes elsewhere are not repeated after a failure that may have taken effect", async () => {
  const { session, sent } = start([{ status: 503 }]);
  const publish = { topic: "projects/p/topics/t", body: { messages: [{ data: "hello" }] } };
  await assert.rejects(session.client(Pubsub).projects.topics.publish(publish), { kind: "unavailable" });
  assert.equal(sent.length, 1);
  assert.equal(sent[0]?.text, '{"messages":[{"data":"aGVsbG8="}]}');
});

test("google.longrunning is followed by its name to its response or its error", async () => {
  const replies = [
    { body: { name: "operations/1" } },
    { body: { name: "operations/1" } },
    { body: { name: "operations/1", done: true, response: { name: "projects/1" } } },
  ];
  const { session, sent } = start(replies);
  const client = session.client(CloudResourceManager);
  const done = await client.projects.create.untilDone({ body: { projectId: "p" } }, { pollIntervalMs: 1 });
  assert.deepEqual(done.response, { name: "projects/1" });
  assert.deepEqual(
    sent.map(({ method, path }) => `${method} ${path}`),
    ["POST /v3/projects", "GET /v3/operations/1", "GET /v3/operations/1"],
  );
  const failing = start([
    { body: { name: "operations/1", done: true, error: { code: 6, message: "Taken" } } },
  ]);
  await assert.rejects(failing.session.client(CloudResourceManager).projects.create.untilDone({ body: {} }), {
    kind: "alreadyExists",
    code: "ALREADY_EXISTS",
    message: "Taken",
  });
});

test("Cloud SQL's and Compute's operations are followed where they live", async () => {
  const sql = start([
    { body: { name: "op", status: "PENDING", targetProject: "my-proj" } },
    { body: { name: "op", status: "DONE" } },
  ]);
  await sql.session
    .client(SQLAdmin)
    .instances.insert.untilDone({ body: { name: "db" } }, { pollIntervalMs: 1 });
  assert.equal(sql.sent[1]?.path, "/v1/projects/my-proj/operations/op");
  const region = "https://compute.googleapis.com/compute/v1/projects/my-proj/regions/europe-west1";
  const failed = {
    name: "op",
    status: "DONE",
    region,
    error: { errors: [{ code: "QUOTA_EXCEEDED", message: "Too many" }] },
    httpErrorStatusCode: 403,
  };
  const compute = start([{ body: { name: "op", status: "RUNNING", region } }, { body: failed }]);
  const insert = compute.session
    .client(Compute)
    .addresses.insert.untilDone({ region: "europe-west1", body: { name: "a" } }, { pollIntervalMs: 1 });
  await assert.rejects(insert, { kind: "accessDenied", code: "QUOTA_EXCEEDED", message: "Too many" });
  assert.equal(compute.sent[1]?.path, "/compute/v1/projects/my-proj/regions/europe-west1/operations/op");
});

/** As Google's newer searches are: a POST whose token is in its body. */
const SEARCH: ServiceModel = {
  service: {
    cloud: "gcp",
    id: "search",
    name: "Search",
    apiVersion: "v1",
    protocol: "gcp-rest",
    gcp: { rootUrl: "https://search.googleapis.com/", servicePath: "", scopes: [] },
  },
  operations: {
    search: {
      method: "POST",
      path: "/v1:search",
      input: "SearchRequest",
      output: "SearchResponse",
      page: {
        inputToken: "body.pageToken",
        outputToken: "nextPageToken",
        items: ["results"],
        limit: "body.pageSize",
      },
      gcp: { id: "search.search" },
    },
  },
  shapes: {
    String: { type: "string" },
    Integer: { type: "integer" },
    StringList: { type: "list", member: { shape: "String" } },
    Query: {
      type: "structure",
      members: { query: { shape: "String" }, pageToken: { shape: "String" }, pageSize: { shape: "Integer" } },
    },
    SearchRequest: { type: "structure", payload: "body", members: { body: { shape: "Query" } } },
    SearchResponse: {
      type: "structure",
      members: { results: { shape: "StringList" }, nextPageToken: { shape: "String" } },
    },
  },
};

test("a search whose token is in the body is paged", async () => {
  const { session, sent } = start([
    { body: { results: ["a", "b"], nextPageToken: "t" } },
    { body: { results: ["c"] } },
  ]);
  const client = session.client(gcpService(pack(SEARCH))) as unknown as {
    search: { all(input: object, options: object): Promise<string[]> };
  };
  assert.deepEqual(await client.search.all({ body: { query: "q" } }, { pageSize: 2 }), ["a", "b", "c"]);
  assert.deepEqual(
    sent.map(({ text }) => JSON.parse(text) as unknown),
    [
      { query: "q", pageSize: 2 },
      { query: "q", pageSize: 2, pageToken: "t" },
    ],
  );
});
