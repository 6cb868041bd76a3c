/** What the vectors do not reach: routing, errors that are not in form, big integers, event streams. On the real models. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { HttpResponse } from "../http/message.js";
import { bytesBody, responseBodyOf, streamBody } from "../http/response-body.js";
import { Model, type OperationModel } from "../model/model.js";
import { pack } from "../model/pack.js";
import { awsCbor, awsCborServer } from "./aws-cbor.js";
import { awsJson, awsJsonServer } from "./aws-json.js";
import { awsEc2, awsEc2Server, awsQuery, awsQueryServer } from "./aws-query.js";
import { awsRestJson, awsRestJsonServer } from "./aws-rest-json.js";
import { awsRestXml, awsRestXmlServer } from "./aws-rest-xml.js";
import type { Protocol, ReceivedRequest, ServerProtocol, Values } from "./protocol.js";

function load(service: string): Model {
  return new Model(pack(JSON.parse(readFileSync(`models/aws/${service}.json`, "utf8"))));
}

function operationOf(model: Model, name: string): OperationModel {
  const operation = model.operation(name);
  assert.ok(operation, `no operation ${name}`);
  return operation;
}

function answer(
  status: number,
  body: string | Uint8Array = "",
  headers: Record<string, string> = {},
): HttpResponse {
  return { status, headers, body: bytesBody(new Uint8Array(Buffer.from(body))) };
}

function errorOf(
  protocol: Protocol,
  operation: OperationModel,
  status: number,
  body = "",
  headers: Record<string, string> = {},
) {
  return protocol.decodeError(operation, answer(status, body, headers), new Uint8Array(Buffer.from(body)));
}

const s3 = load("s3");

describe("route of S3", () => {
  const cases: [
    method: string,
    target: string,
    expected: string | undefined,
    headers?: Record<string, string>,
  ][] = [
    ["GET", "/", "ListBuckets"],
    ["GET", "/bucket", "ListObjects"],
    ["GET", "/bucket/", "ListObjects"],
    ["GET", "/bucket?list-type=2&prefix=a%2Fb", "ListObjectsV2"],
    ["GET", "/bucket?location", "GetBucketLocation"],
    ["GET", "/bucket?location=", "GetBucketLocation"],
    ["GET", "/bucket?uploads&prefix=a", "ListMultipartUploads"],
    ["GET", "/bucket?versions", "ListObjectVersions"],
    ["PUT", "/bucket", "CreateBucket"],
    ["PUT", "/bucket?versioning", "PutBucketVersioning"],
    ["HEAD", "/bucket", "HeadBucket"],
    ["DELETE", "/bucket", "DeleteBucket"],
    ["POST", "/bucket?delete", "DeleteObjects"],
    ["GET", "/bucket/a/b%20c", "GetObject"],
    ["GET", "/bucket/a?x-id=GetObject&response-content-type=x", "GetObject"],
    ["GET", "/bucket/a?uploadId=1", "ListParts"],
    ["GET", "/bucket/a?tagging", "GetObjectTagging"],
    ["HEAD", "/bucket/a", "HeadObject"],
    ["PUT", "/bucket/a?x-id=PutObject", "PutObject"],
    ["PUT", "/bucket/a", "CopyObject", { "x-amz-copy-source": "/b/c" }],
    ["PUT", "/bucket/a?partNumber=1&uploadId=x", "UploadPart"],
    ["PUT", "/bucket/a?partNumber=1&uploadId=x", "UploadPartCopy", { "x-amz-copy-source": "/b/c" }],
    ["POST", "/bucket/a?uploads", "CreateMultipartUpload"],
    ["POST", "/bucket/a?uploadId=x", "CompleteMultipartUpload"],
    ["POST", "/bucket/a?select&select-type=2", "SelectObjectContent"],
    ["DELETE", "/bucket/a?uploadId=x", "AbortMultipartUpload"],
    ["DELETE", "/bucket/a?versionId=x", "DeleteObject"],
    ["DELETE", "/bucket/a?tagging", "DeleteObjectTagging"],
    ["PATCH", "/bucket/a", undefined],
    ["GET", "/bucket/%E0%A4%A", undefined],
  ];
  for (const [method, target, expected, headers = {}] of cases) {
    test(`${method} ${target} ${Object.keys(headers)}`, () => {
      const [path = "", query = ""] = target.split("?");
      const request: ReceivedRequest = { method, path, query, headers, body: new Uint8Array(0) };
      assert.equal(awsRestXmlServer.route(s3, request)?.name, expected);
    });
  }
});

test("every rest operation of services with many paths routes to itself", () => {
  for (const [service, protocol, server] of [
    ["s3", awsRestXml, awsRestXmlServer],
    ["lambda", awsRestJson, awsRestJsonServer],
    ["apigateway", awsRestJson, awsRestJsonServer],
    ["route53", awsRestXml, awsRestXmlServer],
  ] as const) {
    const model = load(service);
    const lost: string[] = [];
    for (const name of model.operationNames) {
      const operation = operationOf(model, name);
      if (operation.traits.deprecated) continue;
      const input = Object.fromEntries(
        (operation.input?.members ?? [])
          .filter(
            ({ traits, shape }) => traits.required && (traits.at !== undefined || shape.type === "string"),
          )
          .map((member) => [
            member.name,
            member.shape.type === "string" ? "x" : member.shape.type === "list" ? ["x"] : 1,
          ]),
      );
      const request = protocol.encodeRequest(operation, input);
      const found = server.route(model, { ...request, body: new Uint8Array(0) });
      if (found !== operation) lost.push(`${service}.${name} -> ${found?.name}`);
    }
    // A directory bucket's list is asked for at a host of its own.
    assert.deepEqual(lost, service === "s3" ? ["s3.ListDirectoryBuckets -> ListBuckets"] : []);
  }
});

describe("decodeError", () => {
  const getObject = operationOf(s3, "GetObject");
  const html = "<html><body><h1>502 Bad Gateway</h1></body></html>";

  test("an S3 error stands without a wrapper", () => {
    const body =
      "<Error><Code>NoSuchKey</Code><Message>Gone</Message><Key>k</Key><RequestId>r1</RequestId></Error>";
    assert.deepEqual(errorOf(awsRestXml, getObject, 404, body), {
      code: "NoSuchKey",
      message: "Gone",
      requestId: "r1",
      body: {},
    });
  });

  test("a condition that does not hold has no body: its status is its code", () => {
    assert.deepEqual(errorOf(awsRestXml, getObject, 304), { code: "304", message: "", requestId: undefined });
  });

  test("a HEAD has no body: its status is its code", () => {
    const error = errorOf(awsRestXml, operationOf(s3, "HeadObject"), 404, "", { "x-amz-request-id": "r2" });
    assert.deepEqual(error, { code: "404", message: "", requestId: "r2" });
  });

  const foreign: [of: string, Protocol, ServerProtocol, Model, string][] = [
    ["rest-xml", awsRestXml, awsRestXmlServer, s3, "GetObject"],
    ["query", awsQuery, awsQueryServer, load("iam"), "ListUsers"],
    ["ec2", awsEc2, awsEc2Server, load("ec2"), "DescribeInstances"],
    ["json", awsJson, awsJsonServer, load("dynamodb"), "GetItem"],
    ["rest-json", awsRestJson, awsRestJsonServer, load("lambda"), "Invoke"],
    ["cbor", awsCbor, awsCborServer, load("arc-region-switch"), "ListPlans"],
  ];
  for (const [of, protocol, server, model, name] of foreign) {
    test(`${of}: what is not in form is foreign`, () => {
      for (const body of [html, "", "\u0000\u0001", "<Error><Code>A", "upstream connect error"]) {
        const error = errorOf(protocol, operationOf(model, name), 502, body, { "x-amzn-requestid": "r3" });
        assert.deepEqual(error, { code: "", message: "", requestId: "r3", foreign: true }, body);
      }
    });

    test(`${of}: encodeError decodes to the same`, () => {
      const operation = operationOf(model, name);
      const error = { code: "SomethingNew", message: "a < b & c", status: 409, requestId: "r4" };
      const encoded = server.encodeError(model, operation, error);
      const bytes =
        typeof encoded.body === "string" ? Buffer.from(encoded.body) : (encoded.body as Uint8Array);
      const response = { status: encoded.status, headers: encoded.headers, body: bytesBody(bytes) };
      const decoded = protocol.decodeError(operation, response, new Uint8Array(bytes));
      assert.deepEqual(
        [decoded.code, decoded.message, decoded.requestId, encoded.status],
        ["SomethingNew", "a < b & c", "r4", 409],
      );
      assert.equal(server.encodeError(model, undefined, error).status, 409);
    });
  }

  test("an ec2 error is found below Errors", () => {
    const body =
      "<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>m</Message></Error></Errors><RequestID>r5</RequestID></Response>";
    const error = errorOf(awsEc2, operationOf(load("ec2"), "DescribeInstances"), 400, body);
    assert.deepEqual([error.code, error.message, error.requestId], ["InvalidInstanceID.NotFound", "m", "r5"]);
  });

  test("a member for the header of the code does not take its place", () => {
    const model = load("account");
    const error = {
      code: "AccessDeniedException",
      message: "no",
      status: 403,
      requestId: "r9",
      body: { errorType: "x" },
    };
    const { headers } = awsRestJsonServer.encodeError(model, operationOf(model, "ListRegions"), error);
    assert.equal(headers["x-amzn-errortype"], "AccessDeniedException");
  });

  test("a service that once spoke query keeps its codes", () => {
    const getQueueUrl = operationOf(load("sqs"), "GetQueueUrl");
    const body = '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"none"}';
    const headers = { "x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender" };
    const error = errorOf(awsJson, getQueueUrl, 400, body, headers);
    assert.deepEqual([error.code, error.message], ["AWS.SimpleQueueService.NonExistentQueue", "none"]);
  });
});

describe("bad bodies", () => {
  test("of a success are failures of the way between", async () => {
    const cases: [Protocol, string, string, string[]][] = [
      [awsRestXml, "s3", "ListObjectsV2", ["<ListBucketResult><Name>x", "<html></html>", "nothing"]],
      [awsEc2, "ec2", "DescribeInstances", ["", "<html></html>", "<DescribeInstancesResponse>"]],
      [awsQuery, "sts", "GetCallerIdentity", ["", "<A></A>", "<A><GetCallerIdentityResult></A>"]],
      [awsJson, "dynamodb", "GetItem", ["<html></html>", '{"Item":', '{"Item":[]}', "[]"]],
    ];
    for (const [protocol, service, name, bodies] of cases) {
      const operation = operationOf(load(service), name);
      for (const body of bodies) {
        await assert.rejects(
          protocol.decodeResponse(operation, answer(200, body)),
          { kind: "unavailable", code: "BadResponse" },
          body,
        );
      }
    }
  });

  test("of a request are the caller's fault", () => {
    const request = {
      method: "POST",
      path: "/bucket",
      query: "delete",
      headers: {},
      body: Buffer.from("<Delete>"),
    };
    const operation = operationOf(s3, "DeleteObjects");
    assert.throws(() => awsRestXmlServer.decodeRequest(operation, request), {
      kind: "invalidInput",
      code: "MalformedXML",
    });
  });
});

test("a path label without a value is refused", () => {
  const operation = operationOf(s3, "GetObject");
  assert.throws(() => awsRestXml.encodeRequest(operation, { Bucket: "b", Key: "" }), {
    kind: "invalidInput",
    message: /input\.Key/,
  });
});

test("a greedy label keeps its slashes and dots", () => {
  const { path } = awsRestXml.encodeRequest(operationOf(s3, "GetObject"), {
    Bucket: "b",
    Key: "/a/../b c+ü~(1)",
  });
  assert.equal(path, "/b//a/../b%20c%2B%C3%BC~%281%29");
});

test("a JSON value in a header is base64 of ASCII", () => {
  const operation = operationOf(load("iot-data"), "Publish");
  const { headers } = awsRestJson.encodeRequest(operation, { topic: "t", userProperties: [{ ü: "🙂" }] });
  const text = Buffer.from(headers["x-amz-mqtt5-user-properties"] ?? "", "base64").toString();
  assert.equal(text, '[{"\\u00fc":"\\ud83d\\ude42"}]');
});

test("a line break in a header is refused", () => {
  const input = { Bucket: "b", Key: "k", Metadata: { a: "1\r\nx-evil: 2" } };
  assert.throws(() => awsRestXml.encodeRequest(operationOf(s3, "PutObject"), input), {
    kind: "invalidInput",
  });
});

describe("long integers in JSON", () => {
  test("are exact, and text that looks like one stays text", async () => {
    const query = operationOf(load("timestream-query"), "Query");
    const body =
      '{"QueryId":"12345678901234567890","Rows":[],"QueryStatus":{"CumulativeBytesScanned":9223372036854775807}}';
    const output = await awsJson.decodeResponse(query, answer(200, body));
    assert.equal(output.QueryId, "12345678901234567890");
    assert.deepEqual(output.QueryStatus, { CumulativeBytesScanned: 9223372036854775807n });
  });
});

describe("event streams", () => {
  const select = operationOf(s3, "SelectObjectContent");
  const events = [
    { Records: { Payload: new TextEncoder().encode("a,b\n") } },
    { Progress: { Details: { BytesScanned: 10, BytesProcessed: 10, BytesReturned: 4 } } },
    { End: {} },
  ];

  async function all(stream: unknown): Promise<unknown[]> {
    const list: unknown[] = [];
    for await (const event of stream as AsyncIterable<unknown>) list.push(event);
    return list;
  }

  async function* of(values: Values[]): AsyncGenerator<Values, void, undefined> {
    yield* values;
  }

  test("an output comes event by event, however its bytes are cut", async () => {
    const encoded = awsRestXmlServer.encodeResponse(select, { Payload: of(events) }, "r6");
    assert.equal(encoded.headers["content-type"], "application/vnd.amazon.eventstream");
    const bytes = await responseBodyOf(encoded.body).bytes();
    async function* cut(): AsyncGenerator<Uint8Array, void, undefined> {
      for (let at = 0; at < bytes.length; at += 5) yield bytes.subarray(at, at + 5);
    }
    const output = await awsRestXml.decodeResponse(select, {
      status: 200,
      headers: {},
      body: streamBody(cut()),
    });
    assert.deepEqual(await all(output.Payload), events);
  });

  test("a stream that ends within a frame fails", async () => {
    const encoded = awsRestXmlServer.encodeResponse(select, { Payload: of(events) }, "r7");
    const bytes = await responseBodyOf(encoded.body).bytes();
    const output = await awsRestXml.decodeResponse(select, answer(200, bytes.subarray(0, -3)));
    await assert.rejects(all(output.Payload), { code: "BadResponse" });
  });

  test("an RPC's first message holds the members beside the stream; an exception is thrown", async () => {
    const subscribe = operationOf(load("kinesis"), "SubscribeToShard");
    const event = {
      SubscribeToShardEvent: { Records: [], ContinuationSequenceNumber: "1", MillisBehindLatest: 0 },
    };
    const failure = { ResourceInUseException: { message: "busy" } };
    const encoded = awsJsonServer.encodeResponse(subscribe, { EventStream: of([event, failure]) }, "r8");
    const bytes = await responseBodyOf(encoded.body).bytes();
    const output = await awsJson.decodeResponse(subscribe, answer(200, bytes));
    const iterator = (output.EventStream as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    assert.deepEqual((await iterator.next()).value, event);
    await assert.rejects(iterator.next(), {
      code: "ResourceInUseException",
      message: "busy",
      body: { message: "busy" },
    });
  });

  test("an RPC's request has its members in the first frame", async () => {
    const stream = operationOf(load("kinesis"), "SubscribeToShard");
    // No service of the pinned models has an RPC with an input stream; the output's shape will do for both directions.
    const operation = Object.create(stream, { input: { value: stream.output } }) as OperationModel;
    const event = {
      SubscribeToShardEvent: { Records: [], ContinuationSequenceNumber: "1", MillisBehindLatest: 0 },
    };
    const request = awsJson.encodeRequest(operation, { EventStream: of([event]) });
    const body = await responseBodyOf(request.body).bytes();
    const decoded = await awsJsonServer.decodeRequest(operation, { ...request, body });
    assert.deepEqual(await all(decoded.EventStream), [event]);
  });

  test("an input goes out a frame an event", async () => {
    const transcribe = operationOf(load("lexv2-runtime"), "StartConversation");
    const input = {
      botId: "b",
      botAliasId: "a",
      localeId: "en_US",
      sessionId: "s",
      requestEventStream: of([
        { AudioInputEvent: { contentType: "audio/lpcm" } },
        { DisconnectionEvent: {} },
      ]),
    };
    const request = awsRestJson.encodeRequest(transcribe, input);
    assert.equal(request.headers["content-type"], "application/vnd.amazon.eventstream");
    assert.ok(request.body);
    const frames = await all(request.body);
    assert.equal(frames.length, 2);
    const body = Buffer.concat(frames as Uint8Array[]);
    const decoded = await awsRestJsonServer.decodeRequest(transcribe, { ...request, body });
    assert.deepEqual(await all(decoded.requestEventStream), [
      { AudioInputEvent: { contentType: "audio/lpcm" } },
      { DisconnectionEvent: {} },
    ]);
  });
});
