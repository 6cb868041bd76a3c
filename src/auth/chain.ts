/** A credential chain: asks its sources in order, remembers the one that answered, and can say what each of them said. */
import { CloudError, isCloudError } from "../internal/cloud-error.js";
import type { Explanation, Source } from "./credentials.js";

/**
 * Thrown by a source that has nothing to offer here: the chain goes on, and `explain()` shows the message. Returning
 * undefined does the same without a reason.
 */
export class SourceUnavailable extends Error {
  override readonly name = "SourceUnavailable";
}

export interface ChainOptions<T> {
  /** What kind of credentials an answer is, for `explain()`. Never a secret. */
  readonly describe?: (value: T) => string;
  /** Put before the list of sources when none answers. Default `Cannot find credentials`. */
  readonly missing?: string;
}

export class Chain<T, C = undefined> {
  readonly #sources: readonly Source<T, C>[];
  readonly #options: ChainOptions<T>;
  #winner: Source<T, C> | undefined;
  #explanations: readonly Explanation[] | undefined;

  constructor(sources: readonly Source<T, C>[], options: ChainOptions<T> = {}) {
    this.#sources = sources;
    this.#options = options;
  }

  /**
   * The answer of the first source that has one. Later calls ask that source alone: a session does not change its identity
   * because another source appeared meanwhile.
   *
   * @throws CloudError `unauthenticated`/`NoCredentials` when no source answers; the error of a source that is configured
   *   and fails.
   */
  async provide(context: C, signal?: AbortSignal): Promise<T> {
    if (this.#winner !== undefined) {
      const again = await this.#winner.provide(context, signal);
      if (again !== undefined) return again;
      this.#winner = undefined;
    }
    const run = await this.#run(context, signal);
    if (run.failure !== undefined) throw run.failure.error;
    if (run.answer === undefined) throw noCredentials(this.#options.missing, run.explanations);
    return run.answer;
  }

  /** What each source answered when the chain last ran; runs it when it has not yet. Never throws but on abort. */
  async explain(context: C, signal?: AbortSignal): Promise<readonly Explanation[]> {
    if (this.#explanations === undefined) await this.#run(context, signal);
    return this.#explanations ?? [];
  }

  async #run(context: C, signal: AbortSignal | undefined): Promise<Run<T>> {
    const explanations: Explanation[] = [];
    let answer: T | undefined;
    let failure: { readonly error: unknown } | undefined;
    for (const source of this.#sources) {
      if (answer !== undefined || failure !== undefined) {
        explanations.push({ source: source.name, outcome: "not reached", detail: "" });
        continue;
      }
      try {
        answer = await source.provide(context, signal);
        if (answer === undefined) {
          explanations.push({ source: source.name, outcome: "skipped", detail: "not configured" });
          continue;
        }
        this.#winner = source;
        const detail = this.#options.describe?.(answer) ?? "";
        explanations.push({ source: source.name, outcome: "answered", detail });
      } catch (error) {
        signal?.throwIfAborted();
        const outcome = error instanceof SourceUnavailable ? "skipped" : "failed";
        explanations.push({ source: source.name, outcome, detail: messageOf(error) });
        if (outcome === "failed") failure = { error: sourceFailed(source.name, error) };
      }
    }
    this.#explanations = explanations;
    return { answer, failure, explanations };
  }
}

interface Run<T> {
  readonly answer: T | undefined;
  readonly failure: { readonly error: unknown } | undefined;
  readonly explanations: readonly Explanation[];
}

function sourceFailed(source: string, error: unknown): unknown {
  if (isCloudError(error)) return error;
  return new CloudError(`Cannot get credentials from ${source}: ${messageOf(error)}`, {
    kind: "unauthenticated",
    code: "CredentialsError",
    cause: error,
  });
}

function noCredentials(
  missing = "Cannot find credentials",
  explanations: readonly Explanation[],
): CloudError {
  const answers = explanations.map(({ source, detail }) => `  ${source}: ${detail}`);
  return new CloudError([`${missing}: no source of the chain answered`, ...answers].join("\n"), {
    kind: "unauthenticated",
    code: "NoCredentials",
    body: explanations,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
