/** Both protocols of Azure against every operation of its models: what is encoded is routed to its operation and decoded again. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import type { HttpResponse } from "../http/message.js";
import { bytesBody, responseBodyOf } from "../http/response-body.js";
import type { ServiceModel } from "../model/ir.js";
import { type Member, Model, type OperationModel, type Shape } from "../model/model.js";
import { pack } from "../model/pack.js";
import { azureJson, azureJsonServer } from "./azure-json.js";
import { azureXml, azureXmlServer } from "./azure-xml.js";
import type {
  EncodedRequest,
  EncodedResponse,
  Protocol,
  ReceivedRequest,
  ServerProtocol,
  Values,
} from "./protocol.js";

function modelOf(id: string): Model {
  return new Model(pack(JSON.parse(readFileSync(`models/azure/${id}.json`, "utf8")) as ServiceModel));
}

/** Deterministic, so that a failure can be seen again. */
class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  next(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state % limit;
  }
}

const TEXTS = ["plain", "with space", "a&b<c>'d'\"", "zü∆", "1", "x=y;z", "100%", "a+b"];
const HEADER_TEXTS = ["plain", "with space", "x=y;z", "100%"];

function generated(member: Member, shape: Shape, random: Random, depth: number): unknown {
  const { at, value } = member.traits;
  if (value !== undefined) return value;
  switch (shape.type) {
    case "structure":
      return structureOf(shape, random, depth + 1);
    case "list":
      // An empty list in a header or query is no header and no parameter.
      return Array.from({ length: 1 + random.next(2) }, () =>
        generated(shape.element as Member, (shape.element as Member).shape, random, depth + 1),
      );
    case "map":
      return { key1: generated(shape.element as Member, (shape.element as Member).shape, random, depth + 1) };
    case "string": {
      const texts =
        at === "header" || at === "headers" || (at === undefined && depth === 0) ? HEADER_TEXTS : TEXTS;
      return texts[random.next(texts.length)];
    }
    case "boolean":
      return random.next(2) === 1;
    case "integer":
    case "long":
    case "float":
    case "double":
      return random.next(1000);
    case "timestamp":
      return new Date(1_700_000_000_000 + random.next(1_000_000) * 1000);
    case "blob":
      return Uint8Array.from([random.next(256), random.next(256), random.next(256)]);
    case "document":
      return { any: [1, "two", { three: true }] };
  }
}

function structureOf(shape: Shape, random: Random, depth: number): Values {
  const values: Values = {};
  for (const member of shape.members) {
    const wanted =
      member.traits.required || member.traits.value !== undefined || (depth < 4 && random.next(3) > 0);
    if (!wanted || depth > 8) continue;
    const inner = member.shape;
    if (inner.type === "blob" && inner.traits.streaming) continue;
    values[member.name] = generated(member, inner, random, member.traits.at === undefined ? depth : 0);
  }
  return values;
}

function received({ method, path, query, headers, body }: EncodedRequest): ReceivedRequest {
  const bytes =
    typeof body === "string"
      ? new TextEncoder().encode(body)
      : body instanceof Uint8Array
        ? body
        : new Uint8Array(0);
  return { method, path, query, headers, body: bytes };
}

function answered({ status, headers, body }: EncodedResponse): HttpResponse {
  return { status, headers, body: body === undefined ? bytesBody() : responseBodyOf(body) };
}

function withoutHeaders(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}

/** Structures without any member decode to nothing in XML, and metadata keys are lower case on the wire. */
function suite(id: string, protocol: Protocol, server: ServerProtocol, seeds: number): void {
  const model = modelOf(id);
  const operations = model.operationNames.map((name) => model.operation(name) as OperationModel);

  test(`${id}: each request is routed to its operation and decoded as it was encoded`, () => {
    for (const operation of operations) {
      for (let seed = 1; seed <= seeds; seed++) {
        const input = operation.input ? structureOf(operation.input, new Random(seed * 7919), 0) : {};
        const request = received(protocol.encodeRequest(operation, input));
        const routed = server.route(model, request);
        // Two operations of compute differ only in that one of them must have a parameter that the other may have.
        const twin =
          routed?.method === operation.method && routed.path === operation.path && id === "compute";
        if (!twin)
          assert.equal(routed?.name, operation.name, `${request.method} ${request.path}?${request.query}`);
        assert.deepEqual(server.decodeRequest(operation, request), input, operation.name);
      }
    }
  });

  test(`${id}: each response is decoded as it was encoded`, async () => {
    for (const operation of operations) {
      for (let seed = 1; seed <= seeds; seed++) {
        const output = operation.output ? structureOf(operation.output, new Random(seed * 104729), 0) : {};
        const payload = operation.output?.traits.payload;
        const streaming =
          payload !== undefined && operation.output?.member(payload)?.shape.traits.streaming === true;
        const encoded = server.encodeResponse(operation, output, "request-1");
        const decoded = await protocol.decodeResponse(operation, answered(encoded));
        // Set by the protocol itself.
        const own = ["requestId", "contentType", ...(streaming ? [payload] : [])];
        assert.deepEqual(withoutHeaders(decoded, own), withoutHeaders(output, own), operation.name);
      }
    }
  });
}

suite("blob", azureXml, azureXmlServer, 5);
suite("resources", azureJson, azureJsonServer, 5);
suite("network", azureJson, azureJsonServer, 1);
suite("compute", azureJson, azureJsonServer, 1);
suite("storage", azureJson, azureJsonServer, 1);
