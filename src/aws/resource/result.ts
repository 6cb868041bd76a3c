/** Resources that outputs, inputs and other resources name. */
import { search } from "../../client/jmespath.js";
import type { Values } from "../../protocol/protocol.js";
import type { IdentifierDefinition, ResultDefinition } from "./definition.js";
import type { Resource } from "./resource.js";

export interface Exchanged {
  readonly input: Values;
  readonly output: unknown;
}

/** The resource or resources that a definition finds; undefined where an identifier has no value. */
export async function resourcesOf(
  parent: Resource,
  definition: ResultDefinition,
  exchanged: Exchanged,
): Promise<Resource | Resource[] | undefined> {
  const found: [name: string, value: unknown][] = [];
  for (const identifier of definition.identifiers ?? []) {
    found.push([identifier.target, await identify(parent, identifier, exchanged)]);
  }
  const { path } = definition;
  const data = path === undefined ? undefined : await dataOf(parent, definition, path, exchanged);
  const lists = found.flatMap(([, value]) => (Array.isArray(value) ? [value] : []));
  if (lists.length === 0) {
    if (found.some(([, value]) => value === undefined || value === null)) return undefined;
    return parent.meta.make(definition.type, Object.fromEntries(found), data as Values | undefined);
  }
  const count = Math.min(...lists.map((list) => list.length));
  return Array.from({ length: count }, (_, index) => {
    const identifiers = found.map(([name, value]) => [name, Array.isArray(value) ? value[index] : value]);
    const own = Array.isArray(data) ? (data[index] as Values) : undefined;
    return parent.meta.make(definition.type, Object.fromEntries(identifiers), own);
  });
}

async function identify(
  parent: Resource,
  { source, name = "", path = "" }: IdentifierDefinition,
  { input, output }: Exchanged,
): Promise<unknown> {
  switch (source) {
    case "response":
      return search(path, output);
    case "requestParameter":
      return search(path, input);
    case "identifier":
      return parent.meta.identifiers[name];
    case "data":
      return search(path, await parent.meta.loaded());
    default:
      return undefined;
  }
}

/** A reference finds its data in that of its parent, everything else in the output. */
async function dataOf(
  parent: Resource,
  { identifiers = [] }: ResultDefinition,
  path: string,
  { output }: Exchanged,
): Promise<unknown> {
  const fromParent = output === undefined && identifiers.some(({ source }) => source === "data");
  return search(path, fromParent ? await parent.meta.loaded() : output) ?? undefined;
}
