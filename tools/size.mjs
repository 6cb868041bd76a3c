// Sizes that only ratchet down: a service bundled as a user would, and what an install takes. Fails above the budget.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const KB = 1000;
const rows = [
  ["bundle-s3, gzipped", await bundled("trivet/aws/s3", "S3"), 45 * KB],
  ["bundle-ec2, gzipped", await bundled("trivet/aws/ec2", "EC2"), 150 * KB],
  ["installed", installed(), 40 * KB * KB],
];
let over = 0;
for (const [what, bytes, budget] of rows) {
  if (bytes > budget) over++;
  console.log(
    `${what.padEnd(20)} ${(bytes / KB).toFixed(1)} kB, budget ${budget / KB} kB${bytes > budget ? ": over" : ""}`,
  );
}
process.exit(over === 0 ? 0 : 1);

async function bundled(entry, name) {
  const result = await build({
    stdin: { contents: `export { ${name} } from "${entry}";`, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    // What a cold start loads: chunks behind import() are a user's other files.
    splitting: true,
    outdir: ".cache/size",
    write: false,
    logLevel: "error",
  });
  const [main] = result.outputFiles.filter((file) => file.path.endsWith("stdin.js"));
  const text = main.text;
  const chunks = result.outputFiles.filter(
    (file) => file !== main && new RegExp(`from"[^"]*${file.path.split("/").pop()}"`).test(text),
  );
  return gzipSync(Buffer.concat([main, ...chunks].map((file) => file.contents)), { level: 9 }).length;
}

/** The files of the package, as npm unpacks them. */
function installed() {
  const { files } = JSON.parse(readFileSync("package.json", "utf8"));
  return [...files, "package.json"].reduce((sum, file) => sum + sizeOf(file), 0);
}

function sizeOf(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
