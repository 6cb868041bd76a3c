/**
 * ../shared/vectors/gcp/retry_tests.json: which method of Storage is repeated under which failure, with and without a
 * precondition. https://github.com/googleapis/conformance-tests/tree/main/storage/v1
 */
import assert from "node:assert/strict";
import { Emulator } from "../../src/emulator/emulator.js";
import { gcpSession } from "../../src/emulator/gcp/session.js";
import type { Session } from "../../src/gcp/session.js";
import { Storage } from "../../src/gen/gcp/storage.js";
import type { HttpRequest, HttpResponse, Transport } from "../../src/http/message.js";
import { readBody } from "../../src/http/request-body.js";
import { bytesBody, streamBody } from "../../src/http/response-body.js";
import { transportError } from "../../src/http/transport-error.js";
import { type Case, json, runSuite, VECTORS } from "./case.js";
import type { SuiteResult } from "./suite.js";

export const suite = "gcp/retry";

interface Scenario {
  readonly id: number;
  readonly cases: readonly { readonly instructions: readonly string[] }[];
  readonly methods: readonly { readonly name: string; readonly group?: string }[];
  readonly preconditionProvided: boolean;
  readonly expectSuccess: boolean;
}

export function run(): Promise<SuiteResult> {
  return runSuite({ suite, cases });
}

export function cases(): Case[] {
  const { retryTests } = json(`${VECTORS}/gcp/retry_tests.json`) as { retryTests: Scenario[] };
  return retryTests.flatMap((scenario) =>
    scenario.cases.flatMap(({ instructions }) =>
      scenario.methods.map(({ name, group }) => ({
        name: `${scenario.id} ${name} ${instructions.join(", ")}`,
        run: () => runCase(scenario, name, group, instructions),
      })),
    ),
  );
}

async function runCase(
  { preconditionProvided, expectSuccess }: Scenario,
  name: string,
  group: string | undefined,
  instructions: readonly string[],
): Promise<void> {
  if (group === "storage.resumable.upload") return upload(instructions);
  if (group === "storage.objects.download") return download(instructions);
  let requests = 0;
  const failing = failingTransport(instructions, {
    send: async (): Promise<HttpResponse> => answer(200, "{}"),
  });
  const transport: Transport = {
    send(request, options) {
      requests++;
      return failing.send(request, options);
    },
  };
  const emulator = await Emulator.start();
  // A token that cannot be renewed, as the suite's own drivers have none: a 401 ends the call.
  const credentials = { accessToken: "token" };
  const storage = gcpSession(emulator, { credentials, transport, retry: { maxDelayMs: 1 } }).client(Storage);
  const method = METHODS[name];
  assert.ok(method, `${name} is known`);
  const made = method(storage, preconditionProvided);
  if (expectSuccess) {
    await made;
    assert.equal(requests, instructions.length + 1, "requests until it succeeds");
  } else {
    await assert.rejects(made);
    assert.equal(requests, instructions.length, "requests until it fails");
  }
}

/** Follows the instructions one request each, then lets everything through. */
function failingTransport(instructions: readonly string[], inner: Transport): Transport {
  const left = [...instructions];
  return {
    async send(request, options) {
      const [instruction] = left;
      const after = /-after-(\d+)K$/.exec(instruction ?? "")?.[1];
      // A failure in the midst of the bytes waits for a request that has so many.
      const isFor =
        after === undefined || instruction?.startsWith("return-broken") === true || request.method === "PUT";
      if (instruction === undefined || !isFor) return inner.send(request, options);
      left.shift();
      if (instruction === "return-reset-connection")
        throw transportError("ConnectionReset", "The connection was reset");
      if (instruction.startsWith("return-broken-stream"))
        return brokenStream(await inner.send(request, options), Number(after ?? 0) * 1024);
      const status = Number(/^return-(\d+)/.exec(instruction)?.[1]);
      if (after !== undefined) await inner.send(await cutRequest(request, Number(after) * 1024), options);
      return answer(status, JSON.stringify({ error: { code: status, message: instruction } }));
    },
  };
}

/** So many bytes reach the service, the rest does not. */
async function cutRequest(request: HttpRequest, bytes: number): Promise<HttpRequest> {
  const body = await readBody(request.body);
  assert.ok(body.length > bytes, "the upload is longer than where it is cut");
  return { ...request, body: body.subarray(0, bytes) };
}

function brokenStream(response: HttpResponse, bytes: number): HttpResponse {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const all = await response.body.bytes();
    yield all.subarray(0, bytes);
    throw transportError("BodyTruncated", "The body broke off");
  }
  return { ...response, body: streamBody(chunks()) };
}

function answer(status: number, text: string): HttpResponse {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: bytesBody(new TextEncoder().encode(text)),
  };
}

const BYTES = Uint8Array.from({ length: 9 * 1024 * 1024 }, (_, at) => (at * 7) % 253);

async function upload(instructions: readonly string[]): Promise<void> {
  const { session, emulator } = await emulated(instructions);
  const blob = session.resource(Storage).bucket(bucket).blob("o");
  const options = { thresholdBytes: 1, partBytes: 16 * 1024 * 1024, retry: { maxDelayMs: 1 } };
  await blob.upload(BYTES, { ...options, ifGenerationMatch: 0 });
  const stored = await gcpSession(emulator).resource(Storage).bucket(bucket).blob("o").downloadBytes();
  assert.ok(Buffer.from(BYTES).equals(stored));
}

async function download(instructions: readonly string[]): Promise<void> {
  const { session, emulator } = await emulated(instructions);
  await gcpSession(emulator).resource(Storage).bucket(bucket).blob("o").upload(BYTES);
  const bytes = await session.resource(Storage).bucket(bucket).blob("o").downloadBytes();
  assert.ok(Buffer.from(BYTES).equals(bytes));
}

async function emulated(instructions: readonly string[]): Promise<{ emulator: Emulator; session: Session }> {
  const emulator = await Emulator.start();
  await gcpSession(emulator).resource(Storage).bucket(bucket).create();
  const transport = failingTransport(instructions, emulator.transport);
  return { emulator, session: gcpSession(emulator, { transport, retry: { maxDelayMs: 1 } }) };
}

type Invoke = (storage: Storage, precondition: boolean) => Promise<unknown>;

const bucket = "my-bucket";
const object = "o";
const entity = "allUsers";
const accessId = "id";
const notification = "1";
const at = { bucket, object };
const acl = { bucket, entity, body: { role: "READER" } };
const objectAcl = { ...at, entity, body: { role: "READER" } };
const between = {
  sourceBucket: bucket,
  sourceObject: object,
  destinationBucket: bucket,
  destinationObject: "p",
};
const metageneration = (given: boolean) => (given ? { ifMetagenerationMatch: "1" } : {});
const generation = (given: boolean) => (given ? { ifGenerationMatch: "1" } : {});
const etag = (given: boolean) => (given ? { etag: "e" } : {});

/** The call that each method of the suite stands for, with the precondition that its official drivers give it. */
const METHODS: Readonly<Record<string, Invoke>> = {
  "storage.bucket_acl.get": (s) => s.bucketAccessControls.get({ bucket, entity }),
  "storage.bucket_acl.list": (s) => s.bucketAccessControls.list({ bucket }),
  "storage.bucket_acl.delete": (s) => s.bucketAccessControls.delete({ bucket, entity }),
  "storage.bucket_acl.insert": (s) => s.bucketAccessControls.insert({ bucket, body: { entity } }),
  "storage.bucket_acl.patch": (s) => s.bucketAccessControls.patch(acl),
  "storage.bucket_acl.update": (s) => s.bucketAccessControls.update(acl),
  "storage.buckets.delete": (s) => s.buckets.delete({ bucket }),
  "storage.buckets.get": (s) => s.buckets.get({ bucket }),
  "storage.buckets.getIamPolicy": (s) => s.buckets.getIamPolicy({ bucket }),
  "storage.buckets.insert": (s) => s.buckets.insert({ body: { name: bucket } }),
  "storage.buckets.list": (s) => s.buckets.list(),
  "storage.buckets.lockRetentionPolicy": (s) =>
    s.buckets.lockRetentionPolicy({ bucket, ifMetagenerationMatch: "1" }),
  "storage.buckets.patch": (s, given) => s.buckets.patch({ bucket, body: {}, ...metageneration(given) }),
  "storage.buckets.setIamPolicy": (s, given) =>
    s.buckets.setIamPolicy({ bucket, body: { bindings: [], ...etag(given) } }),
  "storage.buckets.testIamPermissions": (s) => s.buckets.testIamPermissions({ bucket, permissions: ["x"] }),
  "storage.buckets.update": (s, given) => s.buckets.update({ bucket, body: {}, ...metageneration(given) }),
  "storage.default_object_acl.get": (s) => s.defaultObjectAccessControls.get({ bucket, entity }),
  "storage.default_object_acl.list": (s) => s.defaultObjectAccessControls.list({ bucket }),
  "storage.default_object_acl.delete": (s) => s.defaultObjectAccessControls.delete({ bucket, entity }),
  "storage.default_object_acl.insert": (s) =>
    s.defaultObjectAccessControls.insert({ bucket, body: { entity } }),
  "storage.default_object_acl.patch": (s) => s.defaultObjectAccessControls.patch(acl),
  "storage.default_object_acl.update": (s) => s.defaultObjectAccessControls.update(acl),
  "storage.hmacKey.create": (s) => s.projects.hmacKeys.create({ serviceAccountEmail: "a@b" }),
  "storage.hmacKey.delete": (s) => s.projects.hmacKeys.delete({ accessId }),
  "storage.hmacKey.get": (s) => s.projects.hmacKeys.get({ accessId }),
  "storage.hmacKey.list": (s) => s.projects.hmacKeys.list(),
  "storage.hmacKey.update": (s, given) =>
    s.projects.hmacKeys.update({ accessId, body: { state: "INACTIVE", ...etag(given) } }),
  "storage.notifications.delete": (s) => s.notifications.delete({ bucket, notification }),
  "storage.notifications.get": (s) => s.notifications.get({ bucket, notification }),
  "storage.notifications.insert": (s) => s.notifications.insert({ bucket, body: { topic: "t" } }),
  "storage.notifications.list": (s) => s.notifications.list({ bucket }),
  "storage.object_acl.get": (s) => s.objectAccessControls.get({ ...at, entity }),
  "storage.object_acl.list": (s) => s.objectAccessControls.list(at),
  "storage.object_acl.delete": (s) => s.objectAccessControls.delete({ ...at, entity }),
  "storage.object_acl.insert": (s) => s.objectAccessControls.insert({ ...at, body: { entity } }),
  "storage.object_acl.patch": (s) => s.objectAccessControls.patch(objectAcl),
  "storage.object_acl.update": (s) => s.objectAccessControls.update(objectAcl),
  "storage.objects.compose": (s, given) =>
    s.objects.compose({
      destinationBucket: bucket,
      destinationObject: object,
      body: { sourceObjects: [{ name: "x" }] },
      ...generation(given),
    }),
  "storage.objects.copy": (s, given) => s.objects.copy({ ...between, ...generation(given) }),
  "storage.objects.delete": (s, given) => s.objects.delete({ ...at, ...generation(given) }),
  "storage.objects.get": (s) => s.objects.get(at),
  "storage.objects.insert": (s, given) =>
    s.objects.insert({ bucket, body: { name: object }, media: "x", ...generation(given) }),
  "storage.objects.list": (s) => s.objects.list({ bucket }),
  "storage.objects.patch": (s, given) => s.objects.patch({ ...at, body: {}, ...metageneration(given) }),
  "storage.objects.rewrite": (s, given) => s.objects.rewrite({ ...between, ...generation(given) }),
  "storage.objects.update": (s, given) => s.objects.update({ ...at, body: {}, ...metageneration(given) }),
  "storage.serviceaccount.get": (s) => s.projects.serviceAccount.get(),
};
