/** Bodies of the RPC protocols, json and cbor: the whole input or output, or an event stream with the rest in its first message. */
import type { HttpResponse, RequestBody } from "../http/message.js";
import type { Shape } from "../model/model.js";
import { type BodyFormat, EVENT_STREAM_TYPE, eventCodec, eventFrames, streamMember } from "./event-body.js";
import type { Values } from "./protocol.js";

/** The body; `type` where it is not the protocol's own. Neither where there is no shape. */
export function encodeRpcBody(
  format: BodyFormat,
  shape: Shape | undefined,
  values: Values,
  initial: "initial-request" | "initial-response",
): { body?: RequestBody; type?: string } {
  if (shape === undefined) return {};
  const stream = streamMember(shape);
  if (stream === undefined) return { body: format.encode(shape, values, initial) };
  const { [stream.name]: events = [], ...others } = values;
  const first = { type: initial, body: format.encode(shape, others, initial) };
  return {
    body: eventFrames(stream.shape, events as AsyncIterable<unknown>, format, first),
    type: EVENT_STREAM_TYPE,
  };
}

export async function decodeRpcResponse(
  format: BodyFormat,
  shape: Shape | undefined,
  response: HttpResponse,
): Promise<Values> {
  const stream = streamMember(shape);
  if (shape === undefined || stream === undefined) {
    // Read to its end in any case: a connection with bytes left in it cannot be used again.
    const body = await response.body.bytes();
    return shape === undefined ? {} : ((format.decode(shape, body) ?? {}) as Values);
  }
  const { decodeRpcStream } = await eventCodec();
  return decodeRpcStream(shape, stream, response.body, format);
}

/** The emulator's: the body is here whole, its events too. */
export function decodeRpcRequest(
  format: BodyFormat,
  shape: Shape | undefined,
  body: Uint8Array,
): Values | Promise<Values> {
  if (shape === undefined) return {};
  const stream = streamMember(shape);
  if (stream === undefined) return (format.decode(shape, body) ?? {}) as Values;
  return eventCodec().then(({ receivedInput }) => receivedInput(shape, stream, body, format));
}
