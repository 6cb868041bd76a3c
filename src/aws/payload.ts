/** Whether a structure's payload is a stream: bytes handed on as they come, or events. */
import type { Shape } from "../model/model.js";

export function hasStreamingPayload(shape: Shape | undefined): boolean {
  const payload = shape?.traits.payload;
  const member = payload === undefined ? undefined : shape?.member(payload);
  if (member === undefined) return false;
  const { traits } = member.shape;
  return member.traits.streaming === true || traits.streaming === true || traits.eventStream === true;
}
