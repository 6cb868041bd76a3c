/** Unit tests without a server: `stub(client)` answers operations, each answer validated by the model and sent through its protocol. */

import type { HttpResponse } from "../http/message.js";
import { responseBodyOf } from "../http/response-body.js";
import { CloudError, type ErrorKind, kindOfStatus } from "../internal/cloud-error.js";
import type { OperationModel } from "../model/model.js";
import { memberPath } from "../model/names.js";
import type { EncodedResponse, Values } from "../protocol/protocol.js";
import { serverOf } from "../protocol/servers.js";
import type { Answer, Call } from "./backend.js";
import { type Client, type ClientCore, coreOf } from "./service.js";
import type { InputOf, OutputOf } from "./types.js";
import { validateInput, validateOutput } from "./validate.js";

/** What stands in for a service: `stub` sets one on a client. */
export interface Responder {
  answer(core: ClientCore, call: Call): Promise<Answer>;
}

/** Dotted member paths of the operations of a client: `getObject`, `instances.list`. */
export type OperationPath<C> = {
  [K in keyof C & string]: C[K] extends (...args: never[]) => Promise<unknown>
    ? K
    : C[K] extends object
      ? K extends "errors" | "waitUntil"
        ? never
        : {
            [M in keyof C[K] & string]: C[K][M] extends (...args: never[]) => Promise<unknown>
              ? `${K}.${M}`
              : never;
          }[keyof C[K] & string]
      : never;
}[keyof C & string];

type At<C, P extends string> = P extends keyof C
  ? C[P]
  : P extends `${infer H}.${infer T}`
    ? H extends keyof C
      ? At<C[H], T>
      : never
    : never;

export interface StubError {
  /** As the service says it: `NoSuchKey`. */
  readonly code: string;
  readonly message?: string;
  /** Default 400. */
  readonly status?: number;
  /** Default: by status. */
  readonly kind?: ErrorKind;
  /** Members of the modelled error. */
  readonly body?: Values;
}

export interface Stub<C> {
  /** Queues an answer, or a function from the input to it. `expected`: the input it must be called with. */
  respond<P extends OperationPath<C>>(
    operation: P,
    output: OutputOf<At<C, P>> | StubOutput | ((input: InputOf<At<C, P>>) => OutputOf<At<C, P>> | StubOutput),
    expected?: InputOf<At<C, P>>,
  ): this;
  /** Queues an error. */
  fail<P extends OperationPath<C>>(operation: P, error: StubError, expected?: InputOf<At<C, P>>): this;
  /** Calls made so far, their input with session values filled in. */
  readonly calls: readonly { readonly operation: string; readonly input: Values }[];
  /** Throws when an answer was queued that nobody asked for. */
  assertDone(): void;
  /** Puts the service back. */
  restore(): void;
}

/** Output with bodies given as text or bytes. */
export type StubOutput = Readonly<Record<string, unknown>>;

interface Queued {
  readonly member: string;
  readonly expected: Values | undefined;
  readonly answer: (input: Values) => Values | CloudError;
}

export function stub<C extends object>(client: C): Stub<C> {
  const core = coreOf(client as unknown as Client);
  const queue: Queued[] = [];
  const calls: { operation: string; input: Values }[] = [];

  core.responder = {
    answer(_core, { operation, input }) {
      const member = memberPath(operation.name).join(".");
      calls.push({ operation: member, input });
      const [next] = queue;
      if (next?.member !== member) throw unexpected(member, next?.member);
      queue.shift();
      if (next.expected && !sameValues(next.expected, input)) throw mismatch(member, next.expected, input);
      return answer(core, operation, next.answer(input));
    },
  };

  const enqueue = (member: string, expected: unknown, answer: Queued["answer"]) => {
    const operation = operationAt(core, member);
    if (expected !== undefined) validateInput(operation, expected);
    queue.push({ member, expected: expected as Values | undefined, answer });
  };
  return {
    calls,
    respond(member, output, expected) {
      if (typeof output !== "function") validateOutput(operationAt(core, member), output);
      const answer =
        typeof output === "function" ? (output as (input: Values) => Values) : () => output as Values;
      enqueue(member, expected, answer);
      return this;
    },
    fail(member, error, expected) {
      enqueue(member, expected, () => errorOf(error));
      return this;
    },
    assertDone() {
      if (queue.length > 0)
        throw new Error(`Stub has answers left: ${queue.map((each) => each.member).join(", ")}`);
    },
    restore() {
      core.responder = undefined;
    },
  };
}

/** There and back through the protocol: what a test sees is what the service could have sent. */
async function answer(
  core: ClientCore,
  operation: OperationModel,
  values: Values | CloudError,
): Promise<Answer> {
  if (values instanceof CloudError) throw values;
  validateOutput(operation, values);
  const server = await serverOf(core.model.service.protocol);
  const response = received(server.encodeResponse(operation, values, "stub"));
  return {
    status: response.status,
    headers: response.headers,
    output: await core.protocol.decodeResponse(operation, response),
  };
}

function received({ status, headers, body }: EncodedResponse): HttpResponse {
  return { status, headers, body: responseBodyOf(body) };
}

function operationAt(core: ClientCore, member: string): OperationModel {
  const name = core.model.operationNames.find((each) => memberPath(each).join(".") === member);
  if (name === undefined)
    throw new Error(`Cannot stub ${core.model.service.name}.${member}: no such operation`);
  return core.model.operation(name) as OperationModel;
}

function errorOf({ code, message, status = 400, kind, body }: StubError): CloudError {
  const error = new CloudError(message ?? code, {
    kind: kind ?? kindOfStatus(status),
    code,
    status,
    requestId: "stub",
    body,
  });
  return Object.assign(error, body);
}

function unexpected(called: string, awaited: string | undefined): Error {
  return new Error(
    `Stub was called with ${called}: ${awaited ? `${awaited} is next` : "no answer is queued"}`,
  );
}

function mismatch(member: string, expected: Values, actual: Values): Error {
  return new Error(`Stub expected ${member}(${text(expected)}): was called with ${text(actual)}`);
}

function sameValues(expected: Values, actual: Values): boolean {
  return text(expected) === text(actual);
}

/** JSON with sorted keys; bigint and bytes made readable. */
function text(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === "bigint") return `${each}n`;
    if (each instanceof Uint8Array) return `bytes:${Array.from(each).join(",")}`;
    if (typeof each === "object" && each !== null && !Array.isArray(each)) {
      return Object.fromEntries(
        Object.entries(each)
          .filter(([, v]) => v !== undefined)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    }
    return each;
  });
}
