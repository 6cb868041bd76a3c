// A worker that calls the three clouds: where they are comes with the request.
import { Session as AwsSession } from "trivet/aws";
import { S3 } from "trivet/aws/s3";
import { Session as AzureSession } from "trivet/azure";
import { Blob as BlobService } from "trivet/azure/blob";
import { Session as GcpSession } from "trivet/gcp";
import { Storage } from "trivet/gcp/storage";

// biome-ignore lint/style/noDefaultExport: the form of a worker
export default {
  async fetch(request) {
    const { url, accessKeyId, secretAccessKey, accountKey } = await request.json();
    const credentials = { accessKeyId, secretAccessKey };
    const s3 = new AwsSession({ region: "us-east-1", endpoint: url, credentials }).client(S3);
    await s3.createBucket({ Bucket: "worker" });
    await s3.putObject({ Bucket: "worker", Key: "k", Body: "hello of S3" });
    const missing = await s3.getObject({ Bucket: "worker", Key: "absent" }).catch((error) => error);

    const azure = new AzureSession({ account: "devstoreaccount1", accountKey, endpoint: url });
    const container = azure.resource(BlobService).container("worker");
    await container.create();
    await container.blob("k").upload("hello of Blob");

    const gcp = new GcpSession({ project: "local-project", credentials: "anonymous", endpoint: url });
    const bucket = gcp.resource(Storage).bucket("worker-bucket");
    await bucket.create();
    await bucket.blob("k").upload("hello of Storage");

    return Response.json([
      await (await s3.getObject({ Bucket: "worker", Key: "k" })).Body.text(),
      `${missing.kind} ${missing.code}`,
      await container.blob("k").downloadText(),
      await bucket.blob("k").downloadText(),
    ]);
  },
};
