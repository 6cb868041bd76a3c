/** The package on other runtimes: Bun and Deno with Node's modules, workerd with the web's alone. */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { build } from "esbuild";
import { Emulator } from "../../../src/emulator/index.js";

const FOLDER = resolve("test/foreign/runtimes");
const RUNTIMES: Readonly<Record<string, readonly [program: string, ...first: string[]]>> = {
  Bun: [`${FOLDER}/node_modules/@oven/bun-linux-x64/bin/bun`],
  Deno: [`${FOLDER}/node_modules/@deno/linux-x64-glibc/deno`, "run", "--allow-all"],
  Node: [process.execPath],
};
const WORKERD = `${FOLDER}/node_modules/@cloudflare/workerd-linux-64/bin/workerd`;

/** They are pinned for one platform. */
function missing(name: string, program: string): string | false {
  return existsSync(program) ? false : `test/foreign/runtimes is not installed: nothing ran on ${name}`;
}

/** A folder in which the package is installed. */
async function userFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "trivet-runtimes-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "node_modules"));
  await symlink(resolve("."), join(folder, "node_modules/trivet"), "dir");
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  return folder;
}

for (const [name, [program, ...first]] of Object.entries(RUNTIMES)) {
  test(`${name}: calls on the three clouds, files, the emulator`, {
    skip: missing(name, program),
  }, async (t) => {
    const cwd = await userFolder(t);
    await copyFile(`${FOLDER}/program.mjs`, join(cwd, "program.mjs"));
    const { stdout } = await promisify(execFile)(program, [...first, "program.mjs"], {
      cwd,
      timeout: 120_000,
    });
    const results = JSON.parse(stdout) as Record<string, string>;
    assert.equal(Object.keys(results).length, 9);
    for (const [step, result] of Object.entries(results)) assert.equal(result, "ok", step);
  });
}

test("workerd: calls on the three clouds from a worker", { skip: missing("workerd", WORKERD) }, async (t) => {
  const folder = await userFolder(t);
  const emulator = await Emulator.start();
  t.after(() => emulator.close());
  const { url, env } = await emulator.listen();
  await copyFile(`${FOLDER}/worker.mjs`, join(folder, "worker.mjs"));
  await build({
    entryPoints: [join(folder, "worker.mjs")],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    platform: "browser",
    logLevel: "silent",
  });
  const port = await freePort();
  await writeFile(join(folder, "workerd.capnp"), configuration(port));
  const worker = spawn(WORKERD, ["serve", "workerd.capnp"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  t.after(() => worker.kill());
  const response = await answered(worker, `http://127.0.0.1:${port}`, {
    url,
    accessKeyId: env.AWS_ACCESS_KEY_ID,
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
    accountKey: /AccountKey=([^;]+)/.exec(env.AZURE_STORAGE_CONNECTION_STRING ?? "")?.[1],
  });
  assert.equal(response.status, 200, await response.clone().text());
  assert.deepEqual(await response.json(), [
    "hello of S3",
    "notFound NoSuchKey",
    "hello of Blob",
    "hello of Storage",
  ]);
});

/** A worker that may reach loopback, which workers by default may not. */
function configuration(port: number): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker", esModule = embed "worker.js")],
      compatibilityDate = "2026-11-01",
      globalOutbound = "outside",
    )),
    (name = "outside", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

/** The worker's answer, once it listens. */
async function answered(worker: ChildProcess, url: string, body: object): Promise<Response> {
  for (;;) {
    if (worker.exitCode !== null) throw new Error(`workerd ended with ${worker.exitCode}`);
    try {
      return await fetch(url, { method: "POST", body: JSON.stringify(body) });
    } catch {
      await new Promise((wait) => setTimeout(wait, 50));
    }
  }
}
