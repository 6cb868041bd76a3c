/** What configuration and credentials read of the machine. Given as a value, so that tests and other runtimes bring their own. */

export interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: "windows" | "posix";
  /** The user's home folder as the operating system knows it; undefined where there is none (browsers). */
  homedir(): string | undefined;
  /** UTF-8 text, or undefined when the file is not there. */
  readFile(path: string): Promise<string | undefined>;
  /** For token caches: makes the folder, replaces the file at once, readable by the user alone. */
  writeFile(path: string, text: string): Promise<void>;
  /** Runs a command line in the system's shell. */
  run(command: string, options?: RunOptions): Promise<RunResult>;
  now(): number;
}

export interface RunOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RunResult {
  /** Exit code; undefined when the command could not run or was killed. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longest output of a credential process that is read. */
const OUTPUT_BYTES_MAX = 1 << 20;

/** The process's own: environment variables, files and commands of Node; empty in a browser. */
export function systemEnvironment(): Environment {
  const node = globalThis.process as NodeJS.Process | undefined;
  if (typeof node?.getBuiltinModule !== "function") return emptyEnvironment(node?.env ?? {});
  return {
    env: node.env,
    platform: node.platform === "win32" ? "windows" : "posix",
    homedir: () => node.getBuiltinModule("node:os").homedir(),
    readFile: (path) => readFile(node, path),
    writeFile: (path, text) => writeFile(node, path, text),
    run: (command, options) => run(node, command, options),
    now: Date.now,
  };
}

/** No files and no commands. */
export function emptyEnvironment(env: Environment["env"] = {}): Environment {
  return {
    env,
    platform: "posix",
    homedir: () => undefined,
    readFile: async () => undefined,
    writeFile: async () => undefined,
    run: async () => ({ code: undefined, stdout: "", stderr: "no commands in this runtime" }),
    now: Date.now,
  };
}

async function readFile(node: NodeJS.Process, path: string): Promise<string | undefined> {
  const fs = node.getBuiltinModule("node:fs");
  // Most of the files that are asked for are not there: this says so in a fraction of the time that a failure takes.
  if (!fs.existsSync(path)) return undefined;
  try {
    return await fs.promises.readFile(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw error;
  }
}

async function writeFile(node: NodeJS.Process, path: string, text: string): Promise<void> {
  const fs = node.getBuiltinModule("node:fs").promises;
  const { dirname } = node.getBuiltinModule("node:path");
  await fs.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Written aside and renamed: another process never reads half a token.
  const aside = `${path}.${node.pid}.${Math.random().toString(36).slice(2)}`;
  await fs.writeFile(aside, text, { mode: 0o600 });
  await fs.rename(aside, path);
}

function run(node: NodeJS.Process, command: string, options: RunOptions = {}): Promise<RunResult> {
  const { exec } = node.getBuiltinModule("node:child_process");
  return new Promise((resolve) => {
    const limits = {
      maxBuffer: OUTPUT_BYTES_MAX,
      windowsHide: true,
      ...(options.timeoutMs !== undefined && { timeout: options.timeoutMs }),
      ...(options.signal !== undefined && { signal: options.signal }),
    };
    exec(command, limits, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : undefined;
      resolve({
        code,
        stdout,
        stderr: stderr === "" && code === undefined ? (error?.message ?? "") : stderr,
      });
    });
  });
}
