import assert from "node:assert/strict";
import { test } from "node:test";
import { applyFilters, page } from "./filters.js";

interface Thing {
  readonly name: string;
  readonly on: boolean;
  readonly tags: ReadonlyMap<string, string>;
}

const things: Thing[] = [
  { name: "t2.micro", on: true, tags: new Map([["Name", "a"]]) },
  { name: "t2xmicro", on: false, tags: new Map([["Name", "b*"]]) },
  { name: "m5.large", on: true, tags: new Map() },
];
const fields = { name: ({ name }: Thing) => name, on: ({ on }: Thing) => on };
const names = (filters: { Name: string; Values: string[] }[]) =>
  applyFilters(things, filters, fields, ({ tags }) => tags).map(({ name }) => name);

test("filters: all of them, one of the values each, wildcards, tags", () => {
  assert.deepEqual(names([]), ["t2.micro", "t2xmicro", "m5.large"]);
  assert.deepEqual(names([{ Name: "name", Values: ["t2.*"] }]), ["t2.micro"]);
  assert.deepEqual(names([{ Name: "name", Values: ["t2?micro"] }]), ["t2.micro", "t2xmicro"]);
  assert.deepEqual(
    names([
      { Name: "name", Values: ["t*", "m5.large"] },
      { Name: "on", Values: ["true"] },
    ]),
    ["t2.micro", "m5.large"],
  );
  assert.deepEqual(names([{ Name: "tag:Name", Values: ["b\\*"] }]), ["t2xmicro"]);
  assert.deepEqual(names([{ Name: "tag-key", Values: ["Name"] }]), ["t2.micro", "t2xmicro"]);
  assert.throws(() => names([{ Name: "toString", Values: ["x"] }]), { code: "InvalidParameterValue" });
});

test("pages follow one another to the end", () => {
  const all = Array.from({ length: 12 }, (_, n) => n);
  const seen: number[] = [];
  let NextToken: string | undefined;
  do {
    const found: ReturnType<typeof page<number>> = page(all, { MaxResults: 5, NextToken });
    seen.push(...found.items);
    NextToken = found.NextToken;
  } while (NextToken !== undefined);
  assert.deepEqual(seen, all);
  assert.throws(() => page(all, { NextToken: "nonsense" }), { code: "InvalidParameterValue" });
  assert.throws(() => page(all, { MaxResults: 4 }), { code: "InvalidParameterValue" });
});
