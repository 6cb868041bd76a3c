import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import { test } from "node:test";
import { type CloudError, isCloudError } from "../internal/cloud-error.js";
import { stub } from "./stub.js";
import { type ToyHandler, type ToyRequest, toyClient } from "./toy.test-support.js";

const never: ToyHandler = () => assert.fail("nothing must be sent");

async function failureOf(work: Promise<unknown>): Promise<CloudError> {
  const error: unknown = await work.then(
    () => assert.fail("should have failed"),
    (thrown: unknown) => thrown,
  );
  assert.ok(isCloudError(error), String(error));
  return error;
}

test("operations have exactly the members that the model gives them", () => {
  const toy = toyClient(never);
  assert.deepEqual(Object.keys(toy.listThings).sort(), ["all", "items", "pages", "presign"]);
  assert.deepEqual(Object.keys(toy.getThing), ["presign"]);
  assert.deepEqual(Object.keys(toy.things.make).sort(), ["presign", "untilDone"]);
  assert.equal(toy.listThings, toy.listThings);
  assert.equal((toy as unknown as Record<string, unknown>).dropThings, undefined);
});

test("members are found as those of any object are, and stood in for", async (t) => {
  const toy = toyClient(() => ({ body: { Things: [] } }));
  assert.ok("getThing" in toy && "things" in toy && "waitUntil" in toy && !("dropThings" in toy));
  const names: string[] = [];
  for (const name in toy) names.push(name);
  assert.deepEqual(names.filter((name) => name === "listThings" || name === "things").sort(), [
    "listThings",
    "things",
  ]);
  assert.equal(await toy, toy, "a client is no promise");
  assert.equal(`${toy}`, "Toy client");
  const mocked = t.mock.method(
    toy as unknown as { listThings(): Promise<unknown> },
    "listThings",
    async () => "mocked",
  );
  assert.equal(await toy.listThings(), "mocked");
  mocked.mock.restore();
  const { mock } = t.mock.method(toy as unknown as { getThing(): Promise<unknown> }, "getThing");
  await toy.getThing({ Name: "a" });
  assert.equal(mock.callCount(), 1, "what is watched is called all the same");
  const own = toyClient(never);
  (own as unknown as Record<string, unknown>).listThings = () => "own";
  assert.equal(own.listThings() as unknown, "own");
  assert.deepEqual(Object.keys(toyClient(never)), [], "nothing is made before it is asked for");
});

test("bad input is refused before anything is sent, naming path and state", async () => {
  const toy = toyClient(never);
  const cases: [unknown, string][] = [
    [{ Filters: [{ Name: "a", Values: "b" }] }, "input.Filters[0].Values must be a list, is a string"],
    [{ Filters: [{}] }, "input.Filters[0].Name is required, is missing"],
    [{ Tokn: "a" }, "input.Tokn is unknown: it takes Token, Max, Filters, When"],
    [{ Max: 1.5 }, "input.Max must be an integer, is a fraction"],
    [{ Token: null }, "input.Token must be a string, is null"],
    [
      { When: new Date("no") },
      "input.When must be a Date, seconds since 1970 or an ISO 8601 string, is an invalid Date",
    ],
    ["text", "input must be an object, is a string"],
  ];
  for (const [input, problem] of cases) {
    const error = await failureOf(toy.listThings(input as never));
    assert.equal(error.kind, "invalidInput");
    assert.equal(error.message, `Cannot call ListThings: ${problem}`);
    assert.deepEqual([error.cloud, error.service, error.operation], ["aws", "toy", "ListThings"]);
  }
});

test("several problems are told at once", async () => {
  const error = await failureOf(toyClient(never).listThings({ Max: "1", Token: 1 }));
  assert.match(
    error.message,
    /input\.Max must be an integer, is a string; input\.Token must be a string, is a number/,
  );
});

const paged: ToyHandler = ({ input }) => {
  const start = Number(input.Token ?? 0);
  const size = Number(input.Max ?? 2);
  const Things = [0, 1, 2, 3, 4].slice(start, start + size).map((n) => ({ Name: `t${n}` }));
  return { body: { Things, ...(start + size < 5 && { Next: String(start + size) }) } };
};

async function names(items: AsyncIterable<{ Name: string }>): Promise<string[]> {
  const list: string[] = [];
  for await (const { Name } of items) list.push(Name);
  return list;
}

test("pages, items and all see everything once", async () => {
  const { listThings } = toyClient(paged);
  assert.deepEqual(await names(listThings.items()), ["t0", "t1", "t2", "t3", "t4"]);
  assert.equal((await listThings.all()).length, 5);
  const sizes: number[] = [];
  for await (const page of listThings.pages({}, { pageSize: 3 })) {
    sizes.push(page.Things.length);
  }
  assert.deepEqual(sizes, [3, 2]);
  assert.deepEqual(await names(listThings.items({}, { maxItems: 3 })), ["t0", "t1", "t2"]);
  assert.deepEqual(await names(listThings.items({}, { startingToken: "4" })), ["t4"]);
});

test("a token within a body is set there, beside what else the body holds", async () => {
  const inputs: unknown[] = [];
  const { searchThings } = toyClient(({ input }) => {
    inputs.push(input);
    return paged({ input: (input.Search ?? {}) as ToyRequest["input"] } as ToyRequest);
  });
  assert.equal((await searchThings.all({ Search: { Max: 2 } })).length, 5);
  assert.deepEqual(inputs, [
    { Search: { Max: 2 } },
    { Search: { Max: 2, Token: "2" } },
    { Search: { Max: 2, Token: "4" } },
  ]);
});

test("a token that repeats ends in an error, not in a loop", async () => {
  const { listThings } = toyClient(() => ({ body: { Things: [], Next: "same" } }));
  assert.equal((await failureOf(listThings.all())).code, "RepeatedToken");
});

test("a waiter goes on until its state, and through the errors it accepts", async () => {
  const answers = [
    { status: 404, body: { code: "NoSuchThing", message: "" } },
    { body: { State: "new" } },
    { body: { State: "ready" } },
  ];
  const toy = toyClient(() => answers.shift() ?? assert.fail("asked once more"));
  assert.deepEqual(await toy.waitUntil.thingReady({ Name: "a" }), { State: "ready" });
  assert.equal(answers.length, 0);
});

test("a waiter's failure and its end of patience are errors that say so", async () => {
  const broken = toyClient(() => ({ body: { State: "broken" } }));
  assert.equal(
    (await failureOf(broken.waitUntil.thingReady({ Name: "a" }))).message,
    "Waiter thingReady failed: State is broken",
  );
  const slow = toyClient(() => ({ body: { State: "new" } }));
  const late = await failureOf(
    slow.waitUntil.thingReady({ Name: "a" }, { maxWaitSeconds: 0, delayMs: 1 }) as never,
  );
  assert.deepEqual([late.kind, late.code], ["timeout", "WaiterTimeout"]);
});

test("untilDone follows the operation to its result", async () => {
  let looks = 0;
  const toy = toyClient(({ operation }) => ({
    body: operation === "GetThing" && ++looks === 3 ? { State: "ready" } : {},
  }));
  assert.deepEqual(await toy.things.make.untilDone({ Name: "a" }), { State: "ready" });
  assert.equal(looks, 3);
});

test("a transient error is tried again, told to the hook, and counted", async () => {
  let requests = 0;
  const retried: string[] = [];
  const toy = toyClient(
    () =>
      ++requests < 3 ? { status: 503, body: { code: "SlowDown", message: "no" } } : { body: { Name: "a" } },
    {
      hooks: { onRetry: (error, { attempt }) => void retried.push(`${error.code} ${attempt}`) },
    },
  );
  assert.deepEqual(await toy.getThing({ Name: "a" }), { Name: "a" });
  assert.deepEqual(retried, ["SlowDown 1", "SlowDown 2"]);
});

test("what cannot get better is not tried again, and tells the service's code", async () => {
  let requests = 0;
  const toy = toyClient(() => {
    requests++;
    return { status: 404, body: { code: "NoSuchThing", message: "No thing a", Name: "a" } };
  });
  const error = await failureOf(toy.getThing({ Name: "a" }));
  assert.equal(requests, 1);
  assert.deepEqual(
    [error.kind, error.code, error.status, error.attempts],
    ["notFound", "NoSuchThing", 404, 1],
  );
  assert.ok(error instanceof (toy.errors.NoSuchThing as never));
  assert.equal((error as unknown as { Name: string }).Name, "a");
});

test("attempts end with maxAttempts of the call", async () => {
  const toy = toyClient(() => ({ status: 503, body: { code: "SlowDown", message: "no" } }));
  assert.equal((await failureOf(toy.getThing({ Name: "a" }, { retry: { maxAttempts: 2 } }))).attempts, 2);
});

test("abort and timeout end a call that gets no answer", async (t) => {
  const toy = toyClient(() => new Promise(() => {}));
  // A timeout signal alone does not keep the process alive.
  const alive = setInterval(() => {}, 1_000);
  t.after(() => clearInterval(alive));
  const aborted = await failureOf(toy.getThing({ Name: "a" }, { signal: AbortSignal.timeout(5) }));
  assert.equal(aborted.kind, "timeout");
  const controller = new AbortController();
  const pending = failureOf(toy.getThing({ Name: "a" }, { signal: controller.signal }));
  controller.abort();
  assert.equal((await pending).kind, "aborted");
  assert.deepEqual((await failureOf(toy.getThing({ Name: "a" }, { timeoutMs: 5 }))).code, "Timeout");
});

test("hooks see each attempt, may add headers, may answer themselves", async () => {
  const seen: string[] = [];
  const toy = toyClient(({ request }) => ({ body: { Name: request.headers["x-added"] } }), {
    hooks: {
      onRequest: (request, { attempt }) => {
        request.headers["x-added"] = `by hook ${attempt}`;
        return undefined;
      },
      onResponse: (response) => void seen.push(String(response.status)),
    },
  });
  assert.deepEqual(await toy.getThing({ Name: "a" }), { Name: "by hook 1" });
  assert.deepEqual(seen, ["200"]);
});

test("the tracing channel tells start and end of a call", async () => {
  const seen: unknown[] = [];
  const listen = (message: unknown) => seen.push((message as { operation: string }).operation);
  channel("tracing:trivet:call:start").subscribe(listen);
  try {
    await toyClient(() => ({ body: {} })).getThing({ Name: "a" });
  } finally {
    channel("tracing:trivet:call:start").unsubscribe(listen);
  }
  assert.deepEqual(seen, ["GetThing"]);
});

test("a stub answers in order, checks its input, and validates what it is given", async () => {
  const toy = toyClient(never) as never as {
    getThing(input: { Name: string }): Promise<{ Name?: string }>;
    restore?: never;
  };
  const stubbed = stub(toy);
  stubbed
    .respond("getThing", { Name: "a" }, { Name: "a" })
    .fail("getThing", { code: "NoSuchThing", status: 404 });
  assert.deepEqual(await toy.getThing({ Name: "a" }), { Name: "a" });
  assert.throws(() => stubbed.assertDone(), /answers left: getThing/);
  const error = await failureOf(toy.getThing({ Name: "b" }));
  assert.deepEqual([error.kind, error.code], ["notFound", "NoSuchThing"]);
  stubbed.assertDone();
  assert.throws(() => stubbed.respond("getThing", { Nme: "a" }), /output\.Nme is unknown/);
  stubbed.respond("getThing", {}, { Name: "x" });
  await assert.rejects(toy.getThing({ Name: "y" }), /expected getThing/);
  assert.equal(stubbed.calls.length, 3);
});
