// Runs a TypeScript file under any Node: bundles it (packages stay outside) into .cache and imports it.
//     node tools/run.mjs codegen/generate.ts [arguments]
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const [file, ...rest] = process.argv.slice(2);
if (file === undefined) throw new Error("Cannot run: name a TypeScript file");
const outdir = resolve(".cache/run", `${file.replace(/[\\/.]/g, "_")}-${process.pid}`);
mkdirSync(outdir, { recursive: true });
await build({
  entryPoints: { main: file },
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  sourcemap: "inline",
  logLevel: "warning",
});
process.argv = [process.argv[0], resolve(file), ...rest];
process.setSourceMapsEnabled(true);
process.on("exit", () => rm(outdir));
await import(pathToFileURL(`${outdir}/main.mjs`).href);

function rm(path) {
  process.getBuiltinModule("node:fs").rmSync(path, { recursive: true, force: true });
}
