/**
 * AWS's standard retries by the rules of 2026: those that botocore follows with AWS_NEW_RETRIES_2026=true.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
import type { RetryFailure, RetryStrategy } from "../backend.js";
import { RetryQuota } from "./quota.js";

export interface AwsRetryOptions {
  /** Service id as in botocore; some services have rules of their own. */
  readonly service?: string | undefined;
  /** Attempts in total. Default 3; DynamoDB 4. */
  readonly maxAttempts?: number | undefined;
  /** Default 20,000. */
  readonly maxDelayMs?: number | undefined;
  /** Shared by the strategies of one client. Default: one of its own. */
  readonly quota?: RetryQuota | undefined;
  readonly random?: (() => number) | undefined;
}

const QUOTA_COST = { transient: 14, throttling: 5 } as const;
const QUOTA_GAIN_OF_FIRST_SUCCESS = 1;
const THROTTLING_BASE_MS = 1_000;
const TRANSIENT_BASE_MS = 50;
/** What a service asks for is honoured up to so much over our own wait. */
const RETRY_AFTER_EXTRA_MS_MAX = 5_000;

/** Services whose callers are better off with shorter waits and one attempt more. */
const QUICK_SERVICES: ReadonlySet<string> = new Set(["dynamodb", "dynamodbstreams"]);
const QUICK_BASE_MS = 25;
const QUICK_MAX_ATTEMPTS = 4;

/** Their callers poll in a loop: a failure without a wait would turn the loop into a flood. */
const LONG_POLLING: ReadonlySet<string> = new Set([
  "sqs.ReceiveMessage",
  "stepfunctions.GetActivityTask",
  "swf.PollForActivityTask",
  "swf.PollForDecisionTask",
]);

export function standardRetry(options: AwsRetryOptions = {}): RetryStrategy {
  return new StandardRetry(options);
}

class StandardRetry implements RetryStrategy {
  readonly maxAttempts: number;
  readonly #quota: RetryQuota;
  readonly #transientBaseMs: number;
  readonly #maxDelayMs: number;
  readonly #random: () => number;

  constructor(options: AwsRetryOptions) {
    const quick = QUICK_SERVICES.has(options.service ?? "");
    this.maxAttempts = options.maxAttempts ?? (quick ? QUICK_MAX_ATTEMPTS : 3);
    this.#transientBaseMs = quick ? QUICK_BASE_MS : TRANSIENT_BASE_MS;
    this.#maxDelayMs = options.maxDelayMs ?? 20_000;
    this.#quota = options.quota ?? new RetryQuota();
    this.#random = options.random ?? Math.random;
  }

  next(attempt: number, failure: RetryFailure): number | undefined {
    if (attempt >= this.maxAttempts) return undefined;
    if (!this.#quota.acquire(QUOTA_COST[failure.retry])) return undefined;
    return this.#delayMs(attempt, failure);
  }

  lastWait(attempt: number, { operation, ...failure }: RetryFailure): number {
    const outOfQuota = attempt < this.maxAttempts;
    if (!outOfQuota || !LONG_POLLING.has(`${operation.service.id}.${operation.name}`)) return 0;
    return this.#delayMs(attempt, failure);
  }

  success(attempt: number, lastFailure?: RetryFailure): void {
    const gain = attempt === 1 ? QUOTA_GAIN_OF_FIRST_SUCCESS : QUOTA_COST[lastFailure?.retry ?? "throttling"];
    this.#quota.release(gain);
  }

  #delayMs(attempt: number, failure: Pick<RetryFailure, "retry" | "retryAfterMs">): number {
    const baseMs = failure.retry === "throttling" ? THROTTLING_BASE_MS : this.#transientBaseMs;
    const delayMs = this.#random() * Math.min(baseMs * 2 ** (attempt - 1), this.#maxDelayMs);
    const { retryAfterMs } = failure;
    if (retryAfterMs === undefined) return delayMs;
    return Math.max(delayMs, Math.min(retryAfterMs, delayMs + RETRY_AFTER_EXTRA_MS_MAX));
  }
}
