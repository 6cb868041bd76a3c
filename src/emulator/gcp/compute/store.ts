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

/** A resource as the wire has it. */
export interface Resource {
  name?: string;
  id?: string;
  selfLink?: string;
  zone?: string;
  region?: string;
  status?: string;
  creationTimestamp?: string;
  labels?: Readonly<Record<string, string>>;
  labelFingerprint?: string;
  fingerprint?: string;
  /** Links to what uses it: as long as there is any, it stays. */
  users?: readonly string[];
  [member: string]: unknown;
}

export interface StoredResource {
  /** `disks`, `globalAddresses`. */
  readonly collection: string;
  readonly place: Place;
  readonly path: string;
  resource: Resource;
  policy: object | undefined;
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
  /** All other resources by their path: `projects/p/zones/z/disks/d`. */
  readonly resources = new Map<string, StoredResource>();
  /** Projects that have what each has from the start. */
  readonly projects = new Set<string>();
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

export function lastPart(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

/** `https://.../compute/v1/projects/p/zones/z/disks/d`, or what of it a caller says, as `projects/p/zones/z/disks/d`. */
export function pathOf(url: string, project: string): string {
  const [, path] = /(?:^|\/)(projects\/.*)$/.exec(url) ?? [];
  return path ?? `projects/${project}/${url.replace(/^\/+/, "")}`;
}

/** Opaque; changes with the content. */
export function fingerprint(content: unknown): string {
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256")
    .update(JSON.stringify(content ?? null))
    .digest()
    .subarray(0, 8)
    .toString("base64");
}
