import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ShapeTraits } from "../../model/ir.js";
import { Model, type Shape } from "../../model/model.js";
import { pack } from "../../model/pack.js";
import { decodeXml, encodeXml, parseXml, TEXT_MEMBER } from "./xml.js";

function shapeOf(shapes: Record<string, ShapeTraits>): Shape {
  const model = new Model(
    pack({
      service: { cloud: "aws", id: "t", name: "T", apiVersion: "1", protocol: "aws-rest-xml" },
      operations: { Op: { output: "Root" } },
      shapes: { String: { type: "string" }, Integer: { type: "integer" }, Long: { type: "long" }, ...shapes },
    }),
  );
  return model.operation("Op")?.output as Shape;
}

const ROOT = shapeOf({
  Root: {
    type: "structure",
    members: {
      A: { shape: "String" },
      N: { shape: "Long" },
      List: { shape: "Items" },
      Flat: { shape: "Items", flat: true, name: "Each" },
      Child: { shape: "Root" },
    },
  },
  Items: { type: "list", member: { shape: "String", name: "Item" } },
});

describe("decodeXml", () => {
  const cases: Record<string, [xml: string, expected: unknown]> = {
    "declaration, comments and a byte order mark": [
      '\uFEFF<?xml version="1.0"?><!-- <a> --><R><!-- > --><A>x</A></R>\n<!-- end -->',
      { A: "x" },
    ],
    "named and numbered references": [
      "<R><A>&lt;&amp;&gt;&quot;&apos;&#65;&#x1F600;</A></R>",
      { A: "<&>\"'A😀" },
    ],
    "a quoted entity tag": ["<R><A>&quot;abc&quot;</A></R>", { A: '"abc"' }],
    "CDATA and comments within text": ["<R><A>1<![CDATA[<2&]]>3<!-- 4 -->5</A></R>", { A: "1<2&35" }],
    "white space around tags": [
      "<R>\n  <A >x</A\n>\n  <List>\n<Item>1</Item>\n </List>\n</R>",
      { A: "x", List: ["1"] },
    ],
    namespaces: ['<ns:R xmlns:ns="u"><ns:A>x</ns:A></ns:R>', { A: "x" }],
    "a > in an attribute": ["<R><A title='a>b'>x</A></R>", { A: "x" }],
    "empty elements": ["<R><A/><List/><Child/></R>", { A: "", List: [], Child: {} }],
    "a flattened list between other members": [
      "<R><Each>1</Each><A>x</A><Each>2</Each></R>",
      { Flat: ["1", "2"], A: "x" },
    ],
    "a flattened list by its element's name": ["<R><Item>1</Item><Item/></R>", { Flat: ["1", ""] }],
    "unknown elements, however nested": ["<R><X><A>no</A><A/></X><A>yes</A><Y/></R>", { A: "yes" }],
    "a long beyond the safe integers": ["<R><N>9223372036854775807</N></R>", { N: 9223372036854775807n }],
    "a root that closes itself": ["<R/>", {}],
    "line ends of Windows": ["<R>\r\n<A>a\r\nb&#13;</A>\r\n</R>", { A: "a\nb\r" }],
  };
  for (const [name, [xml, expected]] of Object.entries(cases)) {
    test(name, () => {
      // Twice: the second time in the order that the first has taught.
      assert.deepEqual(decodeXml(xml, ROOT), expected);
      assert.deepEqual(decodeXml(Buffer.from(xml), ROOT), expected);
    });
  }

  test("another order of members than the last time", () => {
    assert.deepEqual(decodeXml("<R><A>1</A><N>2</N><Child><A>3</A></Child></R>", ROOT), {
      A: "1",
      N: 2,
      Child: { A: "3" },
    });
    assert.deepEqual(decodeXml("<R><Child><N>1</N><A>2</A></Child><N>3</N></R>", ROOT), {
      Child: { N: 1, A: "2" },
      N: 3,
    });
  });

  const malformed: Record<string, string> = {
    empty: "",
    "white space alone": " \n ",
    "text alone": "no xml",
    "cut in an element": "<R><A>x",
    "cut in a tag": "<R><A",
    "cut before the end": "<R><A>x</A>",
    "wrong end tag": "<R><A>x</B></R>",
    "wrong end tag of an unknown element": "<R><X><Y></X></Y></R>",
    "two roots": "<R/><R/>",
    "text after the root": "<R/>x",
    "unknown entity": "<R><A>&nbsp;</A></R>",
    "bare ampersand": "<R><A>a & b</A></R>",
    "document type": '<!DOCTYPE R [<!ENTITY a "b">]><R/>',
    "HTML page": "<html><body>Bad gateway</body></html>",
    "not a number": "<R><N>many</N></R>",
    "too deep": `${"<Child>".repeat(1000)}${"</Child>".repeat(1000)}`,
    "too deep where unknown": `<R>${"<X>".repeat(1000)}${"</X>".repeat(1000)}</R>`,
    "unclosed comment": "<R><!-- <A>x</A></R>",
  };
  for (const [name, xml] of Object.entries(malformed)) {
    test(`${name}: refused`, () => {
      assert.throws(() => decodeXml(xml, ROOT), { kind: "unavailable", code: "BadResponse" });
    });
  }

  test("within: steps into the named elements, over others", () => {
    const xml = "<R><X><B>no</B></X><B><C><A>x</A></C><D/></B><E/></R>";
    assert.deepEqual(decodeXml(xml, ROOT, { within: ["B", "C"] }), { A: "x" });
    assert.throws(() => decodeXml(xml, ROOT, { within: ["B", "Z"] }), { code: "BadResponse" });
    assert.throws(() => decodeXml("<R><B><A>x</A></B>", ROOT, { within: ["B"] }), { code: "BadResponse" });
  });
});

describe("what Azure's XML needs", () => {
  const root = shapeOf({
    Root: {
      type: "structure",
      members: { Metadata: { shape: "Map" }, Name: { shape: "BlobName" } },
    },
    Map: { type: "map", key: { shape: "String" }, member: { shape: "String" } },
    BlobName: {
      type: "structure",
      members: {
        Encoded: { shape: "String", attribute: true },
        content: { shape: "Integer", name: TEXT_MEMBER },
      },
    },
  });
  const value = { Metadata: { colour: "red & blue", size: "" }, Name: { Encoded: "true", content: 5 } };
  const xml =
    '<R><Metadata><colour>red &amp; blue</colour><size></size></Metadata><Name Encoded="true">5</Name></R>';

  test("keys of maps are element names, an element has text beside attributes", () => {
    assert.deepEqual(decodeXml(xml, root, { maps: "names" }), value);
    assert.equal(encodeXml(root, value, { name: "R", maps: "names" }), xml);
  });
});

test("parseXml reads what no model describes", () => {
  assert.deepEqual(parseXml("<E><Code>A</Code><X><Y>1</Y><Y>2</Y></X><Z/></E>"), {
    name: "E",
    value: { Code: "A", X: { Y: ["1", "2"] }, Z: "" },
  });
});
