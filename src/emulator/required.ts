/** Members that a model requires and a request lacks: handlers may then trust the types of their input. */
import type { OperationModel, Shape } from "../model/model.js";
import type { ReceivedRequest, ServerProtocol, Values } from "../protocol/protocol.js";

/** Deeper than any input of a modelled operation that is not recursive. */
const DEPTH_MAX = 32;

/** The protocol, refusing input without a required member by what `refuse` makes of its path (`Tagging.TagSet`), if anything. */
export function withRequired(
  protocol: ServerProtocol,
  refuse: (path: string) => Error | undefined,
): ServerProtocol {
  return {
    ...protocol,
    async decodeRequest(operation: OperationModel, request: ReceivedRequest): Promise<Values> {
      const input = await protocol.decodeRequest(operation, request);
      const missing = missingMember(operation.input, input, "", 0);
      const error = missing === undefined ? undefined : refuse(missing);
      if (error !== undefined) throw error;
      return input;
    },
  };
}

function missingMember(
  shape: Shape | undefined,
  value: unknown,
  path: string,
  depth: number,
): string | undefined {
  if (shape === undefined || depth > DEPTH_MAX || typeof value !== "object" || value === null)
    return undefined;
  if (shape.type === "list") {
    const element = shape.element?.shape;
    for (const each of value as readonly unknown[]) {
      const missing = missingMember(element, each, path, depth + 1);
      if (missing !== undefined) return missing;
    }
    return undefined;
  }
  if (shape.type !== "structure") return undefined;
  for (const member of shape.members) {
    const inner = (value as Values)[member.name];
    const name = path === "" ? member.name : `${path}.${member.name}`;
    if (inner === undefined) {
      // A streamed body is handed over later.
      const streamed = member.traits.streaming || member.shape.traits.streaming;
      if (member.traits.required && !streamed) return name;
      continue;
    }
    const missing = missingMember(member.shape, inner, name, depth + 1);
    if (missing !== undefined) return missing;
  }
  return undefined;
}
