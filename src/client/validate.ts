/** Refuses bad input before anything is sent, naming the path and the state: `input.Filters[0].Values must be a list, is a string`. */
import { type CloudError, invalidInput } from "../internal/cloud-error.js";
import type { Member, OperationModel, Shape } from "../model/model.js";

/** Enough to mend a call in one go, few enough to read. */
const PROBLEMS_MAX = 10;
/** Recursive shapes (filters in filters) and cyclic input end here. */
const DEPTH_MAX = 64;

/** Throws a CloudError of kind `invalidInput` that lists what is wrong, or returns. */
export function validateInput(operation: OperationModel, input: unknown): void {
  const problems = check(operation.input, input, "input", operation);
  if (problems !== undefined) throw refusal(operation, problems);
}

/** The same for what a stub or an emulator handler answers. */
export function validateOutput(operation: OperationModel, output: unknown): void {
  const problems = check(operation.output, output, "output", operation);
  if (problems !== undefined) throw refusal(operation, problems);
}

function refusal(operation: OperationModel, problems: string[]): CloudError {
  const { cloud, id } = operation.service;
  return invalidInput(`Cannot call ${operation.name}: ${problems.join("; ")}`, {
    cloud,
    service: id,
    operation: operation.name,
  });
}

function check(
  shape: Shape | undefined,
  value: unknown,
  path: string,
  operation: OperationModel,
): string[] | undefined {
  const checker = new Checker(operation);
  if (shape !== undefined) checker.value(shape, value, path, 0);
  else if (!isPlain(value)) checker.wrong(path, "an object", value);
  else if (path === "input") checker.none(value);
  return checker.problems;
}

class Checker {
  problems: string[] | undefined;
  readonly #operation: OperationModel;
  /** JSON of Google and Azure can say null, AWS's models cannot. */
  readonly #nullable: boolean;

  constructor(operation: OperationModel) {
    this.#operation = operation;
    this.#nullable = operation.service.cloud !== "aws";
  }

  report(problem: string): void {
    this.problems ??= [];
    if (this.problems.length < PROBLEMS_MAX) this.problems.push(problem);
  }

  wrong(path: string, wanted: string, value: unknown): void {
    this.report(`${path} must be ${wanted}, is ${nameOf(value)}`);
  }

  none(value: object): void {
    for (const key of Object.keys(value))
      this.report(`input.${key} is unknown: ${this.#operation.name} takes nothing`);
  }

  value(shape: Shape, value: unknown, path: string, depth: number): void {
    if (depth > DEPTH_MAX) return this.report(`${path} is nested more than ${DEPTH_MAX} deep`);
    switch (shape.type) {
      case "structure":
        return this.#structure(shape, value, path, depth);
      case "list":
        return this.#list(shape, value, path, depth);
      case "map":
        return this.#map(shape, value, path, depth);
      case "string":
        if (typeof value === "string") return;
        if (shape.traits.parts && isPlain(value)) return this.#parts(shape.traits.parts, value, path);
        return this.wrong(path, "a string", value);
      case "boolean":
        if (typeof value !== "boolean") this.wrong(path, "a boolean", value);
        return;
      case "integer":
      case "long":
        if (!Number.isInteger(value) && typeof value !== "bigint") this.wrong(path, "an integer", value);
        return;
      case "float":
      case "double":
        if (typeof value !== "number") this.wrong(path, "a number", value);
        return;
      case "timestamp":
        return this.#timestamp(value, path);
      case "blob":
        return this.#blob(shape.traits.streaming === true, value, path);
      case "document":
        return;
    }
  }

  #structure(shape: Shape, value: unknown, path: string, depth: number): void {
    if (shape.traits.eventStream) {
      if (!isAsyncIterable(value)) this.wrong(path, "an async iterable of events", value);
      return;
    }
    if (!isPlain(value)) return this.wrong(path, "an object", value);
    let set = 0;
    for (const key in value) {
      const inner = value[key];
      if (inner === undefined) continue;
      const member = shape.member(key);
      if (member === undefined) {
        this.report(`${path}.${key} is unknown: ${takes(shape)}`);
        continue;
      }
      set++;
      this.#member(member, inner, `${path}.${key}`, depth);
    }
    for (const member of requiredMembers(shape)) {
      if (value[member.name] === undefined) this.report(`${path}.${member.name} is required, is missing`);
    }
    if (shape.traits.union && set !== 1) {
      this.report(`${path} must have exactly one member, has ${set === 0 ? "none" : set}: ${takes(shape)}`);
    }
  }

  #member(member: Member, value: unknown, path: string, depth: number): void {
    if (value === null && this.#nullable) return;
    if (member.traits.jsonValue && member.traits.at === "header") return;
    const { shape } = member;
    if (member.traits.streaming && shape.type === "blob") return this.#blob(true, value, path);
    this.value(shape, value, path, depth + 1);
    // An empty label would call another URL: `DELETE /{Bucket}/` for `DELETE /{Bucket}/{Key}`.
    if (member.traits.at === "path" && value === "" && member.traits.required)
      this.report(`${path} must not be empty: it is part of the URL's path`);
  }

  #list(shape: Shape, value: unknown, path: string, depth: number): void {
    if (!Array.isArray(value)) return this.wrong(path, "a list", value);
    const element = (shape.element as Member).shape;
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index];
      if (item === null && (shape.traits.sparse || this.#nullable)) continue;
      this.value(element, item, `${path}[${index}]`, depth + 1);
    }
  }

  #map(shape: Shape, value: unknown, path: string, depth: number): void {
    if (!isPlain(value)) return this.wrong(path, "an object", value);
    const element = (shape.element as Member).shape;
    for (const key of Object.keys(value)) {
      const item = value[key];
      if (item === undefined || (item === null && (shape.traits.sparse || this.#nullable))) continue;
      this.value(element, item, `${path}[${JSON.stringify(key)}]`, depth + 1);
    }
  }

  #parts(parts: readonly string[], value: Readonly<Record<string, unknown>>, path: string): void {
    const names = parts.map((part) => part.replace("?", ""));
    for (const key of Object.keys(value)) {
      if (!names.includes(key)) this.report(`${path}.${key} is unknown: it takes ${names.join(", ")}`);
    }
    parts.forEach((part, index) => {
      const own = value[names[index] as string];
      if (typeof own === "string" || (own === undefined && part.endsWith("?"))) return;
      this.wrong(`${path}.${names[index]}`, "a string", own);
    });
  }

  #timestamp(value: unknown, path: string): void {
    const valid =
      value instanceof Date
        ? !Number.isNaN(value.getTime())
        : typeof value === "number"
          ? Number.isFinite(value)
          : typeof value === "string" && !Number.isNaN(Date.parse(value));
    if (!valid) this.wrong(path, "a Date, seconds since 1970 or an ISO 8601 string", value);
  }

  #blob(streaming: boolean, value: unknown, path: string): void {
    if (typeof value === "string" || value instanceof Uint8Array) return;
    if (!streaming) return this.wrong(path, "a Uint8Array or a string", value);
    if (value instanceof Blob || value instanceof ReadableStream || isAsyncIterable(value)) return;
    this.wrong(path, "a string, Uint8Array, Blob, stream or async iterable", value);
  }
}

const required = new WeakMap<Shape, readonly Member[]>();
const NONE: readonly Member[] = [];

/** Members that a caller must give: those filled from the session or a constant are not among them. */
function requiredMembers(shape: Shape): readonly Member[] {
  let members = required.get(shape);
  if (members === undefined) {
    members = shape.members.filter(
      ({ traits }) =>
        traits.required &&
        traits.session === undefined &&
        traits.value === undefined &&
        !traits.idempotencyToken,
    );
    if (members.length === 0) members = NONE;
    required.set(shape, members);
  }
  return members;
}

function takes(shape: Shape): string {
  const names = shape.members.map((member) => member.name);
  if (names.length === 0) return `${shape.name || "it"} takes nothing`;
  const shown =
    names.length > 12 ? `${names.slice(0, 12).join(", ")} and ${names.length - 12} more` : names.join(", ");
  return `${shape.name || "it"} takes ${shown}`;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Date)
  );
}

function isAsyncIterable(value: unknown): boolean {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** A value's kind in words, never the value: it may be a secret. */
function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "undefined";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date" : "a Date";
  if (value instanceof Uint8Array) return "a Uint8Array";
  if (typeof value === "number" && !Number.isInteger(value))
    return Number.isFinite(value) ? "a fraction" : String(value);
  if (typeof value === "object") return "an object";
  return `a ${typeof value}`;
}
