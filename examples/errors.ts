// One family of errors: kinds that are the same everywhere, codes and classes that are a service's own.
import { isCloudError } from "trivet";
import { S3 } from "trivet/aws/s3";
import { Blob } from "trivet/azure/blob";
import { Storage } from "trivet/gcp/storage";

const s3 = new S3();
await s3.createBucket({ Bucket: "example-errors" });
const absent = [
  () => s3.getObject({ Bucket: "example-errors", Key: "nowhere" }),
  () => new Blob().getBlob({ containerName: "nowhere", blobName: "nothing" }),
  () => new Storage().objects.get({ bucket: "nowhere", object: "nothing" }),
];

const seen: string[] = [];
for (const call of absent) {
  try {
    await call();
  } catch (error) {
    if (error instanceof s3.errors.NoSuchKey)
      console.log(`S3 says ${error.code}, request ${error.requestId}`);
    if (!isCloudError(error)) throw error;
    seen.push(`${error.cloud} ${error.code} is ${error.kind}`);
  }
}
if (seen.length !== 3 || !seen.every((each) => each.endsWith("notFound"))) throw new Error(seen.join(", "));
console.log(seen.join(", "));
