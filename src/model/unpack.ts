/** Reads lines of the packed form; `pack.ts` writes and describes it. */
import type { Location, MemberTraits, OperationTraits, ShapeTraits, ShapeType } from "./ir.js";

/** A packed type is its place in here. */
export const SHAPE_TYPES: readonly ShapeType[] = [
  "structure",
  "list",
  "map",
  "string",
  "integer",
  "long",
  "float",
  "double",
  "boolean",
  "blob",
  "timestamp",
  "document",
];

/** A packed location is its letter. */
export const LOCATIONS: Readonly<Record<string, Location>> = {
  p: "path",
  q: "query",
  h: "header",
  H: "headers",
  s: "status",
};

/** Names on the wire that follow from the member's: `instanceId` of `InstanceId`, `x-amz-version-id` of `VersionId`. */
export const WIRE_NAMES: Readonly<Record<string, (member: string) => string>> = {
  "-": (member) => member.charAt(0).toLowerCase() + member.slice(1),
  "+": (member) => `x-amz-${member.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase()}`,
};

/** Traits of an operation with shapes as numbers. */
export interface PackedOperation extends Omit<OperationTraits, "input" | "output" | "errors" | "lro"> {
  readonly input?: number;
  readonly output?: number;
  readonly errors?: readonly number[];
  readonly lro?: Omit<NonNullable<OperationTraits["lro"]>, "result"> & { readonly result?: number };
}

export interface PackedShape {
  readonly type: ShapeType;
  readonly name: string;
  readonly traits: Omit<ShapeTraits, "type" | "members" | "member" | "key">;
  readonly members: readonly PackedMember[];
}

export interface PackedMember {
  readonly name: string;
  readonly shape: number;
  readonly traits: Omit<MemberTraits, "shape">;
}

const NONE = Object.freeze({});
const REQUIRED: PackedMember["traits"] = Object.freeze({ required: true });

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function unpackOperation(line: string): PackedOperation {
  const [method, path, input, output, errors, traits] = JSON.parse(line) as [
    method: string | 0,
    path: string | 0,
    input: number,
    output: number,
    errors: number[] | 0,
    traits?: PackedOperation,
  ];
  const operation: Mutable<PackedOperation> = traits ?? {};
  if (method !== 0) operation.method = method;
  if (path !== 0) operation.path = path;
  if (input >= 0) operation.input = input;
  if (output >= 0) operation.output = output;
  if (errors !== 0) operation.errors = errors;
  return operation;
}

/** `names` are those of the model's members. */
export function unpackShape(line: string, names: readonly string[]): PackedShape {
  const fields = JSON.parse(line) as unknown[];
  const type = SHAPE_TYPES[fields[0] as number] as ShapeType;
  let at = 1;
  const name = typeof fields[at] === "string" ? (fields[at++] as string) : "";
  const traits = typeof fields[at] === "object" ? (fields[at++] as PackedShape["traits"]) : NONE;
  const members: PackedMember[] = [];
  while (at < fields.length) {
    const member = names[fields[at++] as number] as string;
    const reference = fields[at++] as number;
    const packed = typeof fields[at] === "number" ? undefined : fields[at++];
    members.push({
      name: member,
      shape: reference < 0 ? ~reference : reference,
      traits: unpackTraits(member, packed, reference < 0),
    });
  }
  return { type, name, traits, members };
}

function unpackTraits(member: string, packed: unknown, required: boolean): PackedMember["traits"] {
  if (packed === undefined) return required ? REQUIRED : NONE;
  const traits: Mutable<PackedMember["traits"]> =
    typeof packed === "string" ? unpackText(member, packed) : (packed as object);
  if (required) traits.required = true;
  return traits;
}

/** `q:max-keys`, `p`, `:Name`, `h+`, `-` */
function unpackText(member: string, text: string): PackedMember["traits"] {
  const traits: Mutable<PackedMember["traits"]> = {};
  const at = LOCATIONS[text.charAt(0)];
  if (at !== undefined) traits.at = at;
  const rest = at === undefined ? text : text.slice(1);
  if (rest !== "") traits.name = WIRE_NAMES[rest]?.(member) ?? rest.slice(1);
  return traits;
}
