/** What a deployment would change. https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-what-if */
import { isDeepStrictEqual } from "node:util";
import { shown } from "./resources.js";
import type { ManagerStore } from "./store.js";
import type { Plan, PlannedResource } from "./template.js";

type Values = Record<string, unknown>;

export function whatIf(store: ManagerStore, scope: string, { resources }: Plan, mode: string) {
  const planned = resources.map((resource) => changeOf(store, resource));
  const kept = new Set(resources.map(({ id }) => id.toLowerCase()));
  const others = [...store.resources.values()]
    .filter(({ at }) => at.scope.toLowerCase() === scope.toLowerCase() && !kept.has(at.key))
    .map((resource) => ({
      resourceId: resource.at.id,
      changeType: mode === "Complete" ? ("Delete" as const) : ("Ignore" as const),
      before: shown(resource) as Values,
    }));
  return [...planned, ...others];
}

function changeOf({ resources }: ManagerStore, { id, type, name, apiVersion, body }: PlannedResource) {
  const said = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
  const after: Values = { apiVersion, id, name: name.split("/").at(-1), type, ...said };
  const known = resources.get(id.toLowerCase());
  if (known === undefined) return { resourceId: id, changeType: "Create" as const, after };
  const before: Values = { apiVersion, ...shown(known), properties: known.body.properties };
  const delta = deltaOf("", before, after);
  if (delta.length === 0) return { resourceId: id, changeType: "NoChange" as const, before, after };
  return { resourceId: id, changeType: "Modify" as const, before, after, delta };
}

/** Where both differ: a path for each value. What the template does not say stays. */
function deltaOf(path: string, before: Values, after: Values): Delta[] {
  return Object.keys(after).flatMap((name): Delta[] => {
    const at = path === "" ? name : `${path}.${name}`;
    const [old, next] = [before[name], after[name]];
    if (isDeepStrictEqual(old, next)) return [];
    if (old === undefined) return [{ path: at, propertyChangeType: "Create", after: next as Values }];
    if (isObject(old) && isObject(next)) return deltaOf(at, old, next);
    return [{ path: at, propertyChangeType: "Modify", before: old as Values, after: next as Values }];
  });
}

interface Delta {
  readonly path: string;
  readonly propertyChangeType: "Create" | "Modify";
  /** Any value: the model says an object. */
  readonly before?: Values;
  readonly after?: Values;
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
