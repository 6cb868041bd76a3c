/** One class a kind of resource, its members made once from the definition. */
import { search } from "../../client/jmespath.js";
import type { Client } from "../../client/service.js";
import type { Model, Shape } from "../../model/model.js";
import type { Values } from "../../protocol/protocol.js";
import { Collection, type CollectionDefinition } from "./collection.js";
import type {
  ActionDefinition,
  ResourceDefinition,
  ResourceDefinitions,
  ResultDefinition,
  WaiterDefinition,
} from "./definition.js";
import { extendResource } from "./extensions.js";
import { layerOf } from "./layer.js";
import {
  attributesAt,
  definitionOf,
  membersOfPath,
  type ResourceMember,
  relationsOf,
  resourceMembers,
} from "./members.js";
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
    return definitionOf(this.#definitions, type);
  }

  make(
    client: Client,
    type: string,
    identifiers: Readonly<Record<string, unknown>>,
    data?: Values,
  ): Resource {
    let Class = this.#classes.get(type);
    if (Class === undefined) {
      Class = this.#compile(type, client);
      this.#classes.set(type, Class);
    }
    const meta = new ResourceMeta(client, this, type, identifiers, data);
    const resource = new Class(meta);
    meta.bind(resource);
    return resource;
  }

  #compile(type: string, client: Client): ResourceClass {
    class Made extends Resource {}
    Object.defineProperty(Made, "name", { value: type });
    for (const member of resourceMembers(this.#definitions, type, this.#attributes(type))) {
      this.#define(Made.prototype, this.definition(type), type, member);
    }
    extendResource(this.#model.service.id, type, Made.prototype);
    Object.defineProperties(
      Made.prototype,
      Object.getOwnPropertyDescriptors(layerOf(client)?.members[type] ?? {}),
    );
    return Made;
  }

  #define(
    prototype: object,
    definition: ResourceDefinition,
    type: string,
    { member, category, name }: ResourceMember,
  ): void {
    switch (category) {
      case "Identifier":
        return getter(prototype, member, (resource) => resource.meta.identifiers[name]);
      case "Collection": {
        const collection = definition.hasMany?.[name] as CollectionDefinition;
        return getter(prototype, member, (resource) => new Collection(resource, collection));
      }
      case "Load":
        return method(prototype, member, (resource) => resource.meta.load().then(() => resource));
      case "Action":
        return method(prototype, member, act(definition.actions?.[name] as ActionDefinition));
      case "Reference":
      case "Subresource": {
        const { resource } = relationsOf(this.#definitions, type)[name] as { resource: ResultDefinition };
        return method(prototype, member, category === "Reference" ? follow(resource) : named(resource));
      }
      case "Waiter":
        return method(prototype, member, wait(definition.waiters?.[name] as WaiterDefinition));
      case "Attribute":
        return method(prototype, member, async (resource) => (await resource.meta.loaded())[name]);
    }
  }

  #attributes(type: string): string[] {
    const found = attributesAt(this.#definitions, type);
    let shape: Shape | undefined = this.#model.operation(found?.operation ?? "")?.output;
    for (const name of membersOfPath(found?.path ?? "")) {
      shape = shape?.member(name)?.shape;
      while (shape?.type === "list") shape = shape.element?.shape;
    }
    return shape?.members.map((member) => member.name) ?? [];
  }
}

function getter(prototype: object, member: string, value: (resource: Resource) => unknown): void {
  const get = function (this: Resource) {
    return value(this);
  };
  Object.defineProperty(prototype, member, { get, configurable: true });
}

function method(
  prototype: object,
  member: string,
  run: (resource: Resource, ...given: never[]) => unknown,
): void {
  const value = function (this: Resource, ...given: unknown[]) {
    return run(this, ...(given as never[]));
  };
  Object.defineProperty(prototype, member, { value, configurable: true, writable: true });
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

/** `instance.vpc()`: the one that the attributes name. */
function follow(result: ResultDefinition) {
  return (resource: Resource) => resourcesOf(resource, result, { input: {}, output: undefined });
}

/** `bucket.object("key")`: the one that the caller names. */
function named(result: ResultDefinition) {
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
