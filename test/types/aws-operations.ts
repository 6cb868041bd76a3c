// Checked by tsc alone: what compiles must, and each line under @ts-expect-error must not.

import type { Body, InputOf, OutputOf } from "trivet";
import { Braket } from "trivet/aws/braket";
import { DynamoDB } from "trivet/aws/dynamodb";
import { EC2, type Instance } from "trivet/aws/ec2";
import { RDSData } from "trivet/aws/rds-data";
import { type GetObjectOutput, S3, type Object as S3Object } from "trivet/aws/s3";
import { SQS } from "trivet/aws/sqs";

const s3 = new S3({ region: "eu-west-1" });
const ec2 = new EC2();

export async function required(): Promise<void> {
  await s3.getObject({ Bucket: "b", Key: "k" });
  // @ts-expect-error Key is required.
  await s3.getObject({ Bucket: "b" });
  // @ts-expect-error The input is required.
  await s3.getObject();
  // @ts-expect-error No such member.
  await s3.getObject({ Bucket: "b", Key: "k", Kye: "k" });
  await s3.listBuckets();
  await ec2.describeInstances({ Filters: [{ Name: "n", Values: ["v"] }] }, { timeoutMs: 1_000 });
  // @ts-expect-error No such option.
  await ec2.describeInstances({}, { timeout: 1_000 });
  // @ts-expect-error No such operation.
  s3.getObjekt;
}

export async function outputs(): Promise<void> {
  const output: GetObjectOutput = await s3.getObject({ Bucket: "b", Key: "k" });
  // A payload that streams is always there.
  const body: Body = output.Body;
  await body.text();
  const size: number | undefined = output.ContentLength;
  const modified: Date | undefined = output.LastModified;
  // @ts-expect-error The model does not promise it.
  const etag: string = output.ETag;
  void [size, modified, etag];
}

/** Members that the model requires are there in outputs. */
export async function promised(): Promise<void> {
  const dynamo = new DynamoDB();
  const { Responses } = await dynamo.batchGetItem({ RequestItems: {} });
  const item = Responses?.table?.[0]?.id;
  const text: string | undefined = item?.S;
  if (item?.S !== undefined) {
    const narrowed: string = item.S;
    // @ts-expect-error Exactly one member is set.
    const other: string = item.N;
    void [narrowed, other];
  }
  void text;
}

export function unions(): void {
  const dynamo = new DynamoDB();
  void dynamo.putItem({
    TableName: "t",
    Item: { id: { S: "1" }, list: { L: [{ N: "2" }, { M: { x: { BOOL: true } } }] } },
  });
  // @ts-expect-error One member at most.
  void dynamo.putItem({ TableName: "t", Item: { id: { S: "1", N: "1" } } });
  // @ts-expect-error A string on the wire.
  void dynamo.putItem({ TableName: "t", Item: { id: { N: 1 } } });
  void dynamo.putItem({ TableName: "t", Item: { bytes: { B: new Uint8Array(1) }, text: { B: "abc" } } });
}

export function enums(): void {
  void s3.putObject({ Bucket: "b", Key: "k", StorageClass: "GLACIER" });
  // A value newer than this package.
  void s3.putObject({ Bucket: "b", Key: "k", StorageClass: "NEWER" });
  // @ts-expect-error Not a string.
  void s3.putObject({ Bucket: "b", Key: "k", StorageClass: 1 });
}

export function bodies(): void {
  void s3.putObject({ Bucket: "b", Key: "k", Body: "text" });
  void s3.putObject({ Bucket: "b", Key: "k", Body: new Uint8Array(1), Expires: "2027-01-01T00:00:00Z" });
  void s3.putObject({ Bucket: "b", Key: "k", Body: new Blob([]), ContentLength: 0n });
  void s3.putObject({ Bucket: "b", Key: "k", Body: new ReadableStream<Uint8Array>() });
  // @ts-expect-error Not a body.
  void s3.putObject({ Bucket: "b", Key: "k", Body: 1 });
}

export async function paging(): Promise<void> {
  for await (const page of s3.listObjectsV2.pages({ Bucket: "b" })) void page.KeyCount;
  for await (const object of s3.listObjectsV2.items({ Bucket: "b" }, { pageSize: 100 })) {
    const each: S3Object = object;
    void each.Key;
  }
  const all: S3Object[] = await s3.listObjectsV2.all({ Bucket: "b" });
  // @ts-expect-error Does not page.
  s3.getObject.pages;
  // @ts-expect-error Bucket is required.
  s3.listObjectsV2.items();
  void all;
}

export async function presigning(): Promise<void> {
  const url: string = await s3.getObject.presign({ Bucket: "b", Key: "k" }, { expiresInSeconds: 60 });
  // @ts-expect-error Key is required.
  await s3.getObject.presign({ Bucket: "b" });
  // @ts-expect-error Nothing of AWS is long-running.
  s3.getObject.untilDone;
  void url;
}

export async function waiting(): Promise<void> {
  const { Reservations } = await ec2.waitUntil.instanceRunning(
    { InstanceIds: ["i-1"] },
    { maxWaitSeconds: 60 },
  );
  const instance: Instance | undefined = Reservations?.[0]?.Instances?.[0];
  // @ts-expect-error No such waiter.
  ec2.waitUntil.instanceFlying;
  void instance;
}

export async function errors(): Promise<string | undefined> {
  try {
    await s3.getObject({ Bucket: "b", Key: "k" });
  } catch (error) {
    if (error instanceof s3.errors.InvalidObjectState) {
      const code: "InvalidObjectState" = error.code;
      const tier: string | undefined = error.body.AccessTier;
      return `${code} ${tier} ${error.requestId}`;
    }
    // @ts-expect-error Not narrowed.
    return error.code;
  }
  // @ts-expect-error Not an error of S3.
  s3.errors.QueueDoesNotExist;
  return undefined;
}

/** SQS sends the query protocol's codes, `AWS.SimpleQueueService.NonExistentQueue`, which no model has: only the class tells. */
export function errorCodes(error: unknown): void {
  const sqs = new SQS();
  if (error instanceof sqs.errors.QueueDoesNotExist) {
    const code: string = error.code;
    // @ts-expect-error Not the shape's name.
    const name: "QueueDoesNotExist" = error.code;
    void [code, name];
  }
}

/** What counts, measures or dates is a number; values of users may be more than one holds. */
export async function longs(): Promise<void> {
  let bytes = 0;
  for await (const object of s3.listObjectsV2.items({ Bucket: "b" })) bytes += object.Size ?? 0;
  const { records } = await new RDSData().executeStatement({
    resourceArn: "r",
    secretArn: "s",
    sql: "q",
  });
  const value: number | bigint | undefined = records?.[0]?.[0]?.longValue;
  // @ts-expect-error A bigint where a number does not hold it.
  const number: number | undefined = records?.[0]?.[0]?.longValue;
  void [bytes, value, number];
}

/** Braket's `jsonvalue` is text in a body: only headers carry JSON of their own. */
export function jsonValues(): void {
  const common = { clientToken: "t", deviceArn: "d", shots: 1, outputS3Bucket: "b", outputS3KeyPrefix: "p" };
  void new Braket().createQuantumTask({ ...common, action: "{}" });
  // @ts-expect-error The text of a document, not the document.
  void new Braket().createQuantumTask({ ...common, action: {} });
}

export type Input = InputOf<S3["getObject"]>;
export const input: Input = { Bucket: "b", Key: "k" };
export type Output = OutputOf<EC2["describeInstances"]>;
export const output: Output = { Reservations: [] };
