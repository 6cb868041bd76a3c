/** One request's way through the emulator: route, verify, decode, handle, encode. */
import type { HeaderMap, RequestBody } from "../http/message.js";
import { bytesBody } from "../http/response-body.js";
import { isCloudError } from "../internal/cloud-error.js";
import type { CloudName } from "../model/ir.js";
import type { Member, OperationModel } from "../model/model.js";
import { memberPath } from "../model/names.js";
import type { EncodedResponse, Values } from "../protocol/protocol.js";
import type { Clock } from "./clock.js";
import type { Fault, Faults } from "./faults.js";
import { checkInput, isJson } from "./json-kinds.js";
import type { Route } from "./router.js";
import {
  type Caller,
  type Context,
  type EmulatedCloud,
  type EmulatedService,
  EmulatorError,
  type IncomingBody,
  type IncomingRequest,
  type StoreKey,
} from "./service.js";
import type { Memory } from "./stored-bytes.js";

/** Longest body of an operation that does not stream it. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;

/** What all requests of one emulator share. */
export interface Environment {
  readonly clouds: readonly EmulatedCloud[];
  readonly clock: Clock;
  readonly memory: Memory;
  readonly faults: Faults;
  readonly verify: boolean;
  readonly authorize: boolean;
  store<T>(key: StoreKey<T>): T;
}

/** Thrown instead of an answer: the server resets the connection, the in-process transport fails. */
export class ConnectionReset extends Error {}

/** An answer whose body fails after so many bytes. */
export interface PipelineResponse extends EncodedResponse {
  readonly cutBodyAfterBytes?: number | undefined;
}

export class RequestContext implements Context {
  readonly cloud: CloudName;
  readonly service: string;
  readonly request: IncomingRequest;
  readonly requestId: string;
  readonly responseHeaders: HeaderMap = {};
  responseStatus: number | undefined = undefined;
  caller: Caller | undefined = undefined;
  account = "";
  region = "";
  operation: OperationModel | undefined = undefined;
  readonly #environment: Environment;

  constructor(environment: Environment, cloud: CloudName, service: string, request: IncomingRequest) {
    this.#environment = environment;
    this.cloud = cloud;
    this.service = service;
    this.request = request;
    this.requestId = crypto.randomUUID();
  }

  get verify(): boolean {
    return this.#environment.verify;
  }

  get authorize(): boolean {
    return this.#environment.authorize;
  }

  get clock(): Clock {
    return this.#environment.clock;
  }

  get memory(): Memory {
    return this.#environment.memory;
  }

  store<T>(key: StoreKey<T>): T {
    return this.#environment.store(key);
  }
}

/** Answers one request of a cloud's service; with `refused`, only that. Throws ConnectionReset alone: everything else becomes a response. */
export async function handle(
  environment: Environment,
  request: IncomingRequest,
  { cloud, service: serviceId }: Route,
  refused?: EmulatorError,
): Promise<PipelineResponse> {
  const context = new RequestContext(environment, cloud.name, serviceId, request);
  const load = Object.hasOwn(cloud.services, serviceId) ? cloud.services[serviceId] : undefined;
  if (load === undefined) {
    const error = new EmulatorError("NotImplemented", `The emulator has no service ${serviceId}`, 501);
    return cloud.encodeUnknown(serviceId, error, context);
  }
  const service = await load();
  let fault: Fault | undefined;
  let response: EncodedResponse;
  try {
    if (refused !== undefined) throw refused;
    checkUri(request);
    const received = await receive(service, context);
    fault = environment.faults.take({
      cloud: cloud.name,
      service: serviceId,
      operation: context.operation?.name,
    });
    response = (fault && (await failFirst(service, fault))) ?? (await respond(service, received, context));
  } catch (error) {
    if (error instanceof ConnectionReset) throw error;
    response = encodeFailure(service, toEmulatorError(service, error), context);
  }
  if (fault?.reset === "response") throw new ConnectionReset();
  // What stands for a proxy has none of the service's headers.
  if (fault?.respond !== undefined) return response;
  const finished = finish(service, response, context);
  return fault?.cutBodyAfterBytes === undefined
    ? finished
    : { ...finished, cutBodyAfterBytes: fault.cutBodyAfterBytes };
}

/** Services decode parts of both, here and there: what cannot be decoded goes no further. */
function checkUri({ host, path, query }: IncomingRequest): void {
  if (!path.includes("%") && !query.includes("%") && !host.includes("%")) return;
  try {
    decodeURIComponent(host);
    decodeURIComponent(path);
    decodeURIComponent(query);
  } catch {
    throw new EmulatorError("InvalidURI", "Couldn't parse the specified URI.", 400);
  }
}

/** A request as far as its head (and for RPC protocols its body) tells. */
interface ReceivedCall {
  readonly request: IncomingRequest;
  readonly path: string;
  readonly query: string;
  readonly headers: HeaderMap;
  /** All bytes, where the protocol needs them to route. */
  readonly bytes: Uint8Array | undefined;
}

const NOTHING = new Uint8Array(0);
/** Their operation is in the body or a header: nothing of it streams in. */
const RPC_PROTOCOLS = new Set(["aws-ec2", "aws-query", "aws-json", "aws-cbor"]);

async function receive(service: EmulatedService, context: RequestContext): Promise<ReceivedCall> {
  const { request } = context;
  const { model, protocol } = service;
  const local = service.localize?.(request) ?? request;
  const headers = local.headers ?? request.headers;
  const head = { method: request.method, path: local.path, query: local.query, headers };
  let bytes: Uint8Array | undefined;
  let replayed = request;
  if (model !== undefined && RPC_PROTOCOLS.has(model.service.protocol)) {
    bytes = await request.body.bytes(BODY_BYTES_MAX);
    replayed = { ...request, body: bytesBody(bytes) };
  }
  if (model !== undefined && protocol !== undefined) {
    context.operation = protocol.route(model, { ...head, body: bytes ?? NOTHING });
  }
  return { request: replayed, path: local.path, query: local.query, headers, bytes };
}

async function respond(
  service: EmulatedService,
  received: ReceivedCall,
  context: RequestContext,
): Promise<EncodedResponse> {
  const verified = (await service.verify?.(received.request, context)) ?? {};
  context.caller = verified.caller;
  context.account = verified.account ?? verified.caller?.account ?? "";
  context.region = verified.region ?? "";
  const body = verified.body ?? (received.bytes ? bytesBody(received.bytes) : context.request.body);
  const direct = await service.answer?.({ ...context.request, body }, context);
  if (direct !== undefined) return direct;

  const { operation } = context;
  const handler = operation && service.handlers?.[memberPath(operation.name).join(".")];
  if (operation === undefined || handler === undefined || service.protocol === undefined) {
    throw notImplemented(service, operation, context.request, received.bytes);
  }
  const input = await decodeInput(service, operation, received, body);
  if (context.authorize) service.authorize?.(input, context);
  const output = ((await handler(input, context)) ?? {}) as Values;
  return service.protocol.encodeResponse(operation, output, context.requestId);
}

async function decodeInput(
  service: EmulatedService,
  operation: OperationModel,
  received: ReceivedCall,
  body: IncomingBody,
): Promise<Values> {
  const { method } = operation;
  const { path, query, headers } = received;
  const streamed = streamedMember(operation);
  const bytes = streamed === undefined ? await body.bytes(BODY_BYTES_MAX) : NOTHING;
  const request = { method, path, query, headers, body: bytes };
  const input = (await service.protocol?.decodeRequest(operation, request)) ?? {};
  if (service.model !== undefined && isJson(service.model.service.protocol))
    checkInput(operation.input, input);
  if (streamed !== undefined) input[streamed.name] = body;
  return input;
}

/** The member that is the request's whole body and may be long: handed over unread. */
function streamedMember(operation: OperationModel): Member | undefined {
  const { input } = operation;
  const name = input?.traits.payload;
  const member = name === undefined ? undefined : input?.member(name);
  return member?.traits.streaming || member?.shape.traits.streaming ? member : undefined;
}

/** What a fault answers in the operation's stead; undefined when the operation is to run all the same. */
async function failFirst(service: EmulatedService, fault: Fault): Promise<EncodedResponse | undefined> {
  if (fault.latencyMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.latencyMs));
  if (fault.reset === "request") throw new ConnectionReset();
  if (fault.respond !== undefined) return { headers: {}, ...fault.respond };
  if (fault.error !== undefined) {
    throw new EmulatorError(fault.error.code, fault.error.message ?? "Injected fault", fault.error.status);
  }
  if (fault.throttle) {
    const { code, message, status } = service.throttling ?? SLOW_DOWN;
    throw new EmulatorError(code, message, status);
  }
  return undefined;
}

const SLOW_DOWN = { code: "SlowDown", message: "Please reduce your request rate.", status: 503 };

/** Bodies that could not be read to their end. */
const UNREAD: Readonly<Record<string, readonly [code: string, message: string, status: number]>> = {
  BodyTruncated: [
    "IncompleteBody",
    "The request body ended early or did not have the coding that its headers state.",
    400,
  ],
  BodyTooLong: ["EntityTooLarge", "The request body is too long.", 413],
  IdleTimeout: [
    "RequestTimeout",
    "Your socket connection to the server was not read from or written to within the timeout period.",
    400,
  ],
};

function toEmulatorError(service: EmulatedService, error: unknown): EmulatorError {
  if (error instanceof EmulatorError) return error;
  if (isCloudError(error)) {
    const unread = UNREAD[error.code];
    if (unread !== undefined) return new EmulatorError(...unread);
    if (error.kind === "invalidInput" || error.code === "BadResponse") {
      const { code, status } = service.malformed ?? { code: "InvalidRequest", status: 400 };
      return new EmulatorError(code, service.malformed?.message ?? error.message, status);
    }
  }
  // A handler's own bug: said in full, or nobody could mend it.
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new EmulatorError("InternalError", `The emulator failed: ${detail}`, 500);
}

function encodeFailure(
  service: EmulatedService,
  error: EmulatorError,
  context: RequestContext,
): EncodedResponse {
  const { model, protocol } = service;
  const { code, message, status, body } = error;
  const response =
    service.encodeError?.(error, context) ??
    (model &&
      protocol?.encodeError(model, context.operation, {
        code,
        message,
        status,
        body,
        requestId: context.requestId,
        fault: status >= 500 ? "server" : "client",
      })) ??
    plainError(error);
  return error.headers ? { ...response, headers: { ...response.headers, ...error.headers } } : response;
}

/** For services without a protocol that do not say how their errors look. */
function plainError({ code, message, status }: EmulatorError): EncodedResponse {
  const body: RequestBody = JSON.stringify({ error: { code, message } });
  return { status, headers: { "content-type": "application/json" }, body };
}

function notImplemented(
  service: EmulatedService,
  operation: OperationModel | undefined,
  request: IncomingRequest,
  bytes: Uint8Array | undefined,
): EmulatorError {
  const name = operation?.name ?? nameOf(request, bytes);
  return new EmulatorError("NotImplemented", `The emulator does not implement ${service.id} ${name}`, 501);
}

/** What an operation that the model does not know calls itself: `X-Amz-Target`, `Action`, or method and path. */
function nameOf(request: IncomingRequest, bytes: Uint8Array | undefined): string {
  const target = request.headers["x-amz-target"];
  if (target !== undefined) return target;
  const form = new URLSearchParams(bytes === undefined ? request.query : new TextDecoder().decode(bytes));
  return form.get("Action") ?? `${request.method} ${request.path}`;
}

function finish(
  service: EmulatedService,
  response: EncodedResponse,
  context: RequestContext,
): EncodedResponse {
  const whole = withContext(response, context);
  try {
    return service.finish?.(whole, context) ?? whole;
  } catch (error) {
    return encodeFailure(service, toEmulatorError(service, error), context);
  }
}

function withContext(response: EncodedResponse, context: RequestContext): EncodedResponse {
  const headers = { ...response.headers, ...context.responseHeaders };
  return { ...response, headers, status: context.responseStatus ?? response.status };
}
