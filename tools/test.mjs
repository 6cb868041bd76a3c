// Runs unit and cross-folder tests with node's own runner: all *.test.ts under the named folders. Default: everything but
// test/foreign, which installs other vendors' programs first (`npm run foreign`).
//     node tools/test.mjs [folders or files] [-- node --test options]
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";
import { globSync } from "./glob.mjs";

const split = process.argv.indexOf("--", 2);
const roots = process.argv.slice(2, split === -1 ? undefined : split);
const options = split === -1 ? [] : process.argv.slice(split + 1);
const files =
  roots.length > 0
    ? globSync(roots, ".test.ts")
    : globSync(["src", "codegen", "test", "tools"], ".test.ts").filter(
        (file) => !file.startsWith("test/foreign/"),
      );
if (files.length === 0) throw new Error(`Cannot test: no *.test.ts under ${roots.join(", ")}`);
const outdir = resolve(".cache", `test-${process.pid}`);
await build({
  entryPoints: files,
  outdir,
  outbase: ".",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  sourcemap: "inline",
  logLevel: "warning",
});
const compiled = files.map((file) => `${outdir}/${file.replace(/\.ts$/, ".js")}`);
const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...options, ...compiled], {
  stdio: "inherit",
});
rmSync(outdir, { recursive: true, force: true });
process.exit(status ?? 1);
