import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { HttpResponse, RequestBody } from "../http/message.js";
import { readBody } from "../http/request-body.js";
import { bytesBody } from "../http/response-body.js";
import type { ServiceModel } from "../model/ir.js";
import { Model, type OperationModel, type Shape } from "../model/model.js";
import { pack } from "../model/pack.js";
import { gcpRest, gcpRestServer } from "./gcp-rest.js";
import type { EncodedRequest, Values } from "./protocol.js";

function load(id: string): Model {
  return new Model(pack(JSON.parse(readFileSync(`models/gcp/${id}.json`, "utf8")) as ServiceModel));
}

const storage = load("storage");
const compute = load("compute");
const iamCredentials = load("iamcredentials");
const pubsub = load("pubsub");

function operation(model: Model, name: string): OperationModel {
  const found = model.operation(name);
  assert.ok(found, name);
  return found;
}

async function decode(model: Model, { method, path, query, headers, body }: EncodedRequest) {
  const request = { method, path, query, headers, body: await readBody(body) };
  const found = gcpRestServer.route(model, request);
  assert.ok(found, `${method} ${path} is routed`);
  return { name: found.name, input: gcpRestServer.decodeRequest(found, request) };
}

function response(status: number, headers: Record<string, string>, body: string): HttpResponse {
  return { status, headers, body: bytesBody(new TextEncoder().encode(body)) };
}

test("path and query parameters travel by their names, escaped", () => {
  const { method, path, query } = gcpRest.encodeRequest(operation(storage, "objects.get"), {
    bucket: "b",
    object: "a/b c+d?é*'",
    generation: "12",
    fields: "name,size",
  });
  assert.equal(method, "GET");
  assert.equal(path, "/storage/v1/b/b/o/a%2Fb%20c%2Bd%3F%C3%A9%2A%27");
  assert.equal(query, "generation=12&fields=name%2Csize&prettyPrint=false");
});

test("an object named .. stays a segment of its own", () => {
  const { path } = gcpRest.encodeRequest(operation(storage, "objects.get"), { bucket: "b", object: ".." });
  assert.equal(path, "/storage/v1/b/b/o/%2E%2E");
});

test("a resource name keeps its slashes", () => {
  const { path } = gcpRest.encodeRequest(operation(iamCredentials, "projects.serviceAccounts.signBlob"), {
    name: "projects/-/serviceAccounts/a@p.iam.gserviceaccount.com",
    body: { payload: "text" },
  });
  assert.equal(path, "/v1/projects/-/serviceAccounts/a@p.iam.gserviceaccount.com:signBlob");
});

test("repeated parameters are repeated", () => {
  const { query } = gcpRest.encodeRequest(operation(storage, "buckets.testIamPermissions"), {
    bucket: "b",
    permissions: ["storage.objects.get", "storage.objects.list"],
  });
  assert.match(query, /^permissions=storage.objects.get&permissions=storage.objects.list/);
});

test("media without metadata is sent as it is", async () => {
  const media = new Uint8Array([1, 2, 3]);
  const request = gcpRest.encodeRequest(operation(storage, "objects.insert"), {
    bucket: "b",
    name: "n",
    media,
  });
  assert.equal(request.path, "/upload/storage/v1/b/b/o");
  assert.match(request.query, /^uploadType=media&name=n/);
  assert.equal(request.body, media);
  const { input } = await decode(storage, request);
  assert.deepEqual(input.media, media);
});

for (const [kind, media] of [
  ["text", "hello\r\n--x"],
  ["bytes", new Uint8Array([0, 13, 10, 45, 45, 255])],
  ["a Blob", new Blob(["hello"])],
  ["a stream", chunks(["hel", "lo"])],
] as const) {
  test(`metadata and media of ${kind} make a multipart body that reads back`, async () => {
    const body = { name: "n", contentType: "text/x", metadata: { a: "b" } };
    const request = gcpRest.encodeRequest(operation(storage, "objects.insert"), { bucket: "b", body, media });
    assert.match(request.headers["content-type"] ?? "", /^multipart\/related; boundary=/);
    const { name, input } = await decode(storage, request);
    assert.equal(name, "objects.insert");
    assert.deepEqual(input.body, body);
    const expected =
      typeof media === "string" || media instanceof Uint8Array ? await readBody(media) : "hello";
    const actual = input.media as Uint8Array;
    assert.deepEqual(typeof expected === "string" ? new TextDecoder().decode(actual) : actual, expected);
  });
}

async function* chunks(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

test("a resumable upload starts with metadata and the media's type", async () => {
  const request = gcpRest.encodeRequest(operation(storage, "objects.insert"), {
    bucket: "b",
    uploadType: "resumable",
    body: { name: "n", contentType: "text/x" },
  });
  assert.match(request.query, /^uploadType=resumable&/);
  assert.equal(request.headers["x-upload-content-type"], "text/x");
  assert.equal(request.body, '{"name":"n","contentType":"text/x"}');
  const answer = response(200, { location: "https://storage.googleapis.com/upload?upload_id=1" }, "");
  assert.deepEqual(await gcpRest.decodeResponse(operation(storage, "objects.insert"), answer), {});
});

test("a download is told from its metadata by alt=media", async () => {
  const media = gcpRest.encodeRequest(operation(storage, "objects.getMedia"), {
    bucket: "b",
    object: "o",
    range: "bytes=0-1",
  });
  assert.equal(media.query, "alt=media");
  assert.equal(media.headers.range, "bytes=0-1");
  assert.equal((await decode(storage, media)).name, "objects.getMedia");
  const metadata = gcpRest.encodeRequest(operation(storage, "objects.get"), { bucket: "b", object: "o" });
  assert.equal((await decode(storage, metadata)).name, "objects.get");
  const linked = { ...media, path: `/download${media.path}` };
  assert.equal((await decode(storage, linked)).name, "objects.getMedia");
});

test("a download's headers and bytes are its output", async () => {
  const output = await gcpRest.decodeResponse(
    operation(storage, "objects.getMedia"),
    response(200, { "content-type": "text/x", "x-goog-generation": "7", "content-length": "5" }, "hello"),
  );
  const { media, ...rest } = output as { media: { text(): Promise<string>; contentLength: number } };
  assert.deepEqual(rest, { contentType: "text/x", generation: "7" });
  assert.equal(media.contentLength, 5);
  assert.equal(await media.text(), "hello");
});

test("bytes are base64 on the wire, in either alphabet", async () => {
  const sign = operation(iamCredentials, "projects.serviceAccounts.signBlob");
  const { body } = gcpRest.encodeRequest(sign, {
    name: "projects/-/serviceAccounts/a",
    body: { payload: new Uint8Array([255, 254]) },
  });
  assert.equal(body, '{"payload":"//4="}');
  const output = await gcpRest.decodeResponse(sign, response(200, {}, '{"keyId":"k","signedBlob":"__4="}'));
  assert.deepEqual(output, { keyId: "k", signedBlob: new Uint8Array([255, 254]) });
});

test("64-bit integers and times stay the text they are", async () => {
  const output = await gcpRest.decodeResponse(
    operation(storage, "objects.get"),
    response(200, {}, '{"generation":"1700000000000000001","timeCreated":"2026-01-01T00:00:00.123456789Z"}'),
  );
  assert.deepEqual(output, {
    generation: "1700000000000000001",
    timeCreated: "2026-01-01T00:00:00.123456789Z",
  });
});

for (const [what, body, status] of [
  ["not JSON", "<html>", 200],
  ["cut JSON", '{"name":', 200],
  ["nothing", "", 200],
  ["a number", "7", 200],
] as const) {
  test(`an answer that is ${what} is refused`, async () => {
    await assert.rejects(
      gcpRest.decodeResponse(operation(storage, "objects.get"), response(status, {}, body)),
      { kind: "unavailable", code: "BadResponse" },
    );
  });
}

test("errors are read in each of Google's forms", () => {
  const read = (status: number, body: string, type = "application/json", name = "objects.get") =>
    gcpRest.decodeError(
      operation(storage, name),
      response(status, { "content-type": type }, ""),
      new TextEncoder().encode(body),
    );
  const error = { code: 404, message: "No such object", errors: [{ reason: "notFound" }] };
  assert.deepEqual(read(404, JSON.stringify({ error })), {
    code: "notFound",
    message: "No such object",
    requestId: undefined,
    body: error,
  });
  assert.equal(read(404, '{"error":{"code":404,"message":"m","status":"NOT_FOUND"}}').code, "NOT_FOUND");
  assert.equal(read(404, '[{"error":{"code":404,"message":"m","status":"NOT_FOUND"}}]').code, "NOT_FOUND");
  const oauth = read(400, '{"error":"invalid_grant","error_description":"Bad"}');
  assert.deepEqual([oauth.code, oauth.message], ["invalid_grant", "Bad"]);
  assert.equal(
    read(404, "No such object: b/o", "text/plain", "objects.getMedia").message,
    "No such object: b/o",
  );
  assert.equal(read(502, "<html>Bad gateway</html>", "text/html").foreign, true);
  assert.equal(read(503, "").foreign, true);
});

test("an encoded error decodes to itself", async () => {
  const get = operation(storage, "objects.get");
  const { status, headers, body } = gcpRestServer.encodeError(storage, get, {
    code: "conditionNotMet",
    message: "No",
    status: 412,
    requestId: "r1",
  });
  const decoded = gcpRest.decodeError(
    get,
    response(status, headers, ""),
    await readBody(body as RequestBody),
  );
  assert.deepEqual(
    [status, decoded.code, decoded.message, decoded.requestId],
    [412, "conditionNotMet", "No", "r1"],
  );
});

test("every operation of the committed services is found by its own request", async () => {
  for (const model of [
    storage,
    compute,
    iamCredentials,
    pubsub,
    load("iam"),
    load("sqladmin"),
    load("cloudresourcemanager"),
  ]) {
    for (const name of model.operationNames) {
      const each = operation(model, name);
      const input = pathValues(each);
      const request = gcpRest.encodeRequest(each, input);
      const { name: routed, input: decoded } = await decode(model, request);
      assert.equal(routed, name, `${model.service.id} ${request.method} ${request.path}`);
      assert.deepEqual(decoded, input, `${model.service.id} ${name}`);
    }
  }
});

/** Names for the greedy parameters of a path as its flat form spells them out. */
function pathValues(each: OperationModel): Values {
  const values: Values = {};
  const flat = each.traits.gcp?.flat;
  const [path = ""] = each.path.split("?");
  const parameters = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] as string);
  if (flat === undefined) {
    for (const parameter of parameters)
      values[parameter.replace("+", "")] = parameter.endsWith("+") ? "projects/p" : "x";
    return values;
  }
  const pattern = path
    .replace(/[.*^$()|[\]\\]/g, "\\$&")
    .replace(/\{([^}]+)\}/g, (_, name: string) => (name.endsWith("+") ? "(.+)" : "([^/]+)"));
  const match = new RegExp(`^${pattern}$`).exec(flat.replaceAll("{}", "x"));
  assert.ok(match, `${path} has the flat form ${flat}`);
  parameters.forEach((parameter, index) => {
    values[parameter.replace("+", "")] = match[index + 1];
  });
  return values;
}

test("generated inputs and outputs survive the wire: decode(encode(x)) = x", async () => {
  const random = generator(20_261_124);
  for (const model of [storage, compute, iamCredentials, pubsub]) {
    for (const name of model.operationNames) {
      const each = operation(model, name);
      const input = { ...pathValues(each), ...(each.input ? structure(each.input, random, 0, true) : {}) };
      const request = gcpRest.encodeRequest(each, input);
      assert.deepEqual((await decode(model, request)).input, input, `${model.service.id} ${name} input`);
      if (each.output === undefined || each.output.traits.payload !== undefined) continue;
      const output = structure(each.output, random, 0, false);
      const { status, headers, body } = gcpRestServer.encodeResponse(each, output, "r");
      const answer = { status, headers, body: bytesBody(await readBody(body)) };
      assert.deepEqual(
        await gcpRest.decodeResponse(each, answer),
        output,
        `${model.service.id} ${name} output`,
      );
    }
  }
});

type Random = () => number;

function generator(seed: number): Random {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return state / 0x7fff_ffff;
  };
}

const TEXTS = ["", "a", "é–☃", "a b&c=d+e%2F", '"\\\n', "💾"];

function structure(shape: Shape, random: Random, depth: number, isInput: boolean): Values {
  const values: Values = {};
  for (const member of shape.members) {
    const { at } = member.traits;
    if (at === "path" || at === "header" || member.name === "media" || member.name === "uploadType") continue;
    if (depth > 3 || random() < 0.4) continue;
    const made = value(member.shape, random, depth + 1, at === "query");
    // An empty list in a query is no list at all.
    if (made !== undefined && !(at === "query" && isInput && Array.isArray(made) && made.length === 0))
      values[member.name] = made;
  }
  return values;
}

function value(shape: Shape, random: Random, depth: number, inQuery: boolean): unknown {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const count = Math.floor(random() * 3);
  switch (shape.type) {
    case "string":
      return pick(TEXTS);
    case "boolean":
      return random() < 0.5;
    case "integer":
      return Math.floor(random() * 4_294_967_296) - 2_147_483_648;
    case "float":
    case "double":
      return inQuery ? 1.5 : random() * 1e9;
    case "blob":
      return Uint8Array.from({ length: count * 7 }, () => Math.floor(random() * 256));
    case "document":
      return pick<unknown>([null, 1, "text", [true], { a: { b: [] } }]);
    case "list":
      return Array.from({ length: count }, () =>
        value(shape.element?.shape as Shape, random, depth + 1, inQuery),
      );
    case "map":
      return Object.fromEntries(
        Array.from({ length: count }, (_, at) => [
          `key ${at}`,
          value(shape.element?.shape as Shape, random, depth + 1, false),
        ]),
      );
    case "structure":
      return structure(shape, random, depth, false);
    default:
      return undefined;
  }
}
