// Azure Blob Storage: a container, blobs, a shared access signature.
import { Session } from "trivet/azure";
import { Blob } from "trivet/azure/blob";

const azure = new Session(); // the account and its key come from AZURE_STORAGE_CONNECTION_STRING here
const container = azure.resource(Blob).container("example");
await container.create();

const blob = container.blob("hello.txt");
await blob.upload("hello", { metadata: { owner: "me" }, tags: { project: "trivet" } });
const { contentLength, contentType, metadata } = await blob.properties();
console.log(contentLength, contentType, metadata);

const url = await blob.sasUrl({ permissions: "r", expiresInSeconds: 60 });
const fetched = await fetch(url);
const text = await fetched.text();

const names: string[] = [];
for await (const each of container.blobs()) names.push(each.name);
await container.delete();
if (text !== "hello" || names.length !== 1) throw new Error(`The blob is ${text}, of ${names.length}`);
console.log(`${names.join(", ")} read through a signed URL: ${text}`);
