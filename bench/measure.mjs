// How things are measured: whole processes, CPU of a process, sizes. Medians of interleaved runs, so that a busy moment hits all alike.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = import.meta.dirname;

/** Starts a server program that prints its port (or a line with it) first. */
export function startServer(program, args = []) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}`)));
    child.stdout.once("data", (data) =>
      resolve({ port: Number(String(data).trim()), stop: () => child.kill() }),
    );
  });
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Wall time in ms of one fresh process a client, `rounds` times each, interleaved. */
export function coldMs(names, rounds, call, endpoint, key = "") {
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const start = process.hrtime.bigint();
      const { status } = spawnSync(
        process.execPath,
        [join(here, "programs/cold.mjs"), name, call, endpoint, key],
        { stdio: ["ignore", "ignore", "inherit"] },
      );
      if (status !== 0) throw new Error(`${name} failed`);
      // The first round fills the disk's cache.
      if (round > 0) times[name].push(Number(process.hrtime.bigint() - start) / 1e6);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])]));
}

/** CPU microseconds a call, warm, each client in a process of its own, interleaved. */
export function cpuUs(names, rounds, { call, calls, width, key = "" }, endpoint) {
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const args = [join(here, "programs/cpu.mjs"), name, call, endpoint, String(calls), String(width), key];
      times[name].push(Number(execFileSync(process.execPath, args, { encoding: "utf8" })));
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])]));
}

/** Bytes of a module bundled for Node, minified and gzipped, with all that a cold start loads. */
export async function bundledBytes(contents) {
  const result = await build({
    stdin: { contents, resolveDir: here },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    write: false,
    logLevel: "error",
  });
  return gzipSync(result.outputFiles[0].contents, { level: 9 }).length;
}

export function folderBytes(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + folderBytes(join(path, name)), 0);
}

/** The package as npm unpacks it. */
export function packageBytes(root) {
  const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return [...files, "package.json"].reduce((sum, file) => sum + folderBytes(join(root, file)), 0);
}

/** Wall time in ms from start to the first line that a program prints. */
export function firstLineMs(command, args, rounds, env = {}) {
  const once = () =>
    new Promise((resolve, reject) => {
      const start = process.hrtime.bigint();
      const child = spawn(command, args, {
        stdio: ["ignore", "pipe", "inherit"],
        env: { ...process.env, ...env },
      });
      child.once("error", reject);
      child.stdout.once("data", () => {
        const ms = Number(process.hrtime.bigint() - start) / 1e6;
        child.kill();
        child.once("exit", () => resolve(ms));
      });
    });
  return (async () => {
    const times = [];
    for (let round = 0; round < rounds; round++) times.push(await once());
    return median(times);
  })();
}
