import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { emptyEnvironment } from "../auth/environment.js";
import type { HttpRequest, Transport } from "../http/message.js";
import { readBody } from "../http/request-body.js";
import { bytesBody } from "../http/response-body.js";
import { isCloudError } from "../internal/cloud-error.js";
import type { ServiceModel } from "../model/ir.js";
import { pack } from "../model/pack.js";
import type { AwsClientOptions, SessionOptions } from "./options.js";
import { protocolOf } from "./protocols.js";
import { awsService } from "./service.js";
import { Session } from "./session.js";

interface Canned {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

type Call = ((input?: object, options?: object) => Promise<Record<string, unknown>>) & {
  presign(input?: object): Promise<string>;
};

/** A transport that keeps what is sent and answers from a list; an empty document after its end. */
class Wire implements Transport {
  readonly sent: HttpRequest[] = [];
  readonly #answers: Canned[];

  constructor(...answers: Canned[]) {
    this.#answers = answers;
  }

  async send(request: HttpRequest) {
    this.sent.push({ ...request, headers: { ...request.headers } });
    const { status = 200, headers = {}, body = "<R/>" } = this.#answers.shift() ?? {};
    return { status, headers: { ...headers }, body: bytesBody(new TextEncoder().encode(body)) };
  }

  get url(): string {
    const { origin, path, query } = this.sent.at(-1) as HttpRequest;
    return origin + path + (query === "" ? "" : `?${query}`);
  }

  get headers(): Record<string, string> {
    return (this.sent.at(-1) as HttpRequest).headers;
  }
}

function client(
  id: string,
  wire: Wire,
  options: AwsClientOptions = {},
  session: SessionOptions = {},
): Record<string, Call> {
  const model = JSON.parse(readFileSync(`models/aws/${id}.json`, "utf8")) as ServiceModel;
  const rules = readFileSync(`models/aws/rules/${model.service.aws?.rules}.json`, "utf8");
  const aws = new Session({
    region: "eu-west-1",
    credentials: { accessKeyId: "AKID", secretAccessKey: "SECRET" },
    environment: emptyEnvironment(),
    transport: wire,
    retry: { maxAttempts: 1 },
    ...session,
  });
  return aws.client(awsService(pack(model), rules, protocolOf(model.service)), options) as Record<
    string,
    Call
  >;
}

const op = (service: Record<string, Call>, name: string): Call => service[name] as Call;

test("s3: the bucket goes into the host, or into the path of an endpoint of one's own", async () => {
  const wire = new Wire();
  await op(client("s3", wire), "getObject")({ Bucket: "my-bucket", Key: "a b/c" });
  assert.equal(wire.url, "https://my-bucket.s3.eu-west-1.amazonaws.com/a%20b/c");
  await op(client("s3", wire, { endpoint: "http://127.0.0.1:9000" }), "headBucket")({ Bucket: "my-bucket" });
  assert.equal(wire.url, "http://127.0.0.1:9000/my-bucket");
  const virtual = { endpoint: "http://localhost:9000", s3AddressingStyle: "virtual" } as const;
  await op(client("s3", wire, virtual), "headBucket")({ Bucket: "my-bucket" });
  assert.equal(wire.url, "http://my-bucket.localhost:9000/");
  await op(client("s3", wire, { s3AddressingStyle: "path" }), "headBucket")({ Bucket: "my-bucket" });
  assert.equal(wire.url, "https://s3.eu-west-1.amazonaws.com/my-bucket");
});

test("s3: a destination is kept for its bucket and its operation alone", async () => {
  const wire = new Wire();
  const s3 = client("s3", wire);
  const urls: string[] = [];
  for (const [Bucket, Key] of [
    ["one", "a"],
    ["two", "b"],
    ["one", "c"],
  ]) {
    await s3.getObject?.({ Bucket, Key });
    urls.push(wire.url);
  }
  assert.deepEqual(urls, [
    "https://one.s3.eu-west-1.amazonaws.com/a",
    "https://two.s3.eu-west-1.amazonaws.com/b",
    "https://one.s3.eu-west-1.amazonaws.com/c",
  ]);
  await s3.listBuckets?.();
  assert.equal(wire.url, "https://s3.eu-west-1.amazonaws.com/");
});

test("calls with retry options of their own draw on the client's quota", async () => {
  const wire = new Wire(...Array.from({ length: 100 }, () => ({ status: 500 })));
  const s3 = client("s3", wire);
  const attempts: number[] = [];
  for (let i = 0; i < 36; i++) {
    const error: unknown = await s3
      .headBucket?.({ Bucket: "b" }, { retry: { maxAttempts: 2, maxDelayMs: 0 } })
      .catch((thrown: unknown) => thrown);
    attempts.push(isCloudError(error) ? error.attempts : 0);
  }
  // 500 tokens, 14 a retry.
  assert.deepEqual(attempts, [...Array.from({ length: 35 }, () => 2), 1]);
});

// As botocore 1.43.67 with AWS_NEW_RETRIES_2026: the time to live from the first answer with a Date on, of no streaming input.
test("attempts are numbered up to the last, and say by the service's clock when they are given up", async () => {
  const failed = { status: 500, headers: { date: "Wed, 01 Jan 2031 00:00:00 GMT" } };
  const wire = new Wire(failed, failed, { status: 500 }, {}, failed);
  const retry = { maxAttempts: 4, maxDelayMs: 0 };
  const s3 = client("s3", wire, { retry, attemptTimeoutMs: 3_600_000 });
  await op(s3, "headBucket")({ Bucket: "b-1" });
  await op(s3, "putObject")({ Bucket: "b-1", Key: "k", Body: "data" });
  assert.deepEqual(
    wire.sent.map(({ headers }) => headers["amz-sdk-request"]?.replace(/T0100\d\dZ/, "T0100..Z")),
    [
      "attempt=1; max=4",
      "ttl=20310101T0100..Z; attempt=2; max=4",
      "ttl=20310101T0100..Z; attempt=3; max=4",
      "ttl=20310101T0100..Z; attempt=4; max=4",
      "attempt=1; max=4",
      "attempt=2; max=4",
    ],
  );
});

test("s3: a bucket's name that would be another path is refused before anything is sent", async () => {
  const wire = new Wire();
  await assert.rejects(op(client("s3", wire), "headBucket")({ Bucket: "../other" }), /input\.Bucket/);
  assert.equal(wire.sent.length, 0);
});

test("s3: bytes carry their checksum in a header, unsigned under TLS and hashed without", async () => {
  const wire = new Wire();
  const put = { Bucket: "b-1", Key: "k", Body: "data" };
  await op(client("s3", wire), "putObject")(put);
  assert.equal(wire.headers["x-amz-checksum-crc32"], "rfPzYw==");
  assert.equal(wire.headers["x-amz-sdk-checksum-algorithm"], "CRC32");
  assert.equal(wire.headers["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
  await op(client("s3", wire, { endpoint: "http://127.0.0.1:9000" }), "putObject")(put);
  assert.match(wire.headers["x-amz-content-sha256"] ?? "", /^[0-9a-f]{64}$/);
  await op(client("s3", wire, { requestChecksumCalculation: "when_required" }), "putObject")(put);
  assert.equal(wire.headers["x-amz-checksum-crc32"], undefined);
});

test("s3: a stream carries its checksum behind it", async () => {
  const wire = new Wire();
  const Body = new Blob(["data"]).stream();
  await op(client("s3", wire), "putObject")({ Bucket: "b-1", Key: "k", Body, ContentLength: 4 });
  const { headers, sent } = wire;
  assert.equal(headers["content-encoding"], "aws-chunked");
  assert.equal(headers["x-amz-trailer"], "x-amz-checksum-crc32");
  assert.equal(headers["x-amz-decoded-content-length"], "4");
  assert.equal(headers["x-amz-content-sha256"], "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
  assert.equal(headers.expect, "100-continue");
  let text = "";
  for await (const chunk of (sent[0] as HttpRequest).body as AsyncIterable<Uint8Array>)
    text += new TextDecoder().decode(chunk);
  assert.equal(text, "4\r\ndata\r\n0\r\nx-amz-checksum-crc32:rfPzYw==\r\n\r\n");
  assert.equal(Number(headers["content-length"]), text.length);
});

test("s3: with payload signing a stream is signed chunk by chunk, its checksum too", async () => {
  const wire = new Wire();
  const put = () => ({ Bucket: "b-1", Key: "k", Body: new Blob(["data"]).stream(), ContentLength: 4 });
  const signing = { s3PayloadSigningEnabled: true } as const;
  await op(client("s3", wire, signing), "putObject")(put());
  assert.equal(wire.headers["x-amz-content-sha256"], "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER");
  assert.equal(wire.headers["content-encoding"], "aws-chunked");
  assert.equal(wire.headers["x-amz-decoded-content-length"], "4");
  const hash = "[0-9a-f]{64}";
  const chunks = `^4;chunk-signature=${hash}\r\ndata\r\n0;chunk-signature=${hash}\r\n`;
  const trailer = `x-amz-checksum-crc32:rfPzYw==\r\nx-amz-trailer-signature:${hash}\r\n`;
  assert.match(await bodyOf(wire), new RegExp(`${chunks}${trailer}\r\n$`));
  await op(
    client("s3", wire, { ...signing, requestChecksumCalculation: "when_required" }),
    "putObject",
  )(put());
  assert.equal(wire.headers["x-amz-content-sha256"], "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
  assert.match(await bodyOf(wire), new RegExp(`${chunks}\r\n$`));
});

test("s3: a Blob is sent again, its checksum behind it each time", async () => {
  const wire = new Wire({ status: 500 });
  const s3 = client("s3", wire, { retry: { maxAttempts: 2, maxDelayMs: 0 } });
  await op(s3, "putObject")({ Bucket: "b-1", Key: "k", Body: new Blob(["data"]) });
  assert.equal(wire.sent.length, 2);
  assert.equal(await bodyOf(wire), "4\r\ndata\r\n0\r\nx-amz-checksum-crc32:rfPzYw==\r\n\r\n");
});

async function bodyOf({ sent }: Wire): Promise<string> {
  return new TextDecoder().decode(await readBody((sent.at(-1) as HttpRequest).body));
}

test("s3: a body that is not what its checksum says is refused", async () => {
  const wire = new Wire({ body: "hellO", headers: { "x-amz-checksum-crc32": "NhCmhg==" } });
  const { Body } = await op(client("s3", wire), "getObject")({ Bucket: "b-1", Key: "k" });
  assert.equal(wire.headers["x-amz-checksum-mode"], "ENABLED");
  await assert.rejects((Body as { text(): Promise<string> }).text(), /checksum/i);
});

test("s3: an error document with status 200 is an error", async () => {
  const wire = new Wire({ body: "\n<Error><Code>InternalError</Code><Message>Again</Message></Error>" });
  const copy = op(
    client("s3", wire),
    "copyObject",
  )({ Bucket: "b-1", Key: "k", CopySource: "b-1/a b?versionId=v" });
  await assert.rejects(copy, (error: unknown) => isCloudError(error) && error.code === "InternalError");
  assert.equal(wire.headers["x-amz-copy-source"], "b-1/a%20b?versionId=v");
});

test("s3: a copy's source may be given in parts", async () => {
  const wire = new Wire({ body: "<CopyObjectResult/>" });
  const copy = op(client("s3", wire), "copyObject");
  const from = async (CopySource: object) => {
    await copy({ Bucket: "b-1", Key: "k", CopySource });
    return wire.headers["x-amz-copy-source"];
  };
  assert.equal(await from({ Bucket: "b-1", Key: "a?versionId=x" }), "b-1/a%3FversionId%3Dx");
  assert.equal(await from({ Bucket: "b-1", Key: "a b", VersionId: "v+1" }), "b-1/a%20b?versionId=v+1");
  const arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/p";
  assert.equal(
    await from({ Bucket: arn, Key: "a" }),
    `${encodeURIComponent(arn).replace("%2F", "/")}/object/a`,
  );
  await assert.rejects(from({ Bucket: "b-1" }), /input.CopySource.Key must be a string, is undefined/);
  await assert.rejects(from({ Bucket: "b-1", Key: "k", Kye: "" }), /input.CopySource.Kye is unknown/);
});

test("s3: a bucket in another region is found, and found at once the next time", async () => {
  const moved = { status: 301, headers: { "x-amz-bucket-region": "us-west-2" }, body: "" };
  const wire = new Wire(moved);
  const s3 = client("s3", wire);
  await op(s3, "headBucket")({ Bucket: "b-1" });
  await op(s3, "headBucket")({ Bucket: "b-1" });
  assert.deepEqual(
    wire.sent.map(({ origin }) => origin),
    ["eu-west-1", "us-west-2", "us-west-2"].map((region) => `https://b-1.s3.${region}.amazonaws.com`),
  );
  assert.match(wire.headers.authorization ?? "", /\/us-west-2\/s3\//);
});

test("s3: keys are asked for as URL text and decoded, unless the caller asked", async () => {
  const listing = "<R><EncodingType>url</EncodingType><Contents><Key>a%20b%2Bc</Key></Contents></R>";
  const wire = new Wire({ body: listing }, { body: listing });
  const s3 = client("s3", wire);
  const decoded = await op(s3, "listObjectsV2")({ Bucket: "b-1" });
  assert.deepEqual(decoded.Contents, [{ Key: "a b+c" }]);
  assert.match(wire.url, /encoding-type=url/);
  const raw = await op(s3, "listObjectsV2")({ Bucket: "b-1", EncodingType: "url" });
  assert.deepEqual(raw.Contents, [{ Key: "a%20b%2Bc" }]);
});

test("s3: the location is the text of the root", async () => {
  const wire = new Wire({ body: '<LocationConstraint xmlns="x">eu-west-1</LocationConstraint>' });
  assert.deepEqual(await op(client("s3", wire), "getBucketLocation")({ Bucket: "b-1" }), {
    LocationConstraint: "eu-west-1",
  });
});

test("s3: a customer's key goes with its digest", async () => {
  const wire = new Wire();
  const SSECustomerKey = "0123456789abcdef0123456789abcdef";
  await op(
    client("s3", wire),
    "headObject",
  )({ Bucket: "b-1", Key: "k", SSECustomerAlgorithm: "AES256", SSECustomerKey });
  assert.equal(wire.headers["x-amz-server-side-encryption-customer-key"], btoa(SSECustomerKey));
  assert.equal(wire.headers["x-amz-server-side-encryption-customer-key-md5"], "hRasmdxgYDKV3nvbahU1MA==");
});

test("presign signs no header that the URL's user would have to send", async () => {
  const url = new URL(await op(client("s3", new Wire()), "getObject").presign({ Bucket: "b-1", Key: "k" }));
  assert.equal(url.searchParams.get("X-Amz-SignedHeaders"), "host");
  assert.equal(url.searchParams.get("X-Amz-Expires"), "900");
  const sts = new URL(await op(client("sts", new Wire()), "getCallerIdentity").presign());
  assert.equal(sts.searchParams.get("Action"), "GetCallerIdentity");
});

test("polly: speech is presigned with its parameters in the query", async () => {
  const input = { OutputFormat: "mp3", Text: "a b&c", VoiceId: "Joanna" };
  const url = new URL(await op(client("polly", new Wire()), "synthesizeSpeech").presign(input));
  assert.equal(url.pathname, "/v1/speech");
  assert.equal(url.searchParams.get("Text"), "a b&c");
  assert.equal(url.searchParams.get("X-Amz-SignedHeaders"), "host");
});

test("ec2: a copy carries a request to the source region", async () => {
  const wire = new Wire();
  const copy = { SourceRegion: "us-east-1", SourceSnapshotId: "snap-1" };
  await op(client("ec2", wire), "copySnapshot")(copy);
  const form = new URLSearchParams(String(wire.sent[0]?.body));
  assert.equal(form.get("DestinationRegion"), "eu-west-1");
  const url = new URL(form.get("PresignedUrl") ?? "");
  assert.equal(url.host, "ec2.us-east-1.amazonaws.com");
  assert.equal(url.searchParams.get("DestinationRegion"), "eu-west-1");
  assert.match(url.searchParams.get("X-Amz-Credential") ?? "", /us-east-1\/ec2/);
});

test("what an input names as a region or an endpoint is one, or nothing is sent", async () => {
  const wire = new Wire();
  await assert.rejects(
    op(client("ec2", wire), "copySnapshot")({ SourceRegion: "not a region", SourceSnapshotId: "snap-1" }),
    /input\.SourceRegion must be a region, is "not a region"/,
  );
  await assert.rejects(
    op(
      client("rds", wire),
      "copyDBSnapshot",
    )({
      SourceRegion: "",
      SourceDBSnapshotIdentifier: "a",
      TargetDBSnapshotIdentifier: "b",
    }),
    /input\.SourceRegion must be a region, is ""/,
  );
  await assert.rejects(
    op(client("machinelearning", wire), "predict")({ MLModelId: "m", Record: {}, PredictEndpoint: "here" }),
    /input\.PredictEndpoint must be a URL, is "here"/,
  );
  assert.equal(wire.sent.length, 0);
});

test("a URL keeps longs that no number holds, and asks for no header that the opener does not know", async () => {
  const state = op(client("qconnect", new Wire()), "deactivateMessageTemplate");
  const longs = new URL(
    await state.presign({
      knowledgeBaseId: "k",
      messageTemplateId: "m",
      versionNumber: 9223372036854775807n,
    }),
  );
  assert.equal(longs.searchParams.get("versionNumber"), "9223372036854775807");
  const account = new URL(await op(client("apigateway", new Wire()), "getAccount").presign());
  assert.equal(account.searchParams.get("X-Amz-SignedHeaders"), "host");
});

test("s3: payload_signing_enabled says whether the signature covers the body", async () => {
  const sumOf = async (options: AwsClientOptions, body: unknown = "abc") => {
    const wire = new Wire();
    await op(client("s3", wire, options), "putObject")({ Bucket: "my-bucket", Key: "k", Body: body });
    return wire.headers["x-amz-content-sha256"];
  };
  const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const plain = { endpoint: "http://127.0.0.1:9000" };
  assert.equal(await sumOf({}), "UNSIGNED-PAYLOAD");
  assert.equal(await sumOf(plain), sha256);
  assert.equal(await sumOf({ s3PayloadSigningEnabled: true }), sha256);
  assert.equal(await sumOf({ s3PayloadSigningEnabled: false, ...plain }), "UNSIGNED-PAYLOAD");
  const stream = () => new Blob(["abc"]).stream();
  const inChunks = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
  assert.equal(await sumOf({ s3PayloadSigningEnabled: true }, stream()), inChunks);
  const unsigned = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
  assert.equal(await sumOf({}, stream()), unsigned);
  assert.equal(await sumOf({ s3PayloadSigningEnabled: false }, stream()), unsigned);
  const wire = new Wire();
  await op(client("s3", wire, { s3PayloadSigningEnabled: false }), "listBuckets")();
  assert.equal(wire.headers["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
  await op(client("ec2", wire, { s3PayloadSigningEnabled: false }), "describeRegions")();
  assert.equal(wire.headers["x-amz-content-sha256"], undefined);
});

test("the clock follows the service's when a signature was refused for its time", async () => {
  const serverTime = new Date(Date.now() + 3_600_000);
  const body = "<R><Errors><Error><Code>RequestExpired</Code></Error></Errors></R>";
  const wire = new Wire({ status: 400, headers: { date: serverTime.toUTCString() }, body });
  await op(client("ec2", wire), "describeRegions")();
  assert.equal(wire.sent.length, 2);
  const signed = wire.headers["x-amz-date"]?.slice(0, 11);
  assert.equal(signed, serverTime.toISOString().replace(/[-:]/g, "").slice(0, 11));
});

test("anonymous requests are not signed", async () => {
  const wire = new Wire();
  await op(client("s3", wire, { credentials: "anonymous" }), "getObject")({ Bucket: "b-1", Key: "k" });
  assert.equal(wire.headers.authorization, undefined);
});

test("bedrock takes its token from the environment", async () => {
  const wire = new Wire({ body: "{}" });
  const environment = emptyEnvironment({ AWS_BEARER_TOKEN_BEDROCK: "token" });
  await op(client("bedrock", wire, {}, { environment }), "listFoundationModels")();
  assert.equal(wire.headers.authorization, "Bearer token");
});

test("a configured endpoint is taken for its service, one given in code over it", async () => {
  const wire = new Wire();
  const environment = emptyEnvironment({ AWS_ENDPOINT_URL_EC2: "http://127.0.0.1:1" });
  await op(client("ec2", wire, {}, { environment }), "describeRegions")();
  assert.equal(wire.sent[0]?.origin, "http://127.0.0.1:1");
  await op(
    client("ec2", wire, { endpoint: "http://127.0.0.1:2/prefix" }, { environment }),
    "describeRegions",
  )();
  assert.equal(wire.url, "http://127.0.0.1:2/prefix");
});

test("no region: said before anything is sent", async () => {
  const wire = new Wire();
  const ec2 = client("ec2", wire, {}, { region: undefined });
  await assert.rejects(op(ec2, "describeRegions")(), /no region/);
  assert.equal(wire.sent.length, 0);
});

test("s3: a redirect that names no region: the bucket is asked for it", async () => {
  const wire = new Wire(
    { status: 301, body: "<Error><Code>PermanentRedirect</Code></Error>" },
    { status: 403, headers: { "x-amz-bucket-region": "ap-south-1" } },
  );
  await op(client("s3", wire), "getBucketAcl")({ Bucket: "b-1" });
  assert.deepEqual(
    wire.sent.map(({ method, origin }) => `${method} ${origin}`),
    [
      "GET https://b-1.s3.eu-west-1.amazonaws.com",
      "HEAD https://b-1.s3.eu-west-1.amazonaws.com",
      "GET https://b-1.s3.ap-south-1.amazonaws.com",
    ],
  );
});

test("timestream: calls go to the endpoint that the service names, asked for once", async () => {
  const Endpoints = [{ Address: "cell1.timestream.example.com", CachePeriodInMinutes: 10 }];
  const wire = new Wire({ body: JSON.stringify({ Endpoints }) }, { body: "{}" }, { body: "{}" });
  const timestream = client("timestream-write", wire);
  await op(timestream, "listDatabases")();
  await op(timestream, "listDatabases")();
  assert.deepEqual(
    wire.sent.map(({ origin }) => origin),
    [
      "https://ingest.timestream.eu-west-1.amazonaws.com",
      "https://cell1.timestream.example.com",
      "https://cell1.timestream.example.com",
    ],
  );
  assert.match(wire.headers["x-amz-target"] ?? "", /ListDatabases/);
});

test("machine learning: predictions go to the endpoint in the input", async () => {
  const wire = new Wire({ body: "{}" });
  const PredictEndpoint = "https://realtime.machinelearning.eu-west-1.amazonaws.com";
  await op(
    client("machinelearning", wire),
    "predict",
  )({ MLModelId: "m", Record: { a: "b" }, PredictEndpoint });
  assert.equal(wire.sent[0]?.origin, PredictEndpoint);
});

test("route 53 takes ids as its answers have them; api gateway asks for JSON; glacier names its version", async () => {
  const wire = new Wire();
  await op(client("route53", wire), "getHostedZone")({ Id: "/hostedzone/Z1" });
  assert.equal(wire.url, "https://route53.amazonaws.com/2013-04-01/hostedzone/Z1");
  const json = new Wire({ body: "{}" }, { body: "{}" });
  await op(client("apigateway", json), "getRestApis")();
  assert.equal(json.headers.accept, "application/json");
  await op(client("glacier", json), "listVaults")();
  assert.equal(json.headers["x-amz-glacier-version"], "2012-06-01");
  assert.match(json.url, /\/-\/vaults$/);
});

test("iam: policies come as the documents that they are", async () => {
  const policy = encodeURIComponent(JSON.stringify({ Version: "2012-10-17" }));
  const body = `<R><GetRoleResult><Role><AssumeRolePolicyDocument>${policy}</AssumeRolePolicyDocument></Role></GetRoleResult></R>`;
  const { Role } = await op(client("iam", new Wire({ body })), "getRole")({ RoleName: "r" });
  assert.deepEqual(Role, { AssumeRolePolicyDocument: { Version: "2012-10-17" } });
});

test("cloudwatch: a long body is compressed", async () => {
  const wire = new Wire();
  const MetricData = Array.from({ length: 500 }, (_, i) => ({ MetricName: `metric-${i}`, Value: i }));
  await op(client("cloudwatch", wire), "putMetricData")({ Namespace: "n", MetricData });
  assert.equal(wire.headers["content-encoding"], "gzip");
  assert.deepEqual([...((wire.sent[0] as HttpRequest).body as Uint8Array).subarray(0, 2)], [0x1f, 0x8b]);
});

test("s3 express: keys of the bucket's session sign what goes to it, asked for once", async () => {
  const session = `<R><Credentials><AccessKeyId>SESSION</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></R>`;
  const wire = new Wire({ body: session });
  const s3 = client("s3", wire);
  const input = { Bucket: "b--euw1-az1--x-s3", Key: "k" };
  await op(s3, "getObject")(input);
  await op(s3, "getObject")(input);
  assert.deepEqual(
    wire.sent.map(({ query, path }) => (query === "session" || query === "session=" ? "session" : path)),
    ["session", "/k", "/k"],
  );
  assert.match(wire.headers.authorization ?? "", /Credential=SESSION\/\d+\/eu-west-1\/s3express\//);
  assert.equal(wire.headers["x-amz-s3session-token"], "T");
});

test("an endpoint's own path has no slash behind it; a region of FIPS's old names is the region with FIPS", async () => {
  // As botocore 1.43.67 sends them.
  const wire = new Wire();
  await op(client("ec2", wire, { endpoint: "https://example.com/base" }), "describeRegions")();
  assert.equal(wire.url, "https://example.com/base");
  for (const [region, host, signed] of [
    ["fips-us-east-1", "ec2-fips.us-east-1.amazonaws.com", "us-east-1"],
    ["us-gov-west-1-fips", "ec2.us-gov-west-1.amazonaws.com", "us-gov-west-1"],
  ] as const) {
    await op(client("ec2", wire, {}, { region }), "describeRegions")();
    assert.equal(wire.url, `https://${host}/`);
    assert.match(wire.headers.authorization ?? "", new RegExp(`/${signed}/ec2/`));
  }
});

test("s3: a host that no URL can have is refused as an input", async () => {
  const wire = new Wire();
  const s3 = client("s3", wire, { endpoint: "http://127.0.0.1:9000", s3AddressingStyle: "virtual" });
  await assert.rejects(op(s3, "listObjectsV2")({ Bucket: "dotted.bucket" }), { kind: "invalidInput" });
  assert.equal(wire.sent.length, 0);
});
