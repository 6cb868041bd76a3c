/**
 * Measures encodings of a model: size, size gzipped, and the time a fresh process needs from import to all shapes of one
 * operation. The figures of docs/decisions/0002-model-encoding.md.
 *
 *     node tools/run.mjs codegen/measure.ts
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { deflateRawSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { pack } from "../src/model/pack.js";
import { literal } from "./emit-js.js";
import { readModel } from "./write.js";

const FOLDER = ".cache/measure";
const RUNS = 21;
const CASES = [
  ["s3", "GetObject"],
  ["ec2", "DescribeInstances"],
] as const;

/** Follows an operation of the IR as plain data. */
const WALK_IR = `
const seen = new Set();
const visit = (name) => {
  if (name === undefined || seen.has(name)) return;
  seen.add(name);
  const { members = {}, member, key } = model.shapes[name];
  for (const each of [...Object.values(members), member, key]) if (each) visit(each.shape);
};
visit(model.operations[operation].input);
visit(model.operations[operation].output);`;

const WALK_MODEL = `
const seen = new Set();
const visit = (shape) => {
  if (shape === undefined || seen.has(shape)) return;
  seen.add(shape);
  for (const each of [...shape.members, shape.element, shape.key]) if (each) visit(each.shape);
};
visit(model.operation(operation).input);
visit(model.operation(operation).output);`;

const LOAD_MODEL = `import { Model } from "./model.mjs";`;
const INFLATE = `import { inflateRawSync } from "node:zlib";`;

interface Encoding {
  readonly name: string;
  encode(ir: string, packed: string): string;
}

const encodings: readonly Encoding[] = [
  { name: "(nothing: the import alone)", encode: () => "" },
  { name: "JavaScript object", encode: (ir) => `const model = ${ir};${WALK_IR}` },
  {
    name: "JSON.parse of the whole",
    encode: (ir) => `const model = JSON.parse(${literal(ir)});${WALK_IR}`,
  },
  {
    name: "JSON.parse of the whole, deflated, base64",
    encode: (ir) =>
      `${INFLATE}const model = JSON.parse(inflateRawSync(Buffer.from("${deflated(ir)}", "base64")));${WALK_IR}`,
  },
  {
    name: "lines, parsed one by one",
    encode: (_, packed) => `${LOAD_MODEL}const model = new Model(${literal(packed)});${WALK_MODEL}`,
  },
  {
    name: "lines, deflated, base64",
    encode: (_, packed) =>
      `${LOAD_MODEL}${INFLATE}const model = new Model(inflateRawSync(Buffer.from("${deflated(packed)}", "base64")).toString());${WALK_MODEL}`,
  },
];

mkdirSync(FOLDER, { recursive: true });
await build({
  entryPoints: ["src/model/model.ts"],
  outfile: `${FOLDER}/model.mjs`,
  bundle: true,
  format: "esm",
  minify: true,
});
console.log(
  "| service | encoding | kB | kB gzipped | ms to the operation's shapes |\n| --- | --- | ---: | ---: | ---: |",
);
for (const [service, operation] of CASES) {
  const model = readModel("aws", service);
  const packed = pack(model);
  for (const { name, encode } of encodings) {
    const code = `const operation = "${operation}";\n${encode(JSON.stringify(withoutTypeOnly(model)), packed)}`;
    writeFileSync(`${FOLDER}/case.mjs`, code);
    const sizes = [code.length, gzipSync(code).length].map((bytes) => (bytes / 1000).toFixed(0));
    console.log(`| ${service} | ${name} | ${sizes.join(" | ")} | ${time().toFixed(1)} |`);
  }
}

/** Median of fresh processes. */
function time(): number {
  writeFileSync(
    `${FOLDER}/main.mjs`,
    `const start = performance.now(); await import("./case.mjs"); console.log(performance.now() - start);`,
  );
  const runs = Array.from({ length: RUNS }, () =>
    Number(execFileSync(process.execPath, [`${FOLDER}/main.mjs`], { encoding: "utf8" })),
  );
  return runs.sort((a, b) => a - b)[Math.floor(RUNS / 2)] as number;
}

function deflated(text: string): string {
  return deflateRawSync(text, { level: 9 }).toString("base64");
}

/** As fair to plain JSON as to lines: neither ships what only types use. */
function withoutTypeOnly(value: unknown): unknown {
  const dropped = ["enum", "sensitive", "min", "max", "deprecated", "doc", "title", "uid"];
  return JSON.parse(
    JSON.stringify(value, (key, each: unknown) =>
      dropped.includes(key) && (typeof each !== "object" || Array.isArray(each)) ? undefined : each,
    ),
  );
}
