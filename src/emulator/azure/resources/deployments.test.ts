import assert from "node:assert/strict";
import test from "node:test";
import { Blob as BlobService } from "../../../gen/azure/blob.js";
import { Resources } from "../../../gen/azure/resources.js";
import { Emulator } from "../../emulator.js";
import { SUBSCRIPTION_ID } from "../identity.js";

const GROUP = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/rg`;
const ACCOUNT = `${GROUP}/providers/Microsoft.Storage/storageAccounts/kept`;

async function start() {
  const cloud = await Emulator.start();
  const client = cloud.azure().client(Resources);
  await client.resourceGroups.createOrUpdate({
    resourceGroupName: "rg",
    parameters: { location: "westeurope" },
  });
  const { deployments, deploymentOperations, resourceGroups, resources, tags } = client;
  return { cloud, deployments, deploymentOperations, resourceGroups, resources, tags };
}

/** Of the interface of a resource's provider. */
const apiVersion = "2024-03-02";

const template = (rest: Record<string, unknown>) => ({
  $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  contentVersion: "1.0.0.0",
  ...rest,
});

const disk = (name: string, more: object = {}) => ({
  type: "Microsoft.Compute/disks",
  apiVersion,
  name,
  location: "[resourceGroup().location]",
  ...more,
});

test("resources of any provider are kept as they are said", async () => {
  const { resources, tags } = await start();
  const resourceId = ACCOUNT;
  const parameters = {
    location: "westeurope",
    kind: "StorageV2",
    tags: { a: "1" },
    properties: { x: { y: 1 } },
  };
  await assert.rejects(resources.getById({ apiVersion, resourceId }), {
    code: "ResourceNotFound",
    status: 404,
  });
  const made = await resources.createOrUpdateById.untilDone({ apiVersion, resourceId, parameters });
  assert.deepEqual(
    [made.id, made.name, made.type, made.properties],
    [ACCOUNT, "kept", "Microsoft.Storage/storageAccounts", { x: { y: 1 }, provisioningState: "Succeeded" }],
  );
  await resources.updateById.untilDone({ apiVersion, resourceId, parameters: { properties: { z: 2 } } });
  const { properties, kind } = await resources.getById({ apiVersion, resourceId: ACCOUNT.toUpperCase() });
  assert.deepEqual([properties?.x, properties?.z, kind], [{ y: 1 }, 2, "StorageV2"]);
  const address = {
    apiVersion,
    resourceGroupName: "RG",
    resourceProviderNamespace: "Microsoft.Storage",
    parentResourcePath: "storageAccounts/KEPT",
    resourceType: "blobServices",
    resourceName: "default",
  };
  await assert.rejects(resources.checkExistence(address), { kind: "notFound" });
  await resources.createOrUpdate({ ...address, parameters: {} });
  assert.equal((await resources.get(address)).name, "default");
  const top = { ...address, parentResourcePath: "", resourceType: "storageAccounts", resourceName: "kept" };
  assert.equal((await resources.get(top)).id, ACCOUNT);
  await tags.updateAtScope({
    scope: ACCOUNT,
    parameters: { operation: "Merge", properties: { tags: { b: "2" } } },
  });
  const filtered = await resources.list.all({ $filter: "tagName eq 'b' and tagValue eq '2'" });
  assert.deepEqual(
    filtered.map(({ name, tags: told }) => [name, told]),
    [["kept", { a: "1", b: "2" }]],
  );
  assert.deepEqual(await resources.list.all({ $filter: "resourceType eq 'Microsoft.X/none'" }), []);
  await assert.rejects(
    resources.createOrUpdateById({
      apiVersion,
      resourceId: `${GROUP}/providers/Microsoft.Storage/storageAccounts/none/blobServices/default`,
      parameters: {},
    }),
    { code: "ParentResourceNotFound" },
  );
  await assert.rejects(
    resources.getById({ apiVersion, resourceId: `${GROUP}/providers/Microsoft.Storage/storageAccounts` }),
    { kind: "notImplemented", status: 501 },
  );
  await resources.deleteById.untilDone({ apiVersion, resourceId });
  await assert.rejects(resources.checkExistenceById({ apiVersion, resourceId }), { kind: "notFound" });
});

test("resources move to another group, and go with theirs", async () => {
  const { cloud, resources, resourceGroups } = await start();
  await resourceGroups.createOrUpdate({ resourceGroupName: "to", parameters: { location: "westeurope" } });
  const child = `${ACCOUNT}/blobServices/default`;
  for (const resourceId of [ACCOUNT, child])
    await resources.createOrUpdateById({ apiVersion, resourceId, parameters: {} });
  const target = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/to`;
  const move = {
    sourceResourceGroupName: "rg",
    parameters: { resources: [ACCOUNT], targetResourceGroup: target },
  };
  await resources.validateMoveResources(move);
  await resources.moveResources(move);
  cloud.clock.advance(1_000);
  await resources.getById({ apiVersion, resourceId: child.replace("/rg/", "/to/") });
  await assert.rejects(resources.getById({ apiVersion, resourceId: ACCOUNT }), { kind: "notFound" });
  await resourceGroups.delete({ resourceGroupName: "to" });
  cloud.clock.advance(2_000);
  assert.deepEqual(await resources.list.all(), []);
});

test("a lock keeps what is under it", async () => {
  const { resources, resourceGroups } = await start();
  await resources.createOrUpdateById({ apiVersion, resourceId: ACCOUNT, parameters: {} });
  const lock = `${GROUP}/providers/Microsoft.Authorization/locks/l`;
  const lockAs = (level: string) =>
    resources.createOrUpdateById({ apiVersion, resourceId: lock, parameters: { properties: { level } } });
  await lockAs("CanNotDelete");
  await assert.rejects(resources.deleteById({ apiVersion, resourceId: ACCOUNT }), {
    code: "ScopeLocked",
    status: 409,
  });
  await assert.rejects(resourceGroups.delete({ resourceGroupName: "rg" }), { code: "ScopeLocked" });
  await resources.createOrUpdateById({ apiVersion, resourceId: ACCOUNT, parameters: { tags: { a: "1" } } });
  await lockAs("ReadOnly");
  await assert.rejects(resources.createOrUpdateById({ apiVersion, resourceId: ACCOUNT, parameters: {} }), {
    code: "ScopeLocked",
  });
  await resources.deleteById({ apiVersion, resourceId: lock });
  await resources.deleteById({ apiVersion, resourceId: ACCOUNT });
});

test("a storage account's settings reach its blobs", async () => {
  const { cloud, resources } = await start();
  const blob = cloud.azure().client(BlobService, { account: "kept" });
  await blob.createContainer({ containerName: "abc" });
  const address = { containerName: "abc", blobName: "b", body: "x" };
  assert.equal((await blob.putBlob(address)).versionId, undefined);
  await resources.createOrUpdateById({ apiVersion, resourceId: ACCOUNT, parameters: {} });
  await resources.createOrUpdateById({
    apiVersion,
    resourceId: `${ACCOUNT}/blobServices/default`,
    parameters: { properties: { isVersioningEnabled: true } },
  });
  assert.match((await blob.putBlob(address)).versionId ?? "", /^20/);
  const policy = { containerDeleteRetentionPolicy: { enabled: true, days: 2 } };
  await resources.createOrUpdateById({
    apiVersion,
    resourceId: `${ACCOUNT}/blobServices/default`,
    parameters: { properties: { ...policy, isVersioningEnabled: true } },
  });
  await blob.createContainer({ containerName: "gone", metadata: { a: "1" } });
  await blob.deleteContainer({ containerName: "gone" });
  assert.equal((await blob.listContainers.all({})).length, 1);
  const kept = await blob.listContainers.all({ include: ["deleted"] });
  const { version, deleted } = kept[1] ?? {};
  assert.equal(deleted, true);
  const restore = { containerName: "gone", deletedContainerName: "gone" };
  await assert.rejects(blob.restoreContainer({ ...restore, deletedContainerVersion: "0" }), {
    code: "ContainerNotFound",
  });
  await blob.restoreContainer({ ...restore, deletedContainerVersion: version ?? "" });
  assert.deepEqual((await blob.getContainerProperties({ containerName: "gone" })).metadata, { a: "1" });
  await blob.deleteContainer({ containerName: "gone" });
  cloud.clock.advance(2 * 86_400_000);
  assert.equal((await blob.listContainers.all({ include: ["deleted"] })).length, 1);
  // What was there before is the first version.
  assert.equal((await blob.listBlobs.all({ containerName: "abc", include: ["versions"] })).length, 2);
});

test("a deployment evaluates its template and makes what it says, in time", async () => {
  const { cloud, deployments, deploymentOperations, resources } = await start();
  const address = { resourceGroupName: "rg", deploymentName: "first" };
  const parameters = {
    properties: {
      mode: "Incremental" as const,
      parameters: { prefix: { value: "Data" }, secret: { value: "hidden" } },
      template: template({
        parameters: {
          prefix: { type: "string", maxLength: 5 },
          secret: { type: "securestring" },
          size: { type: "int", defaultValue: 10, allowedValues: [10, 20] },
        },
        variables: { name: "[toLower(concat(parameters('prefix'), '-', 'a'))]" },
        resources: [
          disk("[format('{0}-copy', variables('name'))]", {
            dependsOn: ["[resourceId('Microsoft.Compute/disks', variables('name'))]"],
            properties: {
              sourceSizeGB:
                "[reference(resourceId('Microsoft.Compute/disks', variables('name'))).diskSizeGB]",
              literal: "[[not an expression]",
            },
          }),
          disk("[variables('name')]", { properties: { diskSizeGB: "[parameters('size')]" } }),
          disk("left-out", { condition: "[equals(parameters('size'), 20)]" }),
        ],
        outputs: {
          id: { type: "string", value: "[resourceId('Microsoft.Compute/disks', variables('name'))]" },
          secret: { type: "securestring", value: "[parameters('secret')]" },
        },
      }),
    },
  };
  const { properties: checked } = await deployments.validate({ ...address, parameters });
  assert.equal(checked?.validatedResources?.length, 2);
  const { properties: foreseen } = await deployments.whatIf({ ...address, parameters });
  assert.deepEqual(
    foreseen?.changes?.map(({ changeType }) => changeType),
    ["Create", "Create"],
  );
  const begun = await deployments.createOrUpdate({ ...address, parameters });
  assert.equal(begun.properties?.provisioningState, "Accepted");
  assert.equal((await deployments.get(address)).properties?.provisioningState, "Running");
  await assert.rejects(deployments.createOrUpdate({ ...address, parameters }), { code: "DeploymentActive" });
  assert.deepEqual(await resources.list.all(), []);
  cloud.clock.advance(2_000);
  const { properties: done } = await deployments.get(address);
  const { id, secret } = (done?.outputs ?? {}) as Record<string, { value?: unknown }>;
  assert.deepEqual(
    [done?.provisioningState, id?.value, secret?.value],
    ["Succeeded", `${GROUP}/providers/Microsoft.Compute/disks/data-a`, undefined],
  );
  const copy = await resources.getById({
    apiVersion,
    resourceId: `${GROUP}/providers/Microsoft.Compute/disks/data-a-copy`,
  });
  assert.deepEqual(
    [copy.location, copy.properties?.sourceSizeGB, copy.properties?.literal],
    ["westeurope", 10, "[not an expression]"],
  );
  const steps = await deploymentOperations.list.all(address);
  assert.deepEqual(
    steps.map(({ properties }) => properties?.targetResource?.resourceName),
    ["data-a", "data-a-copy"],
  );
  const { properties: again } = await deployments.whatIf({
    ...address,
    parameters: {
      properties: {
        mode: "Complete" as const,
        template: template({ resources: [disk("data-a", { properties: { diskSizeGB: 20 } })] }),
      },
    },
  });
  assert.deepEqual(
    again?.changes?.map(({ changeType, delta }) => [changeType, delta?.map(({ path }) => path)]),
    [
      ["Modify", ["properties.diskSizeGB"]],
      ["Delete", undefined],
    ],
  );
  assert.deepEqual((await deployments.exportTemplate(address)).template, parameters.properties.template);
});

test("what a template lacks is told before anything is made, what is refused after", async () => {
  const { cloud, deployments, resources } = await start();
  const deploy = (
    deploymentName: string,
    rest: Record<string, unknown>,
    parameters?: Record<string, { value: string | number }>,
  ) =>
    deployments.createOrUpdate({
      resourceGroupName: "rg",
      deploymentName,
      parameters: {
        properties: { mode: "Incremental", template: template(rest), ...(parameters && { parameters }) },
      },
    });
  const one = { parameters: { size: { type: "int", maxValue: 5 } }, resources: [] };
  for (const [rest, parameters, message] of [
    [one, undefined, /'size' is not provided/],
    [one, { size: { value: 6 } }, /'size' is not valid/],
    [one, { size: { value: 5 }, other: { value: 1 } }, /do not correspond .* 'other'/],
    [{ resources: [disk("[variables('none')]")] }, undefined, /variable 'none' is not found/],
    [{ resources: [disk("[concat('a']")] }, undefined, /Unable to parse/],
    [{ resources: [disk("a", { dependsOn: ["b"] })] }, undefined, /'b' is not defined/],
    [
      { resources: [disk("a", { dependsOn: ["b"] }), disk("b", { dependsOn: ["a"] })] },
      undefined,
      /Circular/,
    ],
  ] as const)
    await assert.rejects(deploy("d", rest, parameters), { code: "InvalidTemplate", message });
  await assert.rejects(deploy("d", { resources: [disk("[uniqueString('a')]")] }), {
    kind: "notImplemented",
    message: /uniquestring/,
  });
  await deploy("broken", {
    resources: [disk("a"), { ...disk("none/child"), type: "Microsoft.Compute/disks/parts" }],
  });
  cloud.clock.advance(2_000);
  const { properties } = await deployments.get({ resourceGroupName: "rg", deploymentName: "broken" });
  assert.deepEqual(
    [properties?.provisioningState, properties?.error?.details?.[0]?.code],
    ["Failed", "ParentResourceNotFound"],
  );
  assert.equal((await resources.list.all()).length, 1);
});

test("a subscription's deployment makes groups; a complete one leaves nothing else", async () => {
  const { cloud, deployments, resourceGroups, resources } = await start();
  const groups = template({
    resources: [
      {
        type: "Microsoft.Resources/resourceGroups",
        apiVersion: "2024-03-01",
        name: "made",
        location: "northeurope",
      },
    ],
  });
  await deployments.createOrUpdateAtSubscriptionScope({
    deploymentName: "d",
    parameters: { location: "westeurope", properties: { mode: "Incremental", template: groups } },
  });
  cloud.clock.advance(2_000);
  assert.equal((await resourceGroups.get({ resourceGroupName: "made" })).location, "northeurope");
  await resources.createOrUpdateById({ apiVersion, resourceId: ACCOUNT, parameters: {} });
  const complete = { mode: "Complete" as const, template: template({ resources: [disk("only")] }) };
  const address = { resourceGroupName: "rg", deploymentName: "d" };
  await deployments.createOrUpdate({ ...address, parameters: { properties: complete } });
  await deployments.cancel(address);
  cloud.clock.advance(2_000);
  assert.equal((await deployments.get(address)).properties?.provisioningState, "Canceled");
  await deployments.createOrUpdate({ ...address, parameters: { properties: complete } });
  cloud.clock.advance(2_000);
  assert.deepEqual(
    (await resources.listByResourceGroup.all({ resourceGroupName: "rg" })).map(({ name }) => name),
    ["only"],
  );
});
