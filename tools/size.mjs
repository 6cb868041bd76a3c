// Sizes that only ratchet down, but for what a faster start costs (docs/decisions/0009): fails above the ceiling, which is the size
// of the last landing rounded up, and tells how far the budget of the design still is. A service is bundled as a user would: one file, what import() would load later included.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const KB = 1000;
/** What it is, its bytes, the ceiling, the budget. */
const rows = [
  ["bundle-s3, gzipped", await bundled("trivet/aws/s3", "S3"), 93 * KB, 45 * KB],
  ["bundle-ec2, gzipped", await bundled("trivet/aws/ec2", "EC2"), 126 * KB, 150 * KB],
  ["installed", installed(), 40 * KB * KB, 40 * KB * KB],
];
let over = 0;
for (const [what, bytes, ceiling, budget] of rows) {
  if (bytes > ceiling) over++;
  const state = bytes > ceiling ? ": above the ceiling" : bytes > budget ? ": over budget" : "";
  console.log(
    `${what.padEnd(20)} ${(bytes / KB).toFixed(1)} kB, ceiling ${ceiling / KB} kB, budget ${budget / KB} kB${state}`,
  );
}
process.exit(over === 0 ? 0 : 1);

async function bundled(entry, name) {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${name} } from "${entry}";`, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    write: false,
    logLevel: "error",
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
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
