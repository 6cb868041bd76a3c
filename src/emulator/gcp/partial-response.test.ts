import assert from "node:assert/strict";
import { test } from "node:test";
import { Storage } from "../../gen/gcp/storage.js";
import { Emulator } from "../emulator.js";
import { parseFields } from "./partial-response.js";

/** As nested objects. */
function plain(selection: ReturnType<typeof parseFields>): unknown {
  return Object.fromEntries(Array.from(selection, ([name, inner]) => [name, plain(inner)]));
}

test("field selections nest by slashes and parentheses", () => {
  assert.deepEqual(plain(parseFields("a,b/c,d(e,f/g),h")), {
    a: {},
    b: { c: {} },
    d: { e: {}, f: { g: {} } },
    h: {},
  });
  assert.deepEqual(plain(parseFields("items(name,acl(entity)),next")), {
    items: { name: {}, acl: { entity: {} } },
    next: {},
  });
  for (const text of ["a(b", "a)", "a(b))"])
    assert.throws(() => parseFields(text), /Invalid field selection/);
});

test("an answer has the fields that were asked for, and a bad selection is refused", async () => {
  const cloud = await Emulator.start();
  const storage = cloud.gcp().client(Storage);
  await storage.buckets.insert({ body: { name: "fields" } });
  await storage.objects.insert({ bucket: "fields", name: "x", media: "hello" });
  const listed = await storage.objects.list({ bucket: "fields", fields: "items(name,size)" });
  assert.deepEqual(listed, { items: [{ name: "x", size: "5" }] });
  assert.deepEqual(await storage.objects.get({ bucket: "fields", object: "x", fields: "size" }), {
    size: "5",
  });
  await assert.rejects(storage.objects.get({ bucket: "fields", object: "x", fields: "a(" }), { status: 400 });
});
