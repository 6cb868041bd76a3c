// How a transfer of 256 MiB is measured: a fresh process a client and round, interleaved, against one server; medians.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { median, startServer } from "./measure.mjs";

const SIZE = 256 * 1024 * 1024;
const BOTO3 = "boto3==1.43.67";
const here = import.meta.dirname;
const cache = resolve(here, "../.cache");

/** Medians by client: `{wallMs, cpuMs, rssMb}`. Without Python 3 there is no boto3 among them. */
export async function transferFigures(direction, rounds) {
  const folder = join(cache, "bench-transfer");
  const local = join(folder, "local");
  mkdirSync(folder, { recursive: true });
  writeFileSync(local, Buffer.alloc(SIZE, "trivet"));
  const server = await startServer(join(here, "transfer-server.mjs"));
  const endpoint = `http://127.0.0.1:${server.port}`;
  const programs = clients(direction, endpoint);
  const runs = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const [name, [command, args]] of Object.entries(programs)) {
        const path = direction === "upload" ? local : join(folder, "copy");
        const stdio = ["ignore", "pipe", "ignore"];
        const figures = JSON.parse(execFileSync(command, [...args, path], { encoding: "utf8", stdio }));
        // The first round fills the disk's cache.
        if (round > 0) runs[name].push(figures);
        rmSync(join(folder, "copy"), { force: true });
      }
    }
  } finally {
    server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return Object.fromEntries(Object.entries(runs).map(([name, each]) => [name, medians(each)]));
}

function medians(runs) {
  return Object.fromEntries(
    Object.keys(runs[0]).map((figure) => [figure, median(runs.map((run) => run[figure]))]),
  );
}

function clients(direction, endpoint) {
  const program = join(here, "programs/transfer.mjs");
  const node = (name) => [process.execPath, [program, name, direction, endpoint]];
  const python = boto3Python();
  return {
    trivet: node("trivet"),
    "aws-sdk v3": node("aws-sdk v3"),
    ...(python && { boto3: [python, [join(here, "programs/transfer.py"), direction, endpoint]] }),
  };
}

/** The interpreter of a virtual environment with boto3, made at first use; undefined where there is no Python 3. */
function boto3Python() {
  const venv = join(cache, `venv-bench-${BOTO3}`);
  const python = join(venv, "bin/python");
  if (spawnSync(python, ["-c", "import boto3"], { stdio: "ignore" }).status === 0) return python;
  if (spawnSync("python3", ["--version"]).status !== 0) {
    console.error("  python3 absent: transfers are not measured beside boto3");
    return undefined;
  }
  if (existsSync(venv)) rmSync(venv, { recursive: true });
  const options = { stdio: ["ignore", "ignore", "inherit"] };
  execFileSync("python3", ["-m", "venv", venv], options);
  execFileSync(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", BOTO3], options);
  return python;
}
