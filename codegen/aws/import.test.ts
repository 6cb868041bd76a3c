import assert from "node:assert/strict";
import { test } from "node:test";
import type { BotocoreService } from "./botocore.js";
import { importService } from "./import.js";

const SERVICE: BotocoreService = {
  metadata: {
    apiVersion: "2020-01-01",
    endpointPrefix: "things",
    protocol: "smithy-rpc-v2-cbor",
    protocols: ["smithy-rpc-v2-cbor", "json"],
    jsonVersion: "1.0",
    serviceFullName: "Amazon Things",
    serviceId: "My things",
    targetPrefix: "Things",
    xmlNamespace: { uri: "urn:things" },
  },
  operations: {
    GetThing: {
      name: "GetThing",
      http: { method: "GET", requestUri: "/things/{Id}", responseCode: 200 },
      input: { shape: "GetThingInput", locationName: "GetThing", xmlNamespace: { uri: "urn:in" } },
      output: { shape: "Thing", resultWrapper: "GetThingResult" },
      errors: [{ shape: "Gone" }, { shape: "Gone" }],
      readonly: true,
      endpoint: { hostPrefix: "{Id}." },
      staticContextParams: { Kind: { value: ["a"] } },
    },
  },
  shapes: {
    GetThingInput: {
      type: "structure",
      required: ["Id"],
      members: {
        Id: { shape: "String", location: "uri", locationName: "Id", hostLabel: true },
        Limit: { shape: "Short", location: "querystring", locationName: "limit" },
        Token: { shape: "String", idempotencyToken: true },
        Owner: { shape: "Owner" },
      },
    },
    Thing: {
      type: "structure",
      payload: "Data",
      members: { Data: { shape: "Data", streaming: true }, Any: { shape: "Any" } },
    },
    Owner: {
      type: "structure",
      locationName: "owner",
      xmlNamespace: { prefix: "xsi", uri: "urn:xsi" },
      members: {},
    },
    Data: { type: "blob", streaming: true },
    Any: { type: "structure", document: true, members: {} },
    Gone: {
      type: "structure",
      exception: true,
      error: { code: "Thing.Gone", httpStatusCode: 410, senderFault: true },
      members: {},
    },
    Elsewhere: {
      type: "structure",
      exception: true,
      fault: true,
      retryable: { throttling: false },
      members: {},
    },
    Short: { type: "short", max: 5 },
    String: { type: "string" },
    Unused: { type: "string" },
  },
};

test("service traits: botocore's order of protocols, a class name from the service id", () => {
  const { service } = importService({ id: "things", service: SERVICE });
  assert.deepEqual(service, {
    cloud: "aws",
    id: "things",
    name: "MyThings",
    title: "Amazon Things",
    apiVersion: "2020-01-01",
    protocol: "aws-json",
    aws: {
      serviceId: "My things",
      endpointPrefix: "things",
      signatureVersion: "v4",
      protocols: ["aws-json", "aws-cbor"],
      jsonVersion: "1.0",
      targetPrefix: "Things",
      xmlNamespace: "urn:things",
    },
  });
});

test("operations keep what differs from the defaults", () => {
  const { operations } = importService({
    id: "things",
    service: SERVICE,
    paginators: {
      pagination: {
        GetThing: { input_token: "Token", output_token: "Next", result_key: "Any", limit_key: "Limit" },
      },
    },
  });
  assert.deepEqual(operations, {
    GetThing: {
      method: "GET",
      path: "/things/{Id}",
      input: "GetThingInput",
      output: "Thing",
      errors: ["Gone"],
      idempotent: true,
      aws: {
        inputName: "GetThing",
        inputNamespace: "urn:in",
        wrapper: "GetThingResult",
        hostPrefix: "{Id}.",
        staticContext: { Kind: ["a"] },
      },
      page: { inputToken: "Token", outputToken: "Next", items: ["Any"], limit: "Limit" },
    },
  });
});

test("shapes: those that are used and every error; a shape's own names hold where it is referred to", () => {
  const { shapes } = importService({ id: "things", service: SERVICE });
  assert.deepEqual(shapes, {
    GetThingInput: {
      type: "structure",
      members: {
        Id: { shape: "String", at: "path", required: true, hostLabel: true },
        Limit: { shape: "Short", name: "limit", at: "query" },
        Token: { shape: "String", idempotencyToken: true },
        Owner: { shape: "Owner", name: "owner", xmlNamespace: "urn:xsi", xmlPrefix: "xsi" },
      },
    },
    Thing: {
      type: "structure",
      payload: "Data",
      members: { Data: { shape: "Data", streaming: true }, Any: { shape: "Any" } },
    },
    Owner: { type: "structure", xmlName: "owner", xmlNamespace: "urn:xsi", members: {} },
    Data: { type: "blob", streaming: true },
    Any: { type: "document" },
    Gone: { type: "structure", error: { code: "Thing.Gone", status: 410, fault: "client" }, members: {} },
    Elsewhere: { type: "structure", error: { fault: "server" }, retryable: "transient", members: {} },
    Short: { type: "integer", max: 5 },
    String: { type: "string" },
  });
});

test("a shape that is referred to and missing is refused", () => {
  const broken = {
    ...SERVICE,
    shapes: { ...SERVICE.shapes, GetThingInput: { type: "structure", members: { X: { shape: "Nope" } } } },
  };
  assert.throws(() => importService({ id: "things", service: broken }), /no shape "Nope"/);
});
