/** JSON may have any kind of value anywhere: handlers are given none that the model does not know. */
import { invalidInput } from "../internal/cloud-error.js";
import type { ProtocolName } from "../model/ir.js";
import type { Shape } from "../model/model.js";
import type { Values } from "../protocol/protocol.js";

const JSON_PROTOCOLS: ReadonlySet<ProtocolName> = new Set(["azure-json", "gcp-rest"]);
/** Deeper than the clouds themselves read. */
const DEPTH_MAX = 100;

export function isJson(protocol: ProtocolName): boolean {
  return JSON_PROTOCOLS.has(protocol);
}

/** An operation's input. A whole body that is `null` is none. */
export function checkInput(shape: Shape | undefined, input: Values): void {
  for (const [name, value] of Object.entries(input)) if (value === null) delete input[name];
  checkKinds(shape, input, "", 0);
}

/** `null` stands for a member that is to go; numbers stand for the text that Google writes long ones as. */
function checkKinds(shape: Shape | undefined, value: unknown, path: string, depth: number): void {
  if (depth > DEPTH_MAX) throw invalidInput(`${path} is nested too deeply`);
  if (shape === undefined || value === undefined || value === null) return;
  switch (shape.type) {
    case "structure": {
      const members = objectAt(value, path);
      for (const member of shape.members) {
        const inner = members[member.name];
        if (inner !== undefined) checkKinds(member.shape, inner, joined(path, member.name), depth + 1);
      }
      return;
    }
    case "map":
      for (const [name, each] of Object.entries(objectAt(value, path)))
        checkKinds(shape.element?.shape, each, joined(path, name), depth + 1);
      return;
    case "list":
      if (!Array.isArray(value)) throw invalidInput(`${path} must be a list`);
      for (const each of value) checkKinds(shape.element?.shape, each, path, depth + 1);
      return;
    case "string":
      if (typeof value === "object" || typeof value === "boolean")
        throw invalidInput(`${path} must be a string`);
      return;
    case "boolean":
      if (typeof value === "object") throw invalidInput(`${path} must be true or false`);
      return;
    case "document":
      checkDepth(value, path, depth);
  }
}

function checkDepth(value: unknown, path: string, depth: number): void {
  if (typeof value !== "object" || value === null) return;
  if (depth > DEPTH_MAX) throw invalidInput(`${path} is nested too deeply`);
  for (const each of Object.values(value)) checkDepth(each, path, depth + 1);
}

function objectAt(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalidInput(`${path} must be an object`);
}

function joined(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
