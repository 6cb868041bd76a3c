// Azure Resource Manager: groups made, listed, and deleted by a long-running operation. In this process, without a socket.
import { Resources } from "trivet/azure/resources";
import { Emulator } from "trivet/emulator";

const cloud = await Emulator.start();
const resources = cloud.azure().client(Resources);

for (const resourceGroupName of ["web", "data"]) {
  await resources.resourceGroups.createOrUpdate({
    resourceGroupName,
    parameters: { location: "westeurope", tags: { env: "test" } },
  });
}
const names: string[] = [];
for await (const group of resources.resourceGroups.list.items())
  names.push(`${group.name} in ${group.location}`);

await resources.resourceGroups.delete.untilDone({ resourceGroupName: "web" }, { pollIntervalMs: 50 });
const left = await resources.resourceGroups.list.all();
if (names.length !== 2 || left.length !== 1)
  throw new Error(`${left.length} of ${names.length} groups are left`);
console.log(`${names.join(", ")}; left: ${left[0]?.name}`);
