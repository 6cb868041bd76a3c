/** AWS's own JavaScript packages, installed apart, on an emulator of their own that checks every signature. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { after, before } from "node:test";
import { Emulator } from "../../../src/emulator/emulator.js";

const FOLDER = resolve("test/foreign/aws");
const installed = existsSync(`${FOLDER}/node_modules/@aws-sdk/s3-presigned-post`);

/** For `test(name, { skip }, ...)`. */
export const skip = installed ? false : "test/foreign/aws is not installed: AWS's own clients did not run";

/** What the tests use of packages that are not a dependency of ours. */
// biome-ignore lint/suspicious/noExplicitAny: foreign clients, installed apart
export type Foreign = any;

export const load = (name: string): Foreign => createRequire(`${FOLDER}/package.json`)(name);

export interface Target {
  cloud: Emulator;
  url: string;
  port: number;
  /** Of any client. */
  options: Readonly<Record<string, unknown>>;
}

/** Filled before the file's first test runs; then `prepare` runs. */
export function emulated(prepare?: (target: Target) => Promise<unknown>): Target {
  const target = {} as Target;
  before(async () => {
    if (!installed) return;
    const cloud = await Emulator.start();
    const { url, port } = await cloud.listen();
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const options = { region: "us-east-1", endpoint: url, credentials, maxAttempts: 1 };
    Object.assign(target, { cloud, url, port, options });
    await prepare?.(target);
  });
  after(() => target.cloud?.close());
  return target;
}

export const named = (name: string, status?: number) => (error: Foreign) => {
  assert.equal(error.name, name, `${error.name}: ${error.message}`);
  if (status !== undefined) assert.equal(error.$metadata?.httpStatusCode, status);
  return true;
};

/** `*.localhost` is not resolved everywhere: connects to the address, asks for the host. */
export async function fetchByAddress(
  url: string,
  init: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array } = {},
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  const { request } = await import("node:http");
  const { host, port, pathname, search } = new URL(url);
  return new Promise((done, fail) => {
    const options = {
      host: "127.0.0.1",
      port,
      path: pathname + search,
      method: init.method ?? "GET",
      headers: { host, ...init.headers },
    };
    const sent = request(options, async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      done({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    sent.on("error", fail);
    sent.end(init.body);
  });
}
