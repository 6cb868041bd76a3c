// Instances of EC2: started, waited for, found by tag, terminated.
import { EC2 } from "trivet/aws/ec2";

const ec2 = new EC2();
const { Instances = [] } = await ec2.runInstances({
  ImageId: "ami-12c6146b",
  InstanceType: "t3.micro",
  MinCount: 3,
  MaxCount: 3,
  TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "role", Value: "worker" }] }],
});
const InstanceIds = Instances.map(({ InstanceId }) => InstanceId as string);

// The waiter's own delay is 15 s: on the emulator less will do.
await ec2.waitUntil.instanceRunning({ InstanceIds }, { delayMs: 200, maxWaitSeconds: 30 });

const running: string[] = [];
const Filters = [
  { Name: "tag:role", Values: ["worker"] },
  { Name: "instance-state-name", Values: ["running"] },
];
for await (const reservation of ec2.describeInstances.items({ Filters })) {
  for (const { InstanceId } of reservation.Instances ?? []) running.push(InstanceId as string);
}

await ec2.terminateInstances({ InstanceIds });
await ec2.waitUntil.instanceTerminated({ InstanceIds }, { delayMs: 200, maxWaitSeconds: 30 });
if (running.length !== 3) throw new Error(`${running.length} instances were running, not 3`);
console.log(`${running.length} instances ran and are terminated`);
