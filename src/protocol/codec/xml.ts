/**
 * XML to values and back, guided by the model. Reads the text once, from left to right, with no tree in between: most elements
 * come in the order of the last response, so that one compare of text finds the member and one search its end.
 */
import type { Shape } from "../../model/model.js";
import type { Values } from "../protocol.js";
import { badResponse } from "./bad-response.js";
import { decodeUtf8 } from "./bytes.js";
import { xmlPlanOf } from "./xml-plan.js";
import { XmlReader } from "./xml-reader.js";

export { TEXT_MEMBER } from "./xml-plan.js";
export { encodeXml, escapeXml, type XmlElement } from "./xml-writer.js";

export interface XmlReading {
  /** Names of the elements to step into, below the root; the value is the last of them. */
  readonly within?: readonly string[] | undefined;
  /** How a map stands: as `<entry><key/><value/></entry>` (AWS, default), or with keys for element names (Azure). */
  readonly maps?: "entries" | "names" | undefined;
}

/**
 * The value of an XML document's root element, whatever its name. Fails with CloudError `unavailable`/`BadResponse` where the
 * text is malformed, is HTML, nests too deep, or lacks an element named by `within`.
 */
export function decodeXml(
  text: string | Uint8Array,
  shape: Shape,
  { within = [], maps }: XmlReading = {},
): unknown {
  const reader = new XmlReader(typeof text === "string" ? text : decodeUtf8(text), maps === "names");
  reader.openRoot();
  if (/^html$/i.test(reader.name)) throw badResponse("Cannot read the response: an HTML page instead of XML");
  const closes: string[] = [];
  for (const name of within) {
    const close = reader.closeTag;
    if (reader.selfClosed || !reader.openChild(name, close)) {
      throw badResponse(`Cannot read the response: no element "${name}"`);
    }
    closes.push(close);
  }
  const value = reader.opened(xmlPlanOf(shape));
  while (closes.length > 0) reader.skip(closes.pop() as string);
  reader.end();
  return value;
}

/** A document without a model: text, or elements by local name, repeated ones as lists. Attributes are left out. */
export function parseXml(text: string | Uint8Array): { name: string; value: string | Values } {
  const reader = new XmlReader(typeof text === "string" ? text : decodeUtf8(text), false);
  reader.openRoot();
  const { name } = reader;
  const value = reader.tree();
  reader.end();
  return { name, value };
}
