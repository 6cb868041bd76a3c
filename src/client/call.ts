/** One call, top to bottom. Every operation of every cloud comes through here. */
import type { HeaderMap, HttpRequest, HttpResponse } from "../http/message.js";
import { type CloudError, invalidInput } from "../internal/cloud-error.js";
import type { OperationModel } from "../model/model.js";
import type { EncodedRequest, Values } from "../protocol/protocol.js";
import { attempts, lowerCased } from "./attempt.js";
import type { Answer, Call, PresignOptions, Target } from "./backend.js";
import { abortable, startDeadline, throwIfAborted } from "./deadline.js";
import type { CallOptions, ClientOptions } from "./options.js";
import type { ClientCore } from "./service.js";
import { traced } from "./trace.js";
import { validateInput } from "./validate.js";

/** A GET of a URL that an earlier answer named (next page, state of an operation), instead of an encoded input. */
export interface Follow {
  readonly url: string;
  /** Decode by the operation's model; else plain JSON. */
  readonly decode: boolean;
}

export async function call(
  core: ClientCore,
  operation: OperationModel,
  input: Values = {},
  options: CallOptions = {},
): Promise<Values> {
  const { output } = await callForAnswer(core, operation, input, options);
  return output;
}

/** `call`, with the response's head. */
export function callForAnswer(
  core: ClientCore,
  operation: OperationModel,
  input: Values,
  options: CallOptions,
  follow?: Follow,
): Promise<Answer> {
  return traced(operation, () => run(core, operation, input, options, follow));
}

async function run(
  core: ClientCore,
  operation: OperationModel,
  input: Values,
  options: CallOptions,
  follow: Follow | undefined,
): Promise<Answer> {
  const merged = mergeOptions(core.options, options);
  const deadline = startDeadline(merged.signal, merged.timeoutMs);
  try {
    throwIfAborted(deadline.signal);
    if (follow === undefined) validateInput(operation, input);
    const filled = await abortable(core.backend.fill(operation, input), deadline.signal);
    const call: Call = { operation, input: filled, options: merged, signal: deadline.signal };
    if (core.responder) return await core.responder.answer(core, call);
    const target = await abortable(core.backend.resolve(call), deadline.signal);
    const encoded = follow
      ? requestOf(follow.url, target)
      : await abortable(
          core.backend.finish(call, core.protocol.encodeRequest(operation, filled)),
          deadline.signal,
        );
    return await attempts(core, call, target, encoded, (response) => {
      response.body = deadline.watch(response.body);
      return decode(core, call, response, follow);
    });
  } catch (error) {
    throw named(error, operation);
  } finally {
    deadline.settle();
  }
}

async function decode(
  core: ClientCore,
  call: Call,
  response: HttpResponse,
  follow: Follow | undefined,
): Promise<Answer> {
  const { status, headers } = response;
  if (follow && !follow.decode) {
    const bytes = await response.body.bytes();
    return {
      status,
      headers,
      output: bytes.length === 0 ? {} : (JSON.parse(new TextDecoder().decode(bytes)) as Values),
    };
  }
  const output = await core.protocol.decodeResponse(call.operation, response);
  return {
    status,
    headers,
    output: core.backend.output ? await core.backend.output(call, output, response) : output,
  };
}

/** The request as a URL that needs no credentials until it expires. Sends nothing. */
export async function presign(
  core: ClientCore,
  operation: OperationModel,
  input: Values = {},
  options: PresignOptions = {},
): Promise<string> {
  try {
    validateInput(operation, input);
    const filled = await core.backend.fill(operation, input);
    const call: Call = { operation, input: filled, options: core.options, signal: undefined, presign: true };
    const target = await core.backend.resolve(call);
    if (target.presign === undefined) {
      throw invalidInput(`Cannot presign ${operation.name}: these credentials sign headers only`);
    }
    const encoded = await core.backend.finish(call, core.protocol.encodeRequest(operation, filled));
    const request = addressed(encoded, target);
    if (options.headers) Object.assign(request.headers, lowerCased(options.headers));
    return await target.presign(request, options);
  } catch (error) {
    throw named(error, operation);
  }
}

/** The request at its endpoint, with headers of its own: each attempt signs its own copy. */
export function addressed(encoded: EncodedRequest, target: Target): HttpRequest {
  const { method, hostPrefix, query, body } = encoded;
  const origin =
    hostPrefix === undefined || hostPrefix === ""
      ? target.origin
      : target.origin.replace("://", `://${hostPrefix}`);
  // By name: what V8 makes of a spread takes forty times as long to add to, and signing adds to it.
  const headers: HeaderMap = {};
  for (const name in encoded.headers) headers[name] = encoded.headers[name] as string;
  const request: HttpRequest = { method, origin, path: target.basePath + encoded.path, query, headers };
  if (body !== undefined) request.body = body;
  return request;
}

/** A followed URL must stay on the endpoint's host: the request carries credentials. */
function requestOf(url: string, target: Target): EncodedRequest {
  const { origin, pathname, search } = new URL(url, target.origin);
  if (origin !== new URL(target.origin).origin) {
    throw invalidInput(`Cannot follow the link to ${origin}: the endpoint is ${target.origin}`);
  }
  const path = pathname.startsWith(target.basePath) ? pathname.slice(target.basePath.length) : pathname;
  return { method: "GET", path, query: search.slice(1), headers: { accept: "application/json" } };
}

function mergeOptions(defaults: ClientOptions, options: CallOptions): ClientOptions {
  const { signal, timeoutMs, attemptTimeoutMs, retry, headers } = options;
  const given = signal ?? timeoutMs ?? attemptTimeoutMs ?? retry ?? headers;
  if (given === undefined) return defaults;
  return {
    ...defaults,
    signal: signal ?? defaults.signal,
    timeoutMs: timeoutMs ?? defaults.timeoutMs,
    attemptTimeoutMs: attemptTimeoutMs ?? defaults.attemptTimeoutMs,
    retry: retry ? { ...defaults.retry, ...retry } : defaults.retry,
    headers: headers ? { ...defaults.headers, ...headers } : defaults.headers,
  };
}

/** Writes on an error which call it ended. */
function named(error: unknown, operation: OperationModel): unknown {
  if (isOpen(error)) {
    error.cloud ??= operation.service.cloud;
    error.service ??= operation.service.id;
    error.operation ??= operation.name;
  }
  return error;
}

function isOpen(error: unknown): error is CloudError {
  return error instanceof Error && "kind" in error && "attempts" in error;
}
