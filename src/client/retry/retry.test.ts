import assert from "node:assert/strict";
import { test } from "node:test";
import { CloudError } from "../../internal/cloud-error.js";
import type { OperationModel } from "../../model/model.js";
import type { RetryFailure } from "../backend.js";
import { adaptiveRetry } from "./adaptive.js";
import { exponentialRetry } from "./exponential.js";
import { legacyRetry } from "./legacy.js";
import { RateLimiter } from "./rate-limiter.js";
import { standardRetry } from "./standard.js";

function failed(
  retry: "transient" | "throttling",
  retryAfterMs?: number,
  operation = "s3.GetObject",
): RetryFailure {
  const [id, name] = operation.split(".");
  return {
    error: new CloudError("failed", { kind: "unavailable", code: "x" }),
    retry,
    retryAfterMs,
    operation: { name, service: { id } } as OperationModel,
  };
}

test("standard: waits grow from 50 ms, from 1 s when throttled, up to 20 s, with full jitter", () => {
  const retry = standardRetry({ maxAttempts: 20, random: () => 1 });
  assert.deepEqual(
    [1, 2, 3].map((attempt) => retry.next(attempt, failed("transient"))),
    [50, 100, 200],
  );
  assert.deepEqual(
    [1, 2, 6].map((attempt) => retry.next(attempt, failed("throttling"))),
    [1_000, 2_000, 20_000],
  );
  assert.equal(standardRetry({ random: () => 0.25 }).next(1, failed("throttling")), 250);
  assert.equal(standardRetry({ random: () => 1, maxDelayMs: 300 }).next(1, failed("throttling")), 300);
});

test("standard: three attempts; DynamoDB four and half the wait", () => {
  const s3 = standardRetry({ service: "s3", random: () => 1 });
  assert.equal(s3.next(2, failed("transient")), 100);
  assert.equal(s3.next(3, failed("transient")), undefined);
  const dynamodb = standardRetry({ service: "dynamodb", random: () => 1 });
  assert.equal(dynamodb.next(1, failed("transient")), 25);
  assert.equal(dynamodb.next(1, failed("throttling")), 1_000);
  assert.equal(dynamodb.next(3, failed("transient")), 100);
  assert.equal(dynamodb.next(4, failed("transient")), undefined);
});

test("standard: the service's own wait is honoured between ours and ours plus 5 s", () => {
  const retry = standardRetry({ random: () => 1 });
  assert.equal(retry.next(1, failed("transient", 10)), 50);
  assert.equal(retry.next(1, failed("transient", 1_500)), 1_500);
  assert.equal(retry.next(1, failed("transient", 60_000)), 5_050);
});

test("standard: 500 tokens, 14 a transient retry and 5 a throttled one, given back by success", () => {
  const retry = standardRetry({ random: () => 1 });
  for (let i = 0; i < 35; i++) assert.notEqual(retry.next(1, failed("transient")), undefined);
  // 10 left: no transient retry, two throttled ones.
  assert.equal(retry.next(1, failed("transient")), undefined);
  assert.equal(retry.next(1, failed("throttling")), 1_000);
  assert.equal(retry.next(1, failed("throttling")), 1_000);
  assert.equal(retry.next(1, failed("throttling")), undefined);
  for (let i = 0; i < 4; i++) retry.success(1);
  assert.equal(retry.next(1, failed("throttling")), undefined);
  retry.success(1);
  assert.equal(retry.next(1, failed("throttling")), 1_000);
  retry.success(2, failed("transient"));
  assert.equal(retry.next(1, failed("transient")), 50);
});

test("standard: only a long poll out of quota waits before it gives up", () => {
  const retry = standardRetry({ random: () => 1 });
  const poll = failed("transient", undefined, "sqs.ReceiveMessage");
  while (retry.next(1, poll) !== undefined);
  assert.equal(retry.lastWait?.(1, poll), 50);
  assert.equal(retry.lastWait?.(3, poll), 0);
  assert.equal(retry.lastWait?.(1, failed("transient", undefined, "sqs.SendMessage")), 0);
});

test("legacy: five attempts of up to 1, 2, 4, 8 s; DynamoDB ten of 50 ms doubling", () => {
  const legacy = legacyRetry({ random: () => 0.5 });
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((n) => legacy.next(n, failed("transient"))),
    [500, 1_000, 2_000, 4_000, undefined],
  );
  const dynamodb = legacyRetry({ service: "dynamodb", random: () => 0.5 });
  assert.deepEqual(
    [1, 2, 9, 10].map((n) => dynamodb.next(n, failed("throttling"))),
    [50, 100, 12_800, undefined],
  );
});

test("exponential: full and equal jitter, Retry-After as asked, given up when too long", () => {
  const full = exponentialRetry({
    maxAttempts: 4,
    baseDelayMs: 1_000,
    maxDelayMs: 3_000,
    jitter: "full",
    random: () => 0.5,
  });
  assert.deepEqual(
    [1, 2, 3, 4].map((n) => full.next(n, failed("transient"))),
    [500, 1_000, 1_500, undefined],
  );
  const equal = exponentialRetry({
    maxAttempts: 4,
    baseDelayMs: 1_000,
    maxDelayMs: 64_000,
    jitter: "equal",
    retryAfterMaxMs: 10_000,
    random: () => 0.5,
  });
  assert.equal(equal.next(1, failed("transient")), 750);
  assert.equal(equal.next(1, failed("throttling", 9_000)), 9_000);
  assert.equal(equal.next(1, failed("throttling", 11_000)), undefined);
});

test("adaptive: never waits before the first throttled answer, then to the learned rate", async () => {
  let time = 100;
  const waits: number[] = [];
  const retry = adaptiveRetry({
    now: () => time,
    random: () => 0,
    sleep: async (ms) => {
      waits.push(ms);
      time += ms / 1_000;
    },
  });
  for (let i = 0; i < 20; i++) {
    await retry.acquire?.(undefined);
    time += 0.1;
    retry.success(1);
  }
  assert.deepEqual(waits, []);
  await retry.acquire?.(undefined);
  retry.next(1, failed("throttling"));
  const start = time;
  for (let i = 0; i < 20; i++) await retry.acquire?.(undefined);
  const rate = 20 / (time - start);
  // It was sending about 10 a second, and goes on with 0.7 of what was measured; the bucket starts with one token.
  assert.ok(rate > 5 && rate < 8, `rate is ${rate}`);
});

test("adaptive: the rate grows back along the cubic curve", () => {
  let time = 0;
  const limiter = new RateLimiter(() => time);
  const send = (throttled: boolean) => {
    time += 0.05;
    limiter.record(throttled);
  };
  for (let i = 0; i < 100; i++) send(false);
  send(true);
  const low = limiter.rate;
  const rates: number[] = [];
  for (let i = 0; i < 60; i++) {
    send(false);
    rates.push(limiter.rate);
  }
  // 20 a second before: 14 after, back at 20 after cbrt(20 * 0.3 / 0.4), about 2.5 s.
  assert.ok(Math.abs(low - 14) < 1.5, `fell to ${low}`);
  assert.ok(Math.abs((rates[49] as number) - low / 0.7) < 1, `is ${rates[49]} after 2.5 s`);
  for (let i = 1; i < rates.length; i++) assert.ok((rates[i] as number) >= (rates[i - 1] as number) - 1e-9);
});
