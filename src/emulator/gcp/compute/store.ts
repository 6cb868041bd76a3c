/** The state of Compute Engine: instances, and operations that take their time. */
import type { Instance, Operation } from "../../../gen/gcp/compute.js";
import type { Clock } from "../../clock.js";
import { type Context, EmulatorError, type StoreKey } from "../../service.js";

export type Draft<T> = { -readonly [K in keyof T]?: T[K] | undefined };

export interface Place {
  readonly project: string;
  readonly zone?: string;
  readonly region?: string;
}

export interface StoredInstance {
  readonly project: string;
  readonly zone: string;
  readonly resource: Draft<Instance>;
  /** Where it is going and when it is there. */
  change: { readonly to: string; readonly atMs: number } | undefined;
}

export interface StoredOperation {
  readonly place: Place;
  readonly resource: Draft<Operation>;
  readonly startMs: number;
  readonly endMs: number;
  /** Runs once, when the operation is done. */
  effect: (() => void) | undefined;
}

export class ComputeStore {
  readonly instances = new Map<string, StoredInstance>();
  readonly operations = new Map<string, StoredOperation>();
  /** Answers of requests by their requestId: the same request again changes nothing. */
  readonly requests = new Map<string, string>();
  readonly #clock: Clock;
  #lastId = 1_000_000_000_000_000_000n;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nextId(): string {
    this.#lastId += 7919n;
    return String(this.#lastId);
  }

  /** Brings everything to the present: what was due has happened. */
  settle(): void {
    const now = this.#clock.now();
    for (const operation of this.operations.values()) {
      if (operation.effect === undefined || operation.endMs > now) continue;
      const { effect } = operation;
      operation.effect = undefined;
      effect();
    }
    for (const instance of this.instances.values()) {
      if (instance.change === undefined || instance.change.atMs > now) continue;
      instance.resource.status = instance.change.to;
      instance.change = undefined;
    }
  }
}

export const computeStore: StoreKey<ComputeStore> = {
  name: "gcp/compute",
  create: ({ clock }) => new ComputeStore(clock),
};

export function instanceKey(project: string, zone: string, name: string): string {
  return `${project}/${zone}/${name}`;
}

export function link(context: Context, path: string): string {
  return `${context.request.origin}/compute/v1/${path}`;
}

export function notFound(path: string): EmulatorError {
  return new EmulatorError("notFound", `The resource '${path}' was not found`, 404);
}

/** Compute's filter language, as far as `name = x`, `status:RUNNING`, `labels.env = prod` joined by AND. */
export function matches(resource: Readonly<Record<string, unknown>>, filter: string | undefined): boolean {
  if (filter === undefined || filter.trim() === "") return true;
  return filter
    .split(/\s+AND\s+/)
    .every((term) => matchesTerm(resource, term.trim().replace(/^\((.*)\)$/s, "$1")));
}

function matchesTerm(resource: Readonly<Record<string, unknown>>, term: string): boolean {
  const parsed = /^([\w.]+)\s*(=|!=|:|\beq\b|\bne\b)\s*"?'?([^"']*)"?'?$/.exec(term);
  if (parsed === null)
    throw new EmulatorError("invalid", `Invalid value for field 'filter': '${term}'.`, 400);
  const [, field = "", operator, wanted = ""] = parsed;
  let value: unknown = resource;
  for (const part of field.split(".")) value = (value as Record<string, unknown> | undefined)?.[part];
  const text = value === undefined ? undefined : String(value);
  switch (operator) {
    case "=":
      return text !== undefined && (wanted.includes("*") ? glob(wanted).test(text) : text === wanted);
    case "!=":
      return text !== wanted;
    case ":":
      return wanted === "*" ? text !== undefined : text?.includes(wanted.replaceAll("*", "")) === true;
    case "eq":
      return text !== undefined && new RegExp(`^(?:${wanted})$`).test(text);
    default:
      return text === undefined || !new RegExp(`^(?:${wanted})$`).test(text);
  }
}

function glob(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`);
}
