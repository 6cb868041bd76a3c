/** A toy cloud for the spine's own tests: JSON in, JSON out, `x-toy: <operation>`, no auth; its handler is the test's. */
import { inProcessTransport } from "../http/in-process.js";
import type { HttpRequest, HttpResponse } from "../http/message.js";
import { responseBodyOf } from "../http/response-body.js";
import { kindOfStatus } from "../internal/cloud-error.js";
import type { ServiceModel } from "../model/ir.js";
import { pack } from "../model/pack.js";
import type { Protocol, Values } from "../protocol/protocol.js";
import type { Backend } from "./backend.js";
import type { ClientOptions } from "./options.js";
import { defineService } from "./service.js";
import { BaseSession } from "./session.js";

const model: ServiceModel = {
  service: { cloud: "aws", id: "toy", name: "Toy", apiVersion: "1", protocol: "aws-json" },
  operations: {
    ListThings: {
      input: "ListInput",
      output: "ListOutput",
      errors: ["NoSuchThing"],
      page: { inputToken: "Token", outputToken: "Next", items: ["Things"], limit: "Max" },
    },
    SearchThings: {
      input: "SearchInput",
      output: "ListOutput",
      page: { inputToken: "Search.Token", outputToken: "Next", items: ["Things"] },
    },
    GetThing: { input: "GetInput", output: "Thing", errors: ["NoSuchThing"] },
    "things.make": {
      input: "GetInput",
      output: "Thing",
      lro: { style: "gcp-longrunning", poll: "GetThing" },
    },
  },
  shapes: {
    ListInput: {
      type: "structure",
      members: {
        Token: { shape: "String" },
        Max: { shape: "Integer" },
        Filters: { shape: "Filters" },
        When: { shape: "Time" },
      },
    },
    SearchInput: { type: "structure", members: { Search: { shape: "ListInput" } } },
    ListOutput: { type: "structure", members: { Things: { shape: "Things" }, Next: { shape: "String" } } },
    GetInput: { type: "structure", members: { Name: { shape: "String", required: true } } },
    Thing: { type: "structure", members: { Name: { shape: "String" }, State: { shape: "String" } } },
    Things: { type: "list", member: { shape: "Thing" } },
    Filters: { type: "list", member: { shape: "Filter" } },
    Filter: {
      type: "structure",
      members: { Name: { shape: "String", required: true }, Values: { shape: "Strings" } },
    },
    Strings: { type: "list", member: { shape: "String" } },
    String: { type: "string" },
    Integer: { type: "integer" },
    Time: { type: "timestamp" },
    NoSuchThing: { type: "structure", error: { status: 404 }, members: { Name: { shape: "String" } } },
  },
  waiters: {
    ThingReady: {
      operation: "GetThing",
      delaySeconds: 0.001,
      maxAttempts: 1_000,
      acceptors: [
        { matcher: "path", argument: "State", expected: "ready", state: "success" },
        { matcher: "path", argument: "State", expected: "broken", state: "failure" },
        { matcher: "error", expected: "NoSuchThing", state: "retry" },
      ],
    },
  },
};

const protocol: Protocol = {
  encodeRequest: (operation, input) => ({
    method: "POST",
    path: "/",
    query: "",
    headers: { "x-toy": operation.name },
    body: JSON.stringify(input),
  }),
  decodeResponse: async (_operation, response) => parse(await response.body.bytes()),
  decodeError: (_operation, _response, body) => {
    const { code, message, ...rest } = parse(body);
    return { code: String(code), message: String(message), body: rest };
  },
};

function parse(bytes: Uint8Array): Values {
  return JSON.parse(new TextDecoder().decode(bytes)) as Values;
}

const backend: Backend = {
  cloud: "aws",
  protocol: () => protocol,
  fill: (_operation, input) => input,
  resolve: () => ({ origin: "https://toy.invalid", basePath: "", sign: (request) => request }),
  finish: (_call, request) => request,
  classify: (_operation, _error, { status }) => ({
    kind: kindOfStatus(status),
    retry: status === 429 ? "throttling" : status >= 500 ? "transient" : false,
  }),
  retryStrategy: ({ maxAttempts = 3 } = {}) => ({
    maxAttempts,
    next: (attempt) => (attempt < maxAttempts ? 0 : undefined),
    success: () => {},
  }),
  longRunning: () => ({
    begin: (input) => ({ done: false, look: { operation: "GetThing", input }, retryAfterMs: 0 }),
    resume: (pending, { output }) => (output.State === "ready" ? { done: true, result: output } : pending),
  }),
};

class ToySession extends BaseSession {}

export interface ToyRequest {
  readonly operation: string;
  readonly input: Values;
  readonly request: HttpRequest;
}
export type ToyHandler = (
  request: ToyRequest,
) => { status?: number; body: unknown } | Promise<{ status?: number; body: unknown }>;

type Call<R> = (input?: Values, options?: object) => R;
type Op = Call<Promise<Values>>;
interface Pages {
  pages: Call<AsyncIterable<{ Things: unknown[] }>>;
  items: Call<AsyncIterable<{ Name: string }>>;
  all: Call<Promise<unknown[]>>;
}

/** A client of the toy service whose every request the handler answers. */
export function toyClient(handler: ToyHandler, options: ClientOptions = {}) {
  const transport = inProcessTransport(async (request): Promise<HttpResponse> => {
    const operation = request.headers["x-toy"] ?? "";
    const { status = 200, body } = await handler({
      operation,
      input: JSON.parse(String(request.body)) as Values,
      request,
    });
    return { status, headers: {}, body: responseBodyOf(JSON.stringify(body)) };
  });
  const Toy = defineService(pack(model), {
    defaultSession: () => new ToySession(),
    backend: () => backend,
  });
  return new Toy({ transport, ...options }) as unknown as {
    listThings: Op & Pages;
    searchThings: Op & Pages;
    getThing: Op;
    things: { make: Op & { untilDone: Op } };
    waitUntil: { thingReady: Op };
    errors: Record<string, abstract new () => unknown>;
  };
}
