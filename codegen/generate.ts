/**
 * Makes src/gen from models/: the JavaScript and the declarations of each service.
 *
 *     node tools/run.mjs codegen/generate.ts                  everything whose model changed
 *     node tools/run.mjs codegen/generate.ts aws/s3 aws/ec2   these alone, now
 */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { packRules } from "../src/aws/endpoint/packed-rules.js";
import type { ServiceModel } from "../src/model/ir.js";
import { emitJs, emitText } from "./emit-js.js";
import { emitTypes } from "./types/emit.js";
import { writeIfChanged } from "./write.js";

export const GENERATED = "src/gen";
const CLOUDS = ["aws", "azure", "gcp"];
/** Files of models/aws that are not services; each becomes a module that exports its text under that name. */
const TABLES: Readonly<Record<string, string>> = {
  partitions: "partitions",
  defaults: "defaults",
  regions: "regions",
};

/** `aws/s3` of every service that models/ holds. */
export function serviceNames(): string[] {
  return CLOUDS.filter((cloud) => existsSync(`models/${cloud}`)).flatMap((cloud) =>
    readdirSync(`models/${cloud}`)
      .filter((file) => file.endsWith(".json"))
      .map((file) => `${cloud}/${file.slice(0, -5)}`)
      .filter((name) => !isTable(name)),
  );
}

export function generateService(name: string): void {
  const model = JSON.parse(readFileSync(`models/${name}.json`, "utf8")) as ServiceModel;
  const rules = model.service.aws?.rules;
  const packed = rules === undefined ? undefined : packedRules(rules);
  writeIfChanged(`${GENERATED}/${name}.js`, emitJs(model, packed));
  writeIfChanged(`${GENERATED}/${name}.d.ts`, emitTypes(model));
}

/** What is not a service: partitions and the like. */
export function generateTables(): void {
  for (const [file, name] of Object.entries(TABLES)) {
    const table: unknown = JSON.parse(readFileSync(`models/aws/${file}.json`, "utf8"));
    writeText(`aws/${file}`, name, JSON.stringify(table));
  }
  // What a session lists without loading every service.
  const ids = serviceNames().flatMap((name) => (name.startsWith("aws/") ? [name.slice(4)] : []));
  writeText("aws/services", "services", JSON.stringify(ids));
}

const rulesByName = new Map<string, string>();

/** Many services share a rule set. */
function packedRules(name: string): string {
  let packed = rulesByName.get(name);
  if (packed === undefined) {
    packed = packRules(JSON.parse(readFileSync(`models/aws/rules/${name}.json`, "utf8")));
    rulesByName.set(name, packed);
  }
  return packed;
}

function writeText(path: string, name: string, text: string): void {
  writeIfChanged(`${GENERATED}/${path}.js`, emitText(name, text));
  writeIfChanged(`${GENERATED}/${path}.d.ts`, `/** JSON. */\nexport declare const ${name}: string;\n`);
}

/** Removes what no model accounts for any more. */
export function removeStale(names: readonly string[]): void {
  for (const cloud of CLOUDS) {
    const ids = names
      .filter((name) => name.startsWith(`${cloud}/`))
      .map((name) => name.slice(cloud.length + 1));
    removeOthers(
      `${GENERATED}/${cloud}`,
      new Set([...ids, ...(cloud === "aws" ? [...Object.keys(TABLES), "services"] : [])]),
    );
  }
}

function removeOthers(folder: string, kept: ReadonlySet<string>): void {
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder)) {
    if (!kept.has(file.replace(/\.(js|d\.ts)$/, ""))) rmSync(`${folder}/${file}`, { recursive: true });
  }
}

function isTable(name: string): boolean {
  const [cloud, file] = name.split("/");
  return cloud === "aws" && file !== undefined && file in TABLES;
}

if (process.argv[1] === resolve("codegen/generate.ts")) {
  const named = process.argv.slice(2);
  const names = named.length > 0 ? named : serviceNames();
  generateTables();
  for (const name of names) generateService(name);
  if (named.length === 0) removeStale(names);
}
