import { Session } from "trivet/azure";
import { Blob } from "trivet/azure/blob";
import { Resources } from "trivet/azure/resources";
import { expect, type Step, statusOf, withEnvironment } from "./step.js";

const noManager = "this server is a storage account: it has no resource manager";

export const azureSteps: readonly Step[] = [
  {
    id: "azure-default-credential",
    cloud: "azure",
    title: "new Session().credentials.explain()",
    notForeign: "the step shows where credentials come from: the embedded cloud answers for it",
    async run(clouds) {
      const { env } = await clouds.served();
      const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_SUBSCRIPTION_ID } = env;
      return withEnvironment(
        { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_SUBSCRIPTION_ID },
        async () => {
          const session = new Session({ transport: clouds.emulator.transport });
          const explained = await session.credentials.explain();
          const answered = explained.find((each) => each.outcome === "answered");
          expect(answered !== undefined, "no source answered");
          const groups = await session.client(Resources).resourceGroups.list.all();
          return `${answered.source} answered; it sees ${groups.length} resource groups`;
        },
      );
    },
  },
  {
    id: "azure-blob-list-containers",
    cloud: "azure",
    title: "for await (const container of blob.listContainers.items())",
    async run(clouds) {
      const blob = clouds.azure().client(Blob);
      for (const containerName of ["tour-a", "tour-b", "tour-c"])
        await blob.createContainer({ containerName });
      const names: string[] = [];
      for await (const container of blob.listContainers.items({ prefix: "tour-" }, { pageSize: 2 }))
        names.push(container.name);
      expect(names.length === 3, `saw ${names.length} containers`);
      return names.join(", ");
    },
  },
  {
    id: "azure-blob-round-trip",
    cloud: "azure",
    title: 'azure.resource(Blob).container("tour-blobs").blob("hello.txt").upload("hello")',
    async run(clouds) {
      const container = clouds.azure().resource(Blob).container("tour-blobs");
      await container.create();
      const blob = container.blob("hello.txt");
      await blob.upload("hello");
      const text = await blob.downloadText();
      expect(text === "hello", `came back as ${text}`);
      const { contentLength, etag } = await blob.properties();
      await blob.delete();
      expect(!(await blob.exists()), "the blob is still there");
      return `"${text}", ${contentLength} bytes, ETag ${etag}; deleted`;
    },
  },
  {
    id: "azure-blob-sas",
    cloud: "azure",
    title: "blob.getBlob.presign({ containerName, blobName }): a shared access signature",
    async run(clouds) {
      const { url } = await clouds.served();
      const foreign = clouds.foreign.has("azure");
      const account = "devstoreaccount1";
      // Fetched through a socket, so the client must address one too.
      const session = foreign
        ? clouds.azure()
        : clouds.azure({
            endpoint: `${url}/${account}`,
            accountKey: storageKey(await clouds.served()),
            transport: undefined,
          });
      const blob = session.client(Blob);
      await blob.createContainer({ containerName: "tour-sas" });
      await blob.putBlob({ containerName: "tour-sas", blobName: "report.txt", body: "quarterly" });
      const address = { containerName: "tour-sas", blobName: "report.txt" };
      const signed = await blob.getBlob.presign(address, { expiresInSeconds: 60 });
      const text = await (await fetch(signed)).text();
      expect(text === "quarterly", `the URL answered ${text}`);
      const altered = await statusOf(signed.replace("report.txt", "secret.txt"));
      const old = await blob.getBlob.presign(address, {
        expiresInSeconds: 60,
        at: new Date(Date.now() - 3_600_000),
      });
      const expired = await statusOf(old);
      expect(altered === 403 && expired === 403, `altered ${altered}, expired ${expired}`);
      return `200 "${text}"; altered ${altered}; expired ${expired}`;
    },
  },
  {
    id: "azure-resource-groups",
    cloud: "azure",
    title: "for await (const group of resources.resourceGroups.list.items())",
    notForeign: noManager,
    async run(clouds) {
      const resources = clouds.azure().client(Resources);
      for (const resourceGroupName of ["tour-web", "tour-data"]) {
        await resources.resourceGroups.createOrUpdate({
          resourceGroupName,
          parameters: { location: "westeurope" },
        });
      }
      const seen: string[] = [];
      for await (const group of resources.resourceGroups.list.items())
        seen.push(`${group.name} in ${group.location}`);
      expect(seen.length >= 2, `saw ${seen.length} groups`);
      return seen.join(", ");
    },
  },
  {
    id: "azure-long-running",
    cloud: "azure",
    title: "resources.resourceGroups.delete.untilDone({ resourceGroupName })",
    notForeign: noManager,
    async run(clouds) {
      const resources = clouds.azure().client(Resources);
      const group = { resourceGroupName: "tour-gone" };
      await resources.resourceGroups.createOrUpdate({ ...group, parameters: { location: "westeurope" } });
      await resources.resourceGroups.delete.untilDone(group, { pollIntervalMs: 50 });
      const left = await resources.resourceGroups.list.all();
      expect(!left.some((each) => each.name === "tour-gone"), "the group is still there");
      return "accepted, polled, gone";
    },
  },
];

function storageKey({ env }: { readonly env: Readonly<Record<string, string>> }): string {
  return /AccountKey=([^;]+)/.exec(env.AZURE_STORAGE_CONNECTION_STRING ?? "")?.[1] ?? "";
}
