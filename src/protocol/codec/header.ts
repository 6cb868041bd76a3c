/** Values of HTTP headers: scalars, and lists joined by commas. */
import { invalidInput } from "../../internal/cloud-error.js";
import type { TimestampFormat } from "../../model/ir.js";
import type { Member, Shape } from "../../model/model.js";
import { badResponse } from "./bad-response.js";
import { blobBytes, decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from "./bytes.js";
import { parseJson } from "./json.js";
import { decodeInteger, decodeNumber, decodeTimestamp, encodeScalar, encodeTimestamp } from "./scalars.js";

/** Text of a member in a header, a path or a query. Timestamps without a format of their own are in the given one. */
export function encodeText(member: Member, value: unknown, timestamps: TimestampFormat): string {
  return textOf(member.shape, value, member.traits.format ?? timestamps, member.traits.jsonValue === true);
}

/** A list, each element quoted where it holds a comma or a quote. */
export function encodeHeaderList(member: Member, list: readonly unknown[]): string {
  const element = member.shape.element as Member;
  return list
    .filter((each) => each !== null && each !== undefined)
    .map((each) => {
      const text = encodeText(element, each, "rfc822");
      const quoted = element.shape.type === "string" && /[",]/.test(text);
      return quoted ? `"${text.replace(/["\\]/g, "\\$&")}"` : text;
    })
    .join(", ");
}

export function decodeHeaderList(member: Member, text: string): unknown[] {
  const element = member.shape.element as Member;
  const format = element.traits.format ?? element.shape.traits.format ?? "rfc822";
  const parts =
    element.shape.type === "timestamp" && format === "rfc822"
      ? text.split(/(?<=GMT)\s*,\s*/)
      : [...text.matchAll(/\s*(?:"((?:[^"\\]|\\.)*)"|([^,]*))\s*(?:,|$)/g)]
          .filter(({ 0: all, index }) => all !== "" || index < text.length)
          .map(([, quoted, plain = ""]) => quoted?.replace(/\\(.)/g, "$1") ?? plain.trim());
  return parts.map((part) => decodeText(element, part));
}

/** Value of a member in a header, a path or a query. */
export function decodeText(member: Member, text: string): unknown {
  const { shape } = member;
  if (member.traits.jsonValue) return parseJson(decodeUtf8(decodeBase64(text)));
  switch (shape.type) {
    case "string":
      return text;
    case "boolean":
      return text.trim().toLowerCase() === "true";
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
    case "document":
      return parseJson(text);
    default:
      throw badResponse(`Cannot read the response: a ${shape.type} in a header`);
  }
}

function textOf(shape: Shape, value: unknown, format: TimestampFormat, jsonValue: boolean): string {
  if (jsonValue) return encodeBase64(encodeUtf8(asciiJson(value)));
  switch (shape.type) {
    case "timestamp":
      return encodeTimestamp(value, shape.traits.format ?? format);
    case "blob": {
      const bytes = blobBytes(value);
      if (bytes === undefined) throw invalidInput("Cannot encode a blob: not bytes or text");
      return encodeBase64(bytes);
    }
    case "document":
      return JSON.stringify(value);
    default:
      return encodeScalar(value);
  }
}

/** JSON as botocore has it in headers: other characters than ASCII's as escapes. */
function asciiJson(value: unknown): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/[\u0080-\uffff]/g, escaped);
}
