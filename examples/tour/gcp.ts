import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serviceAccountKeyFile } from "trivet/emulator";
import { Session } from "trivet/gcp";
import { Compute } from "trivet/gcp/compute";
import { Storage } from "trivet/gcp/storage";
import { expect, type Step, statusOf, withEnvironment } from "./step.js";

const zone = "us-central1-a";
const noCompute = "this server has Storage alone";

function instance(name: string) {
  return {
    name,
    machineType: `zones/${zone}/machineTypes/e2-micro`,
    disks: [
      {
        boot: true,
        initializeParams: { sourceImage: "projects/debian-cloud/global/images/family/debian-12" },
      },
    ],
    networkInterfaces: [{ network: "global/networks/default" }],
  };
}

export const gcpSteps: readonly Step[] = [
  {
    id: "gcp-application-default",
    cloud: "gcp",
    title: "new Session().credentials.explain() with GOOGLE_APPLICATION_CREDENTIALS",
    notForeign: "the step shows where credentials come from: the embedded cloud answers for it",
    async run(clouds) {
      const path = join(clouds.folder, "service-account.json");
      await writeFile(path, JSON.stringify(await serviceAccountKeyFile(clouds.emulator)));
      return withEnvironment(
        { GOOGLE_APPLICATION_CREDENTIALS: path, GOOGLE_CLOUD_PROJECT: undefined },
        async () => {
          const session = new Session({ transport: clouds.emulator.transport });
          const explained = await session.credentials.explain();
          const answered = explained.find((each) => each.outcome === "answered");
          expect(answered !== undefined, "no source answered");
          const buckets = await session.client(Storage).buckets.list.all();
          return `${answered.source} answered, project ${await session.project()}; it sees ${buckets.length} buckets`;
        },
      );
    },
  },
  {
    id: "gcp-storage-round-trip",
    cloud: "gcp",
    title: 'gcp.resource(Storage).bucket("tour").blob("hello.txt").upload("hello")',
    async run(clouds) {
      const bucket = clouds.gcp().resource(Storage).bucket("trivet-tour");
      await bucket.create();
      const blob = bucket.blob("hello.txt");
      await blob.upload("hello");
      const text = await blob.downloadText();
      expect(text === "hello", `came back as ${text}`);
      const { size, crc32c, generation } = await blob.metadata();
      await blob.delete();
      expect(!(await blob.exists()), "the object is still there");
      return `"${text}", ${size} bytes, crc32c ${crc32c}, generation ${generation}; deleted`;
    },
  },
  {
    id: "gcp-storage-signed-url",
    cloud: "gcp",
    title: "blob.signedUrl(): V4, fetched without credentials",
    notForeign: "signed URLs of this server are not checked, and its hosts are its own",
    async run(clouds) {
      const { url } = await clouds.served();
      const json = await serviceAccountKeyFile(clouds.emulator, { origin: url });
      const session = clouds.gcp({ endpoint: url, credentials: { json }, transport: undefined });
      const bucket = session.resource(Storage).bucket("trivet-tour-signed");
      await bucket.create();
      const blob = bucket.blob("report.txt");
      await blob.upload("quarterly");
      const signed = await blob.signedUrl({ expiresInSeconds: 60 });
      const text = await (await fetch(signed)).text();
      expect(text === "quarterly", `the URL answered ${text}`);
      const altered = await statusOf(signed.replace("report.txt", "secret.txt"));
      const expired = await statusOf(
        await blob.signedUrl({ expiresInSeconds: 60, at: new Date(Date.now() - 3_600_000) }),
      );
      expect(altered >= 400 && expired >= 400, `altered ${altered}, expired ${expired}`);
      return `200 "${text}"; altered ${altered}; expired ${expired}`;
    },
  },
  {
    id: "gcp-compute-list",
    cloud: "gcp",
    title: 'for await (const each of compute.instances.list.items({ zone: "us-central1-a" }))',
    notForeign: noCompute,
    async run(clouds) {
      const compute = clouds.gcp().client(Compute);
      for (const name of ["tour-1", "tour-2"]) {
        await compute.instances.insert.untilDone({ zone, body: instance(name) }, { pollIntervalMs: 50 });
      }
      const seen: string[] = [];
      for await (const each of compute.instances.list.items({ zone }))
        seen.push(`${each.name} ${each.status}`);
      expect(seen.length >= 2, `saw ${seen.length} instances`);
      return seen.join(", ");
    },
  },
  {
    id: "gcp-long-running",
    cloud: "gcp",
    title: "compute.instances.insert.untilDone({ zone, body })",
    notForeign: noCompute,
    async run(clouds) {
      const compute = clouds.gcp().client(Compute);
      const started = await compute.instances.insert({ zone, body: instance("tour-slow") });
      const done = await compute.instances.delete.untilDone(
        { zone, instance: "tour-1" },
        { pollIntervalMs: 50 },
      );
      expect(started.status !== undefined && done.status === "DONE", `ended as ${done.status}`);
      return `insert answered ${started.status}; delete went on to ${done.status}`;
    },
  },
];
