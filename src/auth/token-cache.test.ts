import assert from "node:assert/strict";
import { test } from "node:test";
import { ADVISORY_REFRESH_MS, KeyedTokenCache, MANDATORY_REFRESH_MS, TokenCache } from "./token-cache.js";

interface Token {
  readonly id: number;
  readonly expiresAt: Date | undefined;
}

const policy = {
  expiresAt: (token: Token) => token.expiresAt,
  advisoryMs: ADVISORY_REFRESH_MS,
  mandatoryMs: MANDATORY_REFRESH_MS,
};
const HOUR = 3_600_000;
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function fixture() {
  const clock = { now: 0 };
  const issued = { count: 0, fail: false };
  const cache = new TokenCache<Token>(
    async () => {
      if (issued.fail) throw new Error("no issuer");
      return { id: ++issued.count, expiresAt: new Date(clock.now + HOUR) };
    },
    policy,
    () => clock.now,
  );
  return { clock, issued, cache };
}

test("one load for calls at the same time", async () => {
  const { cache, issued } = fixture();
  const tokens = await Promise.all([cache.get(), cache.get(), cache.get()]);
  assert.deepEqual(
    tokens.map((token) => token.id),
    [1, 1, 1],
  );
  assert.equal(issued.count, 1);
});

test("advisory window: the old value at once, the new one afterwards", async () => {
  const { cache, clock } = fixture();
  await cache.get();
  clock.now = HOUR - ADVISORY_REFRESH_MS + 1;
  assert.equal((await cache.get()).id, 1);
  await settled();
  assert.equal((await cache.get()).id, 2);
});

test("mandatory window: calls wait for the new value", async () => {
  const { cache, clock } = fixture();
  await cache.get();
  clock.now = HOUR - MANDATORY_REFRESH_MS + 1;
  assert.equal((await cache.get()).id, 2);
});

test("a failed renewal: the value serves until it expires, then the error is told", async () => {
  const { cache, clock, issued } = fixture();
  await cache.get();
  issued.fail = true;
  clock.now = HOUR - MANDATORY_REFRESH_MS + 1;
  assert.equal((await cache.get()).id, 1);
  clock.now = HOUR;
  await assert.rejects(async () => cache.get(), /no issuer/);
  issued.fail = false;
  assert.equal((await cache.get()).id, 2);
});

test("an aborted caller leaves the load to the others", async () => {
  const { cache } = fixture();
  const controller = new AbortController();
  const aborted = cache.get(controller.signal);
  const other = cache.get();
  controller.abort(new Error("enough"));
  await assert.rejects(async () => aborted, /enough/);
  assert.equal((await other).id, 1);
});

test("invalidate loads anew", async () => {
  const { cache } = fixture();
  await cache.get();
  cache.invalidate();
  assert.equal((await cache.get()).id, 2);
});

test("keyed: the least recently used is dropped beyond the limit", async () => {
  let count = 0;
  const cache = new KeyedTokenCache<Token>(policy, 2, () => 0);
  const load = async () => ({ id: ++count, expiresAt: undefined });
  await cache.get("a", load);
  await cache.get("b", load);
  await cache.get("a", load);
  await cache.get("c", load);
  assert.equal((await cache.get("a", load)).id, 1);
  assert.equal((await cache.get("b", load)).id, 4);
});

test("a value that lives shorter than the windows is not renewed on every call", async () => {
  const clock = { now: 0 };
  let count = 0;
  const cache = new TokenCache<Token>(
    async () => ({ id: ++count, expiresAt: new Date(clock.now + MANDATORY_REFRESH_MS / 2) }),
    policy,
    () => clock.now,
  );
  await cache.get();
  clock.now = MANDATORY_REFRESH_MS / 8;
  await cache.get();
  await settled();
  assert.equal(count, 1);
});
