/** The text of XML elements: entities and character references, and what it means for a scalar of the model. */
import { badResponse } from "./bad-response.js";
import { decodeBase64 } from "./bytes.js";
import { decodeInteger, decodeNumber, decodeTimestamp } from "./scalars.js";
import type { XmlPlan } from "./xml-plan.js";

export function scalar(plan: XmlPlan, text: string): unknown {
  switch (plan.kind) {
    case "string":
    case "document":
      return text;
    case "boolean":
      return text === "true" || (text !== "" && text.trim() === "true");
    case "integer":
    case "long":
      return decodeInteger(text);
    case "float":
    case "double":
      return decodeNumber(text);
    case "timestamp":
      return decodeTimestamp(text);
    case "blob":
      return decodeBase64(text);
    default:
      throw badResponse(`Cannot parse XML: text where a ${plan.kind} is due`);
  }
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

export function unescapeXml(raw: string): string {
  // An entity tag of S3, one in each object of a listing.
  if (raw.startsWith("&quot;") && raw.indexOf("&", 1) === raw.length - 6 && raw.endsWith("&quot;")) {
    return `"${raw.slice(6, -6)}"`;
  }
  let text = "";
  let from = 0;
  for (let at = raw.indexOf("&"); at !== -1; at = raw.indexOf("&", from)) {
    const end = raw.indexOf(";", at);
    const name = raw.slice(at + 1, end);
    text += raw.slice(from, at) + (ENTITIES[name] ?? characterReference(name));
    from = end + 1;
  }
  return text + raw.slice(from);
}

function characterReference(name: string): string {
  const code = /^#x[0-9a-f]{1,6}$/i.test(name)
    ? Number.parseInt(name.slice(2), 16)
    : /^#\d{1,7}$/.test(name)
      ? Number(name.slice(1))
      : Number.NaN;
  if (!(code <= 0x10ffff)) throw badResponse("an entity that is not known");
  return String.fromCodePoint(code);
}
