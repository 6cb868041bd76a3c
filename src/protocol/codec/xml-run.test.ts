import assert from "node:assert/strict";
import { test } from "node:test";
import { Model, type Shape } from "../../model/model.js";
import { pack } from "../../model/pack.js";
import { decodeXml } from "./xml.js";
import { xmlPlanOf } from "./xml-plan.js";

function listing(): Shape {
  const model = new Model(
    pack({
      service: { cloud: "aws", id: "t", name: "T", apiVersion: "1", protocol: "aws-rest-xml" },
      operations: { Op: { output: "Root" } },
      shapes: {
        String: { type: "string" },
        Integer: { type: "integer" },
        Time: { type: "timestamp" },
        Root: { type: "structure", members: { Things: { shape: "Things" } } },
        Things: { type: "list", member: { shape: "Thing", name: "item" } },
        Tags: { type: "list", member: { shape: "String", name: "item" } },
        Thing: {
          type: "structure",
          members: {
            Id: { shape: "String" },
            Size: { shape: "Integer" },
            At: { shape: "Time" },
            Place: { shape: "Place" },
            Tags: { shape: "Tags" },
            Note: { shape: "String" },
            Kind: { shape: "String" },
            Disks: { shape: "Disks" },
          },
        },
        Disks: { type: "list", member: { shape: "Disk", name: "item" } },
        Disk: {
          type: "structure",
          members: { Name: { shape: "String" }, Bytes: { shape: "Integer" }, Tags: { shape: "Tags" } },
        },
        Place: { type: "structure", members: { Zone: { shape: "String" }, Group: { shape: "String" } } },
      },
    }),
  );
  return model.operation("Op")?.output as Shape;
}

const USUAL =
  "<Id>i-1</Id><Size>7</Size><At>2026-05-08T16:46:19Z</At><Place><Zone>a</Zone><Group/></Place>" +
  "<Tags><item>x</item></Tags><Note></Note><Kind>k</Kind>" +
  "<Disks><item><Name>a</Name><Bytes>1</Bytes><Tags><item>t</item><item>u</item></Tags></item></Disks>";
const at = new Date("2026-05-08T16:46:19Z");
const usual = {
  Id: "i-1",
  Size: 7,
  At: at,
  Place: { Zone: "a", Group: "" },
  Tags: ["x"],
  Note: "",
  Kind: "k",
  Disks: [{ Name: "a", Bytes: 1, Tags: ["t", "u"] }],
};

function decode(things: readonly string[], shape = listing()): unknown[] {
  const items = things.map((thing) => `<item>${thing}</item>`).join("");
  const { Things } = decodeXml(`<R><Things>${items}</Things></R>`, shape) as { Things: unknown[] };
  return Things;
}

/** Many alike, then one that is not, then one alike again. */
function among(...others: readonly string[]): unknown[] {
  const alike = Array.from({ length: 8 }, () => USUAL);
  return decode([...alike, ...others, USUAL]);
}

test("siblings are read by patterns, and each as if it were alone", () => {
  const shape = listing();
  const things = decode(
    Array.from({ length: 8 }, () => USUAL),
    shape,
  );
  assert.deepEqual(things, Array(8).fill(usual));
  assert.equal(Object.getPrototypeOf(things[7]), Object.prototype);
  const thing = shape.member("Things")?.shape.element?.shape as Shape;
  const plan = xmlPlanOf(thing);
  assert.equal(plan.byProperty("Id")?.run?.groups, 4, "id, size, time and zone are one run");
  assert.equal(plan.whole?.groups, 11, "and all of them another, lists included");
  const dates = things.map((each) => (each as typeof usual).At);
  assert.notEqual(dates[6], dates[7], "a Date can be changed: each has its own");
});

test("what is not like its siblings is read all the same", () => {
  const cases: [xml: string, expected: unknown][] = [
    [USUAL.replace("<Size>7</Size>", ""), { ...usual, Size: undefined }],
    [USUAL.replace("<Group/>", "<Group>g</Group>"), { ...usual, Place: { Zone: "a", Group: "g" } }],
    [USUAL.replace("<Group/>", ""), { ...usual, Place: { Zone: "a" } }],
    [USUAL.replace("<Zone>a</Zone>", ""), { ...usual, Place: { Group: "" } }],
    [USUAL.replace(/<Place>.*<\/Place>/, "<Place/>"), { ...usual, Place: {} }],
    [USUAL.replace("i-1", "a&amp;b &lt;c&gt;"), { ...usual, Id: "a&b <c>" }],
    [USUAL.replace("i-1", "<![CDATA[a<b]]>"), { ...usual, Id: "a<b" }],
    [USUAL.replace("<Size>7</Size>", "<!-- <Size>1</Size> --><Size>7</Size>"), usual],
    [USUAL.replace("<Size>", "<Later>1</Later><Size>"), usual],
    [USUAL.replace("<Size>", '<Size unit="b">'), usual],
    [USUAL.replace("<Size>7</Size>", "<Size></Size>"), { ...usual, Size: undefined }],
    [
      USUAL.replace(/<Tags>.*?<\/Tags>/, "<Tags><item>x</item><item>y</item></Tags>"),
      { ...usual, Tags: ["x", "y"] },
    ],
    [USUAL.replace(/<Tags>.*?<\/Tags>/, "<Tags/>"), { ...usual, Tags: [] }],
    [USUAL.replace("<item>t</item>", ""), { ...usual, Disks: [{ Name: "a", Bytes: 1, Tags: ["u"] }] }],
    [
      USUAL.replace("<item>t</item>", "<item/>"),
      { ...usual, Disks: [{ Name: "a", Bytes: 1, Tags: ["", "u"] }] },
    ],
    [
      USUAL.replace("</Disks>", "<item><Bytes>2</Bytes></item></Disks>"),
      { ...usual, Disks: [...usual.Disks, { Bytes: 2 }] },
    ],
    [USUAL.replace(/<Disks>.*<\/Disks>/, "<Disks></Disks>"), { ...usual, Disks: [] }],
    [USUAL.replace(/></g, ">\n  <").replace(/<Note>\s+/, "<Note>"), usual],
    ["<Kind>k</Kind><Id>i</Id>", { Id: "i", Kind: "k" }],
    ["", {}],
  ];
  for (const [xml, expected] of cases) {
    const defined = Object.fromEntries(
      Object.entries(expected as object).filter(([, value]) => value !== undefined),
    );
    const [other, after] = among(xml).slice(-2);
    assert.deepEqual(other, defined, xml);
    assert.deepEqual(after, usual, `after ${xml}`);
  }
});

test("siblings that come in two forms by turns", () => {
  const short = "<Id>i-2</Id><Kind>long enough to be a part of the text</Kind>";
  const things = decode(Array.from({ length: 100 }, (_, index) => (index % 3 === 0 ? USUAL : short)));
  const other = { Id: "i-2", Kind: "long enough to be a part of the text" };
  assert.deepEqual(
    things,
    Array.from({ length: 100 }, (_, index) => (index % 3 === 0 ? usual : other)),
  );
});

test("text that breaks off within a run is refused", () => {
  assert.throws(() => among("<Id>i-1</Id><Size>7</Wrong>"), { code: "BadResponse" });
  assert.throws(() => among("<Id>i-1</Id><Size>seven</Size><At>2026-05-08T16:46:19Z</At>"), {
    code: "BadResponse",
  });
});
