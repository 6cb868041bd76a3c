/** Lays `patches/<cloud>/<id>.json` over a model: what the source lacks, each piece with its why and a link. */
import { readFileSync } from "node:fs";
import type { ServiceModel } from "../src/model/ir.js";

interface Patch {
  readonly why: string;
  readonly link: string;
  /** Merged over the model: objects member by member, all else replaced; null removes. */
  readonly operations?: Readonly<Record<string, unknown>>;
  readonly shapes?: Readonly<Record<string, unknown>>;
}

export function readPatches(cloud: string, id: string): readonly Patch[] {
  let text: string;
  try {
    text = readFileSync(`patches/${cloud}/${id}.json`, "utf8");
  } catch {
    return [];
  }
  return JSON.parse(text) as Patch[];
}

/** Operations and shapes that a patch names must exist: one that does not was renamed by the vendor. */
export function applyPatches(model: ServiceModel, patches: readonly Patch[]): ServiceModel {
  let { operations, shapes } = model;
  for (const patch of patches) {
    for (const name of Object.keys(patch.operations ?? {})) {
      if (!(name in operations)) throw new Error(`Cannot patch ${model.service.id}: no operation "${name}"`);
    }
    operations = merge(operations, patch.operations ?? {}) as typeof operations;
    shapes = merge(shapes, patch.shapes ?? {}) as typeof shapes;
  }
  return { ...model, operations, shapes };
}

function merge(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over;
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
