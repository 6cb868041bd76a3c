// Files with a given ending under folders, generated and installed ones left out. Node 20 has no fs.globSync.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const SKIPPED = new Set(["node_modules", "gen", "dist", ".cache", ".git"]);

export function globSync(roots, ending) {
  return roots.flatMap((root) => (statSync(root).isFile() ? [root] : walk(root, ending))).sort();
}

function walk(folder, ending) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return walk(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });
}
