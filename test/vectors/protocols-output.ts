/** ../shared/vectors/aws/protocols/output: a response to the output or error that users get. */
import type { BotocoreOperation } from "../../codegen/aws/botocore.js";
import type { HttpResponse } from "../../src/http/message.js";
import { bytesBody } from "../../src/http/response-body.js";
import type { OperationModel } from "../../src/model/model.js";
import type { Protocol, Values } from "../../src/protocol/protocol.js";
import { type Case, equal, runSuite } from "./case.js";
import { ours, type Vector, vectors } from "./protocols.js";
import type { SuiteResult } from "./suite.js";

interface OutputVector {
  readonly id: string;
  readonly given: BotocoreOperation;
  readonly result?: Values;
  readonly error?: Values;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly response: {
    readonly status_code: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
}

export const suite = "aws/protocols-output";

const NULLS = "botocore's models do not say which maps may hold null, so that null is kept everywhere";

/** On botocore's own ignore list, each of them. */
export const ignored: Readonly<Record<string, string>> = {
  "rest-json RestJsonDeserializesDenseSetMapAndSkipsNull": NULLS,
  "smithy-rpc-v2-cbor RpcV2CborDeserializesDenseSetMapAndSkipsNull": NULLS,
  "rest-json MediaTypeHeaderOutputBase64": "a jsonvalue is any JSON value: `true` is a boolean",
  "rest-xml BodyWithXmlName": "botocore's models have the names of this one case in the wrong places",
};

export function cases(): Case[] {
  return vectors<OutputVector>("output").map((vector) => ({ name: vector.name, run: () => check(vector) }));
}

export function run(): Promise<SuiteResult> {
  return runSuite({ suite, cases, ignored });
}

async function check({ vector, operation: load }: Vector<OutputVector>): Promise<void> {
  const { operation, protocol } = load();
  const { body, response } = responseOf(vector, operation);
  if (vector.errorCode !== undefined) return checkError(vector, operation, protocol, response, body);
  const output = await protocol.decodeResponse(operation, response);
  for (const [name, value] of Object.entries(output)) {
    if (typeof value === "object" && value !== null && "pipeTo" in value) {
      output[name] = await (value as unknown as { bytes(): Promise<Uint8Array> }).bytes();
    }
  }
  equal(output, ours(operation.output, vector.result, "output"));
}

function checkError(
  vector: OutputVector,
  operation: OperationModel,
  protocol: Protocol,
  response: HttpResponse,
  body: Uint8Array,
): void {
  const error = protocol.decodeError(operation, response, body);
  equal(error.code, vector.errorCode);
  if (vector.errorMessage !== undefined) equal(error.message, vector.errorMessage);
  if (vector.error !== undefined) equal(error.body, vector.error);
}

function responseOf(
  { response }: OutputVector,
  operation: OperationModel,
): { body: Uint8Array; response: HttpResponse } {
  const encoding = operation.service.protocol === "aws-cbor" ? "base64" : "utf8";
  const body = new Uint8Array(Buffer.from(response.body ?? "", encoding));
  const headers = Object.entries(response.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    body,
    response: { status: response.status_code, headers: Object.fromEntries(headers), body: bytesBody(body) },
  };
}
