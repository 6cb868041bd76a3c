// URLs that need no credentials, on three clouds: fetched plainly; an altered one is refused.
import { Session as Aws } from "trivet/aws";
import { S3 } from "trivet/aws/s3";
import { Session as Azure } from "trivet/azure";
import { Blob } from "trivet/azure/blob";
import { Session as Gcp } from "trivet/gcp";
import { Storage } from "trivet/gcp/storage";

const s3 = new Aws().client(S3);
await s3.createBucket({ Bucket: "example-presign" });
const put = await s3.putObject.presign(
  { Bucket: "example-presign", Key: "report.txt" },
  { expiresInSeconds: 60 },
);
await fetch(put, { method: "PUT", body: "quarterly" });

const blob = new Azure().client(Blob);
await blob.createContainer({ containerName: "reports" });
await blob.putBlob({ containerName: "reports", blobName: "report.txt", body: "quarterly" });

const storage = new Gcp().client(Storage);
await storage.buckets.insert({ body: { name: "example-presign" } });
await storage.objects.insert({ bucket: "example-presign", name: "report.txt", media: "quarterly" });

const urls = [
  await s3.getObject.presign({ Bucket: "example-presign", Key: "report.txt" }, { expiresInSeconds: 60 }),
  await blob.getBlob.presign({ containerName: "reports", blobName: "report.txt" }, { expiresInSeconds: 60 }),
  await storage.objects.get.presign(
    { bucket: "example-presign", object: "report.txt" },
    { expiresInSeconds: 60 },
  ),
];
const seen: string[] = [];
for (const url of urls) {
  const good = await fetch(url);
  const altered = await fetch(url.replace("report.txt", "other.txt"));
  if ((await good.text()) !== "quarterly") throw new Error(`A signed URL was answered with ${good.status}`);
  if (altered.status !== 403) throw new Error(`An altered URL was answered with ${altered.status}`);
  seen.push(`${good.status}, altered ${altered.status}`);
}
console.log(seen.join("; "));
