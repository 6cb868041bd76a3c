// Google Cloud Storage: a bucket, an object that is made only once, its bytes and its signed URL.
import { isCloudError } from "trivet";
import { Session } from "trivet/gcp";
import { Storage } from "trivet/gcp/storage";

const gcp = new Session();
const bucket = gcp.resource(Storage).bucket("example-bucket");
await bucket.create({ location: "EU" });

const blob = bucket.blob("hello.txt");
const { generation } = await blob.upload("hello", { ifGenerationMatch: 0 });
try {
  await blob.upload("again", { ifGenerationMatch: 0 });
  throw new Error("The condition was not checked");
} catch (error) {
  if (!(isCloudError(error) && error.kind === "preconditionFailed")) throw error;
}

const text = await blob.downloadText();
const names = (await gcp.client(Storage).objects.list.all({ bucket: bucket.name })).map(({ name }) => name);
if (text !== "hello") throw new Error(`The object is ${text}`);
console.log(`${names.join(", ")}, generation ${generation}: ${text}`);
