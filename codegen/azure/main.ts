/**
 * Imports Azure services from npm packages into models/azure:
 *     npm ci --prefix codegen --ignore-scripts && node tools/run.mjs codegen/azure/main.ts [id]
 */
import { readFileSync } from "node:fs";
import type { OperationTraits, ServiceModel, ServiceTraits, ShapeTraits } from "../../src/model/ir.js";
import { recordSource } from "../sources.js";
import { writeModel } from "../write.js";
import { type ImportRules, importOperations, type OperationPatch } from "./import.js";
import { loadPackage } from "./load.js";
import { Shapes } from "./shapes.js";

interface AzureService {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly packages: readonly string[];
}

const ARM: readonly AzureService[] = [
  {
    id: "resources",
    name: "Resources",
    title: "Azure Resource Manager",
    packages: ["@azure/arm-resources", "@azure/arm-resources-subscriptions"],
  },
  { id: "network", name: "Network", title: "Azure Networking", packages: ["@azure/arm-network"] },
  { id: "compute", name: "Compute", title: "Azure Compute", packages: ["@azure/arm-compute"] },
  { id: "storage", name: "Storage", title: "Azure Storage Management", packages: ["@azure/arm-storage"] },
];

const BLOB: AzureService = {
  id: "blob",
  name: "Blob",
  title: "Azure Blob Storage",
  packages: ["@azure/storage-blob"],
};

interface Patch {
  /** Asked for instead of the package's newest. */
  readonly apiVersion?: string;
  readonly placeholders?: Readonly<Record<string, string>>;
  readonly replaced?: Readonly<Record<string, ShapeTraits>>;
  readonly groups?: Readonly<Record<string, string>>;
  /** Members by shape that the package says are always there and the service leaves out. */
  readonly optional?: Readonly<Record<string, readonly string[]>>;
  readonly operations?: Readonly<Record<string, OperationPatch>>;
}

async function importService(service: AzureService): Promise<ServiceModel> {
  const patch = readPatch(service.id);
  const xml = service === BLOB;
  const rules: ImportRules = {
    xml,
    operations: patch.operations ?? {},
    groups: patch.groups ?? {},
    placeholders: patch.placeholders ?? {},
  };
  const operations: Record<string, OperationTraits> = {};
  const shapes: Record<string, ShapeTraits> = {};
  const versions = new Set<string>();
  for (const name of service.packages) {
    const loaded = await loadPackage(name);
    recordSource("azure", name, { registry: "npm", version: loaded.version, sha512: lockedHash(name) });
    const table = new Shapes(loaded, { xml, replaced: patch.replaced ?? {} });
    for (const [operation, traits] of Object.entries(importOperations(loaded, table, rules))) {
      operations[operation] ??= traits;
    }
    for (const [shape, traits] of Object.entries(table.table)) merge(shapes, shape, traits, name);
    for (const version of apiVersions(operations)) versions.add(version);
    if (xml) versions.add(loaded.constants.version as string);
  }
  for (const [shape, members] of Object.entries(patch.optional ?? {})) makeOptional(shapes, shape, members);
  // The last page has no link to a next one, whatever the package says.
  for (const { output, page } of Object.values(operations)) {
    if (page?.link && output !== undefined) makeOptional(shapes, output, [page.outputToken as string]);
  }
  return {
    service: traitsOf(service, patch.apiVersion ?? [...versions].sort().at(-1) ?? "", xml),
    operations,
    shapes: reachable(operations, shapes),
  };
}

function traitsOf({ id, name, title }: AzureService, apiVersion: string, xml: boolean): ServiceTraits {
  return {
    cloud: "azure",
    id,
    name,
    title,
    apiVersion,
    protocol: xml ? "azure-xml" : "azure-json",
    azure: xml
      ? {
          endpoint: "https://{account}.blob.core.windows.net",
          scopes: ["https://storage.azure.com/.default"],
        }
      : { endpoint: "https://management.azure.com", scopes: ["https://management.azure.com/.default"] },
  };
}

function makeOptional(shapes: Record<string, ShapeTraits>, name: string, members: readonly string[]): void {
  const shape = shapes[name];
  for (const member of members) {
    const traits = shape?.members?.[member];
    if (shape === undefined || traits === undefined)
      throw new Error(`Cannot patch ${name}: no member ${member}`);
    const { required: _, ...rest } = traits;
    shapes[name] = {
      ...(shapes[name] as ShapeTraits),
      members: { ...shapes[name]?.members, [member]: rest },
    };
  }
}

/** Two packages of one service must agree on what a name means. */
function merge(shapes: Record<string, ShapeTraits>, name: string, traits: ShapeTraits, from: string): void {
  const known = shapes[name];
  if (
    known !== undefined &&
    JSON.stringify(known) !== JSON.stringify(traits) &&
    !/^Operation(s?List|Display)?(Result|Output)?$/.test(name)
  ) {
    throw new Error(`Cannot merge ${from}: shape ${name} differs`);
  }
  shapes[name] ??= traits;
}

function apiVersions(operations: Readonly<Record<string, OperationTraits>>): string[] {
  return Object.values(operations).flatMap(
    ({ path = "" }) => path.match(/api-version=([\w.-]+)/)?.slice(1) ?? [],
  );
}

/** Only what operations use: the mappers of errors and of unused models stay behind. */
function reachable(
  operations: Readonly<Record<string, OperationTraits>>,
  shapes: Readonly<Record<string, ShapeTraits>>,
): Record<string, ShapeTraits> {
  const seen = new Set<string>();
  const open = Object.values(operations).flatMap(({ input, output }) => [input, output]);
  while (open.length > 0) {
    const name = open.pop();
    if (name === undefined || seen.has(name)) continue;
    seen.add(name);
    const { members = {}, member, key } = shapes[name] as ShapeTraits;
    for (const each of [...Object.values(members), member, key]) open.push(each?.shape);
  }
  return Object.fromEntries(Object.entries(shapes).filter(([name]) => seen.has(name)));
}

function readPatch(id: string): Patch {
  try {
    return JSON.parse(readFileSync(`patches/azure/${id}.json`, "utf8")) as Patch;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

function lockedHash(name: string): string {
  const lock = JSON.parse(readFileSync("codegen/package-lock.json", "utf8")) as {
    packages: Record<string, { integrity?: string }>;
  };
  const integrity = lock.packages[`node_modules/${name}`]?.integrity;
  if (integrity === undefined) throw new Error(`Cannot import ${name}: the lockfile has no hash`);
  return Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex");
}

const wanted = process.argv[2];
for (const service of [BLOB, ...ARM]) {
  if (wanted !== undefined && service.id !== wanted) continue;
  const model = await importService(service);
  const changed = writeModel(model);
  const counts = `${Object.keys(model.operations).length} operations, ${Object.keys(model.shapes).length} shapes`;
  console.log(`azure/${service.id}: ${counts}${changed ? "" : ", unchanged"}`);
}
