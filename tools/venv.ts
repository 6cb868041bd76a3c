/** Python virtual environments of the tests, under .cache, with pinned packages. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** The interpreter of a virtual environment with these packages; made at first use. Undefined where there is no Python 3. */
export function venv(name: string, packages: readonly string[]): string | undefined {
  const folder = `.cache/venv-${name}`;
  const python = `${folder}/bin/python`;
  const stamp = `${folder}/packages.txt`;
  const wanted = packages.join("\n");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return python;
  if (spawnSync("python3", ["--version"]).status !== 0) return undefined;
  run("python3", ["-m", "venv", folder]);
  run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages]);
  writeFileSync(stamp, wanted);
  return python;
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0)
    throw new Error(`Cannot make the virtual environment: ${command} ${args.join(" ")} ended with ${status}`);
}
