// Operations of Azure and Google: nested names, long-running operations, values that the session gives.

import type { InputOf } from "trivet";
import { Blob } from "trivet/azure/blob";
import { Resources } from "trivet/azure/resources";
import { Compute, type Instance } from "trivet/gcp/compute";
import { Storage } from "trivet/gcp/storage";

export async function azure(): Promise<void> {
  const resources = new Resources();
  for await (const group of resources.resourceGroups.list.items()) void (group.location satisfies string);
  const group = await resources.resourceGroups.createOrUpdate({
    resourceGroupName: "g",
    parameters: { location: "westeurope", tags: { a: "b" } },
  });
  void (group.id satisfies string | undefined);
  await resources.resourceGroups.delete.untilDone({ resourceGroupName: "g" }, { maxWaitSeconds: 60 });
  type Group = InputOf<Resources["resourceGroups"]["createOrUpdate"]>["parameters"];
  // @ts-expect-error The service alone sets it.
  void ({ location: "w", id: "x" } satisfies Group);
  // @ts-expect-error Not long-running.
  resources.resourceGroups.get.untilDone;

  const blob = new Blob({ account: "mystorage" });
  for await (const container of blob.listContainers.items()) void (container.name satisfies string);
}

export async function google(): Promise<void> {
  const compute = new Compute();
  for await (const instance of compute.instances.list.items({ zone: "us-central1-a" })) {
    const each: Instance = instance;
    void each.status;
  }
  // The session gives the project.
  await compute.instances.insert.untilDone({ zone: "us-central1-a", body: { name: "n" } });
  // @ts-expect-error The zone is required.
  await compute.instances.list({});
  // @ts-expect-error Google's calls cannot be signed into URLs by the model.
  compute.instances.list.presign;

  const storage = new Storage();
  await storage.buckets.list();
  await storage.objects.insert({ bucket: "b", name: "n", media: "text" });
}
