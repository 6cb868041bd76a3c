/** decode(encode(x)) = x for requests and responses of every AWS protocol, over a model with every kind of shape. Seeded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesBody, responseBodyOf } from "../http/response-body.js";
import type { MemberTraits, ProtocolName, ServiceModel, ShapeTraits } from "../model/ir.js";
import { Model, type OperationModel, type Shape } from "../model/model.js";
import { pack } from "../model/pack.js";
import { awsCbor, awsCborServer } from "./aws-cbor.js";
import { awsJson, awsJsonServer } from "./aws-json.js";
import { awsEc2, awsEc2Server, awsQuery, awsQueryServer } from "./aws-query.js";
import { awsRestJson, awsRestJsonServer } from "./aws-rest-json.js";
import { awsRestXml, awsRestXmlServer } from "./aws-rest-xml.js";
import type { Protocol, ServerProtocol, Values } from "./protocol.js";

const ROUNDS = 300;

/** What a protocol cannot carry, so that the values to try leave it out. */
interface Limits {
  readonly documents?: true;
  /** Empty lists and maps, and structures without members, which the protocol cannot tell from absent ones. */
  readonly noEmptyRequest?: true;
  readonly rest?: true;
}

const PROTOCOLS: readonly (readonly [ProtocolName, Protocol, ServerProtocol, Limits])[] = [
  ["aws-json", awsJson, awsJsonServer, { documents: true }],
  ["aws-rest-json", awsRestJson, awsRestJsonServer, { documents: true, rest: true }],
  ["aws-rest-xml", awsRestXml, awsRestXmlServer, { rest: true }],
  ["aws-query", awsQuery, awsQueryServer, { noEmptyRequest: true }],
  ["aws-ec2", awsEc2, awsEc2Server, { noEmptyRequest: true }],
  ["aws-cbor", awsCbor, awsCborServer, {}],
];

function modelOf(protocol: ProtocolName, { documents, rest }: Limits): Model {
  const everything: Record<string, MemberTraits> = {
    Text: { shape: "String" },
    Renamed: { shape: "String", name: "renamedOnTheWire" },
    Integer: { shape: "Integer" },
    Long: { shape: "Long" },
    Float: { shape: "Double" },
    Flag: { shape: "Boolean" },
    Bytes: { shape: "Blob" },
    Moment: { shape: "Timestamp" },
    IsoMoment: { shape: "Timestamp", format: "iso8601" },
    HttpMoment: { shape: "Seconds" },
    Texts: { shape: "StringList" },
    Moments: { shape: "TimestampList" },
    Nested: { shape: "Everything" },
    NestedList: { shape: "EverythingList" },
    Map: { shape: "StringMap" },
    NestedMap: { shape: "EverythingMap" },
    ListMap: { shape: "ListMap" },
    Choice: { shape: "Choice" },
    ...(documents && { Document: { shape: "Document" } }),
    ...(protocol === "aws-rest-xml" && {
      Attribute: { shape: "String", attribute: true, name: "xsi:type" },
      FlatTexts: { shape: "StringList", flat: true },
      FlatMap: { shape: "StringMap", flat: true, name: "flatMap" },
    }),
  };
  const located: Record<string, MemberTraits> = {
    Header: { shape: "String", at: "header", name: "X-Header" },
    HeaderNumber: { shape: "Long", at: "header", name: "X-Number" },
    HeaderMoment: { shape: "Seconds", at: "header", name: "X-Moment" },
    HeaderList: { shape: "StringList", at: "header", name: "X-List" },
    Meta: { shape: "StringMap", at: "headers", name: "x-meta-" },
  };
  const labels: Record<string, MemberTraits> = {
    Bucket: { shape: "String", at: "path", required: true },
    Key: { shape: "String", at: "path", required: true },
    Flagged: { shape: "Boolean", at: "query", name: "flagged" },
    Parameter: { shape: "Timestamp", at: "query", name: "since" },
    Parameters: { shape: "StringList", at: "query", name: "parameter" },
  };
  const shapes: Record<string, ShapeTraits> = {
    String: { type: "string" },
    Integer: { type: "integer" },
    Long: { type: "long" },
    Double: { type: "double" },
    Boolean: { type: "boolean" },
    Blob: { type: "blob" },
    Timestamp: { type: "timestamp" },
    Seconds: { type: "timestamp", format: "rfc822" },
    Document: { type: "document" },
    StringList: { type: "list", member: { shape: "String" } },
    TimestampList: { type: "list", member: { shape: "Timestamp" } },
    EverythingList: { type: "list", member: { shape: "Everything", name: "item" } },
    StringMap: { type: "map", key: { shape: "String" }, member: { shape: "String" } },
    EverythingMap: {
      type: "map",
      key: { shape: "String", name: "K" },
      member: { shape: "Everything", name: "V" },
    },
    ListMap: { type: "map", key: { shape: "String" }, member: { shape: "StringList" } },
    Choice: { type: "structure", union: true, members: { A: { shape: "String" }, B: { shape: "Integer" } } },
    Everything: { type: "structure", members: everything },
    Input: { type: "structure", members: { ...everything, ...(rest && { ...located, ...labels }) } },
    Output: { type: "structure", members: { ...everything, ...(rest && located) } },
  };
  const model: ServiceModel = {
    service: {
      cloud: "aws",
      id: "test",
      name: "Test",
      apiVersion: "2026-01-01",
      protocol,
      aws: {
        serviceId: "Test",
        endpointPrefix: "test",
        signatureVersion: "v4",
        jsonVersion: "1.1",
        targetPrefix: "Test",
      },
    },
    operations: {
      Try: {
        input: "Input",
        output: "Output",
        ...(rest && { method: "PUT", path: "/{Bucket}/in/{Key+}?fixed=1" }),
        ...(protocol === "aws-query" && { aws: { wrapper: "TryResult" } }),
      },
    },
    shapes,
  };
  return new Model(pack(model));
}

/** mulberry32: the same values in every run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const TEXTS = [
  "",
  "plain",
  " spaces ",
  "<&>\"'",
  "]]>",
  "line\nbreak\r\n\ttab",
  "ü漢字🙂",
  "a=b&c",
  "100%",
  "true",
  "__proto__",
  "\u0000n1",
];

class Generator {
  readonly #random: () => number;
  readonly #xml: boolean;
  readonly #noEmpty: boolean;

  constructor(seed: number, xml: boolean, noEmpty: boolean) {
    this.#random = randomOf(seed);
    this.#xml = xml;
    this.#noEmpty = noEmpty;
  }

  value(shape: Shape, depth: number): unknown {
    switch (shape.type) {
      case "structure":
        return this.structure(shape, depth);
      case "list":
        return Array.from({ length: this.#size() }, () => this.value(shape.element!.shape, depth + 1));
      case "map":
        return Object.fromEntries(
          Array.from({ length: this.#size() }, (_, index) => [
            `key ${index}<&`,
            this.value(shape.element!.shape, depth + 1),
          ]),
        );
      case "string":
        return this.text();
      case "integer":
        return Math.trunc((this.#random() - 0.5) * 2 ** 32);
      case "long":
        return this.#pick([0, -1, Number.MAX_SAFE_INTEGER, 2n ** 63n - 1n, -(2n ** 63n), 9007199254740993n]);
      case "double":
        return this.#pick([
          0,
          0.1,
          -1.5e300,
          5e-324,
          Number.NaN,
          Number.POSITIVE_INFINITY,
          Number.NEGATIVE_INFINITY,
          123456789.25,
        ]);
      case "boolean":
        return this.#random() < 0.5;
      case "blob":
        return Uint8Array.from({ length: Math.trunc(this.#random() * 40) }, () => this.#random() * 256);
      case "timestamp": {
        const ms = Math.trunc(this.#random() * 4e12);
        return new Date(shape.traits.format === "rfc822" ? ms - (ms % 1000) : ms);
      }
      case "document":
        return this.#pick([null, { a: [1, "2", { b: null }] }, [], "text", 1.5, true].slice(1));
    }
  }

  structure(shape: Shape, depth: number): Values {
    const values: Values = {};
    if (shape.traits.union) {
      const member = this.#pick(shape.members);
      return { [member.name]: this.value(member.shape, depth + 1) };
    }
    for (const { name, shape: of, traits } of shape.members) {
      if (!traits.required && this.#random() < 0.4) continue;
      if (depth > 2 && (of.type === "structure" || of.type === "list" || of.type === "map")) continue;
      if (traits.at !== undefined) values[name] = this.#located(of, traits.at);
      else values[name] = this.value(of, depth + 1);
      if (this.#noEmpty && isEmpty(values[name])) delete values[name];
    }
    return values;
  }

  /** Headers hold no line breaks, nor spaces at their ends; a path holds no empty label. */
  #located(shape: Shape, at: string): unknown {
    if (shape.type === "string")
      return at === "path"
        ? this.#pick(["a", "a b", "ä/ö", "x+y%"])
        : this.#pick(["plain", "a, b", 'q"u"o\\te']);
    if (shape.type === "list") return at === "header" ? ["plain", "a,b", 'q"u', "end"] : ["", "a b", "a&b"];
    if (shape.type === "map") return { one: "1", "two-three": "2 3" };
    return this.value(shape, 1);
  }

  text(): string {
    const text = this.#pick(TEXTS);
    return this.#xml && text.includes("\u0000") ? "no control characters" : text;
  }

  #size(): number {
    return Math.trunc(this.#random() * 4) + (this.#noEmpty ? 1 : 0);
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.trunc(this.#random() * values.length)] as T;
  }
}

function isEmpty(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array) &&
    Object.keys(value).length === 0
  );
}

for (const [name, protocol, server, limits] of PROTOCOLS) {
  const xml = name === "aws-rest-xml" || name === "aws-query" || name === "aws-ec2";
  const operation = modelOf(name, limits).operation("Try") as OperationModel;

  test(`${name}: a request decodes to the input that it was made of`, async () => {
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const generator = new Generator(seed, xml, limits.noEmptyRequest === true);
      const input = withoutEmpty(generator.structure(operation.input as Shape, 0), limits);
      const request = protocol.encodeRequest(operation, input);
      const body = await responseBodyOf(request.body).bytes();
      const received = { ...request, body };
      assert.equal(server.route(operation.model, received), operation, `seed ${seed}`);
      assert.deepEqual(server.decodeRequest(operation, received), input, `seed ${seed}`);
    }
  });

  test(`${name}: a response decodes to the output that it was made of`, async () => {
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const output = new Generator(seed, xml, false).structure(operation.output as Shape, 0);
      if (name === "aws-rest-xml") dropEmptyFlat(output);
      const encoded = server.encodeResponse(operation, output, "request-1");
      const body = bytesBody(await responseBodyOf(encoded.body).bytes());
      const decoded = await protocol.decodeResponse(operation, {
        status: encoded.status,
        headers: encoded.headers,
        body,
      });
      if (limits.rest && output.Meta === undefined) delete decoded.Meta;
      assert.deepEqual(decoded, output, `seed ${seed}`);
    }
  });
}

/** Structures of which nothing is left have no parameters to stand for them. */
function withoutEmpty(input: Values, { noEmptyRequest }: Limits): Values {
  if (!noEmptyRequest) {
    dropEmptyFlat(input);
    return input;
  }
  return prune(input) as Values;
}

function prune(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(prune).filter((each) => !isEmpty(each));
  if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Uint8Array)
    return value;
  const entries = Object.entries(value).map(([name, each]) => [name, prune(each)] as const);
  return Object.fromEntries(entries.filter(([, each]) => !isEmpty(each)));
}

/** A flattened list or map without elements leaves nothing in XML. */
function dropEmptyFlat(value: unknown): void {
  if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Uint8Array)
    return;
  for (const [name, each] of Object.entries(value)) {
    if (name.startsWith("Flat") && isEmpty(each)) delete (value as Values)[name];
    else dropEmptyFlat(each);
  }
}
