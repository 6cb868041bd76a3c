// Google Compute Engine: an instance started and deleted by operations that are followed to their end.
import { Session } from "trivet/gcp";
import { Compute } from "trivet/gcp/compute";

const gcp = new Session({ project: "local-project" });
const compute = gcp.client(Compute);
const zone = "us-central1-a";

await compute.instances.insert.untilDone(
  { zone, body: { name: "worker", machineType: `zones/${zone}/machineTypes/e2-small` } },
  { pollIntervalMs: 100 },
);
const found: string[] = [];
for await (const { name, status } of compute.instances.list.items({ zone })) found.push(`${name} ${status}`);

await compute.instances.delete.untilDone({ zone, instance: "worker" }, { pollIntervalMs: 100 });
const left = await compute.instances.list.all({ zone });
if (found[0] !== "worker RUNNING" || left.length !== 0) throw new Error(`${found}, ${left.length} left`);
console.log(`${found.join(", ")}; deleted`);
