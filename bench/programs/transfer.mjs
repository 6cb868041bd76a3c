// One file up or down: `node transfer.mjs <client> <upload|download> <endpoint> <path>`. Prints JSON: wall and CPU ms of the
// transfer, the client being loaded, and the peak RSS of the process in MB.
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

const [client, direction, endpoint, path] = process.argv.slice(2);
const place = { Bucket: "bucket", Key: "key" };
const settings = {
  endpoint,
  region: "eu-west-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
};

const clients = {
  async trivet() {
    const { S3 } = await import("trivet/aws/s3");
    const s3 = new S3(settings);
    return {
      upload: () => s3.uploadFile(path, place),
      download: () => s3.downloadFile(place, path),
    };
  },
  // As many parts and as large as boto3's and ours. It has no managed download: one GetObject into a file is what its users write.
  async "aws-sdk v3"() {
    const { S3Client, GetObjectCommand } = await import("@aws-sdk/client-s3");
    const { Upload } = await import("@aws-sdk/lib-storage");
    const s3 = new S3Client({ ...settings, forcePathStyle: true });
    return {
      upload: () =>
        new Upload({
          client: s3,
          params: { ...place, Body: createReadStream(path) },
          queueSize: 10,
          partSize: 8 * 1024 * 1024,
        }).done(),
      download: async () =>
        pipeline((await s3.send(new GetObjectCommand(place))).Body, createWriteStream(path)),
    };
  },
};

const run = (await clients[client]())[direction];
const before = process.cpuUsage();
const start = process.hrtime.bigint();
await run();
const wallMs = Number(process.hrtime.bigint() - start) / 1e6;
const { user, system } = process.cpuUsage(before);
console.log(
  JSON.stringify({ wallMs, cpuMs: (user + system) / 1000, rssMb: process.resourceUsage().maxRSS / 1024 }),
);
process.exit(0);
