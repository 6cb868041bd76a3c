import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { emptyEnvironment } from "../../auth/environment.js";
import type { HttpRequest, Transport } from "../../http/message.js";
import { bytesBody } from "../../http/response-body.js";
import type { ServiceModel } from "../../model/ir.js";
import { pack } from "../../model/pack.js";
import { protocolOf } from "../protocols.js";
import { awsService } from "../service.js";
import { Session } from "../session.js";
import type { ResourceDefinitions } from "./definition.js";
import { setPath } from "./parameters.js";
import type { Resource } from "./resource.js";

/** Members are made at run time: the tests see them as their declarations do not. */
type Live = Resource &
  Record<string, (...given: unknown[]) => Promise<unknown> & Live> & { id: string; key: string };
interface List extends AsyncIterable<Live> {
  all(): List;
  filter(input: object): List;
  limit(count: number): List;
  pageSize(count: number): List;
  pages(): AsyncIterable<Live[]>;
  terminate(): Promise<unknown[]>;
  delete(): Promise<unknown[]>;
}

function modelOf(id: string): ServiceModel {
  return JSON.parse(readFileSync(`models/aws/${id}.json`, "utf8")) as ServiceModel;
}

function resource(
  id: string,
  ...answers: string[]
): { root: Live; lists: Record<string, List>; sent: HttpRequest[] } {
  const model = modelOf(id);
  const sent: HttpRequest[] = [];
  const transport: Transport = {
    async send(request) {
      sent.push(request);
      return {
        status: 200,
        headers: {},
        body: bytesBody(new TextEncoder().encode(answers.shift() ?? "<R/>")),
      };
    },
  };
  const session = new Session({
    region: "eu-west-1",
    credentials: { accessKeyId: "AKID", secretAccessKey: "SECRET" },
    environment: emptyEnvironment(),
    transport,
  });
  const rules = readFileSync(`models/aws/rules/${model.service.aws?.rules}.json`, "utf8");
  const service = awsService(pack(model), rules, protocolOf(model.service)) as never;
  const root = session.resource<unknown>(service) as Live;
  return { root, lists: root as unknown as Record<string, List>, sent };
}

const instances = (...ids: string[]) =>
  `<R><reservationSet><item><instancesSet>${ids
    .map(
      (id) =>
        `<item><instanceId>${id}</instanceId><vpcId>vpc-1</vpcId><instanceState><name>running</name></instanceState></item>`,
    )
    .join("")}</instancesSet></item></reservationSet></R>`;

const form = ({ body }: HttpRequest) => Object.fromEntries(new URLSearchParams(String(body)));
const nth = (sent: HttpRequest[], index: number) => form(sent[index] as HttpRequest);

test("a listed instance knows its attributes; a named one reads them when they are asked for", async () => {
  const { root, lists, sent } = resource("ec2", instances("i-1", "i-2"), instances("i-9"));
  const ids: string[] = [];
  for await (const instance of (lists.instances as List).all()) {
    assert.deepEqual(await instance.state?.(), { Name: "running" });
    ids.push(instance.id);
  }
  assert.deepEqual(ids, ["i-1", "i-2"]);
  assert.equal(sent.length, 1);
  const named = root.instance?.("i-9") as Live;
  assert.equal(sent.length, 1);
  assert.deepEqual(await named.state?.(), { Name: "running" });
  assert.equal(nth(sent, 1)["InstanceId.1"], "i-9");
  assert.equal(String(await named.vpc?.()), "Vpc(id=vpc-1)");
});

test("filter adds to what the collection asks by itself; limit ends early", async () => {
  const volumes =
    "<R><volumeSet><item><volumeId>v-1</volumeId></item><item><volumeId>v-2</volumeId></item></volumeSet></R>";
  const { root, sent } = resource("ec2", volumes);
  const instance = root.instance?.("i-1") as unknown as Record<string, List>;
  const found: string[] = [];
  const list = (instance.volumes as List)
    .filter({ Filters: [{ Name: "status", Values: ["in-use"] }] })
    .limit(1);
  for await (const volume of list) found.push(volume.id);
  assert.deepEqual(found, ["v-1"]);
  const { "Filter.1.Name": first, "Filter.2.Name": second } = nth(sent, 0);
  assert.deepEqual([first, second], ["attachment.instance-id", "status"]);
});

test("actions send what the resource knows and answer resources", async () => {
  const { root, sent } = resource("ec2");
  const instance = root.instance?.("i-1") as Live;
  const tags = (await instance.createTags?.({ Tags: [{ Key: "a", Value: "b" }] })) as Resource[];
  assert.deepEqual(tags.map(String), ["Tag(resourceId=i-1, key=a, value=b)"]);
  assert.equal(nth(sent, 0)["ResourceId.1"], "i-1");
  await instance.stop?.({ Force: true });
  assert.deepEqual([nth(sent, 1).Action, nth(sent, 1).Force], ["StopInstances", "true"]);
});

test("a batch action names every resource of a page in one request", async () => {
  const { lists, sent } = resource("ec2", instances("i-1", "i-2"));
  await (lists.instances as List).filter({}).terminate();
  const { Action, "InstanceId.1": first, "InstanceId.2": second } = nth(sent, 1);
  assert.deepEqual([Action, first, second], ["TerminateInstances", "i-1", "i-2"]);
});

test("s3: bucket, object, and deletion of a listing", async () => {
  const listing = "<R><Contents><Key>a</Key><Size>3</Size></Contents><Contents><Key>b</Key></Contents></R>";
  const { root, sent } = resource("s3", "<R/>", listing);
  const object = root.bucket?.("b-1").object?.("k") as Live;
  assert.equal(object.key, "k");
  await object.put?.({ Body: "x" });
  assert.equal(`${sent[0]?.method} ${sent[0]?.path}`, "PUT /k");
  const bucket = root.bucket?.("b-1") as unknown as Record<string, List>;
  await (bucket.objects as List).filter({ Prefix: "p" }).delete();
  assert.match(String(sent[2]?.body), /<Object><Key>a<\/Key><\/Object><Object><Key>b<\/Key><\/Object>/);
});

test("s3: a bucket's creation date is in the list of all", async () => {
  const list =
    "<R><Buckets><Bucket><Name>b-1</Name><CreationDate>2026-01-01T00:00:00Z</CreationDate></Bucket></Buckets></R>";
  const { root } = resource("s3", list);
  assert.deepEqual(await root.bucket?.("b-1").creationDate?.(), new Date("2026-01-01T00:00:00Z"));
});

test("resources are equal by service, kind and identifiers", () => {
  const { root } = resource("ec2");
  assert.ok(root.instance?.("i-1").equals(root.instance?.("i-1") as Live));
  assert.ok(!root.instance?.("i-1").equals(root.instance?.("i-2") as Live));
});

const SERVICES = ["cloudformation", "cloudwatch", "dynamodb", "ec2", "glacier", "iam", "s3", "sns", "sqs"];

test("every kind of resource of every service can be made, and names operations that exist", () => {
  for (const id of SERVICES) {
    const model = modelOf(id);
    const { resources, service } = model.resources as ResourceDefinitions;
    const { root } = resource(id);
    for (const [type, { identifiers = [] }] of Object.entries(resources)) {
      const made = root.meta.make(type, Object.fromEntries(identifiers.map(({ name }) => [name, "x"])));
      assert.equal(made.constructor.name, type);
    }
    for (const { actions = {}, hasMany = {}, waiters = {} } of [service, ...Object.values(resources)]) {
      for (const { request } of [...Object.values(actions), ...Object.values(hasMany)]) {
        assert.ok(request.operation in model.operations, `${id}: ${request.operation}`);
      }
      for (const { waiterName } of Object.values(waiters))
        assert.ok(waiterName in (model.waiters ?? {}), `${id}: ${waiterName}`);
    }
  }
});

test("setPath makes what a path names", () => {
  const input = {};
  setPath(input, "Filters[0].Name", "a");
  setPath(input, "Filters[0].Values[0]", "b");
  setPath(input, "Ids[]", 1);
  setPath(input, "Ids[]", 2);
  setPath(input, "Objects[*].Key", "k", 1);
  assert.deepEqual(input, {
    Filters: [{ Name: "a", Values: ["b"] }],
    Ids: [1, 2],
    Objects: [{}, { Key: "k" }],
  });
});
