/** Bodies of requests in a form in which those that mean the same are the same. */
import type { SentRequest } from "./compare.js";

/** Tokens that a client makes itself are random; those of an input are no UUIDs. */
export function withoutUuid(text: string): string {
  return text.replace(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, "(made)");
}

/** JSON as its value, a form as its parameters, XML as text in one spelling, CBOR and bytes as hexadecimal. */
export function canonicalBody(sent: Buffer, type: string): unknown {
  const body = Buffer.from(withoutUuid(sent.toString("latin1")), "latin1");
  const text = body.toString("utf8");
  if (text === "") return "";
  if (/cbor|eventstream/.test(type)) return body.toString("hex");
  if (/x-www-form-urlencoded/.test(type)) return formOf(text);
  // Some inputs have a member that is the content type's header: the text itself says what it is.
  if (/^\s*[{[]/.test(text)) return jsonOf(text);
  if (text.startsWith("<")) return canonicalXml(text);
  return body.toString("hex");
}

function jsonOf(text: string): unknown {
  try {
    // Integers that a number cannot hold are compared as text.
    return JSON.parse(text.replace(/(?<=[:[,]\s*)-?\d{16,}(?=\s*[,}\]])/g, '"$&"')) as unknown;
  } catch {
    return text;
  }
}

function formOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...new URLSearchParams(text)].map(([name, value]) => [name, oneSpelling(value)]),
  );
}

/** A number is one in any spelling: Python writes 1e-07 for 1e-7. A presigned URL is its parameters. */
function oneSpelling(value: string): string {
  const spelled = withoutExponent(value);
  if (!/[?&]X-Amz-Signature=/.test(spelled)) return spelled;
  const at = spelled.indexOf("?");
  return `${spelled.slice(0, at)} ${pairsOf(spelled.slice(at + 1)).join("&")}`;
}

/** `a=` and `a` are one query to every server and signer, and so is a stray `&`. */
export function pairsOf(query: string): string[] {
  const pairs = query.split("&").filter((pair) => pair !== "");
  const spelled = pairs.map(
    (pair) => pair.replace(/(?<==).*/s, withoutExponent) + (pair.includes("=") ? "" : "="),
  );
  // Numbers in two spellings are signed as they stand.
  const isRespelled = pairs.some((pair) => EXPONENT.test(pair.slice(pair.indexOf("=") + 1)));
  return spelled
    .filter((pair) => !isRespelled || !pair.startsWith("X-Amz-Signature="))
    .map(withoutUuid)
    .sort();
}

const EXPONENT = /^-?\d+(\.\d+)?e[+-]?\d+$/i;

function withoutExponent(text: string): string {
  return EXPONENT.test(text) ? String(Number(text)) : text;
}

/** Attribute order, empty-element form, the declaration and a number's exponent (1e-07) are no difference. */
function canonicalXml(text: string): string {
  return text
    .replace(/<\?xml[^>]*\?>\s*/, "")
    .replace(/<([\w:.-]+)((?:\s+[\w:.-]+="[^"]*")*)\s*\/>/g, "<$1$2></$1>")
    .replace(
      /<([\w:.-]+)((?:\s+[\w:.-]+="[^"]*")+)>/g,
      (_all, name: string, attributes: string) =>
        `<${name} ${attributes
          .trim()
          .split(/\s+(?=[\w:.-]+=)/)
          .sort()
          .join(" ")}>`,
    )
    .replace(/(?<=>)-?\d+(\.\d+)?e[+-]?\d+(?=<)/gi, (number) => String(Number(number)))
    .replace(/&quot;/g, '"')
    .replace(/&apos;|&#39;|&#x27;/g, "'")
    .replace(/&#xD;|&#13;/gi, "\r")
    .replace(/&#xA;|&#10;/gi, "\n");
}

/** What an `aws-chunked` request means: the body within, its trailer as a header. Any other request itself. */
export function dechunked(request: SentRequest): SentRequest {
  const {
    "content-encoding": encoding = "",
    "x-amz-trailer": trailer,
    "x-amz-decoded-content-length": _length,
    ...headers
  } = request.headers as Record<string, string>;
  const encodings = encoding.split(",").map((each) => each.trim());
  if (trailer === undefined || !encodings.includes("aws-chunked")) return request;
  const rest = encodings.filter((each) => each !== "aws-chunked").join(",");
  if (rest !== "") headers["content-encoding"] = rest;
  headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
  const { body, trailers } = chunksOf(Buffer.from(request.body, "base64"));
  return { ...request, headers: { ...headers, ...trailers }, body: body.toString("base64") };
}

function chunksOf(framed: Buffer): { body: Buffer; trailers: Record<string, string> } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = framed.indexOf("\r\n", at);
    const length = Number.parseInt(framed.toString("latin1", at, end), 16);
    if (end < 0 || Number.isNaN(length)) throw new Error("a body that says aws-chunked is not");
    at = end + 2;
    if (length === 0) break;
    chunks.push(framed.subarray(at, at + length));
    at += length + 2;
  }
  const lines = framed.toString("latin1", at).split("\r\n").filter(Boolean);
  const trailers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { body: Buffer.concat(chunks), trailers: Object.fromEntries(trailers) as Record<string, string> };
}

export function clip(text: string | undefined): string {
  return text === undefined ? "absent" : text.length > 160 ? `${text.slice(0, 160)}...` : text;
}
