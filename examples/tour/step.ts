/** What the tour is made of: steps that call a cloud and say what came back. */
import type { Session as AwsSession, SessionOptions as AwsOptions } from "trivet/aws";
import type { Session as AzureSession, SessionOptions as AzureOptions } from "trivet/azure";
import type { Emulator } from "trivet/emulator";
import type { Session as GcpSession, SessionOptions as GcpOptions } from "trivet/gcp";

export type Cloud = "aws" | "azure" | "gcp";

/** The clouds that a tour runs on: the embedded one, or a foreign server a cloud. */
export interface Clouds {
  /** The embedded cloud; undefined where a cloud was given an endpoint of its own. */
  readonly emulator: Emulator;
  /** Clouds on a foreign server. */
  readonly foreign: ReadonlySet<Cloud>;
  aws(options?: AwsOptions): AwsSession;
  azure(options?: AzureOptions): AzureSession;
  gcp(options?: GcpOptions): GcpSession;
  /** Variables that point a program at the clouds of this tour, as a user's shell would have them. */
  environment(cloud: Cloud): Record<string, string>;
  /** Runs with these environment variables set, and puts the old ones back. */
  withEnvironment<T>(variables: Readonly<Record<string, string | undefined>>, work: () => Promise<T>): Promise<T>;
  /** Fetches a URL with plain HTTP and no credentials. */
  fetch(url: string, init?: { method?: string; body?: string; headers?: Record<string, string> }): Promise<{ status: number; text: string }>;
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

/** Fails the step with what was expected and what was there. */
export function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}
