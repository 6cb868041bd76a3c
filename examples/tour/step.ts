/** What the tour is made of: steps that call a cloud and say what came back. */
import type { SessionOptions as AwsOptions, Session as AwsSession } from "trivet/aws";
import type { SessionOptions as AzureOptions, Session as AzureSession } from "trivet/azure";
import type { Emulator } from "trivet/emulator";
import type { SessionOptions as GcpOptions, Session as GcpSession } from "trivet/gcp";

export type Cloud = "aws" | "azure" | "gcp";

/** The clouds that a tour runs on: the embedded one, or for each cloud a foreign server. */
export interface Clouds {
  readonly emulator: Emulator;
  /** Clouds that a foreign server stands in for. */
  readonly foreign: ReadonlySet<Cloud>;
  aws(options?: AwsOptions): AwsSession;
  azure(options?: AzureOptions): AzureSession;
  gcp(options?: GcpOptions): GcpSession;
  /** Where the embedded cloud listens, for what must go through a socket: plain `fetch` of a signed URL. */
  served(): Promise<{ readonly url: string; readonly env: Readonly<Record<string, string>> }>;
  /** A folder of this tour's own, removed at its end. */
  readonly folder: string;
}

export interface Step {
  readonly id: string;
  readonly cloud: Cloud;
  /** What a newcomer reads: what is called. */
  readonly title: string;
  /** What came back, in a line. Throws when the step failed. */
  run(clouds: Clouds): Promise<string>;
  /** Why the step does not apply on a foreign server; absent where it does. */
  readonly notForeign?: string;
}

/** Fails the step with what was there instead. */
export function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** Runs with these environment variables set (undefined: unset), and puts the old ones back. */
export async function withEnvironment<T>(
  variables: Readonly<Record<string, string | undefined>>,
  work: () => Promise<T>,
): Promise<T> {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const [name, value] of Object.entries(variables)) set(name, value);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) set(name, value);
  }
}

/** The status that a URL answers to someone without credentials. */
export async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
}
