/** Event streams by the model: messages to one-member objects and back. */
import { CloudError, kindOfStatus } from "../internal/cloud-error.js";
import type { Member, Shape } from "../model/model.js";
import { badResponse } from "./codec/bad-response.js";
import { blobBytes, decodeUtf8, encodeUtf8 } from "./codec/bytes.js";
import {
  decodeMessages,
  type EventHeader,
  type EventMessage,
  encodeMessage,
  receivedMessages,
} from "./codec/event-stream.js";
import { dateOf, instantOf } from "./codec/timestamp.js";
import type { BodyFormat } from "./event-body.js";
import type { Values } from "./protocol.js";

/** Events as users get them. An exception of the stream is thrown as a CloudError with its code; unknown events are passed over. */
async function* decodeEvents(
  stream: Shape,
  messages: AsyncIterable<EventMessage> | Iterable<EventMessage>,
  format: BodyFormat,
): AsyncGenerator<Values, void, undefined> {
  for await (const message of messages) {
    const type = textHeader(message, ":message-type");
    if (type === "error")
      throw streamError(textHeader(message, ":error-code"), textHeader(message, ":error-message"));
    if (type === "exception") throw exceptionOf(stream, message, format);
    const name = textHeader(message, ":event-type");
    const member = stream.member(name);
    if (member !== undefined) yield { [name]: decodeEvent(member.shape, message, format) };
  }
}

/** The members of a response that is a stream, its events among them. */
export async function decodeRpcStream(
  shape: Shape,
  stream: Member,
  source: AsyncIterable<Uint8Array>,
  format: BodyFormat,
): Promise<Values> {
  const { first, rest } = await openStream(source);
  return { ...decodeInitial(shape, first, format), [stream.name]: decodeEvents(stream.shape, rest, format) };
}

/** The events of a response's body. */
export function decodeEventBody(
  stream: Shape,
  source: AsyncIterable<Uint8Array>,
  format: BodyFormat,
): AsyncGenerator<Values, void, undefined> {
  return decodeEvents(stream, decodeMessages(source), format);
}

/** The messages of an RPC's stream after the first, which holds the members beside the stream. */
async function openStream(
  source: AsyncIterable<Uint8Array>,
): Promise<{ first: EventMessage | undefined; rest: AsyncIterable<EventMessage> }> {
  const messages = decodeMessages(source);
  const next = await messages.next();
  if (next.done) return { first: undefined, rest: messages };
  if (textHeader(next.value, ":event-type").startsWith("initial-"))
    return { first: next.value, rest: messages };
  return { first: undefined, rest: withFirst(next.value, messages) };
}

/** The emulator's: the events of a body that is here whole. */
export async function* receivedEvents(
  stream: Shape,
  body: Uint8Array,
  format: BodyFormat,
): AsyncGenerator<Values, void, undefined> {
  yield* decodeEvents(stream, receivedMessages(body), format);
}

/** The emulator's: the members of an RPC's input, its stream among them. */
export function receivedInput(shape: Shape, stream: Member, body: Uint8Array, format: BodyFormat): Values {
  const [first, ...rest] = receivedMessages(body);
  const events = isInitial(first) ? rest : first === undefined ? [] : [first, ...rest];
  return {
    ...(isInitial(first) && decodeInitial(shape, first, format)),
    [stream.name]: decodeEvents(stream.shape, events, format),
  };
}

/** Whether it is the message that holds the members beside the stream. */
function isInitial(message: EventMessage | undefined): boolean {
  return message !== undefined && textHeader(message, ":event-type").startsWith("initial-");
}

async function* withFirst(
  first: EventMessage,
  rest: AsyncIterable<EventMessage>,
): AsyncGenerator<EventMessage, void, undefined> {
  yield first;
  yield* rest;
}

/**
 * Frames of a stream of one-member objects, one yielded for each event, not signed: a signer wraps each in a frame of its own.
 * `initial` is an RPC's first message with the members beside the stream.
 */
export async function* encodeEvents(
  stream: Shape,
  events: AsyncIterable<unknown> | Iterable<unknown>,
  format: BodyFormat,
  initial?: { readonly type: "initial-request" | "initial-response"; readonly body: string | Uint8Array },
): AsyncGenerator<Uint8Array, void, undefined> {
  if (initial !== undefined) {
    yield encodeMessage(messageOf(initial.type, format.contentType, bytesOf(initial.body)));
  }
  for await (const event of events) {
    const entry = Object.entries(event as Values).find(([, value]) => value !== undefined);
    const member = entry && stream.member(entry[0]);
    if (entry === undefined || member === undefined) {
      throw badEvent(`its one member is none of ${stream.members.map(({ name }) => name).join(", ")}`);
    }
    yield encodeMessage(encodeEvent(member, entry[1] as Values, format));
  }
}

function decodeEvent(shape: Shape, { headers, payload }: EventMessage, format: BodyFormat): Values {
  const values: Values = {};
  for (const { name, traits } of shape.members) {
    const header = headers[name];
    if (traits.eventHeader && header !== undefined) values[name] = header.value;
  }
  const member = shape.members.find(({ traits }) => traits.eventPayload);
  if (member === undefined) return { ...values, ...((format.decode(shape, payload) ?? {}) as Values) };
  const { type } = member.shape;
  const value =
    type === "blob"
      ? payload
      : type === "string"
        ? decodeUtf8(payload)
        : format.decode(member.shape, payload);
  // No bytes are an empty structure, as in a response's body.
  if (value !== undefined) values[member.name] = value;
  else if (type === "structure" && !member.shape.traits.union) values[member.name] = {};
  return values;
}

function encodeEvent(member: Member, event: Values, format: BodyFormat): EventMessage {
  const { shape } = member;
  const headers: Record<string, EventHeader> = {};
  const body: Values = {};
  const payloadMember = shape.members.find(({ traits }) => traits.eventPayload);
  for (const each of shape.members) {
    const value = event[each.name];
    if (value === undefined || value === null) continue;
    if (each.traits.eventHeader) headers[each.name] = headerOf(each, value);
    else body[each.name] = value;
  }
  const [type, payload] = payloadOf(member, payloadMember, body, format);
  const kind = shape.traits.error === undefined ? "event" : "exception";
  const message = messageOf(member.name, type, payload, kind);
  return { headers: { ...message.headers, ...headers }, payload };
}

function payloadOf(
  { shape, name }: Member,
  member: Member | undefined,
  body: Values,
  format: BodyFormat,
): [type: string, payload: Uint8Array] {
  if (member === undefined) return [format.contentType, bytesOf(format.encode(shape, body, name))];
  const value = body[member.name];
  const empty = value === undefined;
  switch (member.shape.type) {
    case "blob":
      return [
        "application/octet-stream",
        empty ? new Uint8Array(0) : (blobBytes(value) ?? new Uint8Array(0)),
      ];
    case "string":
      return ["text/plain", encodeUtf8(empty ? "" : String(value))];
    default:
      return [
        format.contentType,
        empty ? new Uint8Array(0) : bytesOf(format.encode(member.shape, value, name)),
      ];
  }
}

function headerOf({ shape }: Member, value: unknown): EventHeader {
  switch (shape.type) {
    case "boolean":
      return { type: "boolean", value: value === true };
    case "integer":
      return { type: "integer", value: Number(value) };
    case "long":
      return { type: "long", value: value as number | bigint };
    case "blob":
      return { type: "blob", value: blobBytes(value) ?? new Uint8Array(0) };
    case "timestamp":
      return { type: "timestamp", value: dateOf(instantOf(value)) };
    default:
      return { type: "string", value: String(value) };
  }
}

function messageOf(
  name: string,
  contentType: string,
  payload: Uint8Array,
  kind: "event" | "exception" = "event",
): EventMessage {
  const headers: Record<string, EventHeader> = {
    ":message-type": { type: "string", value: kind },
    [kind === "event" ? ":event-type" : ":exception-type"]: { type: "string", value: name },
    ":content-type": { type: "string", value: contentType },
  };
  return { headers, payload };
}

function exceptionOf(stream: Shape, message: EventMessage, format: BodyFormat): CloudError {
  const name = textHeader(message, ":exception-type");
  const shape = stream.member(name)?.shape;
  if (shape === undefined) return streamError(name, decodeUtf8(message.payload.subarray(0, 1000)));
  const body = decodeEvent(shape, message, format);
  const { error } = shape.traits;
  // The stream's member may be named otherwise than its error: `throttlingException`.
  const code = error?.code ?? (shape.name || name);
  return streamError(code, String(body.message ?? body.Message ?? ""), error?.status, body);
}

function streamError(
  code: string,
  message: string,
  status = /^internal/i.test(code) ? 500 : 400,
  body?: Values,
): CloudError {
  return new CloudError(message || `The event stream failed: ${code}`, {
    kind: kindOfStatus(status),
    code: code || "EventStreamError",
    status,
    body,
  });
}

function textHeader({ headers }: EventMessage, name: string): string {
  const header = headers[name];
  return header?.type === "string" ? header.value : "";
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === "string" ? encodeUtf8(body) : body;
}

function badEvent(why: string): CloudError {
  return new CloudError(`Cannot encode an event: ${why}`, { kind: "invalidInput", code: "InvalidInput" });
}

/** The initial message's members, where it has any. */
function decodeInitial(shape: Shape, first: EventMessage | undefined, format: BodyFormat): Values {
  if (first === undefined) return {};
  const value = format.decode(shape, first.payload) ?? {};
  if (typeof value !== "object")
    throw badResponse("Cannot read the response: its first event is not an object");
  return value as Values;
}
