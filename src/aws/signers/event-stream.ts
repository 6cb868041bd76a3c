/**
 * Signed event streams: each event travels in a frame that holds its time and a signature chained to the one before, and an
 * empty one ends the stream. The request's head is signed with `SIGNED_EVENTS` for its payload; its seed starts the chain.
 * https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html
 */
import { fromHex, sameSignature, toHex } from "../../auth/digest.js";
import { eventDateHeader, type Seed, signEvent } from "../../auth/sigv4.js";
import { CloudError } from "../../internal/cloud-error.js";
import { decodeMessage, encodeMessage } from "../../protocol/codec/event-stream.js";

const NOTHING = new Uint8Array(0);

/** `events` are encoded events, or undefined for none. The signed frames, the last one empty. */
export async function* signEvents(
  events: AsyncIterable<Uint8Array> | undefined,
  seed: Seed,
  now: () => Date = () => new Date(),
): AsyncGenerator<Uint8Array, void, undefined> {
  let previous = seed.signature;
  const frame = (payload: Uint8Array): Uint8Array => {
    const at = now();
    previous = signEvent(seed, previous, at, eventDateHeader(at), payload);
    return encodeMessage({
      headers: {
        ":date": { type: "timestamp", value: at },
        ":chunk-signature": { type: "blob", value: fromHex(previous) ?? NOTHING },
      },
      payload,
    });
  };
  if (events !== undefined) for await (const event of events) yield frame(event);
  yield frame(NOTHING);
}

/**
 * The events of signed frames, each checked before it is handed on. Fails with `SignatureDoesNotMatch` for a frame that was
 * altered, moved or left out, and with `IncompleteBody` when the empty one is missing.
 */
export async function* verifyEvents(
  frames: AsyncIterable<Uint8Array>,
  seed: Seed,
): AsyncGenerator<Uint8Array, void, undefined> {
  let previous = seed.signature;
  for await (const frame of frames) {
    const { headers, payload } = decodeMessage(frame);
    const { ":date": date, ":chunk-signature": signature } = headers;
    if (date?.type !== "timestamp" || signature?.type !== "blob") {
      throw refused("SignatureDoesNotMatch", "an event is not signed");
    }
    previous = signEvent(seed, previous, date.value, eventDateHeader(date.value), payload);
    if (!sameSignature(previous, toHex(signature.value))) {
      throw refused("SignatureDoesNotMatch", "an event was altered");
    }
    if (payload.length === 0) return;
    yield payload;
  }
  throw refused("IncompleteBody", "it ends early");
}

function refused(code: "SignatureDoesNotMatch" | "IncompleteBody", reason: string): CloudError {
  const kind = code === "SignatureDoesNotMatch" ? "accessDenied" : "invalidInput";
  return new CloudError(`Cannot read the signed event stream: ${reason}`, { kind, code });
}
