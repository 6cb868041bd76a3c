/**
 * Builds dist/: `npm run build`. Three steps, each skipped when the content of its inputs is what it last saw.
 *
 *   generate   models/ -> src/gen: each service's JavaScript and declarations
 *   bundle     src -> dist/*.js: the entry points and few chunks; services go to dist/gen as they are, one file each
 *   declare    src -> dist/**.d.ts, and the services' declarations beside their JavaScript
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, posix } from "node:path";
import {
  GENERATED,
  generateService,
  generateTables,
  removeStale,
  serviceNames,
} from "../codegen/generate.js";
import { bundleSources } from "./bundle.js";

const DIST = "dist";
const STAMPS = ".cache/build.json";
const GENERATE_STAMPS = ".cache/generate.json";
/** What makes src/gen; importers do not. */
const GENERATOR = [
  "codegen/emit-js.ts",
  "codegen/generate.ts",
  "codegen/types",
  "src/model",
  "src/aws/endpoint/packed-rules.ts",
];

/** Modules under src that are files of their own in dist: what `exports` names, and the program. */
const FILES = ["index", "aws/index", "azure/index", "gcp/index", "emulator/index", "cli/emulator"];
/** What services import, beside their extensions. */
const PARTS = [
  ...["aws/service", "azure/service", "gcp/service"],
  ...["json", "query", "rest-json", "rest-xml", "cbor"].map((name) => `protocol/aws-${name}`),
];

interface Step {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** What else decides the result. */
  readonly facts?: readonly string[];
  /** Returns false when it failed. */
  run(): boolean | Promise<boolean>;
}

/** A failed bundle must not keep declarations from being made: the next step may say why it failed. */
async function attempt(step: Step): Promise<boolean> {
  try {
    return await step.run();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return false;
  }
}

/** Services whose model is as it was are left alone, unless the generator changed. */
function generate(): boolean {
  const names = serviceNames();
  const before = readStamps(GENERATE_STAMPS);
  const generator = digest(GENERATOR);
  const rules = digest(["models/aws/rules"]);
  const extended = new Set(extensions());
  const after: Record<string, string> = {};
  for (const name of names) {
    const extension = extended.has(name.replace("/", "/extensions/"));
    const stamp = `${generator} ${rules} ${digest([`models/${name}.json`])} ${extension}`;
    if (before[name] !== stamp || !existsSync(`${GENERATED}/${name}.d.ts`)) generateService(name);
    after[name] = stamp;
  }
  generateTables();
  removeStale(names);
  writeFileSync(GENERATE_STAMPS, JSON.stringify(after));
  return true;
}

async function bundle(): Promise<boolean> {
  const parts = [...PARTS, ...extensions()];
  const homes = await bundleSources(DIST, { files: FILES, parts, services: serviceNames() });
  removeOld(`${DIST}/gen`, ".js");
  copyGenerated(".js", (text) =>
    text.replace(/"\.\.\/\.\.\/([a-z0-9/-]+)\.ts"/g, (_, module: string) => `"../../${homes.get(module)}"`),
  );
  return true;
}

/** Methods of our own on services: entries, since the services' modules import them. */
function extensions(): string[] {
  return serviceNames()
    .map((name) => name.replace("/", "/extensions/"))
    .filter((entry) => existsSync(`src/${entry}.ts`));
}

function declare(): boolean {
  removeOld(DIST, ".d.ts");
  const { status } = spawnSync(
    process.execPath,
    ["node_modules/typescript/lib/tsc.js", "-p", "tsconfig.build.json"],
    {
      stdio: "inherit",
    },
  );
  copyGenerated(".d.ts", (text) => text);
  return status === 0;
}

function copyGenerated(ending: ".js" | ".d.ts", change: (text: string) => string): void {
  for (const file of filesUnder(GENERATED)) {
    if (!file.endsWith(ending)) continue;
    const target = join(DIST, "gen", posix.relative(GENERATED, file));
    mkdirSync(dirname(target), { recursive: true });
    if (ending === ".d.ts") cpSync(file, target);
    else writeFileSync(target, change(readFileSync(file, "utf8")));
  }
}

function removeOld(folder: string, ending: string): void {
  if (!existsSync(folder)) return;
  for (const file of filesUnder(folder)) if (file.endsWith(ending)) rmSync(file);
}

function readStamps(file: string): Record<string, string> {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, string>) : {};
}

/** One hash of the names and contents of everything under the paths, but for tests. */
function digest(paths: readonly string[], facts: readonly string[] = []): string {
  const hash = createHash("sha1").update(facts.join());
  for (const file of paths.flatMap(filesUnder)) {
    if (file.endsWith(".test.ts")) continue;
    hash.update(`\0${file}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

const SKIPPED = new Set(["node_modules"]);

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .filter((name) => !SKIPPED.has(name))
    .sort()
    .flatMap((name) => filesUnder(`${path}/${name}`));
}

const sources = ["src", "package.json", "tools/build.ts", "tools/bundle.ts"];
const steps: readonly Step[] = [
  {
    name: "generate",
    inputs: ["models", ...GENERATOR],
    outputs: [GENERATED],
    facts: extensions(),
    run: generate,
  },
  { name: "bundle", inputs: sources, outputs: [DIST], run: bundle },
  { name: "declare", inputs: [...sources, "tsconfig.build.json"], outputs: [`${DIST}/client`], run: declare },
];

const stamps = readStamps(STAMPS);
mkdirSync(dirname(STAMPS), { recursive: true });
for (const step of steps) {
  const stamp = digest(step.inputs, step.facts);
  if (stamps[step.name] === stamp && step.outputs.every((path) => existsSync(path))) continue;
  const started = performance.now();
  const succeeded = await attempt(step);
  console.log(
    `${step.name}: ${succeeded ? "done" : "FAILED"} in ${Math.round(performance.now() - started)} ms`,
  );
  if (succeeded) stamps[step.name] = stamp;
  else {
    delete stamps[step.name];
    process.exitCode = 1;
  }
  writeFileSync(STAMPS, JSON.stringify(stamps));
}
