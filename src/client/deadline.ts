/** One signal for a call out of the user's signal and its timeout, and waits that end with it. */
import { abortedError } from "../http/transport-error.js";
import { CloudError } from "../internal/cloud-error.js";

export interface Deadline {
  /** Undefined when the call has neither signal nor timeout. */
  readonly signal: AbortSignal | undefined;
  /** Stops the timeout; the user's own signal stays linked, for a body still in flight. */
  settle(): void;
}

export function startDeadline(signal: AbortSignal | undefined, timeoutMs: number | undefined): Deadline {
  if (timeoutMs === undefined) return { signal, settle: nothing };
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(timeoutError(timeoutMs)), timeoutMs);
  if (signal?.aborted) controller.abort(signal.reason);
  else
    signal?.addEventListener("abort", () => controller.abort(signal.reason), {
      once: true,
      signal: controller.signal,
    });
  return { signal: controller.signal, settle: () => clearTimeout(timer) };
}

function nothing(): void {}

function timeoutError(timeoutMs: number): CloudError {
  return new CloudError(`No answer within ${timeoutMs} ms`, { kind: "timeout", code: "Timeout" });
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedError(signal);
}

/** The promise's outcome, or the abort, whichever is first. For work that takes no signal itself. */
export function abortable<T>(work: Promise<T> | T, signal: AbortSignal | undefined): Promise<T> | T {
  if (signal === undefined || !(work instanceof Promise)) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(abortedError(signal));
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Resolves after `ms`, fails at once when the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortedError(signal));
    const abort = () => {
      clearTimeout(timer);
      reject(abortedError(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
