/** moto's server, a cloud that others made, in a process of its own on a free port of loopback. */
import { spawn } from "node:child_process";
import { Session } from "../../../src/aws/index.js";
import { awsPython } from "./python.js";

export interface MotoServer {
  readonly url: string;
  /** On it, with keys of nobody: moto checks no signatures. */
  session(): Session;
  stop(): void;
}

/** Undefined where there is no Python 3. `env`: moto's own settings. */
export async function startMoto(env: Readonly<Record<string, string>> = {}): Promise<MotoServer | undefined> {
  const { python } = awsPython();
  if (python === undefined) return undefined;
  const child = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env },
  });
  const url = await new Promise<string>((resolve, reject) => {
    let text = "";
    // Goes on reading when the address is known: moto logs each request, and would stop at a full pipe.
    child.stderr.on("data", (chunk: Buffer) => {
      if (text.length < 10_000) text += chunk;
      const found = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`moto ended with ${code}: ${text}`)));
  });
  return {
    url,
    session: () =>
      new Session({
        region: "us-east-1",
        endpoint: url,
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
      }),
    stop: () => void child.kill("SIGKILL"),
  };
}
