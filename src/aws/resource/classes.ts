/** One class a kind of resource, its members made once from the definition. */
import { search } from "../../client/jmespath.js";
import type { Client } from "../../client/service.js";
import type { Model, Shape } from "../../model/model.js";
import { lowerFirst } from "../../model/names.js";
import type { Values } from "../../protocol/protocol.js";
import { Collection } from "./collection.js";
import type {
  ActionDefinition,
  ResourceDefinition,
  ResourceDefinitions,
  ResultDefinition,
  WaiterDefinition,
} from "./definition.js";
import { extendResource } from "./extensions.js";
import { fillRequest } from "./parameters.js";
import { Resource, ResourceMeta } from "./resource.js";
import { resourcesOf } from "./result.js";

type ResourceClass = new (meta: ResourceMeta) => Resource;

export class ResourceClasses {
  readonly #model: Model;
  readonly #definitions: ResourceDefinitions;
  readonly #classes = new Map<string, ResourceClass>();

  constructor(model: Model, definitions: ResourceDefinitions) {
    this.#model = model;
    this.#definitions = definitions;
  }

  definition(type: string): ResourceDefinition {
    return this.#definitions.resources[type] ?? this.#definitions.service;
  }

  make(
    client: Client,
    type: string,
    identifiers: Readonly<Record<string, unknown>>,
    data?: Values,
  ): Resource {
    let Class = this.#classes.get(type);
    if (Class === undefined) {
      Class = this.#compile(type);
      this.#classes.set(type, Class);
    }
    const meta = new ResourceMeta(client, this, type, identifiers, data);
    const resource = new Class(meta);
    meta.bind(resource);
    return resource;
  }

  #compile(type: string): ResourceClass {
    const definition = this.definition(type);
    class Made extends Resource {}
    Object.defineProperty(Made, "name", { value: type });
    const members = new Members(Made.prototype);
    for (const { name, memberName } of definition.identifiers ?? []) {
      members.get(name, "Identifier", (resource) => resource.meta.identifiers[name]);
      if (memberName) members.get(memberName, "Identifier", (resource) => resource.meta.identifiers[name]);
    }
    if (definition.load) {
      members.method("Load", "", (resource) => resource.meta.load().then(() => resource));
      members.method("Reload", "", (resource) => resource.meta.load().then(() => resource));
    }
    for (const [name, action] of Object.entries(definition.actions ?? {}))
      members.method(name, "Action", act(action));
    for (const [name, { resource }] of Object.entries(this.#relations(type, definition))) {
      members.method(name, isReference(resource) ? "Reference" : "Subresource", relate(resource));
    }
    for (const [name, collection] of Object.entries(definition.hasMany ?? {})) {
      members.get(name, "Collection", (resource) => new Collection(resource, collection));
    }
    for (const [name, waiter] of Object.entries(definition.waiters ?? {})) {
      members.method(`WaitUntil${name}`, "Waiter", wait(waiter));
    }
    for (const name of this.#attributes(type, definition)) {
      members.method(name, "Attribute", async (resource) => (await resource.meta.loaded())[name]);
    }
    extendResource(this.#model.service.id, type, Made.prototype);
    return Made;
  }

  /** The service names every kind of its resources, also those that its definition leaves out. */
  #relations(type: string, { has = {} }: ResourceDefinition): NonNullable<ResourceDefinition["has"]> {
    if (type in this.#definitions.resources) return has;
    const named = new Set(Object.values(has).map(({ resource }) => resource.type));
    const others = Object.entries(this.#definitions.resources).filter(([name]) => !named.has(name));
    const relation = (name: string, { identifiers = [] }: ResourceDefinition) => ({
      resource: {
        type: name,
        identifiers: identifiers.map((each) => ({ target: each.name, source: "input" as const })),
      },
    });
    return { ...has, ...Object.fromEntries(others.map(([name, each]) => [name, relation(name, each)])) };
  }

  /** Members of the structure that an operation answers for the resource: the one that reads it, else one that lists it. */
  #attributes(type: string, { load }: ResourceDefinition): string[] {
    const { operation, path } = load
      ? { operation: load.request.operation, path: load.path }
      : this.#listing(type);
    const output = this.#model.operation(operation)?.output;
    return (output && shapeAt(output, path)?.members.map((member) => member.name)) ?? [];
  }

  /** An operation whose output has resources of that kind, and where. */
  #listing(type: string): { readonly operation: string; readonly path: string } {
    for (const { hasMany = {}, actions = {} } of [
      this.#definitions.service,
      ...Object.values(this.#definitions.resources),
    ]) {
      for (const { request, resource } of [...Object.values(hasMany), ...Object.values(actions)]) {
        if (resource?.type === type && resource.path !== undefined) {
          return { operation: request.operation, path: resource.path };
        }
      }
    }
    return { operation: "", path: "" };
  }
}

/** The structure that a path of the definitions ends at: `Reservations[].Instances[]`, `[Versions,DeleteMarkers]|[]`, `@`. */
function shapeAt(output: Shape, path: string): Shape | undefined {
  if (path === "@") return output;
  let shape: Shape | undefined = output;
  for (const part of path.split(".")) {
    // Of alternatives the first has at least the members of the others.
    const [name = ""] = /\w+/.exec(part) ?? [];
    shape = shape?.member(name)?.shape;
    while (shape?.type === "list") shape = shape.element?.shape;
  }
  return shape?.type === "structure" ? shape : undefined;
}

/** Members of a prototype. A name that is taken goes with its category behind it, as in boto3: `networkInterfacesAttribute`. */
class Members {
  readonly #prototype: object;
  readonly #taken = new Set(["meta", "equals"]);

  constructor(prototype: object) {
    this.#prototype = prototype;
  }

  get(name: string, category: string, value: (resource: Resource) => unknown): void {
    const get = function (this: Resource) {
      return value(this);
    };
    Object.defineProperty(this.#prototype, this.#free(name, category), { get, configurable: true });
  }

  method(name: string, category: string, run: (resource: Resource, ...given: never[]) => unknown): void {
    const value = function (this: Resource, ...given: unknown[]) {
      return run(this, ...(given as never[]));
    };
    Object.defineProperty(this.#prototype, this.#free(name, category), {
      value,
      configurable: true,
      writable: true,
    });
  }

  #free(name: string, category: string): string {
    const plain = lowerFirst(name);
    const member = this.#taken.has(plain) ? plain + category : plain;
    this.#taken.add(member);
    return member;
  }
}

/** Calls the operation with what the resource knows, under what the caller says. */
function act({ request, resource: result, path }: ActionDefinition) {
  return async (resource: Resource, given: Values = {}): Promise<unknown> => {
    const input = { ...(await fillRequest(resource, request)), ...given };
    const output = await resource.meta.call(request.operation, input);
    if (result !== undefined) return resourcesOf(resource, result, { input, output });
    return path === undefined || path === "@" ? output : search(path, output);
  };
}

function isReference({ identifiers = [] }: ResultDefinition): boolean {
  return identifiers.some(({ source }) => source === "data");
}

/** `bucket.object("key")` names one; `instance.vpc()` finds the one that the attributes name. */
function relate(result: ResultDefinition) {
  if (isReference(result)) {
    return (resource: Resource) => resourcesOf(resource, result, { input: {}, output: undefined });
  }
  return (resource: Resource, ...given: unknown[]): Resource => {
    const rest = [...given];
    const identifiers = (result.identifiers ?? []).map(({ target, source, name = "" }) => [
      target,
      source === "identifier" ? resource.meta.identifiers[name] : rest.shift(),
    ]);
    return resource.meta.make(result.type, Object.fromEntries(identifiers));
  };
}

function wait({ waiterName, params = [], path }: WaiterDefinition) {
  return async (resource: Resource, given: Values = {}, options?: object): Promise<void> => {
    const input = { ...(await fillRequest(resource, { params })), ...given };
    const waiter = resource.meta.waiter(waiterName) as unknown as (
      input: Values,
      options?: object,
    ) => Promise<Values>;
    const output = await waiter(input, options);
    const data = path === undefined ? undefined : search(path, output);
    if (data !== undefined && data !== null) resource.meta.data = data as Values;
  };
}
