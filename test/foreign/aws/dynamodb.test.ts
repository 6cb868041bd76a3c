/** DynamoDB's native values and conditions beside boto3's own, and tables end to end against moto. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { emptyEnvironment } from "../../../src/auth/environment.js";
import { Attr, dynamodbExtension, Key, NumberValue } from "../../../src/aws/extensions/dynamodb.js";
import { type Expression, ExpressionBuilder } from "../../../src/aws/extensions/dynamodb-condition.js";
import { canonicalNumber } from "../../../src/aws/extensions/dynamodb-number.js";
import {
  marshallValue,
  type NativeValue,
  unmarshallValue,
} from "../../../src/aws/extensions/dynamodb-value.js";
import { protocolOf } from "../../../src/aws/protocols.js";
import { awsService } from "../../../src/aws/service.js";
import { Session } from "../../../src/aws/session.js";
import type { DynamoDBResource, DynamoDBTable } from "../../../src/gen/aws/dynamodb.js";
import type { ServiceModel } from "../../../src/model/ir.js";
import { pack } from "../../../src/model/pack.js";
import { Random } from "../../oracle/random.js";
import { awsPython, PYTHON_ENV } from "./python.js";

const DRIVER = "test/foreign/aws/dynamodb_driver.py";
const COUNT = 2_000;

const { python, skip } = awsPython();

/** A value with the description that the driver reads. */
type Described = readonly [value: NativeValue, tagged: unknown];

function number(random: Random): Described {
  const digits = String(random.below(10 ** 9)) + "7".repeat(random.below(28));
  const value = random.pick<() => number | bigint | NumberValue>([
    () => random.below(1000) - 500,
    () => (random.next() - 0.5) * 10 ** (random.below(40) - 20),
    () => BigInt(`${random.pick(["", "-"])}9${digits}`),
    () =>
      new NumberValue(`${random.pick(["", "-"])}${digits}.${random.below(10)}5E${random.below(120) - 60}`),
  ])();
  return [value, { number: String(value) }];
}

function string(random: Random): Described {
  const value = random.pick(["", "a", "é☃", "𝒳", "with space", `"'\\\n`]) + random.below(1000);
  return [value, { string: value }];
}

function bytes(random: Random): Described {
  const value = Uint8Array.from({ length: random.below(6) + 1 }, () => random.below(256));
  return [value, { bytes: Buffer.from(value).toString("base64") }];
}

function set(random: Random): Described {
  const one = random.pick([number, string, bytes]);
  const members = Array.from({ length: random.below(4) + 1 }, () => one(random));
  const unlike = [...new Map(members.map((each) => [identity(each[1]), each])).values()];
  return [
    new Set(unlike.map(([value]) => value)) as NativeValue,
    { set: unlike.map(([, tagged]) => tagged) },
  ];
}

/** Python's sets hold equal numbers once, however they are written. */
function identity(tagged: unknown): string {
  const { number: text } = tagged as { number?: string };
  return text === undefined ? JSON.stringify(tagged) : canonicalNumber(text);
}

function value(random: Random, depth = 0): Described {
  const flat = [number, string, bytes, set, boolean, nothing];
  return random.pick(depth > 3 ? flat : [...flat, list, object])(random, depth);
}

function boolean(random: Random): Described {
  const is = random.chance(0.5);
  return [is, { bool: is }];
}

function nothing(): Described {
  return [null, { null: null }];
}

function list(random: Random, depth: number): Described {
  const members = Array.from({ length: random.below(4) }, () => value(random, depth + 1));
  return [members.map(([each]) => each), { list: members.map(([, tagged]) => tagged) }];
}

function object(random: Random, depth: number): Described {
  const names = [
    ...new Set(Array.from({ length: random.below(4) }, () => random.pick(["a", "b c", "é", "S", "N"]))),
  ];
  const members = names.map((name) => [name, value(random, depth + 1)] as const);
  return [
    Object.fromEntries(members.map(([name, [each]]) => [name, each])),
    { object: members.map(([name, [, tagged]]) => [name, tagged]) },
  ];
}

type Case = readonly [condition: Expression, described: unknown];
const PATHS = ["a", "a.b", "a[0]", "a.b[12].c", "with space", "é", "a[0][1].b"];

function leaf(random: Random, isKey: boolean): Case {
  const path = random.pick(PATHS);
  if (isKey || random.chance(0.5)) return comparison(random, isKey, path);
  const attr = Attr(path);
  const [operand, tagged] = value(random, 3);
  const described = ["attr", path];
  switch (random.below(7)) {
    case 0:
      return [attr.ne(operand), ["ne", described, ["value", tagged]]];
    case 1:
      return [attr.contains(operand), ["contains", described, ["value", tagged]]];
    case 2:
      return [attr.exists(), ["exists", described]];
    case 3:
      return [attr.notExists(), ["not_exists", described]];
    case 4:
      return [attr.attributeType("S"), ["attribute_type", described, ["value", { string: "S" }]]];
    case 5:
      return [attr.eq(Attr("other.x").size()), ["eq", described, ["size", ["attr", "other.x"]]]];
    default: {
      const values = Array.from({ length: random.below(3) + 1 }, () => value(random, 3));
      return [attr.in(values.map(([each]) => each)), ["is_in", described, values.map(([, each]) => each)]];
    }
  }
}

function comparison(random: Random, isKey: boolean, path: string): Case {
  const sized = !isKey && random.chance(0.3);
  const path_ = isKey ? Key(path) : sized ? Attr(path).size() : Attr(path);
  const described = sized ? ["size", ["attr", path]] : [isKey ? "key" : "attr", path];
  const [operand, tagged] = value(random, 3);
  const [high, highTagged] = number(random);
  const name = random.pick(["eq", "lt", "lte", "gt", "gte", "beginsWith", "between"] as const);
  if (name === "between") {
    return [path_.between(operand, high), ["between", described, ["value", tagged], ["value", highTagged]]];
  }
  return [path_[name](operand), [name === "beginsWith" ? "begins_with" : name, described, ["value", tagged]]];
}

function condition(random: Random, isKey: boolean, depth = 0): Case {
  if (depth > 3 || random.chance(0.3)) return leaf(random, isKey);
  const [left, described] = condition(random, isKey, depth + 1);
  if (random.chance(0.2)) return [left.not(), ["not", described]];
  const [right, other] = condition(random, isKey, depth + 1);
  return random.chance(0.5)
    ? [left.and(right), ["and", described, other]]
    : [left.or(right), ["or", described, other]];
}

/** A wire form as the driver's JSON has it: bytes as Base64. */
function plain(wire: unknown): unknown {
  return JSON.parse(
    JSON.stringify(wire, (_, each: unknown) =>
      each instanceof Uint8Array ? Buffer.from(each).toString("base64") : each,
    ),
  );
}

/** Sets have no order, and a number may be written in several ways: by its digits and exponent it is compared. */
function comparable(wire: unknown): unknown {
  if (Array.isArray(wire)) return wire.map(comparable);
  if (typeof wire !== "object" || wire === null) return wire;
  const entries = Object.entries(wire).map(([name, each]) => {
    if (name === "N" && typeof each === "string") return [name, canonicalNumber(each)];
    if (name === "NS" && Array.isArray(each)) return [name, each.map(canonicalNumber).sort()];
    if ((name === "SS" || name === "BS") && Array.isArray(each)) return [name, [...each].sort()];
    return [name, comparable(each)];
  });
  return Object.fromEntries(entries);
}

interface Answers {
  readonly values: [wire: unknown, same: boolean][];
  readonly conditions: [text: string, names: unknown, values: unknown][];
}

test("values and conditions are what boto3 makes of them", { skip }, () => {
  const seed = Number(process.env.SEED ?? 20_261_124);
  const random = new Random(seed);
  const values = Array.from({ length: COUNT }, () => value(random));
  const conditions = Array.from({ length: COUNT }, (_, index) => condition(random, index % 2 === 0));
  const input = JSON.stringify({
    values: values.map(([each, tagged]) => ({ value: tagged, wire: plain(marshallValue(each)) })),
    conditions: conditions.map(([, described], index) => ({ condition: described, isKey: index % 2 === 0 })),
  });
  const { status, stdout, stderr } = spawnSync(python as string, ["-W", "ignore", DRIVER], {
    input,
    env: PYTHON_ENV,
    maxBuffer: 2 ** 28,
  });
  assert.equal(status, 0, stderr.toString());
  const theirs = JSON.parse(stdout.toString()) as Answers;
  values.forEach(([each], index) => {
    const [wire, same] = theirs.values[index] as Answers["values"][number];
    const own = marshallValue(each);
    assert.deepEqual(comparable(plain(own)), comparable(wire), `seed ${seed}, value ${index}`);
    assert.ok(same, `seed ${seed}, value ${index}: boto3 reads another value from ours`);
    const again = plain(marshallValue(unmarshallValue(own as never)));
    assert.deepEqual(comparable(again), comparable(wire), `seed ${seed}, value ${index}, there and back`);
  });
  conditions.forEach(([each], index) => {
    const builder = new ExpressionBuilder();
    const text = builder.build(each, index % 2 === 0);
    const [theirText, names, wire] = theirs.conditions[index] as Answers["conditions"][number];
    assert.equal(text, theirText, `seed ${seed}, condition ${index}`);
    assert.deepEqual(builder.names, names);
    const own = Object.entries(builder.values).map(([name, each]) => [name, plain(marshallValue(each))]);
    assert.deepEqual(comparable(Object.fromEntries(own)), comparable(wire));
  });
});

let server: ChildProcess | undefined;
let root: DynamoDBResource;
let table: DynamoDBTable;

before(async () => {
  if (python === undefined) return;
  server = spawn(python, ["-W", "ignore", DRIVER, "serve"], {
    env: PYTHON_ENV,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const port = await new Promise<string>((resolve, reject) => {
    server?.stdout?.once("data", (chunk) => resolve(String(chunk).trim()));
    server?.once("exit", (code) => reject(new Error(`moto ended with ${code}`)));
  });
  const model = JSON.parse(readFileSync("models/aws/dynamodb.json", "utf8")) as ServiceModel;
  const rules = readFileSync(`models/aws/rules/${model.service.aws?.rules}.json`, "utf8");
  const session = new Session({
    region: "eu-west-1",
    environment: emptyEnvironment(),
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
  });
  const service = awsService(pack(model), rules, protocolOf(model.service), dynamodbExtension);
  root = session.resource(service as never, { endpoint: `http://127.0.0.1:${port}` }) as DynamoDBResource;
  table = await root.createTable({
    TableName: "things",
    AttributeDefinitions: [
      { AttributeName: "owner", AttributeType: "S" },
      { AttributeName: "at", AttributeType: "N" },
    ],
    KeySchema: [
      { AttributeName: "owner", KeyType: "HASH" },
      { AttributeName: "at", KeyType: "RANGE" },
    ],
    BillingMode: "PAY_PER_REQUEST",
  });
  await table.waitUntilExists();
});
after(() => server?.stdin?.end());

test("moto: an item of every type comes back as it was put", { skip }, async () => {
  const item = {
    owner: "types",
    at: 1,
    big: 2n ** 70n,
    precise: new NumberValue("1.2345678901234567890123"),
    yes: true,
    none: null,
    bytes: new Uint8Array([0, 1, 255]),
    texts: new Set(["a", "b"]),
    numbers: new Set([1, 2.5]),
    list: [1, "a", { deep: [null] }],
  };
  await table.putItem({ Item: item });
  const { Item } = await table.getItem({ Key: { owner: "types", at: 1 } });
  assert.deepEqual(Item, item);
});

test("moto: conditions decide, updates answer native values", { skip }, async () => {
  const Key = { owner: "update", at: 1 };
  const { Attributes } = await table.updateItem({
    Key,
    UpdateExpression: "SET #c = if_not_exists(#c, :zero) + :one",
    ConditionExpression: Attr("owner").notExists(),
    ExpressionAttributeNames: { "#c": "count" },
    ExpressionAttributeValues: { ":zero": 0, ":one": 1 },
    ReturnValues: "ALL_NEW",
  });
  assert.deepEqual(Attributes, { ...Key, count: 1 });
  await assert.rejects(table.putItem({ Item: Key, ConditionExpression: Attr("owner").notExists() }), {
    code: "ConditionalCheckFailedException",
  });
  const { Attributes: old } = await table.deleteItem({
    Key,
    ConditionExpression: Attr("count").between(1, 2).and(Attr("gone").exists().not()),
    ReturnValues: "ALL_OLD",
  });
  assert.deepEqual(old, { ...Key, count: 1 });
});

test("moto: a batch is written, queried in pages, scanned, and read in a batch", { skip }, async () => {
  await table.batchWriter({ overwriteByKeys: ["owner", "at"] }, async (writer) => {
    for (let at = 0; at < 60; at++)
      await writer.putItem({ Item: { owner: "batch", at, even: at % 2 === 0 } });
    await writer.putItem({ Item: { owner: "batch", at: 59, even: false } });
    await writer.deleteItem({ Key: { owner: "batch", at: 58 } });
  });
  const KeyConditionExpression = Key("owner").eq("batch").and(Key("at").gte(10));
  const input = { KeyConditionExpression, FilterExpression: Attr("even").eq(true) };
  const found: number[] = [];
  for await (const { at } of table.query.items<{ at: number }>(input, { pageSize: 7 })) found.push(at);
  assert.deepEqual(
    found,
    Array.from({ length: 24 }, (_, index) => 10 + 2 * index),
  );
  let pages = 0;
  for await (const { Items = [] } of table.query.pages(input, { pageSize: 7 })) {
    pages += 1;
    assert.ok(Items.length <= 7);
  }
  assert.ok(pages >= 7);
  const first = await table.query({ KeyConditionExpression, Limit: 3 });
  assert.deepEqual(first.LastEvaluatedKey, { owner: "batch", at: 12 });
  const next = await table.query({
    KeyConditionExpression,
    Limit: 1,
    ExclusiveStartKey: { owner: "batch", at: 12 },
  });
  assert.deepEqual(next.Items, [{ owner: "batch", at: 13, even: false }]);
  const { Count } = await table.scan({ FilterExpression: Attr("owner").in(["batch"]), Select: "COUNT" });
  assert.equal(Count, 59);
  const { Responses } = await root.batchGetItem({
    RequestItems: { things: { Keys: [{ owner: "batch", at: 7 }] } },
  });
  assert.deepEqual(Responses, { things: [{ owner: "batch", at: 7, even: false }] });
});
