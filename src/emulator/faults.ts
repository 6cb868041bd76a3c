/** Failures on demand: what a test wants the cloud to get wrong, for which operation, how often. */
import type { HeaderMap } from "../http/message.js";
import type { CloudName } from "../model/ir.js";

export interface Fault {
  /** Default: any. */
  readonly cloud?: CloudName;
  /** `s3`, `blob`, `storage`. Default: any. */
  readonly service?: string;
  /** Wire name: `GetObject`, `Blob.Download`, `instances.list`. Default: any. */
  readonly operation?: string;
  /** How often. Default 1; `Infinity` until removed. */
  readonly times?: number;
  /** Matching requests that pass first. Default 0. */
  readonly after?: number;
  /** Wait before the answer, ms of the machine's time. Alone: the answer is right but late. */
  readonly latencyMs?: number;
  /** The service's own "slow down". */
  readonly throttle?: true;
  /** An error in the protocol's own form. */
  readonly error?: { readonly code: string; readonly message?: string; readonly status: number };
  /** This response, whatever the protocol: a proxy's HTML page, an empty 200. */
  readonly respond?: {
    readonly status: number;
    readonly headers?: HeaderMap;
    readonly body?: string | Uint8Array;
  };
  /** The connection is reset before (`request`) or after (`response`) the operation took effect. */
  readonly reset?: "request" | "response";
  /** The response's body ends after so many bytes, its connection with it. */
  readonly cutBodyAfterBytes?: number;
}

export interface FaultTarget {
  readonly cloud: CloudName;
  readonly service: string;
  /** Undefined where the request names no operation. */
  readonly operation: string | undefined;
}

interface Armed {
  readonly fault: Fault;
  passes: number;
  left: number;
}

export class Faults {
  readonly #armed: Armed[] = [];

  /** Arms a fault; the function that comes back removes it. */
  add(fault: Fault): () => void {
    const armed = { fault, passes: fault.after ?? 0, left: fault.times ?? 1 };
    this.#armed.push(armed);
    return () => this.#remove(armed);
  }

  clear(): void {
    this.#armed.length = 0;
  }

  /** @internal The first armed fault that fits, counted as used. */
  take(target: FaultTarget): Fault | undefined {
    // The common case by far, on every request.
    if (this.#armed.length === 0) return undefined;
    for (const armed of this.#armed) {
      if (!fits(armed.fault, target)) continue;
      if (armed.passes > 0) {
        armed.passes -= 1;
        continue;
      }
      armed.left -= 1;
      if (armed.left <= 0) this.#remove(armed);
      return armed.fault;
    }
    return undefined;
  }

  #remove(armed: Armed): void {
    const index = this.#armed.indexOf(armed);
    if (index >= 0) this.#armed.splice(index, 1);
  }
}

function fits({ cloud, service, operation }: Fault, target: FaultTarget): boolean {
  return (
    (cloud === undefined || cloud === target.cloud) &&
    (service === undefined || service === target.service) &&
    (operation === undefined || operation === target.operation)
  );
}
