// Objects of S3: put, get, list page by page, delete.
import { S3 } from "trivet/aws/s3";

const s3 = new S3(); // a client of the default session: region and credentials from the environment
const Bucket = "example-objects";

await s3.createBucket({ Bucket });
for (let day = 1; day <= 25; day++) {
  await s3.putObject({
    Bucket,
    Key: `logs/2026-11-${String(day).padStart(2, "0")}.json`,
    Body: JSON.stringify({ day }),
    ContentType: "application/json",
  });
}

const { Body, ContentType } = await s3.getObject({ Bucket, Key: "logs/2026-11-24.json" });
console.log(ContentType, await Body.json());

let pages = 0;
for await (const page of s3.listObjectsV2.pages({ Bucket, Prefix: "logs/" }, { pageSize: 10 })) {
  console.log(`page ${++pages}: ${page.KeyCount} keys`);
}

const objects = await s3.listObjectsV2.all({ Bucket, Prefix: "logs/" });
await s3.deleteObjects({ Bucket, Delete: { Objects: objects.map(({ Key }) => ({ Key: Key as string })) } });
await s3.deleteBucket({ Bucket });
console.log(`${objects.length} objects in ${pages} pages, deleted again`);
