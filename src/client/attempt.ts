/** Step 5: attempts of one call. Each is signed afresh; a failed one is classified, and repeated where that is safe. */

import type { HttpRequest, HttpResponse, SendOptions } from "../http/message.js";
import { isReplayable } from "../http/request-body.js";
import { abortedError, isTransientTransportError } from "../http/transport-error.js";
import { CloudError, isCloudError } from "../internal/cloud-error.js";
import type { EncodedRequest } from "../protocol/protocol.js";
import type { Answer, AttemptNumber, Call, Classification, RetryFailure, Target } from "./backend.js";
import { addressed } from "./call.js";
import { type Deadline, sleep, startDeadline } from "./deadline.js";
import type { CallInfo } from "./options.js";
import type { ClientCore } from "./service.js";

/** An error body is read into memory up to here; what is longer is no service's error. */
const ERROR_BODY_BYTES_MAX = 1024 * 1024;
/** Corrections (clock, region, token) that a target may ask for, over and above the strategy's attempts. */
const CORRECTIONS_MAX = 2;

type Outcome = { readonly answer: Answer } | Failure;

interface Failure {
  readonly error: CloudError;
  readonly retry: Classification["retry"];
  readonly retryAfterMs?: number | undefined;
  readonly response?: HttpResponse | undefined;
}

export async function attempts(
  core: ClientCore,
  call: Call,
  target: Target,
  encoded: EncodedRequest,
  decode: (response: HttpResponse) => Promise<Answer>,
): Promise<Answer> {
  const { backend } = core;
  const { retry: ownRetry } = call.options;
  const retry = ownRetry === core.options.retry ? core.retry : backend.retryStrategy(ownRetry);
  const replayable = encoded.body === undefined || isReplayable(encoded.body);
  let corrections = 0;
  let lastFailure: RetryFailure | undefined;
  for (let attempt = 1; ; attempt++) {
    await retry.acquire?.(call.signal);
    const number = { attempt, maxAttempts: retry.maxAttempts };
    const outcome = await attemptOnce(core, call, target, encoded, decode, number);
    if ("answer" in outcome) {
      retry.success(attempt, lastFailure);
      return outcome.answer;
    }
    const { error, retryAfterMs } = outcome;
    error.attempts = attempt;
    const corrected = corrections < CORRECTIONS_MAX && (await target.onError?.(error, outcome.response));
    if (!replayable) throw error;
    if (corrected) {
      corrections++;
      continue;
    }
    if (outcome.retry === false || backend.mayRepeat?.(call) === false) throw error;
    lastFailure = { error, retry: outcome.retry, retryAfterMs, operation: call.operation };
    const delayMs = retry.next(attempt, lastFailure);
    if (delayMs === undefined) {
      const waitMs = retry.lastWait?.(attempt, lastFailure) ?? 0;
      if (waitMs > 0) await sleep(waitMs, call.signal);
      throw error;
    }
    await core.options.hooks?.onRetry?.(error, { ...infoOf(call, attempt), delayMs });
    await sleep(delayMs, call.signal);
  }
}

async function attemptOnce(
  core: ClientCore,
  call: Call,
  target: Target,
  encoded: EncodedRequest,
  decode: (response: HttpResponse) => Promise<Answer>,
  number: AttemptNumber,
): Promise<Outcome> {
  const { hooks } = core.options;
  const info = infoOf(call, number.attempt);
  let request: HttpRequest = addressed(encoded, target);
  if (call.options.headers) Object.assign(request.headers, lowerCased(call.options.headers));
  const early = await hooks?.onRequest?.(request, info);
  request = await target.sign(request, number);
  const deadline = startDeadline(call.signal, call.options.attemptTimeoutMs, "AttemptTimeout");
  try {
    let response: HttpResponse;
    try {
      response = early ?? (await core.transport.send(request, sendOptions(call, target, deadline)));
    } catch (error) {
      return lost(error, call, deadline);
    }
    response.body = deadline.watch(response.body);
    await hooks?.onResponse?.(response, info);
    return await answered(core, call, response, decode, deadline);
  } finally {
    deadline.settle();
  }
}

async function answered(
  core: ClientCore,
  call: Call,
  response: HttpResponse,
  decode: (response: HttpResponse) => Promise<Answer>,
  deadline: Deadline,
): Promise<Outcome> {
  try {
    if (response.status >= 300 || (await core.backend.isError?.(call.operation, response))) {
      return await failure(core, call, response);
    }
    return { answer: await decode(response) };
  } catch (error) {
    response.body.cancel();
    return lost(error, call, deadline, response);
  }
}

/** An error response, read, decoded and classified. */
async function failure(core: ClientCore, call: Call, response: HttpResponse): Promise<Failure> {
  const { operation } = call;
  const decoded = core.protocol.decodeError(
    operation,
    response,
    await response.body.bytes(ERROR_BODY_BYTES_MAX),
  );
  const { kind, code, retry, retryAfterMs } = core.backend.classify(operation, decoded, response);
  const error = new CloudError(decoded.message || `${operation.name} failed with status ${response.status}`, {
    kind,
    code: code ?? (decoded.code || String(response.status)),
    status: response.status,
    requestId: decoded.requestId,
    body: decoded.body,
  });
  if (decoded.name !== undefined) error.name = decoded.name;
  assignMembers(error, decoded.body);
  return { error, retry, retryAfterMs, response };
}

/** Members of a modelled error stand on the error itself, but for those that every error has. */
export function assignMembers(error: CloudError, body: unknown): void {
  if (typeof body !== "object" || body === null) return;
  for (const [name, value] of Object.entries(body)) {
    if (!(name in error)) Object.defineProperty(error, name, { value, enumerable: true });
  }
}

/** No response, or one that broke off. A user's abort and our own refusals end the call; the rest is transient. */
function lost(thrown: unknown, call: Call, { signal }: Deadline, response?: HttpResponse): Failure {
  if (call.signal?.aborted) return { error: abortedError(call.signal), retry: false };
  if (signal?.aborted) return { error: abortedError(signal), retry: "transient", response };
  if (isCloudError(thrown)) {
    return { error: thrown, retry: isTransientTransportError(thrown) ? "transient" : false, response };
  }
  throw thrown;
}

function infoOf({ operation }: Call, attempt: number): CallInfo {
  return {
    cloud: operation.service.cloud,
    service: operation.service.id,
    operation: operation.name,
    attempt,
  };
}

function sendOptions({ options }: Call, target: Target, { signal }: Deadline): SendOptions {
  const { connectTimeoutMs = target.connectTimeoutMs, idleTimeoutMs } = options;
  const { duplex } = target;
  return { signal, connectTimeoutMs, idleTimeoutMs, duplex };
}

export function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
