/** Work in parallel within a limit: unordered, and in order. */
import { allowListeners } from "../../http/abort-listeners.js";
import { abortedError } from "../../http/transport-error.js";

/**
 * Runs `work` on each item, at most `concurrency` at a time; an item is taken only when it can be worked on. The first failure
 * aborts the others' signal; it is thrown when all have stopped.
 */
export async function inParallel<T>(
  items: Iterable<T> | AsyncIterable<T>,
  concurrency: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const inner = linkedController(signal);
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let failure: { error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    try {
      for (;;) {
        if (inner.signal.aborted) return;
        const { done, value } = await iterator.next();
        if (done) return;
        if (inner.signal.aborted) return;
        await work(value, inner.signal);
      }
    } catch (error) {
      failure ??= { error };
      inner.abort(error);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.max(1, concurrency) }, worker));
  } finally {
    inner.unlink();
    await iterator.return?.();
  }
  if (signal?.aborted) throw abortedError(signal);
  if (failure !== undefined) throw failure.error;
}

/** Starts up to `concurrency` ahead and yields the results in the items' order. Leaving early aborts what is in flight. */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  concurrency: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<R> {
  const inner = linkedController(signal);
  const iterator = items[Symbol.iterator]();
  const window: Promise<R>[] = [];
  const fill = (): void => {
    while (window.length < Math.max(1, concurrency)) {
      const { done, value } = iterator.next();
      if (done) return;
      const started = work(value, inner.signal);
      // Its failure is met when its turn comes; until then nobody listens.
      started.catch(() => undefined);
      window.push(started);
    }
  };
  try {
    for (fill(); window.length > 0; fill()) {
      // Its buffer counts as in flight until the consumer comes back for the next.
      const result = await (window[0] as Promise<R>);
      yield result;
      window.shift();
    }
  } finally {
    inner.unlink();
    inner.abort();
  }
}

/** A controller that the outer signal aborts too. */
function linkedController(outer: AbortSignal | undefined): AbortController & { unlink(): void } {
  const inner = new AbortController();
  allowListeners(inner.signal);
  const onAbort = () => inner.abort(outer?.reason);
  if (outer?.aborted) onAbort();
  outer?.addEventListener("abort", onAbort);
  return Object.assign(inner, { unlink: () => outer?.removeEventListener("abort", onAbort) });
}
