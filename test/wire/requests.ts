/** Good requests of every scheme and protocol that the emulator speaks, as our own sessions send them: what the fuzz loop breaks. */

import { STORAGE_KEY } from "../../src/emulator/azure/identity.js";
import type { Emulator } from "../../src/emulator/emulator.js";
import { EC2 } from "../../src/gen/aws/ec2.js";
import { IAM } from "../../src/gen/aws/iam.js";
import { S3 } from "../../src/gen/aws/s3.js";
import { STS } from "../../src/gen/aws/sts.js";
import { Blob } from "../../src/gen/azure/blob.js";
import { Resources } from "../../src/gen/azure/resources.js";
import { Compute } from "../../src/gen/gcp/compute.js";
import { Storage } from "../../src/gen/gcp/storage.js";
import type { HttpRequest, Transport } from "../../src/http/message.js";
import { readBody } from "../../src/http/request-body.js";
import type { RawRequest } from "./raw-http.js";

/** How a service says what was wrong. */
export type ErrorForm =
  | "s3"
  | "aws-json"
  | "query"
  | "ec2"
  | "azure-xml"
  | "azure-json"
  | "google-json"
  | "oauth"
  | "plain";

export interface Sample {
  readonly name: string;
  readonly form: ErrorForm;
  readonly request: RawRequest;
}

/** Runs a small program on each cloud and keeps what was sent. */
export async function samples(cloud: Emulator): Promise<readonly Sample[]> {
  const kept: Sample[] = [];
  await runAws(cloud, recorder(cloud, kept, formOfAws));
  await runAzure(cloud, recorder(cloud, kept, formOfAzure));
  await runGcp(cloud, recorder(cloud, kept, formOfGoogle));
  return [...kept, ...(await signedUrls(cloud)), ...BY_HAND];
}

function recorder(cloud: Emulator, kept: Sample[], formOf: (host: string) => ErrorForm): Transport {
  return {
    async send(request: HttpRequest) {
      const body = await readBody(request.body);
      const raw = rawOf(request, body);
      const { host } = new URL(request.origin);
      kept.push({ name: `${raw.method} ${host}${request.path}`, form: formOf(host), request: raw });
      return cloud.transport.send({ ...request, ...(request.body !== undefined && { body }) });
    },
  };
}

function rawOf({ method, origin, path, query, headers }: HttpRequest, body: Uint8Array): RawRequest {
  const { "content-length": _, ...rest } = headers;
  const all = { host: new URL(origin).host, ...rest };
  const sized =
    body.length > 0 || /^P/.test(method) ? { ...all, "content-length": String(body.length) } : all;
  return { method, target: query === "" ? path : `${path}?${query}`, headers: Object.entries(sized), body };
}

const formOfAws = (host: string): ErrorForm =>
  host.startsWith("ec2.") ? "ec2" : /^(sts|iam)\./.test(host) ? "query" : "s3";
const formOfAzure = (host: string): ErrorForm =>
  host.includes(".blob.") ? "azure-xml" : host.startsWith("login.") ? "oauth" : "azure-json";
const formOfGoogle = (host: string): ErrorForm => (host.startsWith("oauth2.") ? "oauth" : "google-json");

async function runAws(cloud: Emulator, transport: Transport): Promise<void> {
  const session = cloud.aws({ transport, retry: { maxAttempts: 1 } });
  const s3 = session.client(S3);
  const Bucket = "wire";
  await s3.createBucket({ Bucket });
  await s3.putObject({ Bucket, Key: "a/b c", Body: "hello", Metadata: { m: "1" } });
  await s3.putObject({ Bucket, Key: "stream", Body: streamOf("hello ", "world"), ContentLength: 11 });
  await s3.getObject({ Bucket, Key: "a/b c", Range: "bytes=1-2" });
  await s3.headObject({ Bucket, Key: "a/b c" });
  await s3.listObjectsV2({ Bucket, Prefix: "a/", Delimiter: "/", MaxKeys: 3 });
  await s3.putBucketCors({
    Bucket,
    CORSConfiguration: { CORSRules: [{ AllowedMethods: ["GET"], AllowedOrigins: ["*"] }] },
  });
  const Key = "parts";
  const { UploadId = "" } = await s3.createMultipartUpload({ Bucket, Key });
  const { ETag } = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 1, Body: "part" });
  const Parts = [{ PartNumber: 1, ...(ETag && { ETag }) }];
  await s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
  await s3.copyObject({ Bucket, Key: "copy", CopySource: `${Bucket}/parts` });
  await s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "copy" }] } });
  const ec2 = session.client(EC2);
  await ec2.describeInstances({ Filters: [{ Name: "instance-state-name", Values: ["running"] }] });
  await ec2.runInstances({ ImageId: "ami-0abcdef1234567890", MinCount: 1, MaxCount: 1 });
  await session.client(STS).getCallerIdentity();
  await session
    .client(STS)
    .assumeRole({ RoleArn: "arn:aws:iam::000000000000:role/R", RoleSessionName: "session" });
  await session.client(IAM).createUser({ UserName: "wire", Tags: [{ Key: "k", Value: "v" }] });
}

async function runAzure(cloud: Emulator, transport: Transport): Promise<void> {
  const shared = { transport, account: "wire", accountKey: STORAGE_KEY, retry: { maxAttempts: 1 } };
  const blob = cloud.azure(shared).client(Blob);
  const containerName = "wire";
  await blob.createContainer({ containerName });
  await blob.putBlob({ containerName, blobName: "a b", body: "hello", metadata: { k: "v" } });
  await blob.getBlob({ containerName, blobName: "a b", range: "bytes=1-2" });
  await blob.getBlobProperties({ containerName, blobName: "a b" });
  await blob.putBlock({ containerName, blobName: "blocks", blockId: btoa("1"), body: "one" });
  await blob.putBlockList({ containerName, blobName: "blocks", blocks: { latest: [btoa("1")] } });
  await blob.listBlobs({ containerName, prefix: "a" });
  await blob.acquireBlobLease({ containerName, blobName: "blocks", duration: 15 });
  await blob.setBlobTags({
    containerName,
    blobName: "a b",
    tags: { blobTagSet: [{ key: "a", value: "b" }] },
  });
  const arm = cloud.azure({ transport, retry: { maxAttempts: 1 } }).client(Resources);
  await arm.resourceGroups.createOrUpdate({
    resourceGroupName: "wire",
    parameters: { location: "westeurope", tags: { a: "b" } },
  });
  await arm.resourceGroups.get({ resourceGroupName: "wire" });
}

async function runGcp(cloud: Emulator, transport: Transport): Promise<void> {
  const session = cloud.gcp({ transport, retry: { maxAttempts: 1 } });
  const storage = session.client(Storage);
  const bucket = "wire";
  await storage.buckets.insert({ body: { name: bucket } });
  await storage.objects.insert({ bucket, name: "a/b c", media: "hello", body: { metadata: { k: "v" } } });
  await storage.objects.get({ bucket, object: "a/b c" });
  await storage.objects.getMedia({ bucket, object: "a/b c" });
  await storage.objects.list({ bucket, prefix: "a/", delimiter: "/" });
  await storage.objects.patch({ bucket, object: "a/b c", body: { metadata: { k: null as never } } });
  await storage.objects.compose({
    destinationBucket: bucket,
    destinationObject: "composed",
    body: { sourceObjects: [{ name: "a/b c" }] },
  });
  const compute = session.client(Compute);
  const zone = "us-central1-a";
  await compute.instances.insert({
    zone,
    body: { name: "wire", machineType: `zones/${zone}/machineTypes/e2-micro` },
  });
  await compute.instances.list({ zone });
}

/** Addresses that carry their own signature. */
async function signedUrls(cloud: Emulator): Promise<Sample[]> {
  const s3 = cloud.aws().client(S3);
  const shared = cloud.azure({ account: "wire", accountKey: STORAGE_KEY });
  const blob = shared.client(Blob);
  const storage = cloud.gcp().client(Storage);
  const at = { expiresInSeconds: 600 };
  const urls: [ErrorForm, string, string][] = [
    ["s3", "GET", await s3.getObject.presign({ Bucket: "wire", Key: "a/b c" }, at)],
    ["s3", "PUT", await s3.putObject.presign({ Bucket: "wire", Key: "put" }, at)],
    ["azure-xml", "GET", await blob.getBlob.presign({ containerName: "wire", blobName: "a b" }, at)],
    ["google-json", "GET", await storage.objects.getMedia.presign({ bucket: "wire", object: "a/b c" }, at)],
  ];
  return urls.map(([form, method, text]) => {
    const { host, pathname, search } = new URL(text);
    const body = method === "PUT" ? new TextEncoder().encode("hello") : new Uint8Array(0);
    const headers: [string, string][] = [["host", host]];
    if (method === "PUT") headers.push(["content-length", String(body.length)]);
    return {
      name: `${method} ${host} signed`,
      form,
      request: { method, target: pathname + search, headers, body },
    };
  });
}

/** What no session of ours sends: forms, batches, uploads that go on, metadata. */
const BY_HAND: readonly Sample[] = [
  byHand(
    "google-json",
    "POST",
    "storage.googleapis.com",
    "/batch/storage/v1",
    "multipart/mixed; boundary=b",
    [
      "--b",
      "content-type: application/http",
      "content-id: <1>",
      "",
      "GET /storage/v1/b/wire HTTP/1.1",
      "",
      "",
      "--b--",
    ],
  ),
  byHand(
    "google-json",
    "POST",
    "storage.googleapis.com",
    "/wire/",
    "multipart/form-data; boundary=b",
    formLines(),
  ),
  byHand(
    "google-json",
    "POST",
    "storage.googleapis.com",
    "/upload/storage/v1/b/wire/o?uploadType=multipart",
    "multipart/related; boundary=b",
    [
      "--b",
      "content-type: application/json",
      "",
      '{"name":"x"}',
      "--b",
      "content-type: text/plain",
      "",
      "x",
      "--b--",
      "",
    ],
  ),
  byHand("s3", "POST", "wire.s3.amazonaws.com", "/", "multipart/form-data; boundary=b", formLines()),
  byHand("azure-xml", "POST", "wire.blob.core.windows.net", "/?comp=batch", "multipart/mixed; boundary=b", [
    "--b",
    "content-type: application/http",
    "content-id: 0",
    "",
    "DELETE /wire/a HTTP/1.1",
    "content-length: 0",
    "",
    "",
    "--b--",
  ]),
  byHand("plain", "GET", "169.254.169.254", "/latest/meta-data/", undefined, []),
  byHand("plain", "PUT", "169.254.169.254", "/latest/api/token", undefined, []),
  byHand("plain", "GET", "metadata.google.internal", "/computeMetadata/v1/project/project-id", undefined, []),
  byHand(
    "oauth",
    "GET",
    "169.254.169.254",
    "/metadata/identity/oauth2/token?resource=r&api-version=1",
    undefined,
    [],
  ),
  byHand("aws-json", "POST", "oidc.us-east-1.amazonaws.com", "/client/register", "application/json", [
    '{"clientName":"a"}',
  ]),
];

function formLines(): string[] {
  const field = (name: string, value: string) => [
    "--b",
    `content-disposition: form-data; name="${name}"`,
    "",
    value,
  ];
  const file = ["--b", 'content-disposition: form-data; name="file"; filename="f"', "", "hello", "--b--", ""];
  return [...field("key", "k"), ...field("policy", "e30="), ...field("x-amz-signature", "00"), ...file];
}

function byHand(
  form: ErrorForm,
  method: string,
  host: string,
  target: string,
  type: string | undefined,
  lines: readonly string[],
): Sample {
  const body = new TextEncoder().encode(lines.join("\r\n"));
  const headers: [string, string][] = [["host", host]];
  if (type !== undefined) headers.push(["content-type", type]);
  if (method !== "GET") headers.push(["content-length", String(body.length)]);
  return { name: `${method} ${host}${target}`, form, request: { method, target, headers, body } };
}

async function* streamOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}
