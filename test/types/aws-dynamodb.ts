// Checked by tsc alone: what compiles must, and each line under @ts-expect-error must not.

import { Session } from "trivet/aws";
import {
  Attr,
  type BatchWriter,
  DynamoDB,
  Key,
  marshall,
  type NativeValue,
  NumberValue,
  unmarshall,
} from "trivet/aws/dynamodb";
import { S3 } from "trivet/aws/s3";

interface Order {
  readonly customer: string;
  readonly at: number;
}

const root = new Session().resource(DynamoDB);
const table = root.table("orders");

export async function items(): Promise<void> {
  await table.putItem({
    Item: {
      customer: "a",
      at: 1,
      big: 2n ** 64n,
      precise: new NumberValue("0.1"),
      bytes: new Uint8Array(1),
      tags: new Set(["a"]),
      nested: { list: [null, true, undefined as never] },
      left: undefined,
    },
    ConditionExpression: Attr("customer").notExists(),
  });
  // @ts-expect-error DynamoDB has no dates.
  await table.putItem({ Item: { at: new Date() } });
  // @ts-expect-error The item is required.
  await table.putItem({});
  // @ts-expect-error No such member.
  await table.getItem({ Key: { customer: "a" }, Consistent: true });
  const { Item, ConsumedCapacity } = await table.getItem({ Key: { customer: "a", at: 1 } });
  const value: NativeValue | undefined = Item?.customer;
  // @ts-expect-error It may be of any type.
  const text: string | undefined = Item?.customer;
  const units: number | undefined = ConsumedCapacity?.CapacityUnits;
  const { Item: order } = await table.getItem<Order>({ Key: { customer: "a", at: 1 } });
  const at: number | undefined = order?.at;
  void [value, text, units, at];
}

export async function conditions(): Promise<void> {
  const key = Key("customer").eq("a").and(Key("at").between(1, 2));
  await table.query({ KeyConditionExpression: key, FilterExpression: Attr("open").eq(true).not() });
  await table.query({ KeyConditionExpression: "customer = :c", ExpressionAttributeValues: { ":c": "a" } });
  // @ts-expect-error Key conditions are made of Key alone.
  await table.query({ KeyConditionExpression: Attr("customer").eq("a") });
  // @ts-expect-error Key conditions are made of Key alone.
  await table.query({ KeyConditionExpression: key.and(Attr("open").eq(true)) });
  // @ts-expect-error Keys have no `in`.
  Key("customer").in(["a"]);
  // @ts-expect-error A size is not a condition yet.
  await table.scan({ FilterExpression: Attr("customer").size() });
  for await (const { at } of table.scan.items<Order>({}, { maxItems: 10 })) at.toFixed();
  for await (const { Items } of table.query.pages({ KeyConditionExpression: key })) Items?.[0]?.at;
}

export async function batches(): Promise<void> {
  const writer: BatchWriter = table.batchWriter({ overwriteByKeys: ["customer", "at"] });
  await writer.putItem({ Item: { customer: "a", at: 1 } });
  await writer.flush();
  const count: number = await table.batchWriter({}, async (batch) => {
    await batch.deleteItem({ Key: { customer: "a", at: 1 } });
    return 1;
  });
  const { Responses } = await root.batchGetItem({
    RequestItems: { orders: { Keys: [{ customer: "a", at: 1 }] } },
  });
  const value: NativeValue | undefined = Responses?.orders?.[0]?.at;
  void [count, value];
}

export async function wire(): Promise<void> {
  const client = new DynamoDB();
  await client.putItem({ TableName: "orders", Item: marshall({ customer: "a", at: 1 }) });
  const { Item = {} } = await client.getItem({
    TableName: "orders",
    Key: marshall({ customer: "a", at: 1 }),
  });
  const item: Record<string, NativeValue> = unmarshall(Item);
  // @ts-expect-error The client's values are in the wire form.
  await client.putItem({ TableName: "orders", Item: { customer: "a" } });
  void item;
}

export async function copySource(): Promise<void> {
  const s3 = new S3();
  await s3.copyObject({ Bucket: "b", Key: "k", CopySource: "b/a" });
  await s3.copyObject({ Bucket: "b", Key: "k", CopySource: { Bucket: "b", Key: "a", VersionId: "1" } });
  // @ts-expect-error The key is required.
  await s3.copyObject({ Bucket: "b", Key: "k", CopySource: { Bucket: "b" } });
}
