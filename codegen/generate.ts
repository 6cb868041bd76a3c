/**
 * Makes src/gen from models/: the JavaScript and the declarations of each service.
 *
 *     node tools/run.mjs codegen/generate.ts                  everything whose model changed
 *     node tools/run.mjs codegen/generate.ts aws/s3 aws/ec2   these alone, now
 */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
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
  if (rules !== undefined) generateRules(rules);
  writeIfChanged(`${GENERATED}/${name}.js`, emitJs(model));
  writeIfChanged(`${GENERATED}/${name}.d.ts`, emitTypes(model));
}

function generateRules(name: string): void {
  writeText(`aws/rules/${name}`, "rules", readFileSync(`models/aws/rules/${name}.json`, "utf8"));
}

/** What is not a service: partitions and the like. */
export function generateTables(): void {
  for (const [file, name] of Object.entries(TABLES)) {
    if (existsSync(`models/aws/${file}.json`)) {
      const table: unknown = JSON.parse(readFileSync(`models/aws/${file}.json`, "utf8"));
      writeText(`aws/${file}`, name, JSON.stringify(table));
    }
  }
}

function writeText(path: string, name: string, text: string): void {
  writeIfChanged(`${GENERATED}/${path}.js`, emitText(name, text));
  writeIfChanged(`${GENERATED}/${path}.d.ts`, `/** JSON. */\nexport declare const ${name}: string;\n`);
}

/** Removes what no model accounts for any more. */
export function removeStale(names: readonly string[]): void {
  const kept = new Set(names);
  for (const cloud of CLOUDS) {
    const folder = `${GENERATED}/${cloud}`;
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder)) {
      const name = `${cloud}/${file.replace(/\.(js|d\.ts)$/, "")}`;
      if (file !== "rules" && !kept.has(name) && !isTable(name)) rmSync(`${folder}/${file}`);
    }
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
