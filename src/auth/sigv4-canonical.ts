/**
 * What SigV4, SigV4a and their verifiers have in common: the request in the one form that both sides hash.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import type { HeaderMap, HttpRequest } from "../http/message.js";

export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

/** Proxies and transports change these on the way. */
const UNSIGNED_HEADERS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "authorization",
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "x-amzn-trace-id",
]);

export interface CanonicalHeaders {
  /** `host:...\nx-amz-date:...\n` */
  readonly lines: string;
  /** `host;x-amz-date` */
  readonly names: string;
}

/** Copies name by name: V8 adds to an object made by a spread forty times slower, 5 µs for the headers of one request. */
export function copyHeaders(headers: Readonly<HeaderMap>): HeaderMap {
  const copy: HeaderMap = {};
  for (const name in headers) if (name !== "authorization") copy[name] = headers[name] as string;
  return copy;
}

export function signedHeaders(headers: Readonly<HeaderMap>, host: string): CanonicalHeaders {
  const names: string[] = "host" in headers ? [] : ["host"];
  for (const name in headers) if (!UNSIGNED_HEADERS.has(name)) names.push(name);
  return canonicalHeaders(names.sort(), headers, host);
}

/** `names` are sorted. */
export function canonicalHeaders(
  names: readonly string[],
  headers: Readonly<HeaderMap>,
  host: string,
): CanonicalHeaders {
  let lines = "";
  for (const name of names) {
    const value = headers[name] ?? (name === "host" ? host : "");
    lines += `${name}:${hasSpaceToFold(value) ? value.trim().replace(/\s+/g, " ") : value}\n`;
  }
  return { lines, names: names.join(";") };
}

/** Without a pattern: to make one takes a good part of the time of a first signature. */
function hasSpaceToFold(value: string): boolean {
  return (
    value.includes("  ") ||
    value.includes("\t") ||
    value.includes("\n") ||
    value.includes("\r") ||
    value !== value.trim()
  );
}

export function canonicalRequest(
  request: Pick<HttpRequest, "method">,
  path: string,
  query: string,
  headers: CanonicalHeaders,
  payloadHash: string,
): string {
  return `${request.method}\n${path}\n${query}\n${headers.lines}\n${headers.names}\n${payloadHash}`;
}

/** S3 keys may hold `//` and `..`: S3 alone signs the path as sent. Others resolve it and encode it once more. */
export function canonicalPath(path: string, asSent: boolean): string {
  if (asSent) return path === "" ? "/" : path;
  const resolved = path.includes("//") || path.includes("/.") ? withoutDots(path) : path;
  if (/^[\w\-.~/]*$/.test(resolved)) return resolved === "" ? "/" : resolved;
  return resolved.split("/").map(encodeStrict).join("/");
}

function withoutDots(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  return `/${kept.join("/")}${kept.length > 0 && /\/\.{0,2}$/.test(path) ? "/" : ""}`;
}

/** Sorted, each name and value encoded in the strict form, whatever form they were sent in. */
export function canonicalQuery(query: string): string {
  if (query === "") return "";
  const pairs = query.split("&").filter((each) => each !== "");
  const encoded = pairs.map((pair) => {
    const at = pair.indexOf("=");
    const name = at === -1 ? pair : pair.slice(0, at);
    return [strict(name), at === -1 ? "" : strict(pair.slice(at + 1))] as const;
  });
  encoded.sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0));
  return encoded.map(([name, value]) => `${name}=${value}`).join("&");
}

function strict(text: string): string {
  return /^[\w\-.~]*$/.test(text) ? text : encodeStrict(decodeForm(text));
}

/** As a server reads it: `+` is a space. Text that is not percent-encoded UTF-8 stays as it is. */
export function decodeForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/** RFC 3986: everything but letters, digits and `-._~`. */
export function encodeStrict(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Host and port of an origin, the scheme's own port left out as clients do. */
export function hostOf(origin: string): string {
  const host = origin.slice(origin.indexOf("//") + 2).toLowerCase();
  const port = origin.startsWith("https:") ? ":443" : ":80";
  return host.endsWith(port) ? host.slice(0, -port.length) : host;
}

/** `20260101T000000Z` */
export function amzDate(at: Date): string {
  const iso = at.toISOString();
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
}

export function parseAmzDate(text: string): Date | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

/** Services whose paths are signed as sent. */
export function signsPathAsSent(service: string): boolean {
  return service === "s3" || service.startsWith("s3-") || service === "s3express";
}
