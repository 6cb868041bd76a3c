/** Azurite's Blob service in a process of its own on a free port of loopback. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";

const MAIN = "test/foreign/azure/node_modules/azurite/dist/src/blob/main.js";

export const AZURITE_ABSENT = "Azurite is not installed (npm ci --prefix test/foreign/azure): it did not run";

export interface Azurite {
  readonly url: string;
  stop(): void;
}

/** Undefined where it is not installed. */
export async function startAzurite(): Promise<Azurite | undefined> {
  if (!existsSync(MAIN)) return undefined;
  const child = spawn(
    process.execPath,
    [MAIN, "--inMemoryPersistence", "--blobPort", "0", "--silent", "--skipApiVersionCheck"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const url = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk;
      const found = /listens? (?:on|at) (http:\/\/[\d.:]+)/i.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`Azurite ended with ${code}: ${text}`)));
  });
  return { url, stop: () => void child.kill("SIGKILL") };
}
