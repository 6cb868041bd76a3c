import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServiceModel } from "../../src/model/ir.js";
import { emitTypes } from "./emit.js";

const MODEL: ServiceModel = {
  service: {
    cloud: "aws",
    id: "x-y",
    name: "Thing",
    title: "Amazon Things",
    apiVersion: "2020",
    protocol: "aws-rest-json",
    aws: { serviceId: "X", endpointPrefix: "x", signatureVersion: "v4", uid: "x-2020" },
  },
  operations: {
    ListThings: {
      method: "GET",
      path: "/things",
      input: "ListIn",
      output: "ListOut",
      errors: ["Gone"],
      page: { inputToken: "Next", outputToken: "Next", items: ["Things"] },
    },
    Touch: { deprecated: true },
  },
  shapes: {
    ListIn: {
      type: "structure",
      members: {
        Next: { shape: "S" },
        Like: { shape: "Thing" },
        Token: { shape: "S", required: true, idempotencyToken: true },
      },
    },
    ListOut: {
      type: "structure",
      members: {
        Next: { shape: "S" },
        Things: { shape: "Things", required: true },
        Kinds: { shape: "Kinds" },
      },
    },
    Things: { type: "list", member: { shape: "Thing" } },
    Kinds: { type: "map", key: { shape: "S" }, member: { shape: "Kind" }, sparse: true },
    Thing: { type: "structure", members: { At: { shape: "T", required: true }, "odd-name": { shape: "U" } } },
    U: { type: "structure", union: true, members: { a: { shape: "S" }, d: { shape: "Date" } } },
    Date: { type: "structure", members: { y: { shape: "Nested" } } },
    Nested: { type: "list", member: { shape: "Nested" } },
    Kind: { type: "string", enum: ["a", "b"] },
    Gone: { type: "structure", error: { code: "Thing.Gone" }, members: {} },
    S: { type: "string" },
    T: { type: "timestamp" },
  },
  waiters: { ThingsThere: { operation: "ListThings", delaySeconds: 5, maxAttempts: 3, acceptors: [] } },
};

test("the declarations of a service", () => {
  const lines = emitTypes(MODEL)
    .split("\n")
    .filter((line) => !line.startsWith("import "));
  assert.deepEqual(lines, [
    'declare module "../../aws/session.js" { interface AwsServices { "x-y": Thing } }',
    "/** Amazon Things, 2020. */",
    "export declare class Thing extends _Client {",
    "constructor(options?: _Options & { session?: _Session | undefined });",
    "static readonly serviceModel: _Model;",
    "/** `GET /things`. Pages over `Things`. Waiters: thingsThere. Errors: Gone. https://docs.aws.amazon.com/goto/WebAPI/x-2020/ListThings */",
    "readonly listThings: _Paged<ListIn, ListOut, ThingShape>;",
    "/** `POST /`. https://docs.aws.amazon.com/goto/WebAPI/x-2020/Touch @deprecated */",
    "readonly touch: _Op<{}, {}>;",
    "readonly waitUntil: {",
    "/** Calls listThings every 5 s, 3 times at most. */",
    "readonly thingsThere: _Waiter<ListIn, ListOut>;",
    "};",
    "readonly errors: {",
    'readonly Gone: _ErrorClass<"Thing.Gone", Gone>;',
    "};",
    "}",
    "export interface ListIn {",
    "Next?: string",
    "Like?: ThingInput",
    "Token?: string",
    "}",
    "export interface ListOut {",
    "Next?: string",
    "Things: ThingShape[]",
    "Kinds?: Record<string, Kind | null>",
    "}",
    "export interface ThingInput {",
    "At: _TimestampInput",
    '"odd-name"?: U',
    "}",
    "export interface ThingShape {",
    // A shape of the service is called Date: the language's is meant here.
    "At: globalThis.Date",
    '"odd-name"?: U',
    "}",
    "export type U = _OneOf<{",
    "a: string",
    "d: Date",
    "}>;",
    "export interface Date {",
    "y?: Nested",
    "}",
    "export type Nested = Nested[];",
    'export type Kind = "a" | "b" | (string & {});',
    "export interface Gone {}",
    "",
  ]);
});
