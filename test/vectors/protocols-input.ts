/** ../shared/vectors/aws/protocols/input: an operation's input to the request that goes out. */
import assert from "node:assert/strict";
import type { BotocoreOperation } from "../../codegen/aws/botocore.js";
import { decodeCbor } from "../../src/protocol/codec/cbor.js";
import { parseQuery } from "../../src/protocol/codec/uri.js";
import type { EncodedRequest, Values } from "../../src/protocol/protocol.js";
import { type Case, equal, runSuite } from "./case.js";
import { ours, type Vector, vectors } from "./protocols.js";
import type { SuiteResult } from "./suite.js";

interface InputVector {
  readonly id: string;
  readonly given: BotocoreOperation;
  readonly params: Values;
  readonly serialized: {
    readonly method?: string;
    readonly uri?: string;
    readonly host?: string;
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly requireHeaders?: readonly string[];
    readonly forbidHeaders?: readonly string[];
  };
}

export const suite = "aws/protocols-input";

const COMPRESSION =
  "the client compresses requests, not the protocol; botocore leaves it out of its suite as well";
const PAYLOAD_NAME = "a payload's element is named by its member, as S3 needs it (`<LegalHold>`)";
const EMPTY_LIST = "an empty list is no header, as botocore has it: several services refuse an empty one";

/** On botocore's own ignore list, each of them. */
export const ignored: Readonly<Record<string, string>> = {
  "ec2 SDKAppliedContentEncoding_ec2Query": COMPRESSION,
  "ec2 SDKAppendsGzipAndIgnoresHttpProvidedEncoding_ec2Query": COMPRESSION,
  "json SDKAppliedContentEncoding_awsJson1_1": COMPRESSION,
  "json SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1": COMPRESSION,
  "json_1_0 SDKAppliedContentEncoding_awsJson1_0": COMPRESSION,
  "json_1_0 SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0": COMPRESSION,
  "query SDKAppliedContentEncoding_awsQuery": COMPRESSION,
  "query SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery": COMPRESSION,
  "rest-json SDKAppliedContentEncoding_restJson1": COMPRESSION,
  "rest-json SDKAppendedGzipAfterProvidedEncoding_restJson1": COMPRESSION,
  "rest-xml SDKAppliedContentEncoding_restXml": COMPRESSION,
  "rest-xml SDKAppendedGzipAfterProvidedEncoding_restXml": COMPRESSION,
  "query QueryFlattenedListArgWithXmlName":
    "botocore names a flattened list's elements by the element's name",
  "rest-json RestJsonHttpChecksumRequired": "the client adds checksums, not the protocol",
  "rest-json MediaTypeHeaderInputBase64":
    "a jsonvalue is any JSON value, so that the text `true` is sent in quotes",
  "rest-json RestJsonNullAndEmptyHeaders": EMPTY_LIST,
  "rest-xml NullAndEmptyHeaders": EMPTY_LIST,
  "rest-xml RestXmlHttpPayloadWithUnion": PAYLOAD_NAME,
  "rest-xml HttpPayloadWithXmlName": PAYLOAD_NAME,
  "rest-xml HttpPayloadWithXmlNamespace": PAYLOAD_NAME,
  "rest-xml HttpPayloadWithXmlNamespaceAndPrefix": PAYLOAD_NAME,
  "rest-xml XmlAttributesOnPayload": PAYLOAD_NAME,
  "rest-xml BodyWithXmlName": "botocore's models have the names of this one case in the wrong places",
};

export function cases(): Case[] {
  return vectors<InputVector>("input").map((vector) => ({ name: vector.name, run: () => check(vector) }));
}

export function run(): Promise<SuiteResult> {
  return runSuite({ suite, cases, ignored });
}

function check({ vector, clientEndpoint, operation: load }: Vector<InputVector>): void {
  const { operation, protocol } = load();
  const { serialized } = vector;
  const input = ours(operation.input, vector.params, "input") as Values;
  const request = withFixedTokens(() => protocol.encodeRequest(operation, input));
  if (serialized.method !== undefined) equal(request.method, serialized.method);
  const endpoint = new URL(clientEndpoint ?? "https://vectors");
  if (serialized.uri !== undefined) checkUri(request, endpoint.pathname.replace(/\/$/, ""), serialized.uri);
  if (serialized.host !== undefined)
    equal((request.hostPrefix ?? "") + endpoint.host, serialized.host.split("/")[0]);
  for (const [name, value] of Object.entries(serialized.headers ?? {})) {
    // botocore names a form's charset and passes these vectors all the same: UTF-8 is a form's only one.
    equal(request.headers[name.toLowerCase()]?.replace(/^(.*form-urlencoded); charset=utf-8$/, "$1"), value);
  }
  // The transport makes the length: what the vector means is that there is a body.
  for (const name of serialized.requireHeaders ?? []) {
    if (name === "Content-Length") assert.ok(request.body !== undefined, "a body is due");
    else assert.ok(request.headers[name.toLowerCase()] !== undefined, `header ${name} is due`);
  }
  for (const name of serialized.forbidHeaders ?? []) {
    if (name === "Content-Length") equal(request.body, undefined);
    else equal(request.headers[name.toLowerCase()], undefined);
  }
  if (serialized.body !== undefined) checkBody(request, serialized.body, operation.service.protocol);
}

function checkUri(request: EncodedRequest, basePath: string, uri: string): void {
  const [path, query = ""] = uri.split("?");
  equal(basePath + request.path, path);
  equal(sorted(request.query.split("&")), sorted(query.split("&")));
}

function checkBody(request: EncodedRequest, expected: string, protocol: string): void {
  const { body = "" } = request;
  if (protocol === "aws-cbor") {
    equal(
      body === "" ? "" : decodeCbor(body as Uint8Array),
      expected === "" ? "" : decodeCbor(Buffer.from(expected, "base64")),
    );
    return;
  }
  const text = typeof body === "string" ? body : Buffer.from(body as Uint8Array).toString();
  const type = request.headers["content-type"] ?? "";
  if (text === "" || expected === "") equal(text, expected);
  else if (type.startsWith("application/x-www-form-urlencoded")) {
    equal(sorted(parseQuery(text).map(String)), sorted(parseQuery(expected).map(String)));
  } else if (type.includes("json")) equal(JSON.parse(text), JSON.parse(expected));
  else if (type.includes("xml")) equal(withoutLayout(text), withoutLayout(expected));
  else equal(text, expected);
}

/** White space between tags and the short form of an empty element say nothing. */
function withoutLayout(xml: string): string {
  return xml
    .trim()
    .replace(/>\s+</g, "><")
    .replace(/<([^\s/>]+)([^>]*)\/>/g, "<$1$2></$1>");
}

/** The vectors expect the first of all UUIDs. */
function withFixedTokens<T>(encode: () => T): T {
  const descriptor = Object.getOwnPropertyDescriptor(crypto, "randomUUID");
  Object.defineProperty(crypto, "randomUUID", {
    value: () => "00000000-0000-4000-8000-000000000000",
    configurable: true,
  });
  try {
    return encode();
  } finally {
    if (descriptor === undefined) delete (crypto as Partial<Crypto>).randomUUID;
    else Object.defineProperty(crypto, "randomUUID", descriptor);
  }
}

function sorted(values: readonly string[]): string[] {
  return values.toSorted();
}
