// The object layer: things with methods, on three clouds.
import { Session as Aws } from "trivet/aws";
import { EC2 } from "trivet/aws/ec2";
import { S3 } from "trivet/aws/s3";
import { Session as Azure } from "trivet/azure";
import { Blob } from "trivet/azure/blob";
import { Session as Gcp } from "trivet/gcp";
import { Storage } from "trivet/gcp/storage";

const aws = new Aws();
const bucket = aws.resource(S3).bucket("example-layer");
await bucket.create();
await bucket.object("hello.txt").put({ Body: "hello from S3" });
const { Body } = await bucket.object("hello.txt").get();
console.log(await Body.text());

const ec2 = aws.resource(EC2);
await ec2.createInstances({ ImageId: "ami-12c6146b", MinCount: 2, MaxCount: 2, InstanceType: "t3.micro" });
for await (const instance of ec2.instances.all()) console.log(instance.id, await instance.instanceType());

const container = new Azure().resource(Blob).container("layer");
await container.create();
await container.blob("hello.txt").upload("hello from Blob");

const blobs = new Gcp().resource(Storage).bucket("example-layer");
await blobs.create();
await blobs.blob("hello.txt").upload("hello from Storage");

const texts = [
  await container.blob("hello.txt").downloadText(),
  await blobs.blob("hello.txt").downloadText(),
];
console.log(texts.join(", "));
