// One call of each kind through each client: what both the cold and the CPU measurements run. Imports only what is asked for.
const credentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};
const region = "eu-west-1";

/** `(endpoint) => Promise<() => Promise<unknown>>` by client, then by what it calls. */
export const clients = {
  "node:http": {
    get: (endpoint, key) => bare(endpoint, "GET", `/bucket/${key}`),
    list: (endpoint) => bare(endpoint, "GET", "/bucket?list-type=2"),
    describe: (endpoint) => bare(endpoint, "POST", "/"),
  },
  trivet: {
    async get(endpoint, key) {
      const { S3 } = await import("trivet/aws/s3");
      const s3 = new S3({ endpoint, region, credentials });
      return async () => (await s3.getObject({ Bucket: "bucket", Key: key })).Body.bytes();
    },
    async list(endpoint) {
      const { S3 } = await import("trivet/aws/s3");
      const s3 = new S3({ endpoint, region, credentials });
      return async () => check((await s3.listObjectsV2({ Bucket: "bucket" })).Contents, 1000);
    },
    async describe(endpoint) {
      const { EC2 } = await import("trivet/aws/ec2");
      const ec2 = new EC2({ endpoint, region, credentials });
      return async () => check((await ec2.describeInstances()).Reservations[0].Instances, 500);
    },
  },
  "aws-sdk v3": {
    async get(endpoint, key) {
      const { S3Client, GetObjectCommand } = await import("@aws-sdk/client-s3");
      const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
      return async () =>
        (await s3.send(new GetObjectCommand({ Bucket: "bucket", Key: key }))).Body.transformToByteArray();
    },
    async list(endpoint) {
      const { S3Client, ListObjectsV2Command } = await import("@aws-sdk/client-s3");
      const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
      return async () =>
        check((await s3.send(new ListObjectsV2Command({ Bucket: "bucket" }))).Contents, 1000);
    },
    async describe(endpoint) {
      const { EC2Client, DescribeInstancesCommand } = await import("@aws-sdk/client-ec2");
      const ec2 = new EC2Client({ endpoint, region, credentials });
      return async () =>
        check((await ec2.send(new DescribeInstancesCommand({}))).Reservations[0].Instances, 500);
    },
  },
  aws4fetch: {
    async get(endpoint, key) {
      const { AwsClient } = await import("aws4fetch");
      const client = new AwsClient({ ...credentials, region, service: "s3" });
      return async () => (await client.fetch(`${endpoint}/bucket/${key}`)).arrayBuffer();
    },
  },
  s3mini: {
    async get(endpoint, key) {
      const { S3mini } = await import("s3mini");
      const s3 = new S3mini({ endpoint: `${endpoint}/bucket`, region, ...credentials });
      return () => s3.getObjectArrayBuffer(key);
    },
    async list(endpoint) {
      const { S3mini } = await import("s3mini");
      const s3 = new S3mini({ endpoint: `${endpoint}/bucket`, region, ...credentials });
      return async () => check(await s3.listObjects("/", ""), 1000);
    },
  },
};

function check(list, length) {
  if (list?.length !== length) throw new Error(`The client decoded ${list?.length} of ${length}`);
}

async function bare(endpoint, method, path) {
  const { Agent, request } = await import("node:http");
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  return () =>
    new Promise((resolve, reject) => {
      const sent = request(endpoint + path, { method, agent }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () => resolve(Buffer.concat(chunks)));
        response.on("error", reject);
      });
      sent.on("error", reject);
      sent.end();
    });
}
