import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { emptyEnvironment } from "../../auth/environment.js";
import { stub } from "../../client/stub.js";
import type { DynamoDB, DynamoDBResource } from "../../gen/aws/dynamodb.js";
import type { ServiceModel } from "../../model/ir.js";
import { pack } from "../../model/pack.js";
import type { Values } from "../../protocol/protocol.js";
import { protocolOf } from "../protocols.js";
import { awsService } from "../service.js";
import { Session } from "../session.js";
import { Attr, dynamodbExtension, Key, marshall, NumberValue, unmarshall } from "./dynamodb.js";
import { ExpressionBuilder } from "./dynamodb-condition.js";
import { marshallValue, unmarshallValue } from "./dynamodb-value.js";

const model = JSON.parse(readFileSync("models/aws/dynamodb.json", "utf8")) as ServiceModel;
const Service = awsService(pack(model), "{}", protocolOf(model.service), dynamodbExtension);

function open() {
  const session = new Session({
    region: "eu-west-1",
    environment: emptyEnvironment(),
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
  });
  const root = session.resource(Service as never) as DynamoDBResource;
  const client = root.meta.client as DynamoDB;
  return { root, table: root.table("t"), answers: stub(client) };
}

test("values go to the wire and come back the same", () => {
  const item = {
    text: "é",
    empty: "",
    whole: 3,
    fraction: -0.1,
    big: 2n ** 64n,
    precise: new NumberValue("0.12345678901234567890123456789012345678"),
    yes: true,
    none: null,
    bytes: new Uint8Array([0, 255]),
    texts: new Set(["a", "b"]),
    numbers: new Set([1, 2.5, 2n ** 60n]),
    blobs: new Set([new Uint8Array([1])]),
    list: [1, "a", [null]],
    nested: { a: { b: [] } },
  };
  assert.deepEqual(unmarshall(marshall(item) as never), item);
});

test("numbers come back in the smallest type that holds them", () => {
  const native = (text: string) => unmarshallValue({ N: text });
  assert.equal(native("9007199254740991"), 9007199254740991);
  assert.equal(native("9007199254740992"), 9007199254740992n);
  assert.equal(native("-9007199254740993"), -9007199254740993n);
  assert.equal(native("1.50"), 1.5);
  assert.equal(native("1E+3"), 1000);
  assert.equal(native("1e125"), 10n ** 125n);
  assert.equal(native("1e-130"), 1e-130);
  assert.ok(Object.is(native("-0"), 0));
  assert.deepEqual(native("0.1000000000000000055"), new NumberValue("0.1000000000000000055"));
  assert.deepEqual(unmarshallValue({ N: "1" }, { wrapNumbers: true }), new NumberValue("1"));
  assert.ok(new NumberValue("1.50").equals(1.5));
});

test("what DynamoDB could not keep is refused", () => {
  const circular: Record<string, never> = {};
  circular.self = circular as never;
  for (const value of [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e200,
    1e-200,
    123456789012345678901234567890123456789n,
    undefined,
    [undefined],
    new Date(),
    new Set(),
    new Set<unknown>(["a", 1]),
    () => 1,
    circular,
  ]) {
    assert.throws(() => marshallValue(value as never), { kind: "invalidInput" }, String(value));
  }
  assert.throws(() => new NumberValue("1,5"), /it is not a decimal/);
});

test("undefined members are left out; __proto__ is a name like others", () => {
  assert.deepEqual(marshall({ a: undefined, b: 1 }), { b: { N: "1" } });
  const item = unmarshall(JSON.parse('{"__proto__":{"S":"x"}}'));
  assert.deepEqual(Object.entries(item), [["__proto__", "x"]]);
  assert.equal(Object.getPrototypeOf(item), Object.prototype);
});

test("a condition names what it compares in the order of reading", () => {
  const builder = new ExpressionBuilder();
  const condition = Attr("a.b[0]")
    .eq(1)
    .and(
      Attr("c")
        .in(["x", "y"])
        .or(Attr("d").size().gt(Attr("e")))
        .not(),
    );
  assert.equal(
    builder.build(condition),
    "(#n0.#n1[0] = :v0 AND (NOT (#n2 IN (:v1, :v2) OR size(#n3) > #n4)))",
  );
  assert.deepEqual(builder.names, { "#n0": "a", "#n1": "b", "#n2": "c", "#n3": "d", "#n4": "e" });
  assert.deepEqual(builder.values, { ":v0": 1, ":v1": "x", ":v2": "y" });
  assert.throws(() => builder.build(Attr("a").eq(1), true), /takes conditions on Key alone/);
});

test("a table takes and answers native values; a filter is numbered before the key condition", async () => {
  const { table, answers } = open();
  answers.respond("query", {
    Items: [{ id: { S: "a" }, n: { N: "1" } }],
    LastEvaluatedKey: { id: { S: "a" } },
  });
  const input = {
    KeyConditionExpression: Key("id").eq("a"),
    FilterExpression: Attr("n").gt(0),
    ExpressionAttributeNames: { "#x": "x" },
  };
  assert.deepEqual(await table.query(input), {
    Items: [{ id: "a", n: 1 }],
    LastEvaluatedKey: { id: "a" },
  });
  assert.deepEqual(answers.calls[0]?.input, {
    TableName: "t",
    KeyConditionExpression: "#n1 = :v1",
    FilterExpression: "#n0 > :v0",
    ExpressionAttributeNames: { "#x": "x", "#n0": "n", "#n1": "id" },
    ExpressionAttributeValues: { ":v0": { N: "0" }, ":v1": { S: "a" } },
  });
  assert.ok(input.FilterExpression instanceof Object, "the input is not changed");
  const taken = { ...input, ExpressionAttributeNames: { "#n0": "x" } };
  await assert.rejects(table.query(taken), /input.ExpressionAttributeNames has #n0/);
});

test("items of every page, up to a number of them", async () => {
  const { table, answers } = open();
  const page = (...ids: string[]) => ({
    Items: ids.map((S) => ({ id: { S } })),
    LastEvaluatedKey: { id: { S: ids.at(-1) as string } },
  });
  answers.respond("scan", page("a", "b")).respond("scan", page("c", "d"));
  const ids: string[] = [];
  for await (const { id } of table.scan.items<{ id: string }>({}, { maxItems: 3 })) ids.push(id);
  assert.deepEqual(ids, ["a", "b", "c"]);
  assert.deepEqual(answers.calls[1]?.input, { TableName: "t", ExclusiveStartKey: { id: { S: "b" } } });
});

test("batch operations of the service convert what is nested", async () => {
  const { root, answers } = open();
  answers.respond("batchGetItem", { Responses: { t: [{ id: { N: "1" } }] } });
  const output = await root.batchGetItem({ RequestItems: { t: { Keys: [{ id: 1 }] } } });
  assert.deepEqual(output.Responses, { t: [{ id: 1 }] });
  assert.deepEqual(answers.calls[0]?.input, { RequestItems: { t: { Keys: [{ id: { N: "1" } }] } } });
});

type Requests = { PutRequest?: { Item: Values }; DeleteRequest?: { Key: Values } }[];

/** Sent batches, `put 1` or `delete 1` each. */
function batches(answers: ReturnType<typeof open>["answers"]): string[][] {
  return answers.calls.map(({ input }) =>
    ((input as { RequestItems: { t: Requests } }).RequestItems.t ?? []).map(
      ({ PutRequest, DeleteRequest }) => {
        const { id } = (PutRequest?.Item ?? DeleteRequest?.Key ?? {}) as { id?: { N: string } };
        return `${PutRequest ? "put" : "delete"} ${id?.N}`;
      },
    ),
  );
}

test("a batch writer sends 25 at a time and the rest at its end", async () => {
  const { table, answers } = open();
  for (let i = 0; i < 3; i++) answers.respond("batchWriteItem", {});
  const result = await table.batchWriter({}, async (writer) => {
    await Promise.all(Array.from({ length: 60 }, (_, id) => writer.putItem({ Item: { id } })));
    return "done";
  });
  assert.equal(result, "done");
  const sent = batches(answers);
  assert.deepEqual(
    sent.map(({ length }) => length),
    [25, 25, 10],
  );
  assert.deepEqual(
    sent.flat(),
    Array.from({ length: 60 }, (_, id) => `put ${id}`),
  );
});

test("of requests for one key the last is sent, in its place", async () => {
  const { table, answers } = open();
  answers.respond("batchWriteItem", {});
  const writer = table.batchWriter({ overwriteByKeys: ["id"] });
  await writer.putItem({ Item: { id: 1, v: "old" } });
  await writer.putItem({ Item: { id: 2 } });
  await writer.deleteItem({ Key: { id: new NumberValue("1.0") } });
  await writer.flush();
  assert.deepEqual(batches(answers), [["put 2", "delete 1.0"]]);
  await assert.rejects(writer.putItem({ Item: { name: "x" } }), /no key attribute "id"/);
});

test("unprocessed items are sent again", async () => {
  const { table, answers } = open();
  answers.respond("batchWriteItem", ({ RequestItems }) => ({
    UnprocessedItems: { t: (RequestItems.t ?? []).slice(1) } as never,
  }));
  answers.respond("batchWriteItem", {});
  await table.batchWriter({}, async (writer) => {
    for (const id of [1, 2, 3]) await writer.putItem({ Item: { id } });
  });
  assert.deepEqual(batches(answers), [
    ["put 1", "put 2", "put 3"],
    ["put 2", "put 3"],
  ]);
});

test("a batch that fails is kept, and sent again by the next flush", async () => {
  const { table, answers } = open();
  answers.fail("batchWriteItem", { code: "ValidationException" });
  answers.respond("batchWriteItem", {});
  const writer = table.batchWriter();
  await writer.putItem({ Item: { id: 1 } });
  await writer.deleteItem({ Key: { id: 2 } });
  await assert.rejects(writer.flush(), { code: "ValidationException" });
  assert.deepEqual(writer.unwritten, [{ put: { id: 1 } }, { delete: { id: 2 } }]);
  await writer.flush();
  assert.deepEqual(writer.unwritten, []);
  assert.deepEqual(batches(answers)[1], ["put 1", "delete 2"]);
});
