/**
 * Values of Google's JSON. Everything but bytes is the same on the wire and in memory (64-bit integers, times and durations
 * are text in both), so a message without bytes is passed on whole and only one with bytes is walked.
 */
import { invalidInput } from "../internal/cloud-error.js";
import type { Member, Shape } from "../model/model.js";
import { blobBytes, decodeBase64, encodeBase64 } from "./codec/bytes.js";

/** Kept on the shape: members on a way to bytes, none when nothing below the shape holds bytes. */
interface ValuePlan {
  readonly hasBytes: boolean;
}

/** As `JSON.stringify` takes it. */
export function toJson(shape: Shape, value: unknown): unknown {
  return hasBytes(shape) ? convert(shape, value, encodeBytes, "input") : value;
}

export function fromJson(shape: Shape, value: unknown): unknown {
  return hasBytes(shape) ? convert(shape, value, decodeBytes, "body") : value;
}

type ConvertBytes = (value: unknown, path: string) => unknown;

function convert(shape: Shape, value: unknown, bytes: ConvertBytes, path: string): unknown {
  if (value === null || value === undefined) return value;
  if (shape.type === "blob") return bytes(value, path);
  if (!hasBytes(shape)) return value;
  const element = shape.element?.shape;
  if (shape.type === "list") {
    if (!Array.isArray(value)) return value;
    return value.map((each, index) => convert(element as Shape, each, bytes, `${path}[${index}]`));
  }
  if (typeof value !== "object") return value;
  const result: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const next = shape.type === "map" ? element : shape.member(name)?.shape;
    result[name] = next === undefined ? inner : convert(next, inner, bytes, `${path}.${name}`);
  }
  return result;
}

function encodeBytes(value: unknown, path: string): unknown {
  const bytes = blobBytes(value);
  if (bytes === undefined) throw invalidInput(`${path} must be a Uint8Array or a string`);
  return encodeBase64(bytes);
}

/** Google's servers answer with the standard alphabet and take both. */
function decodeBytes(value: unknown, path: string): unknown {
  if (typeof value !== "string") throw invalidInput(`${path} must be base64 text`);
  return decodeBase64(value.replaceAll("-", "+").replaceAll("_", "/"));
}

function hasBytes(shape: Shape): boolean {
  const known = shape.plan as ValuePlan | undefined;
  if (known !== undefined) return known.hasBytes;
  // A walk of its own for each shape: in a cycle, what a visited shape leads to is counted where the walk entered it.
  const plan: ValuePlan = { hasBytes: leadsToBytes(shape, new Set()) };
  shape.plan = plan;
  return plan.hasBytes;
}

function leadsToBytes(shape: Shape, visited: Set<Shape>): boolean {
  if (shape.type === "blob") return true;
  if (visited.has(shape)) return false;
  visited.add(shape);
  const known = shape.plan as ValuePlan | undefined;
  if (known !== undefined) return known.hasBytes;
  const inner = (member: Member | undefined) => member !== undefined && leadsToBytes(member.shape, visited);
  return inner(shape.element) || shape.members.some(inner);
}
