/** Azure's own JavaScript SDKs as clients of our emulator. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import {
  CLIENT_ID,
  CLIENT_SECRET,
  STORAGE_KEY,
  SUBSCRIPTION_ID,
  TENANT_ID,
} from "../../src/emulator/azure/identity.js";
import { Emulator } from "../../src/emulator/emulator.js";
import { Blob as BlobService } from "../../src/gen/azure/blob.js";

const ROOT = "test/foreign/azure";

/** The packages are not ours: their types are not looked at here. */
// biome-ignore lint/suspicious/noExplicitAny: see above.
type Foreign = any;

interface Sdks {
  readonly storage: Foreign;
  readonly identity: Foreign;
  readonly ResourceManagementClient: Foreign;
  readonly SubscriptionClient: Foreign;
  readonly pipeline: Foreign;
  readonly httpClient: Foreign;
  readonly cloud: Emulator;
  url(): string;
  secret(): Foreign;
  service(): Foreign;
  collect(items: AsyncIterable<Foreign>): Promise<Foreign[]>;
}

async function run(): Promise<void> {
  const require = createRequire(resolve(ROOT, "package.json"));
  const storage: Foreign = require("@azure/storage-blob");
  const identity: Foreign = require("@azure/identity");
  const { ResourceManagementClient }: Foreign = require("@azure/arm-resources");
  const { SubscriptionClient }: Foreign = require("@azure/arm-resources-subscriptions");
  const pipeline: Foreign = createRequire(require.resolve("@azure/storage-blob"))(
    "@azure/core-rest-pipeline",
  );

  const cloud = await Emulator.start();
  let url = "";
  before(async () => {
    ({ url } = await cloud.listen());
  });
  after(() => cloud.close());

  /** Tokens are sent over https alone: requests keep the services' names and go to the emulator's port. */
  const httpClient = {
    async sendRequest(request: Foreign) {
      const { host, pathname, search } = new URL(request.url);
      const headers = pipeline.createHttpHeaders(request.headers.toJSON?.() ?? request.headers.toJson());
      headers.set("host", host);
      const sent = pipeline.createPipelineRequest({
        url: `${url}${pathname}${search}`,
        method: request.method,
        headers,
        body: request.body,
        allowInsecureConnection: true,
        streamResponseStatusCodes: request.streamResponseStatusCodes,
      });
      const response = await pipeline.createDefaultHttpClient().sendRequest(sent);
      return { ...response, request };
    },
  };
  const secret = () =>
    new identity.ClientSecretCredential(TENANT_ID, CLIENT_ID, CLIENT_SECRET, { httpClient });
  const service = () =>
    new storage.BlobServiceClient(
      `${url}/devstoreaccount1`,
      new storage.StorageSharedKeyCredential("devstoreaccount1", STORAGE_KEY),
    );
  const collect = async (items: AsyncIterable<Foreign>) => {
    const list: Foreign[] = [];
    for await (const each of items) list.push(each);
    return list;
  };
  const sdks: Sdks = {
    storage,
    identity,
    ResourceManagementClient,
    SubscriptionClient,
    pipeline,
    httpClient,
    cloud,
    url: () => url,
    secret,
    service,
    collect,
  };
  for (const [name, scenario] of Object.entries(SCENARIOS)) test(name, () => scenario(sdks));
}

const SCENARIOS: Readonly<Record<string, (sdks: Sdks) => Promise<void>>> = {
  "@azure/storage-blob: blobs in one request and in blocks": async ({ service, collect }) => {
    const container = service().getContainerClient("js-blobs");
    await container.create({ metadata: { a: "1" } });
    const blob = container.getBlockBlobClient("dir/a b.txt");
    await blob.upload("hello", 5, {
      blobHTTPHeaders: { blobContentType: "text/plain" },
      metadata: { k: "v" },
      tags: { t: "1" },
    });
    assert.equal(String(await blob.downloadToBuffer()), "hello");
    const { metadata, contentType, tagCount } = await blob.getProperties();
    assert.deepEqual([metadata, contentType, tagCount], [{ k: "v" }, "text/plain", 1]);
    const large = Buffer.alloc(3 << 20, 7);
    await container
      .getBlockBlobClient("large")
      .uploadData(large, { blockSize: 1 << 20, maxSingleShotSize: 1 << 20 });
    assert.equal(Buffer.compare(await container.getBlockBlobClient("large").downloadToBuffer(), large), 0);
    const flat = await collect(container.listBlobsFlat({ includeMetadata: true, includeTags: true }));
    assert.deepEqual(
      flat.map(({ name, properties }) => [name, properties.contentLength]),
      [
        ["dir/a b.txt", 5],
        ["large", 3 << 20],
      ],
    );
    assert.deepEqual(flat[0].tags, { t: "1" });
    const grouped = await collect(container.listBlobsByHierarchy("/"));
    assert.deepEqual(
      grouped.map(({ kind, name }) => [kind, name]),
      [
        ["prefix", "dir/"],
        ["blob", "large"],
      ],
    );
    assert.deepEqual(
      (await collect(service().findBlobsByTags("t='1'"))).map(({ name }) => name),
      ["dir/a b.txt"],
    );
    await container.delete();
    assert.equal(await container.exists(), false);
  },

  "@azure/storage-blob: leases, snapshots, copies, append and page blobs": async ({ service }) => {
    const container = service().getContainerClient("js-more");
    await container.create();
    const blob = container.getBlockBlobClient("b");
    await blob.upload("hello", 5);
    const lease = blob.getBlobLeaseClient();
    await lease.acquireLease(15);
    await assert.rejects(blob.setMetadata({ z: "1" }), { code: "LeaseIdMissing", statusCode: 412 });
    await lease.releaseLease();
    const { snapshot } = await blob.createSnapshot();
    assert.equal(String(await blob.withSnapshot(snapshot).downloadToBuffer()), "hello");
    await assert.rejects(blob.delete(), { code: "SnapshotsPresent" });
    const copy = container.getBlockBlobClient("copy");
    assert.equal((await (await copy.beginCopyFromURL(blob.url)).pollUntilDone()).copyStatus, "success");
    const log = container.getAppendBlobClient("log");
    await log.create();
    await log.appendBlock("one", 3);
    await log.appendBlock("two", 3);
    assert.equal(String(await log.downloadToBuffer()), "onetwo");
    const disk = container.getPageBlobClient("disk");
    await disk.create(1024);
    await disk.uploadPages(Buffer.alloc(512, 1), 0, 512);
    assert.deepEqual((await disk.getPageRanges(0, 1024)).pageRange, [{ offset: 0, count: 511 }]);
    await assert.rejects(blob.download(0, undefined, { conditions: { ifMatch: '"0x1"' } }), {
      code: "ConditionNotMet",
      statusCode: 412,
    });
  },

  "@azure/storage-blob: shared access signatures and access policies": async ({
    storage,
    service,
    collect,
  }) => {
    const container = service().getContainerClient("js-sas");
    await container.create();
    const blob = container.getBlockBlobClient("b");
    await blob.upload("shared", 6);
    const url = await blob.generateSasUrl({
      permissions: storage.BlobSASPermissions.parse("r"),
      expiresOn: new Date(Date.now() + 60_000),
    });
    assert.equal(await (await fetch(url)).text(), "shared");
    assert.equal((await fetch(url.replace("sp=r", "sp=rw"))).status, 403);
    assert.equal((await fetch(url, { method: "DELETE" })).status, 403);
    const policy = {
      permissions: "r",
      startsOn: new Date(Date.now() - 60_000),
      expiresOn: new Date(Date.now() + 60_000),
    };
    await container.setAccessPolicy("blob", [{ id: "p1", accessPolicy: policy }]);
    const byPolicy = await blob.generateSasUrl({ identifier: "p1" });
    assert.equal((await fetch(byPolicy)).status, 200);
    const account = service().generateAccountSasUrl(
      new Date(Date.now() + 60_000),
      storage.AccountSASPermissions.parse("rl"),
      "sco",
    );
    assert.deepEqual(
      (await collect(new storage.BlobServiceClient(account).getContainerClient("js-sas").listBlobsFlat()))
        .length,
      1,
    );
    // Public: no signature at all.
    assert.equal((await fetch(blob.url)).status, 200);
  },

  "@azure/identity: secret, managed identity, and a refusal": async ({ identity, httpClient, secret }) => {
    assert.match((await secret().getToken("https://management.azure.com/.default")).token, /^ey/);
    const managed = new identity.ManagedIdentityCredential({ httpClient });
    assert.match((await managed.getToken("https://storage.azure.com/.default")).token, /^ey/);
    const wrong = new identity.ClientSecretCredential(TENANT_ID, CLIENT_ID, "wrong", { httpClient });
    await assert.rejects(wrong.getToken("https://management.azure.com/.default"), /AADSTS7000215/);
  },

  "@azure/arm-resources: resources of any provider": async ({
    ResourceManagementClient,
    httpClient,
    secret,
    collect,
    cloud,
  }) => {
    const client = new ResourceManagementClient(secret(), SUBSCRIPTION_ID, { httpClient });
    const location = "westeurope";
    await client.resourceGroups.createOrUpdate("deployed", { location });
    const top = ["deployed", "Microsoft.Compute", "", "disks", "made", "2024-03-02"];
    const { id } = await client.resources.beginCreateOrUpdateAndWait(...top, {
      location,
      properties: { a: 1 },
    });
    assert.equal((await client.resources.get(...top)).id, id);
    assert.equal((await client.resources.getById(id, "2024-03-02")).properties.a, 1);
    const listed = await collect(client.resources.listByResourceGroup("deployed"));
    assert.deepEqual(
      listed.map(({ name }: Foreign) => name),
      ["made"],
    );
    await client.resources.beginDeleteByIdAndWait(id, "2024-03-02");
    assert.equal((await client.resources.checkExistenceById(id, "2024-03-02")).body, false);
    const gone = client.resourceGroups.beginDeleteAndWait("deployed", { updateIntervalInMs: 100 });
    cloud.clock.advance(2_000);
    await gone;
  },

  "@azure/identity: a person signs in": async ({ identity, httpClient, url }) => {
    const scope = "https://management.azure.com/.default";
    const options = { tenantId: TENANT_ID, httpClient };
    const userPromptCallback = async ({ userCode }: Foreign) => {
      assert.equal((await fetch(`${url()}/common/oauth2/deviceauth?user_code=${userCode}`)).status, 200);
    };
    const device = new identity.DeviceCodeCredential({ ...options, userPromptCallback });
    assert.match((await device.getToken(scope)).token, /^ey/);
    const redirectUri = "http://localhost:1/";
    const query = new URLSearchParams({
      client_id: CLIENT_ID,
      response_type: "code",
      redirect_uri: redirectUri,
      scope,
    });
    const page = await fetch(`${url()}/${TENANT_ID}/oauth2/v2.0/authorize?${query}`, { redirect: "manual" });
    const code = new URL(page.headers.get("location") ?? "").searchParams.get("code");
    const byCode = new identity.AuthorizationCodeCredential(
      TENANT_ID,
      CLIENT_ID,
      CLIENT_SECRET,
      code,
      redirectUri,
      options,
    );
    assert.match((await byCode.getToken(scope)).token, /^ey/);
  },

  "an account's signature is the vendor's": async ({ storage, url, cloud, collect }) => {
    const account = "devstoreaccount1";
    const key = new storage.StorageSharedKeyCredential(account, STORAGE_KEY);
    const startsOn = new Date(Date.now() - 60_000);
    const ours = cloud.azure({ endpoint: `${url()}/${account}` }).resource(BlobService, {
      account,
      accountKey: STORAGE_KEY,
    });
    for (const asked of [
      { permissions: "rl", resourceTypes: "sco", services: "b" },
      { permissions: "rwdlacupx", resourceTypes: "co", services: "btqf", protocol: "https,http" },
      {
        permissions: "l",
        resourceTypes: "s",
        services: "b",
        ipRange: { start: "0.0.0.0", end: "255.255.255.255" },
      },
    ] as const) {
      const made = new URL(await ours.sasUrl({ ...asked, startsOn, expiresInSeconds: 3600 }));
      const theirs = storage.generateAccountSASQueryParameters(
        {
          ...asked,
          permissions: storage.AccountSASPermissions.parse(asked.permissions),
          startsOn,
          expiresOn: new Date(startsOn.getTime() + 3_600_000),
          version: made.searchParams.get("sv"),
        },
        key,
      );
      assert.equal(made.search.slice(1), String(theirs));
      const service = new storage.BlobServiceClient(`${url()}/${account}${made.search}`);
      if (asked.resourceTypes.includes("s")) await collect(service.listContainers());
      else await assert.rejects(collect(service.listContainers()), { statusCode: 403 });
    }
  },

  "@azure/identity: each source of a chain, in the environment": async ({ identity, httpClient, url }) => {
    const scope = "https://storage.azure.com/.default";
    const claimsOf = async (credential: Foreign) => {
      const { token, expiresOnTimestamp } = await credential.getToken(scope);
      assert.ok(expiresOnTimestamp > Date.now());
      return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
    };
    const folder = await mkdtemp(join(tmpdir(), "trivet-"));
    const kept = { ...process.env };
    try {
      const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const exp = Math.floor(Date.now() / 1000) + 600;
      const assertion = `${encode({ alg: "RS256", kid: "k" })}.${encode({ sub: "pod", exp })}.AAAA`;
      const tokenFilePath = join(folder, "token");
      await writeFile(tokenFilePath, assertion);
      const options = { httpClient, tenantId: TENANT_ID, clientId: CLIENT_ID };
      const workload = new identity.WorkloadIdentityCredential({ ...options, tokenFilePath });
      assert.equal((await claimsOf(workload)).appid, CLIENT_ID);
      const asserted = new identity.ClientAssertionCredential(TENANT_ID, CLIENT_ID, async () => assertion, {
        httpClient,
      });
      assert.equal((await claimsOf(asserted)).tid, TENANT_ID);
      Object.assign(process.env, {
        AZURE_TENANT_ID: TENANT_ID,
        AZURE_CLIENT_ID: CLIENT_ID,
        AZURE_CLIENT_SECRET: CLIENT_SECRET,
      });
      assert.equal((await claimsOf(new identity.EnvironmentCredential({ httpClient }))).appid, CLIENT_ID);
      assert.equal((await claimsOf(new identity.DefaultAzureCredential({ httpClient }))).appid, CLIENT_ID);
      delete process.env.AZURE_CLIENT_SECRET;
      process.env.AZURE_FEDERATED_TOKEN_FILE = tokenFilePath;
      assert.equal((await claimsOf(new identity.DefaultAzureCredential({ httpClient }))).appid, CLIENT_ID);
      delete process.env.AZURE_FEDERATED_TOKEN_FILE;
      // The instance's endpoint is plain HTTP: no way around is needed.
      process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST = url();
      delete process.env.AZURE_CLIENT_ID;
      assert.equal(
        (await claimsOf(new identity.ManagedIdentityCredential())).aud,
        "https://storage.azure.com",
      );
      assert.equal((await claimsOf(new identity.DefaultAzureCredential())).aud, "https://storage.azure.com");
      const other = new identity.ManagedIdentityCredential({
        clientId: "00000000-0000-0000-0000-00000000dead",
      });
      await assert.rejects(other.getToken(scope), /Identity not found|unavailable/i);
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in kept)) delete process.env[name];
      Object.assign(process.env, kept);
      await rm(folder, { recursive: true });
    }
  },

  "@azure/arm-resources: filters, tags, providers, refusals": async ({
    ResourceManagementClient,
    httpClient,
    secret,
    collect,
  }) => {
    const client = new ResourceManagementClient(secret(), SUBSCRIPTION_ID, { httpClient });
    for (const name of ["f-1", "f-2", "f-3"])
      await client.resourceGroups.createOrUpdate(name, {
        location: "West Europe",
        tags: { suite: "js", name },
      });
    const namesOf = async (options: object) =>
      (await collect(client.resourceGroups.list(options))).map(({ name }) => name);
    assert.deepEqual(await namesOf({ filter: "tagName eq 'name' and tagValue eq 'f-2'" }), ["f-2"]);
    assert.ok((await namesOf({ top: 1 })).length >= 3);
    const updated = await client.resourceGroups.update("f-1", { tags: { only: "this" } });
    assert.deepEqual([updated.tags, updated.location], [{ only: "this" }, "westeurope"]);
    const scope = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/f-2`;
    const tags = client.tagsOperations;
    await tags.createOrUpdateAtScope?.(scope, { properties: { tags: { a: "1", b: "2" } } });
    if (tags.createOrUpdateAtScope === undefined) {
      await tags.beginCreateOrUpdateAtScopeAndWait(scope, { properties: { tags: { a: "1", b: "2" } } });
    }
    assert.deepEqual((await client.resourceGroups.get("f-2")).tags, { a: "1", b: "2" });
    assert.deepEqual((await tags.getAtScope(scope)).properties.tags, { a: "1", b: "2" });
    await tags.createOrUpdate("department");
    await tags.createOrUpdateValue("department", "sales");
    const [department] = await collect(tags.list());
    assert.deepEqual([department.tagName, department.values[0].tagValue], ["department", "sales"]);
    await assert.rejects(tags.delete("department"), { statusCode: 409 });
    await tags.deleteValue("department", "sales");
    await tags.delete("department");
    const providers = await collect(client.providers.list());
    assert.deepEqual(
      providers.map(({ namespace, registrationState }) => [namespace, registrationState]),
      [["Microsoft.Resources", "Registered"]],
    );
    await assert.rejects(client.providers.get("Microsoft.Nothing"), { code: "InvalidResourceNamespace" });
    assert.deepEqual(await collect(client.resources.listByResourceGroup("f-1")), []);
    await assert.rejects(collect(client.resources.listByResourceGroup("none")), {
      code: "ResourceGroupNotFound",
    });
    await assert.rejects(client.resourceGroups.createOrUpdate("f-1", { location: "eastus" }), {
      code: "InvalidResourceGroupLocation",
      statusCode: 409,
    });
    await assert.rejects(client.resourceGroups.createOrUpdate("bad name!", { location: "eastus" }), {
      statusCode: 400,
    });
    assert.equal((await client.resourceGroups.checkExistence("none")).body, false);
    assert.equal((await client.resourceGroups.checkExistence("f-1")).body, true);
    const nobody = new ResourceManagementClient(
      { getToken: async () => ({ token: "no.such.token", expiresOnTimestamp: Date.now() + 60_000 }) },
      SUBSCRIPTION_ID,
      { httpClient },
    );
    await assert.rejects(nobody.resourceGroups.get("f-1"), { statusCode: 401 });
    for (const name of ["f-1", "f-2", "f-3"]) {
      const groups = client.resourceGroups;
      const options = { updateIntervalInMs: 100 };
      await (groups.beginDeleteAndWait?.(name, options) ?? groups.delete(name, options));
    }
  },

  "@azure/arm-resources: resource groups, the deletion long-running": async ({
    ResourceManagementClient,
    SubscriptionClient,
    httpClient,
    secret,
    collect,
  }) => {
    const client = new ResourceManagementClient(secret(), SUBSCRIPTION_ID, { httpClient });
    const made = await client.resourceGroups.createOrUpdate("js-rg", {
      location: "westeurope",
      tags: { a: "b" },
    });
    assert.equal(made.properties.provisioningState, "Succeeded");
    assert.deepEqual(
      (await collect(client.resourceGroups.list())).map(({ name }) => name),
      ["js-rg"],
    );
    const options = { updateIntervalInMs: 100 };
    if (client.resourceGroups.beginDeleteAndWait)
      await client.resourceGroups.beginDeleteAndWait("js-rg", options);
    else await client.resourceGroups.delete("js-rg", options);
    await assert.rejects(client.resourceGroups.get("js-rg"), {
      code: "ResourceGroupNotFound",
      statusCode: 404,
    });
    const subscriptions = await collect(
      new SubscriptionClient(secret(), { httpClient }).subscriptions.list(),
    );
    assert.deepEqual(
      subscriptions.map(({ subscriptionId }) => subscriptionId),
      [SUBSCRIPTION_ID],
    );
  },

  "@azure/storage-blob with a token of Entra, and a user delegation signature": async ({
    storage,
    pipeline,
    httpClient,
    secret,
    collect,
  }) => {
    const storagePipeline = storage.newPipeline(secret(), { httpClient: compatible(httpClient, pipeline) });
    const client = new storage.BlobServiceClient("https://tokens.blob.core.windows.net", storagePipeline);
    await client.getContainerClient("entra").create();
    assert.deepEqual(
      (await collect(client.listContainers())).map(({ name }) => name),
      ["entra"],
    );
    const key = await client.getUserDelegationKey(new Date(), new Date(Date.now() + 3_600_000));
    assert.equal(key.signedTenantId, TENANT_ID);
    await client.getContainerClient("entra").getBlockBlobClient("b").upload("delegated", 9);
    const get = async (permissions: string, expiresOn: number) => {
      const query = storage.generateBlobSASQueryParameters(
        {
          containerName: "entra",
          blobName: "b",
          permissions: storage.BlobSASPermissions.parse(permissions),
          expiresOn: new Date(expiresOn),
        },
        key,
        "tokens",
      );
      const request = pipeline.createPipelineRequest({
        url: `https://tokens.blob.core.windows.net/entra/b?${query}`,
      });
      const { status, bodyAsText } = await httpClient.sendRequest(request);
      return [status, status === 200 ? bodyAsText : undefined];
    };
    assert.deepEqual(await get("r", Date.now() + 60_000), [200, "delegated"]);
    assert.deepEqual(await get("w", Date.now() + 60_000), [403, undefined]);
    assert.deepEqual(await get("r", Date.now() - 60_000), [403, undefined]);
  },
};

/** storage-blob's pipeline wants responses whose headers have the older method names. */
function compatible(httpClient: Foreign, pipeline: Foreign): Foreign {
  return {
    async sendRequest(request: Foreign) {
      const response = await httpClient.sendRequest(request);
      const headers = pipeline.createHttpHeaders(response.headers.toJSON());
      headers.toJson = headers.toJSON.bind(headers);
      return { ...response, headers };
    },
  };
}

if (!existsSync(`${ROOT}/node_modules`)) {
  test("Azure's SDKs", (t) => t.skip(`They are not installed: npm ci --prefix ${ROOT} --ignore-scripts`));
} else {
  await run();
}
