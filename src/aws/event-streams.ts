/** Operations that stream events: which they are, and what AWS says of their errors. */
import { assignMembers } from "../client/attempt.js";
import type { Call } from "../client/backend.js";
import type { HttpResponse } from "../http/message.js";
import { CloudError, isCloudError } from "../internal/cloud-error.js";
import type { Member, OperationModel } from "../model/model.js";
import { requestIdOf } from "../protocol/aws-error.js";
import { streamMember } from "../protocol/event-body.js";
import type { Values } from "../protocol/protocol.js";
import { classify } from "./classify.js";

interface Streams {
  readonly input: Member | undefined;
  readonly output: Member | undefined;
}

const known = /* @__PURE__ */ new WeakMap<OperationModel, Streams>();

/** The members that are event streams. */
export function eventStreams(operation: OperationModel): Streams {
  let streams = known.get(operation);
  if (streams === undefined) {
    streams = { input: streamMember(operation.input), output: streamMember(operation.output) };
    known.set(operation, streams);
  }
  return streams;
}

/** The output, its events failing as calls do: with the call's names, and of the kind that the code stands for. */
export function withStreamErrors(call: Call, output: Values, response: HttpResponse): Values {
  const member = eventStreams(call.operation).output;
  if (member === undefined || output[member.name] === undefined) return output;
  const events = output[member.name] as AsyncIterable<unknown>;
  return { ...output, [member.name]: failingAsCalls(events, call.operation, response) };
}

async function* failingAsCalls(
  events: AsyncIterable<unknown>,
  operation: OperationModel,
  response: HttpResponse,
): AsyncGenerator<unknown, void, undefined> {
  try {
    yield* events;
  } catch (error) {
    if (!isCloudError(error)) throw error;
    // One with a status was said by the service; others are of the connection, or of the input's own stream.
    const named = error.status === undefined ? error : ofService(error, error.status, operation, response);
    named.cloud ??= operation.service.cloud;
    named.service ??= operation.service.id;
    named.operation ??= operation.name;
    throw named;
  }
}

function ofService(
  { code, message, body }: CloudError,
  status: number,
  operation: OperationModel,
  { headers }: HttpResponse,
): CloudError {
  const requestId = requestIdOf(headers);
  const { kind } = classify(operation, { code, message, body }, { status, headers });
  const error = new CloudError(message, { kind, code, status, requestId, body, attempts: 1 });
  assignMembers(error, body);
  return error;
}
