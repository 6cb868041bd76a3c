/** Presigned URLs beside botocore's `generate_presigned_url`, of the same inputs at the same time. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { emptyEnvironment } from "../../../src/auth/environment.js";
import { protocolOf } from "../../../src/aws/protocols.js";
import { awsService } from "../../../src/aws/service.js";
import { Session } from "../../../src/aws/session.js";
import type { PresignOptions } from "../../../src/client/backend.js";
import type { ServiceModel } from "../../../src/model/ir.js";
import { pack } from "../../../src/model/pack.js";
import { askBotocore } from "./botocore.js";

const AT = "2026-11-24T12:00:00+00:00";
const REGION = "eu-west-1";
const [ID, SECRET, TOKEN] = ["AKIDEXAMPLE", "secret", "tok+/="] as const;

interface Case {
  readonly service: string;
  /** As botocore names it. */
  readonly operation: string;
  readonly input: object;
  readonly expiresInSeconds: number;
  readonly headers?: Record<string, string>;
  /** Where botocore must be told: a URL of ours is one to fetch. */
  readonly method?: "GET";
}

const of =
  (service: string, defaults: Partial<Case> = {}) =>
  (operation: string, input: object = {}): Case => ({
    service,
    operation,
    input,
    expiresInSeconds: 900,
    ...defaults,
  });
const s3 = of("s3", { expiresInSeconds: 3600 });
const object = { Bucket: "my-bucket", Key: "a b/ü+~.txt" };

const CASES: readonly Case[] = [
  s3("get_object", object),
  s3("get_object", {
    ...object,
    VersionId: "v/1",
    ResponseContentDisposition: 'attachment; filename="a b.txt"',
    ResponseContentType: "text/plain",
  }),
  s3("get_object", { Bucket: "dotted.bucket", Key: "k" }),
  s3("get_object", {
    Bucket: "my-bucket",
    Key: "k",
    SSECustomerAlgorithm: "AES256",
    SSECustomerKey: "k".repeat(32),
  }),
  s3("put_object", object),
  s3("put_object", { ...object, ContentType: "image/png", ACL: "private", Metadata: { owner: "me" } }),
  s3("head_object", object),
  s3("delete_object", { ...object, VersionId: "1" }),
  s3("upload_part", { ...object, UploadId: "u-1", PartNumber: 7 }),
  s3("create_multipart_upload", object),
  s3("list_objects_v2", { Bucket: "my-bucket", Prefix: "a b/" }),
  s3("list_buckets"),
  {
    ...of("sts", { method: "GET" })("get_caller_identity"),
    expiresInSeconds: 60,
    headers: { "x-k8s-aws-id": "my-cluster" },
  },
  of("sts", { method: "GET" })("get_caller_identity"),
  of("ec2", { method: "GET" })("describe_regions", {
    AllRegions: true,
    Filters: [{ Name: "region-name", Values: ["eu-*", "us *"] }],
  }),
  of("sns", { method: "GET" })("publish", { TopicArn: "arn:aws:sns:eu-west-1:1:t", Message: "a & b=ü" }),
  of("iam", { method: "GET" })("list_users", { PathPrefix: "/a/" }),
  of("lambda")("list_functions", { MaxItems: 5, Marker: "a/b=" }),
  of("lambda")("get_function", {
    FunctionName: "arn:aws:lambda:eu-west-1:123456789012:function:f",
    Qualifier: "1",
  }),
  of("lambda")("delete_function", { FunctionName: "f" }),
  of("dynamodb")("describe_table", { TableName: "t-1" }),
  of("dynamodb")("list_tables", { Limit: 3 }),
  of("secretsmanager")("get_secret_value", { SecretId: "a/b c" }),
  of("polly", { method: "GET", expiresInSeconds: 3600 })("synthesize_speech", {
    Text: "héllo wörld",
    OutputFormat: "mp3",
    VoiceId: "Amy",
    LexiconNames: ["a", "b"],
  }),
];

type Client = Record<string, { presign(input: object, options: PresignOptions): Promise<string> }>;

function ours({ service, operation, input, expiresInSeconds, headers }: Case): Promise<string> | undefined {
  const model = JSON.parse(readFileSync(`models/aws/${service}.json`, "utf8")) as ServiceModel;
  const rules = readFileSync(`models/aws/rules/${model.service.aws?.rules}.json`, "utf8");
  const session = new Session({
    region: REGION,
    credentials: { accessKeyId: ID, secretAccessKey: SECRET, sessionToken: TOKEN },
    environment: emptyEnvironment(),
  });
  const client = session.client(awsService(pack(model), rules, protocolOf(model.service))) as Client;
  const member = operation.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return client[member]?.presign(input, { expiresInSeconds, at: new Date(AT), ...(headers && { headers }) });
}

/** `uploads` and `uploads=` are signed as one and the same. */
function sorted(url: string | undefined): string[] {
  const [address = "", query = ""] = (url ?? "").split("?");
  return [
    address,
    ...query
      .replace(/(?<=^|&)[^=&]+(?=&|$)/g, "$&=")
      .split("&")
      .sort(),
  ];
}

const expected = askBotocore("presign_driver.py", {
  at: AT,
  region: REGION,
  credentials: [ID, SECRET, TOKEN],
  cases: CASES,
});
CASES.forEach((each, index) => {
  const skip = typeof expected === "string" ? expected : false;
  test(`presigned ${each.service} ${each.operation} ${JSON.stringify(each.input)} is botocore's`, {
    skip,
  }, async () => {
    assert.deepEqual(sorted(await ours(each)), sorted(expected[index]));
  });
});
