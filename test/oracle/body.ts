/** Bodies of requests in a form in which those that mean the same are the same. */
import type { SentRequest } from "./compare.js";

/** JSON as its value, a form as its parameters, XML as text in one spelling, CBOR and bytes as hexadecimal. */
export function canonicalBody(body: Buffer, type: string): unknown {
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

/** Signature version 2 goes into the form: these two parts of it depend on the clock. */
const OF_THE_CLOCK = new Set(["Timestamp", "Signature"]);

function formOf(text: string): Record<string, string> {
  const parameters = new URLSearchParams(text);
  const isSigned = parameters.has("SignatureVersion");
  return Object.fromEntries(
    [...parameters].map(([name, value]) => [
      name,
      isSigned && OF_THE_CLOCK.has(name) ? "" : withoutClock(value),
    ]),
  );
}

/** A presigned URL but for its time and what follows from it; a number in one spelling: Python writes 1e-07 for 1e-7. */
function withoutClock(value: string): string {
  if (/^-?\d+(\.\d+)?e[+-]?\d+$/i.test(value)) return String(Number(value));
  if (!/[?&]X-Amz-Signature=/.test(value)) return value;
  const { "X-Amz-Date": _date, "X-Amz-Signature": _signature, ...rest } = formOf(new URL(value).search);
  const credential = rest["X-Amz-Credential"]?.replace(/\/\d{8}\//, "//") ?? "";
  const pairs = Object.entries({ ...rest, "X-Amz-Credential": credential }).sort();
  return `${value.slice(0, value.indexOf("?"))} ${JSON.stringify(pairs)}`;
}

/** Attribute order, empty-element form and the declaration are no difference. */
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
