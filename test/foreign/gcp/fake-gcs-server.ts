/** fake-gcs-server, Google's storage by others, built at first use through the Go module proxy, on a free port of loopback. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, renameSync } from "node:fs";
import { createServer } from "node:net";
import { resolve as absolute } from "node:path";

const VERSION = "v1.56.1";
const PROGRAM = `.cache/bin/fake-gcs-server-${VERSION}`;
const BUILD_MS_MAX = 300_000;

export interface FakeGcsServer {
  readonly url: string;
  stop(): void;
}

/** Or why it does not run. */
export async function startFakeGcsServer(): Promise<FakeGcsServer | string> {
  const why = buildFakeGcsServer();
  if (why !== undefined) return why;
  const port = await freePort();
  const options = ["-scheme", "http", "-host", "127.0.0.1", "-port", String(port), "-backend", "memory"];
  const child = spawn(PROGRAM, options, { stdio: ["ignore", "ignore", "pipe"] });
  await new Promise<void>((resolve, reject) => {
    let text = "";
    // Goes on reading: it logs each request, and would stop at a full pipe.
    child.stderr.on("data", (chunk: Buffer) => {
      if (text.length < 10_000) text += chunk;
      if (text.includes("server started")) resolve();
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`fake-gcs-server ended with ${code}: ${text}`)));
  });
  return { url: `http://127.0.0.1:${port}`, stop: () => void child.kill("SIGKILL") };
}

/** Undefined when it is there, or why it is not. */
export function buildFakeGcsServer(): string | undefined {
  if (existsSync(PROGRAM)) return undefined;
  if (spawnSync("go", ["version"]).status !== 0) return "go absent: fake-gcs-server did not run";
  const { status } = spawnSync("go", ["install", `github.com/fsouza/fake-gcs-server@${VERSION}`], {
    env: { ...process.env, GOBIN: absolute(".cache/bin") },
    stdio: ["ignore", "ignore", "inherit"],
    timeout: BUILD_MS_MAX,
  });
  if (status !== 0) return "fake-gcs-server could not be built: it did not run";
  renameSync(".cache/bin/fake-gcs-server", PROGRAM);
  return undefined;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
