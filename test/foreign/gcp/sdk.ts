/** Google's own Node packages, installed apart, on an emulator of their own that checks every signature. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { after, before } from "node:test";
import { Emulator } from "../../../src/emulator/emulator.js";
import { serviceAccountKeyFile } from "../../../src/emulator/gcp/session.js";

const FOLDER = resolve("test/foreign/gcp");
const installed = existsSync(`${FOLDER}/node_modules/@google-cloud/storage`);

/** For `test(name, { skip }, ...)`. */
export const skip = installed ? false : "test/foreign/gcp is not installed: Google's own clients did not run";

/** What the tests use of packages that are not a dependency of ours. */
// biome-ignore lint/suspicious/noExplicitAny: foreign clients, installed apart
export type Foreign = any;

export const load = (name: string): Foreign => createRequire(`${FOLDER}/package.json`)(name);

export interface Target {
  cloud: Emulator;
  url: string;
  /** With tokens of the metadata server. */
  storage: Foreign;
  /** Signs by the key of a service account: its calls would ask Google for tokens. */
  signing: Foreign;
}

/** Filled before the file's first test runs. */
export function emulated(): Target {
  const target = {} as Target;
  before(async () => {
    if (!installed) return;
    const cloud = await Emulator.start();
    const { url, env } = await cloud.listen();
    Object.assign(process.env, env, { METADATA_SERVER_DETECTION: "assume-present", HOME: "/nonexistent" });
    delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
    // With it set the client sends no credentials.
    delete process.env.STORAGE_EMULATOR_HOST;
    const credentials = await serviceAccountKeyFile(cloud, { origin: url });
    const { Storage } = load("@google-cloud/storage");
    const options = { apiEndpoint: url, projectId: "local-project", retryOptions: { autoRetry: false } };
    const storage = new Storage({ ...options, useAuthWithCustomEndpoint: true });
    Object.assign(target, { cloud, url, storage, signing: new Storage({ ...options, credentials }) });
  });
  after(() => target.cloud?.close());
  return target;
}

/** Moves the emulator's clock for a while. */
export async function later(target: Target, ms: number, work: () => Promise<unknown>): Promise<void> {
  target.cloud.clock.advance(ms);
  try {
    await work();
  } finally {
    target.cloud.clock.reset();
  }
}

export const refused = (code: number, reason?: string) => (error: Foreign) => {
  // Uploads that are begun by themselves fail with the status alone.
  assert.equal(Number(error.code ?? error.status), code, `${error.code}: ${error.message}`);
  if (reason !== undefined) assert.equal(error.errors?.[0]?.reason, reason);
  return true;
};
