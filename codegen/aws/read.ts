/** Reads botocore's and boto3's wheels: the latest API version of each service, with its extras merged. */
import { gunzipSync } from "node:zlib";
import type { Zip } from "../zip.js";
import type { BotocorePaginators, BotocoreService, BotocoreWaiters } from "./botocore.js";

export interface ServiceFiles {
  readonly id: string;
  readonly service: BotocoreService;
  readonly paginators: BotocorePaginators | undefined;
  readonly waiters: BotocoreWaiters | undefined;
  readonly resources: unknown;
  readonly ruleSet: unknown;
}

/** Services by id, sorted. */
export function readServices(botocore: Zip, boto3: Zip): ServiceFiles[] {
  const folders = latestVersions(botocore, "botocore/data/");
  const resources = latestVersions(boto3, "boto3/data/");
  return [...folders].map(([id, folder]) => {
    const resourceFolder = resources.get(id);
    return {
      id,
      service: readMerged(botocore, folder, "service-2") as BotocoreService,
      paginators: readMerged(botocore, folder, "paginators-1") as BotocorePaginators | undefined,
      waiters: readJson(botocore, `${folder}waiters-2.json`) as BotocoreWaiters | undefined,
      ruleSet: readJson(botocore, `${folder}endpoint-rule-set-1.json`),
      resources: resourceFolder && readJson(boto3, `${resourceFolder}resources-1.json`),
    };
  });
}

/** A file of botocore's data that is not a service's: `partitions.json`. */
export function readData(botocore: Zip, name: string): unknown {
  const value = readJson(botocore, `botocore/data/${name}`);
  if (value === undefined) throw new Error(`Cannot import: botocore has no data/${name}`);
  return value;
}

function latestVersions(zip: Zip, root: string): Map<string, string> {
  const latest = new Map<string, string>();
  for (const name of zip.names.filter((each) => each.startsWith(root)).sort()) {
    const [id, version, file] = name.slice(root.length).split("/");
    if (id && version && file) latest.set(id, `${root}${id}/${version}/`);
  }
  return latest;
}

function readMerged(zip: Zip, folder: string, name: string): unknown {
  const base = readJson(zip, `${folder}${name}.json`);
  const extras = readJson(zip, `${folder}${name}.sdk-extras.json`) as { merge?: unknown } | undefined;
  return base === undefined || extras?.merge === undefined ? base : merge(base, extras.merge);
}

function readJson(zip: Zip, name: string): unknown {
  const plain = zip.read(name);
  if (plain !== undefined) return JSON.parse(plain.toString());
  const packed = zip.read(`${name}.gz`);
  return packed === undefined ? undefined : JSON.parse(gunzipSync(packed).toString());
}

/** Objects member by member; everything else is replaced. */
function merge(base: unknown, extra: unknown): unknown {
  if (!isObject(base) || !isObject(extra)) return extra;
  const merged = { ...base };
  for (const [key, value] of Object.entries(extra))
    merged[key] = key in base ? merge(base[key], value) : value;
  return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
