/** Bodies that are event streams: what tells them apart, and their codec (`events.ts`), loaded with the first of them. */
import { deferred } from "../internal/deferred.js";
import type { Member, Shape } from "../model/model.js";
import type { Values } from "./protocol.js";

export const EVENT_STREAM_TYPE = "application/vnd.amazon.eventstream";

/** How a protocol writes a structure that is a body or an event's payload. */
export interface BodyFormat {
  readonly contentType: string;
  /** Undefined for no bytes. */
  decode(shape: Shape, body: Uint8Array): unknown;
  /** `name` is the event's, for a format in which a value has one. */
  encode(shape: Shape, value: unknown, name: string): string | Uint8Array;
}

/** The member of a structure that is an event stream. */
export function streamMember(shape: Shape | undefined): Member | undefined {
  return shape?.members.find(
    (member) => member.traits.at === undefined && member.shape.traits.eventStream === true,
  );
}

/** The codec. */
export function eventCodec(): Promise<typeof import("./events.js")> {
  return import("./events.js");
}

/** Frames of events, one yielded for each, not signed: `encodeEvents` of the codec. */
export function eventFrames(
  ...given: Parameters<typeof import("./events.js")["encodeEvents"]>
): AsyncGenerator<Uint8Array, void, undefined> {
  return deferred(async () => (await eventCodec()).encodeEvents(...given));
}

/** The emulator's: the events of a body that is here whole. */
export function receivedEvents(
  ...given: Parameters<typeof import("./events.js")["receivedEvents"]>
): AsyncGenerator<Values, void, undefined> {
  return deferred(async () => (await eventCodec()).receivedEvents(...given));
}
