/**
 * Imports AWS from botocore and boto3 into models/aws, and prints what changed.
 *
 *     npm run import:aws                         the recorded version again
 *     npm run import:aws -- --version 1.44.8     another release (of both packages: they share version numbers)
 *     npm run import:aws -- --only s3,ec2        these services alone
 *     npm run import:aws -- --check              prints what would change, writes nothing
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { parseArgs } from "node:util";
import type { ServiceModel } from "../../src/model/ir.js";
import { applyPatches, readPatches } from "../patch.js";
import { readSources, recordSource, verifySource } from "../sources.js";
import { openWheel, type Wheel } from "../wheel.js";
import { formatTable, readModel, writeIfChanged, writeModel } from "../write.js";
import { formatChanges, modelChanges } from "./changes.js";
import { importService } from "./import.js";
import { partitionTable, regionTable } from "./partitions.js";
import { readData, readServices, type ServiceFiles } from "./read.js";
import { type RuleSets, shareRules } from "./rules.js";

const FOLDER = "models/aws";

function main(version: string, only: readonly string[] | undefined, check: boolean): void {
  const [botocore, boto3] = ["botocore", "boto3"].map((name) => openSource(name, version)) as [Wheel, Wheel];
  const files = readServices(botocore.zip, boto3.zip);
  const rules = shareRules(Object.fromEntries(files.map(({ id, ruleSet }) => [id, ruleSet])));
  const chosen = files.filter(({ id }) => only?.includes(id) ?? true);
  if (only === undefined) reportRemoved(files, check);
  let changed = 0;
  for (const each of chosen) {
    const model = applyPatches(
      importService({ ...each, rules: rules.references[each.id] }),
      readPatches("aws", each.id),
    );
    const before = existsSync(`${FOLDER}/${each.id}.json`) ? readModel("aws", each.id) : undefined;
    if (report(each.id, before, model)) changed++;
    if (!check) writeModel(model);
  }
  console.log(`${changed} of ${chosen.length} services differ from what is here: botocore ${version}`);
  if (check || only !== undefined) return;
  writeRules(rules);
  writeIfChanged(
    `${FOLDER}/partitions.json`,
    `${JSON.stringify(partitionTable(readData(botocore.zip, "partitions.json")), null, 1)}\n`,
  );
  writeIfChanged(
    `${FOLDER}/defaults.json`,
    `${JSON.stringify(defaultsOf(readData(botocore.zip, "sdk-default-configuration.json")), null, 1)}\n`,
  );
  writeIfChanged(
    `${FOLDER}/regions.json`,
    `${formatTable(regionTable(readData(botocore.zip, "endpoints.json")))}\n`,
  );
  recordSource("aws", "botocore", { registry: "PyPI", version, sha256: botocore.sha256 });
  recordSource("aws", "boto3", { registry: "PyPI", version, sha256: boto3.sha256 });
  console.log(`${Object.keys(rules.texts).length} endpoint rule sets written`);
}

function openSource(name: string, version: string): Wheel {
  const wheel = openWheel(name, version);
  verifySource("aws", name, version, wheel.sha256);
  return wheel;
}

const OTHER_FILES = new Set(["partitions.json", "defaults.json", "regions.json"]);

function reportRemoved(files: readonly ServiceFiles[], check: boolean): void {
  if (!existsSync(FOLDER)) return;
  const ids = new Set(files.map(({ id }) => `${id}.json`));
  for (const file of readdirSync(FOLDER)) {
    if (!file.endsWith(".json") || OTHER_FILES.has(file) || ids.has(file)) continue;
    console.log(`${file.slice(0, -5)}: removed`);
    if (!check) rmSync(`${FOLDER}/${file}`);
  }
}

/** Prints what changed; false where nothing did. */
function report(id: string, before: ServiceModel | undefined, after: ServiceModel): boolean {
  if (before === undefined) {
    console.log(`${id}: new, ${Object.keys(after.operations).length} operations`);
    return true;
  }
  const lines = formatChanges(modelChanges(before, after));
  for (const line of lines) console.log(`${id}: ${line}`);
  return lines.length > 0;
}

function writeRules({ texts }: RuleSets): void {
  const folder = `${FOLDER}/rules`;
  if (existsSync(folder)) {
    for (const file of readdirSync(folder)) if (!(file.slice(0, -5) in texts)) rmSync(`${folder}/${file}`);
  }
  for (const [name, text] of Object.entries(texts)) writeIfChanged(`${folder}/${name}.json`, `${text}\n`);
}

function defaultsOf(value: unknown): unknown {
  const { base, modes } = value as { base: unknown; modes: unknown };
  return { base, modes };
}

const { values } = parseArgs({
  options: {
    version: { type: "string" },
    only: { type: "string" },
    check: { type: "boolean", default: false },
  },
});
const version = values.version ?? readSources().aws?.botocore?.version;
if (version === undefined) throw new Error("Cannot import: name a version, none is recorded yet");
main(version, values.only?.split(","), values.check);
