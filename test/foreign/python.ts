/** Python in the foreign tests: a virtual environment of pinned packages for each cloud, and programs that drive the emulator. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { venv } from "../../tools/venv.js";

export type Python =
  | { readonly python: string; readonly skip: false }
  | { readonly python: undefined; readonly skip: string };

/** The interpreter of a cloud's environment, or why there is none. `absent` says what then does not run. */
export function pythonOf(cloud: "aws" | "azure" | "gcp", absent: string): Python {
  const requirements = readFileSync(`test/foreign/${cloud}/python-requirements.txt`, "utf8");
  try {
    const python = venv(cloud, requirements.trim().split("\n"));
    if (python !== undefined) return { python, skip: false };
    return { python, skip: `python3 absent: ${absent}` };
  } catch {
    return { python: undefined, skip: `Packages could not be installed: ${absent}` };
  }
}

/** Runs a program to its end. Not `spawnSync`: the emulator answers from this process. */
export function runPython(
  python: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, args, { env: { ...process.env, ...env, HOME: "/nonexistent" } });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
      });
    }
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, output }));
  });
}
