/** Inputs that are made from what a resource knows about itself. */
import { search } from "../../client/jmespath.js";
import type { Values } from "../../protocol/protocol.js";
import type { ParameterDefinition, RequestDefinition } from "./definition.js";
import type { Resource } from "./resource.js";

/** Puts the parameters of a request into `input`. Several resources in turn fill the lists of a batch. */
export async function fillRequest(
  resource: Resource,
  { params = [] }: Pick<RequestDefinition, "params">,
  input: Values = {},
  index?: number,
): Promise<Values> {
  for (const parameter of params) {
    if (parameter.source === "input") continue;
    setPath(input, parameter.target, await sourced(resource, parameter), index);
  }
  return input;
}

async function sourced(resource: Resource, parameter: ParameterDefinition): Promise<unknown> {
  switch (parameter.source) {
    case "identifier":
      return resource.meta.identifiers[parameter.name ?? ""];
    case "data":
      return search(parameter.path ?? "", await resource.meta.loaded());
    default:
      return parameter.value;
  }
}

/**
 * JMESPath the other way round: `Filters[0].Values[0]` makes what it names. `[]` appends, `[*]` is the place of the resource in
 * its batch.
 */
export function setPath(target: Values, path: string, value: unknown, index?: number): void {
  const parts = path.split(".");
  let at: Values = target;
  parts.forEach((part, depth) => {
    const last = depth === parts.length - 1;
    const [, name = part, place] = /^([^[]+)\[(\d+|\*)?\]$/.exec(part) ?? [];
    if (name === part) {
      if (last) at[name] = value;
      else at = at[name] = (at[name] ?? {}) as Values;
      return;
    }
    const list = (Array.isArray(at[name]) ? at[name] : []) as Values[];
    at[name] = list;
    const position = place === undefined ? list.length : place === "*" ? (index ?? 0) : Number(place);
    while (list.length <= position) list.push({});
    if (last) list[position] = value as Values;
    else at = list[position] as Values;
  });
}

/** The user's input over what was filled in: lists that both have are joined, as boto3 joins filters. */
export function joinLists(base: Values, over: Values): Values {
  const joined: Values = { ...base };
  for (const [name, value] of Object.entries(over)) {
    const own = joined[name];
    joined[name] = Array.isArray(own) && Array.isArray(value) ? [...own, ...value] : value;
  }
  return joined;
}
