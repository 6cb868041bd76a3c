import assert from "node:assert/strict";
import test from "node:test";
import { emptyEnvironment } from "../../auth/environment.js";
import {
  clientAssertionCredential,
  clientSecretCredential,
} from "../../azure/credentials/service-principal.js";
import { Session } from "../../azure/session.js";
import { Blob as BlobService } from "../../gen/azure/blob.js";
import { Resources } from "../../gen/azure/resources.js";
import { isCloudError } from "../../internal/cloud-error.js";
import { Emulator } from "../emulator.js";
import { CLIENT_ID, CLIENT_SECRET, MANAGED_IDENTITY_SECRET, STORAGE_KEY, TENANT_ID } from "./identity.js";

async function start(options?: { verify?: boolean }) {
  const cloud = await Emulator.start(options);
  return { cloud, session: cloud.azure() };
}

test("resource groups are made, listed by tag and page, and deleted in time", async () => {
  const { cloud, session } = await start();
  const { resourceGroups } = session.client(Resources);
  for (const name of ["a", "b", "c"]) {
    await resourceGroups.createOrUpdate({
      resourceGroupName: name,
      parameters: { location: "West Europe", tags: { odd: String(name !== "b") } },
    });
  }
  const pages = [];
  for await (const page of resourceGroups.list.pages({ $top: 2 }))
    pages.push(page.value?.map(({ name }) => name));
  assert.deepEqual(pages, [["a", "b"], ["c"]]);
  const odd = await resourceGroups.list.all({ $filter: "tagName eq 'odd' and tagValue eq 'true'" });
  assert.deepEqual(
    odd.map(({ name }) => name),
    ["a", "c"],
  );

  await resourceGroups.delete({ resourceGroupName: "a" });
  assert.equal(
    (await resourceGroups.get({ resourceGroupName: "A" })).properties?.provisioningState,
    "Deleting",
  );
  await assert.rejects(
    resourceGroups.createOrUpdate({ resourceGroupName: "a", parameters: { location: "westeurope" } }),
    {
      kind: "conflict",
      code: "ResourceGroupBeingDeleted",
    },
  );
  cloud.clock.advance(2_000);
  await assert.rejects(resourceGroups.get({ resourceGroupName: "a" }), {
    kind: "notFound",
    code: "ResourceGroupNotFound",
  });
  await assert.rejects(resourceGroups.checkExistence({ resourceGroupName: "a" }), { kind: "notFound" });
  await resourceGroups.checkExistence({ resourceGroupName: "b" });
});

test("untilDone follows a deletion to its end", async () => {
  const { cloud, session } = await start();
  const { resourceGroups } = session.client(Resources);
  await resourceGroups.createOrUpdate({ resourceGroupName: "rg", parameters: { location: "westeurope" } });
  let looks = 0;
  const watched = cloud.azure({
    hooks: {
      onRequest: ({ path }) => {
        if (!path.includes("/operationresults/")) return;
        looks++;
        cloud.clock.advance(1_000);
      },
    },
  });
  await watched
    .client(Resources)
    .resourceGroups.delete.untilDone({ resourceGroupName: "rg" }, { pollIntervalMs: 1 });
  assert.ok(looks >= 2);
  assert.deepEqual(await resourceGroups.list.all(), []);
});

test("tags of any scope merge, are replaced and deleted", async () => {
  const { session } = await start();
  const { tags } = session.client(Resources);
  const scope = "subscriptions/1";
  await tags.createOrUpdateAtScope({ scope, parameters: { properties: { tags: { a: "1" } } } });
  const merged = await tags.updateAtScope({
    scope,
    parameters: { operation: "Merge", properties: { tags: { b: "2" } } },
  });
  assert.deepEqual(merged.properties?.tags, { a: "1", b: "2" });
  await tags.updateAtScope({ scope, parameters: { operation: "Delete", properties: { tags: { a: "1" } } } });
  assert.deepEqual((await tags.getAtScope({ scope: `/${scope}` })).properties?.tags, { b: "2" });
});

test("tokens are checked: who issued them, for whom, until when", async () => {
  const { cloud, session } = await start();
  const { resourceGroups } = session.client(Resources);
  await resourceGroups.list();
  const forged = {
    getToken: async () => ({
      token: "e30.eyJhdWQiOiJodHRwczovL21hbmFnZW1lbnQuYXp1cmUuY29tIn0.x",
      expiresOnTimestamp: Date.now() + 1e6,
    }),
  };
  await assert.rejects(session.client(Resources, { credential: forged }).resourceGroups.list(), {
    kind: "unauthenticated",
    code: "InvalidAuthenticationToken",
  });
  const { token } = await session.credentials.get(["https://storage.azure.com/.default"]);
  const misused = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 1e6 }) };
  await assert.rejects(
    session.client(Resources, { credential: misused }).resourceGroups.list(),
    /wrong audience/,
  );
  // The session's own token is renewed by the emulator's clock.
  cloud.clock.advance(2 * 3_600_000);
  await resourceGroups.list();
  await assert.rejects(session.client(Resources, { credential: "anonymous" }).resourceGroups.list(), {
    kind: "unauthenticated",
    status: 401,
  });
});

test("Entra refuses a wrong secret, an unknown application and a stale assertion", async () => {
  const { cloud } = await start();
  const principal = { tenantId: TENANT_ID, clientId: CLIENT_ID };
  const codeOf = async (credential: ReturnType<typeof clientSecretCredential>) => {
    const session = cloud.azure({ credential });
    try {
      await session.credentials.get();
      return "token";
    } catch (error) {
      return isCloudError(error) ? error.code : String(error);
    }
  };
  const assertion = (exp: number) => () => `e30.${btoa(JSON.stringify({ exp }))}.x`;
  assert.equal(await codeOf(clientSecretCredential({ ...principal, clientSecret: CLIENT_SECRET })), "token");
  assert.equal(await codeOf(clientSecretCredential({ ...principal, clientSecret: "x" })), "invalid_client");
  assert.equal(
    await codeOf(clientSecretCredential({ ...principal, clientId: "nobody", clientSecret: "x" })),
    "unauthorized_client",
  );
  const now = Math.floor(Date.now() / 1000);
  assert.equal(
    await codeOf(clientAssertionCredential({ ...principal, assertion: assertion(now + 60) })),
    "token",
  );
  assert.equal(
    await codeOf(clientAssertionCredential({ ...principal, assertion: assertion(now - 60) })),
    "invalid_client",
  );
});

test("the default chain finds the emulator's environment, and its managed identity", async () => {
  const { cloud } = await start();
  const secret = {
    AZURE_TENANT_ID: TENANT_ID,
    AZURE_CLIENT_ID: CLIENT_ID,
    AZURE_CLIENT_SECRET: CLIENT_SECRET,
  };
  const site = { IDENTITY_ENDPOINT: "http://localhost/msi/token", IDENTITY_HEADER: MANAGED_IDENTITY_SECRET };
  for (const [env, answered] of [
    [secret, "environment"],
    [{}, "managed identity"],
    [site, "managed identity"],
  ] as const) {
    const session = new Session({ transport: cloud.transport, environment: emptyEnvironment(env) });
    const explained = await session.credentials.explain();
    assert.equal(explained.find(({ outcome }) => outcome === "answered")?.source, answered);
  }
});

test("what a listening emulator prints points a session at all of it", async () => {
  const { cloud } = await start();
  const { env } = await cloud.listen();
  const session = new Session({ environment: emptyEnvironment(env) });
  try {
    const resources = session.client(Resources);
    await resources.resourceGroups.createOrUpdate({
      resourceGroupName: "rg",
      parameters: { location: "westeurope" },
    });
    await resources.resourceGroups.delete.untilDone({ resourceGroupName: "rg" }, { pollIntervalMs: 200 });
    const container = session.resource(BlobService).container("served");
    await container.create();
    await container.blob("a").upload("over a socket");
    assert.equal(await (await fetch(await container.blob("a").sasUrl())).text(), "over a socket");
  } finally {
    session.close();
    await cloud.close();
  }
});

test("throttling and lost connections are retried, and reported when they last", async () => {
  const { cloud, session } = await start();
  const waits: number[] = [];
  const client = cloud
    .azure({
      account: "faulty",
      retry: { maxDelayMs: 1 },
      hooks: { onRetry: (error) => void waits.push(error.status ?? 0) },
    })
    .client(BlobService);
  void session;
  cloud.faults.add({ service: "blob", operation: "createContainer", throttle: true, times: 2 });
  await client.createContainer({ containerName: "abc" });
  assert.deepEqual(waits, [503, 503]);
  cloud.faults.add({ service: "blob", operation: "getContainerProperties", throttle: true, times: 10 });
  await assert.rejects(client.getContainerProperties({ containerName: "abc" }), {
    kind: "throttled",
    code: "ServerBusy",
    attempts: 4,
  });
});

test("a proxy's page never passes for an answer", async () => {
  const { cloud } = await start();
  const client = cloud.azure({ retry: { maxAttempts: 1 } }).client(BlobService);
  const { resourceGroups } = cloud.azure({ retry: { maxAttempts: 1 } }).client(Resources);
  await client.createContainer({ containerName: "abc" });
  const blob = { containerName: "abc", blobName: "b" };
  const page = { "content-type": "text/html" };
  for (const respond of [{ status: 200, headers: page, body: "<html>Sign in</html>" }, { status: 200 }]) {
    for (const [service, call] of [
      ["blob", () => client.putBlob({ ...blob, body: "x" })],
      ["blob", () => client.getBlob(blob)],
      ["blob", () => client.getBlobProperties(blob)],
      ["blob", () => client.listBlobs({ containerName: "abc" })],
      ["resources", () => resourceGroups.list()],
    ] as const) {
      cloud.faults.add({ service, respond });
      await assert.rejects(call(), { kind: "unavailable", code: "BadResponse" });
    }
  }
});

test("what is not there says so", async () => {
  const { session } = await start();
  const deployments = session.client(Resources).deployments.listAtTenantScope();
  await assert.rejects(deployments, {
    kind: "notImplemented",
    status: 501,
    message: /deployments\.listAtTenantScope/,
  });
  const rename = session
    .client(BlobService)
    .renameContainer({ containerName: "c", sourceContainerName: "b" });
  await assert.rejects(rename, { kind: "notImplemented", status: 501, message: /renameContainer/ });
});

test("leases end by the clock", async () => {
  const { cloud, session } = await start();
  const client = session.client(BlobService);
  await client.createContainer({ containerName: "abc" });
  const blob = { containerName: "abc", blobName: "b" };
  await client.putBlob({ ...blob, body: "x" });
  await client.acquireBlobLease({ ...blob, duration: 20 });
  assert.equal((await client.getBlobProperties(blob)).leaseState, "leased");
  cloud.clock.advance(21_000);
  assert.equal((await client.getBlobProperties(blob)).leaseState, "expired");
  await client.deleteBlob(blob);
});

test("memory is given back when blobs go", async () => {
  const { cloud, session } = await start();
  const client = session.client(BlobService);
  await client.createContainer({ containerName: "abc" });
  const blob = { containerName: "abc", blobName: "b" };
  await client.putBlob({ ...blob, body: "12345" });
  await client.snapshotBlob(blob);
  await client.putBlob({ ...blob, body: "123" });
  assert.equal(cloud.memory.usedBytes, 8);
  await client.putBlock({ ...blob, blockId: btoa("1"), body: "1234567" });
  await client.putBlockList({ ...blob, blocks: { latest: [btoa("1")] } });
  assert.equal(cloud.memory.usedBytes, 12);
  const log = { containerName: "abc", blobName: "log" };
  await client.createAppendBlob(log);
  await client.appendBlock({ ...log, body: "123" });
  await client.snapshotBlob(log);
  await client.appendBlock({ ...log, body: "45" });
  assert.equal(cloud.memory.usedBytes, 20);
  const disk = { containerName: "abc", blobName: "disk" };
  await client.createPageBlob({ ...disk, blobContentLength: 1024 });
  await client.snapshotBlob(disk);
  await client.putPage({ ...disk, range: "bytes=0-511", body: new Uint8Array(512) });
  assert.equal(cloud.memory.usedBytes, 20 + 2 * 1024);
  await client.deleteContainer({ containerName: "abc" });
  assert.equal(cloud.memory.usedBytes, 0);
});

test("a shared access signature allows what it says", async () => {
  const { cloud } = await start();
  const owner = cloud.azure({ accountKey: STORAGE_KEY });
  const container = owner.resource(BlobService).container("shared");
  await container.create();
  await container.blob("a").upload("1");
  const query = (url: string) => url.slice(url.indexOf("?") + 1);
  const reader = cloud
    .azure({ sasToken: query(await container.sasUrl({ permissions: "r" })) })
    .client(BlobService);
  assert.equal(await (await reader.getBlob({ containerName: "shared", blobName: "a" })).body.text(), "1");
  const denied = { kind: "accessDenied", code: "AuthorizationPermissionMismatch" };
  await assert.rejects(reader.listBlobs({ containerName: "shared" }), denied);
  await assert.rejects(reader.putBlob({ containerName: "shared", blobName: "b", body: "" }), denied);
  const writer = cloud
    .azure({ sasToken: query(await container.blob("b").sasUrl({ permissions: "cw" })) })
    .client(BlobService);
  await writer.putBlob({ containerName: "shared", blobName: "b", body: "2" });
  await assert.rejects(writer.putBlob({ containerName: "shared", blobName: "c", body: "2" }), {
    kind: "unauthenticated",
    code: "AuthenticationFailed",
  });
});

test("a machine whose clock is wrong signs by the service's", async () => {
  const { cloud } = await start();
  cloud.clock.advance(3_600_000);
  const client = cloud.azure({ accountKey: STORAGE_KEY }).client(BlobService);
  await client.createContainer({ containerName: "late" });
  // A key that is wrong stays wrong, whatever the clock.
  const wrong = cloud.azure({ accountKey: btoa("wrong") }).client(BlobService);
  await assert.rejects(wrong.listContainers(), { kind: "unauthenticated", code: "AuthenticationFailed" });
});

test("a stream without a length is sent whole", async () => {
  const { session } = await start();
  const client = session.client(BlobService);
  await client.createContainer({ containerName: "abc" });
  async function* chunks() {
    yield "one ";
    yield new TextEncoder().encode("two");
  }
  await client.putBlob({ containerName: "abc", blobName: "s", body: chunks() });
  assert.equal(await (await client.getBlob({ containerName: "abc", blobName: "s" })).body.text(), "one two");
});

test("blobs are found by their tags", async () => {
  const { session } = await start();
  const client = session.client(BlobService);
  await client.createContainer({ containerName: "abc" });
  for (const [blobName, blobTagsString] of [
    ["a", "rank=01&kind=x"],
    ["b", "rank=05&kind=x"],
    ["c", "rank=09"],
  ] as const) {
    await client.putBlob({ containerName: "abc", blobName, body: "", blobTagsString });
  }
  const found = async (where: string) =>
    (await client.findBlobsByTags.all({ where })).map(({ name }) => name);
  assert.deepEqual(await found(`"rank" >= '02' AND "kind" = 'x'`), ["b"]);
  assert.deepEqual(await found(`@container = 'abc' AND rank < '09'`), ["a", "b"]);
  await assert.rejects(found("rank LIKE 'x'"), { code: "InvalidQueryParameterValue" });
  await client.getBlob({ containerName: "abc", blobName: "a", ifTags: "\"kind\" = 'x'" });
  await assert.rejects(client.getBlob({ containerName: "abc", blobName: "c", ifTags: "\"kind\" = 'x'" }), {
    kind: "preconditionFailed",
  });
});
