// URLs that need no credentials: one to download, one to upload.
import { S3 } from "trivet/aws/s3";

const s3 = new S3();
const Bucket = "example-presign";
await s3.createBucket({ Bucket });

const put = await s3.putObject.presign({ Bucket, Key: "report.txt" }, { expiresInSeconds: 60 });
const uploaded = await fetch(put, { method: "PUT", body: "quarterly" });

const get = await s3.getObject.presign({ Bucket, Key: "report.txt" }, { expiresInSeconds: 60 });
const downloaded = await fetch(get);
const altered = await fetch(get.replace("report.txt", "other.txt"));

if (!uploaded.ok || (await downloaded.text()) !== "quarterly") throw new Error("A signed URL did not work");
if (altered.status !== 403) throw new Error(`An altered URL was answered with ${altered.status}`);
console.log(`uploaded ${uploaded.status}, downloaded ${downloaded.status}, altered ${altered.status}`);
