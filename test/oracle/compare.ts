/** What counts as the same request and the same outcome. */

export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Base64. */
  readonly body: string;
}

export interface Outcome {
  readonly request: SentRequest | null;
  readonly output?: unknown;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly status: number;
    readonly members: unknown;
  };
  /** Refused or failed on the client's side. */
  readonly exception?: string;
}

/** Headers of the connection, the clock and the sender: they say nothing of the operation. */
const IGNORED_HEADERS =
  /^(host|connection|user-agent|x-amz-user-agent|x-amz-date|amz-sdk-.*|content-length|transfer-encoding|accept-encoding|accept|authorization|expect|date|x-amz-sdk-.*)$/;

/** The first difference between two requests, or undefined. */
export function requestDifference(theirs: SentRequest | null, ours: SentRequest | null): string | undefined {
  if (theirs === null || ours === null) {
    return theirs === ours
      ? undefined
      : `request: ${theirs ? "botocore alone sends one" : "trivet alone sends one"}`;
  }
  if (theirs.method !== ours.method) return `method: ${theirs.method} / ${ours.method}`;
  const [a, b] = [new URL(theirs.url), new URL(ours.url)];
  if (a.origin !== b.origin) return `origin: ${a.origin} / ${b.origin}`;
  const [rawA, rawB] = [rawPath(theirs.url), rawPath(ours.url)];
  if (rawA.path !== rawB.path) return `path: ${rawA.path} / ${rawB.path}`;
  if (sortedPairs(rawA.query) !== sortedPairs(rawB.query)) return `query: ${rawA.query} / ${rawB.query}`;
  return bodyDifference(theirs, ours) ?? headerDifference(theirs, ours) ?? scopeDifference(theirs, ours);
}

function rawPath(url: string): { path: string; query: string } {
  const afterHost = url.slice(url.indexOf("/", url.indexOf("//") + 2));
  const [path = "", query = ""] = afterHost.split(/\?(.*)/s);
  return { path, query };
}

/** `a=` and `a` are one query to every server and signer. */
function sortedPairs(query: string): string {
  return query
    .split("&")
    .map((pair) => (pair.includes("=") ? pair : `${pair}=`))
    .sort()
    .join("&");
}

/** Sums of the body: bodies that agree as documents may differ as bytes, and their sums with them. */
const SUM_HEADERS = /^(x-amz-content-sha256|x-amz-checksum-.*|content-md5)$/;

function headerDifference(theirs: SentRequest, ours: SentRequest): string | undefined {
  const sameBytes = theirs.body === ours.body;
  for (const name of new Set([...Object.keys(theirs.headers), ...Object.keys(ours.headers)])) {
    if (IGNORED_HEADERS.test(name)) continue;
    const [a, b] = [theirs.headers[name]?.trim(), ours.headers[name]?.trim()];
    if (a === b || (SUM_HEADERS.test(name) && !sameBytes && a !== undefined && a.length === b?.length))
      continue;
    return `header ${name}: ${a} / ${b}`;
  }
  return undefined;
}

/** Region, service and algorithm of the signature; its bytes depend on the clock. */
function scopeDifference(theirs: SentRequest, ours: SentRequest): string | undefined {
  const scope = ({ headers }: SentRequest) =>
    (headers.authorization ?? "")
      .replace(/Credential=([^/]*)\/\d{8}/, "Credential=$1")
      .replace(/, ?SignedHeaders=.*/, "");
  return scope(theirs) === scope(ours) ? undefined : `authorization: ${scope(theirs)} / ${scope(ours)}`;
}

function bodyDifference(theirs: SentRequest, ours: SentRequest): string | undefined {
  if (theirs.body === ours.body) return undefined;
  const type = ours.headers["content-type"] ?? "";
  const [a, b] = [theirs.body, ours.body].map((body) => canonicalBody(Buffer.from(body, "base64"), type));
  return a === b ? undefined : `body: ${clip(a as string)} / ${clip(b as string)}`;
}

function canonicalBody(body: Buffer, type: string): string {
  const text = body.toString("utf8");
  if (text === "") return "";
  if (/json/.test(type)) return parsedJson(text);
  if (/x-www-form-urlencoded/.test(type)) return sortedPairs(text.replaceAll("+", "%20"));
  if (/xml/.test(type) || text.startsWith("<")) return canonicalXml(text);
  if (/cbor/.test(type)) return body.toString("hex");
  return body.toString("base64");
}

function parsedJson(text: string): string {
  try {
    return sortedJson(JSON.parse(text));
  } catch {
    return text;
  }
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

/** The first difference between two outcomes, or undefined. Two exceptions agree: each side refuses in its own words. */
export function outcomeDifference(theirs: Outcome, ours: Outcome): string | undefined {
  if (theirs.exception !== undefined || ours.exception !== undefined) {
    if (theirs.exception !== undefined && ours.exception !== undefined) return undefined;
    return `exception: ${theirs.exception ?? "none"} / ${ours.exception ?? "none"}`;
  }
  if (theirs.error || ours.error) return errorDifference(theirs, ours);
  return valueDifference(theirs.output, ours.output, "output");
}

function errorDifference({ error: theirs }: Outcome, { error: ours }: Outcome): string | undefined {
  if (theirs === undefined || ours === undefined)
    return `error: ${JSON.stringify(theirs)} / ${JSON.stringify(ours)}`;
  for (const part of ["code", "message", "status"] as const) {
    if (theirs[part] !== ours[part]) return `error ${part}: ${theirs[part]} / ${ours[part]}`;
  }
  return valueDifference(theirs.members, ours.members, "error");
}

export function valueDifference(theirs: unknown, ours: unknown, path: string): string | undefined {
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    if (theirs.length !== ours.length) return `${path}: ${theirs.length} / ${ours.length} elements`;
    return first(theirs.map((each, index) => valueDifference(each, ours[index], `${path}[${index}]`)));
  }
  if (isObject(theirs) && isObject(ours)) {
    const keys = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
    return first([...keys].map((key) => valueDifference(theirs[key], ours[key], `${path}.${key}`)));
  }
  return Object.is(theirs, ours) || theirs === ours
    ? undefined
    : `${path}: ${clip(JSON.stringify(theirs))} / ${clip(JSON.stringify(ours))}`;
}

function first(list: readonly (string | undefined)[]): string | undefined {
  return list.find((each) => each !== undefined);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    isObject(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
  );
}

function clip(text: string | undefined): string {
  return text === undefined ? "absent" : text.length > 160 ? `${text.slice(0, 160)}...` : text;
}
