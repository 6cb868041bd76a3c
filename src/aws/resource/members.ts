/** Members of each kind of resource by name: shared by the run time and the emitter of types, so that they cannot disagree. */
import { lowerFirst } from "../../model/names.js";
import type { ResourceDefinition, ResourceDefinitions, ResultDefinition } from "./definition.js";

export type Category =
  | "Identifier"
  | "Load"
  | "Action"
  | "Reference"
  | "Subresource"
  | "Collection"
  | "Waiter"
  | "Attribute";

export interface ResourceMember {
  /** As users write it: `createTags`, `waitUntilRunning`, `networkInterfacesAttribute`. */
  readonly member: string;
  readonly category: Category;
  /** As the definition has it: `CreateTags`, `Running`. */
  readonly name: string;
}

/** A name that is taken goes with its category behind it, in boto3's order of precedence. */
export function resourceMembers(
  definitions: ResourceDefinitions,
  type: string,
  attributes: readonly string[],
): ResourceMember[] {
  const definition = definitionOf(definitions, type);
  const taken = new Set(["meta", "equals"]);
  const members: ResourceMember[] = [];
  const add = (category: Category, name: string, wished = name) => {
    const plain = lowerFirst(wished);
    const member = taken.has(plain) ? plain + category : plain;
    taken.add(member);
    members.push({ member, category, name });
  };
  for (const { name, memberName } of definition.identifiers ?? []) {
    add("Identifier", name);
    if (memberName !== undefined && memberName !== name) add("Identifier", name, memberName);
  }
  if (definition.load) for (const name of ["load", "reload"]) add("Load", name);
  for (const name of Object.keys(definition.actions ?? {})) add("Action", name);
  for (const [name, { resource }] of Object.entries(relationsOf(definitions, type))) {
    add(isReference(resource) ? "Reference" : "Subresource", name);
  }
  for (const name of Object.keys(definition.hasMany ?? {})) add("Collection", name);
  for (const name of Object.keys(definition.waiters ?? {})) add("Waiter", name, `waitUntil${name}`);
  // The identifier is known without asking for it.
  const known = new Set(
    definition.identifiers?.flatMap(({ name, memberName }) => [name, memberName ?? name]),
  );
  for (const name of attributes) if (!known.has(name)) add("Attribute", name);
  return members;
}

export function definitionOf(definitions: ResourceDefinitions, type: string): ResourceDefinition {
  return definitions.resources[type] ?? definitions.service;
}

/** The service names every kind of its resources, also those that its definition leaves out. */
export function relationsOf(
  definitions: ResourceDefinitions,
  type: string,
): NonNullable<ResourceDefinition["has"]> {
  const { has = {} } = definitionOf(definitions, type);
  if (type in definitions.resources) return has;
  const named = new Set(Object.values(has).map(({ resource }) => resource.type));
  const others = Object.entries(definitions.resources).filter(([name]) => !named.has(name));
  const relation = (name: string, { identifiers = [] }: ResourceDefinition) => ({
    resource: {
      type: name,
      identifiers: identifiers.map((each) => ({ target: each.name, source: "input" as const })),
    },
  });
  return { ...has, ...Object.fromEntries(others.map(([name, each]) => [name, relation(name, each)])) };
}

/** A resource that is found by its parent's attributes: they may have to be read first. */
function isReference({ identifiers = [] }: ResultDefinition): boolean {
  return identifiers.some(({ source }) => source === "data");
}

export interface Whereabouts {
  readonly operation: string;
  /** JMESPath over the output. */
  readonly path: string;
}

/**
 * The operation that answers a resource's attributes, and where: the one that reads it, else one that lists it, else the one
 * that answers the resource whose attributes hold it (`Routes` of a route table).
 */
export function attributesAt(definitions: ResourceDefinitions, type: string): Whereabouts | undefined {
  const { load } = definitionOf(definitions, type);
  if (load !== undefined) return { operation: load.request.operation, path: load.path };
  const all = Object.entries(definitions.resources);
  for (const { hasMany = {}, actions = {} } of [definitions.service, ...all.map(([, each]) => each)]) {
    for (const { request, resource } of [...Object.values(hasMany), ...Object.values(actions)]) {
      if (resource?.type === type && resource.path !== undefined) {
        return { operation: request.operation, path: resource.path };
      }
    }
  }
  for (const [parent, { has = {} }] of all) {
    const held = Object.values(has).find(
      ({ resource }) => resource.type === type && resource.path !== undefined,
    );
    const outer = held === undefined || parent === type ? undefined : attributesAt(definitions, parent);
    if (outer !== undefined)
      return { operation: outer.operation, path: `${outer.path}.${held?.resource.path}` };
  }
  return undefined;
}

/** Names of members that a path goes through; of alternatives (`[Versions,DeleteMarkers]|[]`) the first, which has all that the others have. */
export function membersOfPath(path: string): string[] {
  return path === "@" ? [] : path.split(".").flatMap((part) => /\w+/.exec(part)?.[0] ?? []);
}
