/** What counts as the same request and the same outcome. */
import { STATUS_CODES } from "node:http";
import { canonicalBody, clip, dechunked, pairsOf, withoutUuid } from "./body.js";

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
    readonly status: number | null;
    readonly members: unknown;
  };
  /** Refused or failed on the client's side. */
  readonly exception?: string;
  /** What no client should throw. */
  readonly defect?: string;
  /** Of a presigned request. */
  readonly url?: string;
  /** Of a presigned form: `{ url, fields }`. */
  readonly post?: unknown;
}

/** Every difference of one call: of its request, else of its outcome too. */
export function differencesOf(theirs: Outcome, ours: Outcome, operation: string): string[] {
  if (ours.defect !== undefined) return [`defect: ${ours.defect}`];
  if ((theirs.request === null) !== (ours.request === null)) {
    return [
      theirs.request === null
        ? `request: trivet alone sends one; botocore: ${theirs.exception}`
        : `request: botocore alone sends one; trivet: ${ours.exception}`,
    ];
  }
  const outcome = outcomeDifference(theirs, ours, operation);
  return [
    ...(theirs.request && ours.request ? requestDifferences(theirs.request, ours.request) : []),
    ...(outcome === undefined ? [] : [outcome]),
  ];
}

/** Headers of the connection, the clock and the sender: they say nothing of the operation. */
const IGNORED_HEADERS =
  /^(host|connection|user-agent|x-amz-user-agent|x-amz-date|amz-sdk-.*|content-length|transfer-encoding|accept-encoding|accept|authorization|expect|date|x-amz-sdk-.*)$/;

export function requestDifferences(sentByThem: SentRequest, sentByUs: SentRequest): string[] {
  const differences: string[] = [];
  const [theirs, ours] = [dechunked(sentByThem), dechunked(sentByUs)];
  if ((theirs === sentByThem) !== (ours === sentByUs)) {
    const how = (isPlain: boolean) => (isPlain ? "plain" : "aws-chunked");
    differences.push(`framing: ${how(theirs === sentByThem)} / ${how(ours === sentByUs)}`);
  }
  if (theirs.method !== ours.method) differences.push(`method: ${theirs.method} / ${ours.method}`);
  differences.push(
    ...urlDifferences(theirs.url, ours.url),
    ...bodyDifferences(theirs, ours),
    ...headerDifferences(theirs, ours),
  );
  const [scopeA, scopeB] = [scopeOf(theirs), scopeOf(ours)];
  if (scopeA !== scopeB) differences.push(`authorization: ${scopeA} / ${scopeB}`);
  return differences;
}

function urlDifferences(theirs: string, ours: string): string[] {
  const [a, b] = [partsOf(theirs), partsOf(ours)];
  return [
    ...(a.origin === b.origin ? [] : [`origin: ${a.origin} / ${b.origin}`]),
    ...(a.path === b.path ? [] : [`path: ${a.path} / ${b.path}`]),
    ...queryDifference(a.query, b.query),
  ];
}

/** Only the pairs that differ are told. */
function queryDifference(theirs: string, ours: string): string[] {
  const [a, b] = [pairsOf(theirs), pairsOf(ours)];
  const rest = (from: readonly string[], taken: readonly string[]) =>
    from.filter((pair) => !taken.includes(pair)).join("&");
  return a.join("&") === b.join("&") ? [] : [`query: ${rest(a, b)} / ${rest(b, a)}`];
}

/** As sent: `URL` would tidy the path. */
function partsOf(url: string): { origin: string; path: string; query: string } {
  const [, origin = "", path = "", query = ""] = /^([a-z]+:\/\/[^/?]*)([^?]*)\??(.*)$/s.exec(url) ?? [];
  return { origin, path: path || "/", query };
}

/** Sums of the body: bodies that agree as documents may differ as bytes, and their sums with them. */
const SUM_HEADERS = /^(x-amz-content-sha256|x-amz-checksum-.*|content-md5)$/;

function headerDifferences(theirs: SentRequest, ours: SentRequest): string[] {
  const sameBytes = theirs.body === ours.body;
  const differences: string[] = [];
  for (const name of new Set([...Object.keys(theirs.headers), ...Object.keys(ours.headers)])) {
    if (IGNORED_HEADERS.test(name)) continue;
    const [a, b] = [theirs, ours].map(({ headers }) => headers[name] && withoutUuid(headers[name].trim()));
    if (a === b || (SUM_HEADERS.test(name) && !sameBytes && a !== undefined && a.length === b?.length))
      continue;
    if (a !== undefined && b !== undefined && isSameJson(a, b)) continue;
    differences.push(`header ${name}: ${a} / ${b}`);
  }
  return differences;
}

/** Values in Base64 of JSON: Python escapes what is not ASCII, ECMAScript does not. */
function isSameJson(a: string, b: string): boolean {
  try {
    const [x, y] = [a, b].map((each) => JSON.parse(Buffer.from(each, "base64").toString("utf8")) as unknown);
    return valueDifference(x, y, "") === undefined;
  } catch {
    return false;
  }
}

/** Region, service and algorithm of the signature; its bytes depend on the clock. */
function scopeOf({ headers }: SentRequest): string {
  return (headers.authorization ?? "")
    .replace(/Credential=([^/]*)\/\d{8}/, "Credential=$1")
    .replace(/, ?SignedHeaders=.*/, "");
}

function bodyDifferences(theirs: SentRequest, ours: SentRequest): string[] {
  if (theirs.body === ours.body) return [];
  const type = ours.headers["content-type"] ?? "";
  const [a, b] = [theirs.body, ours.body].map((body) => canonicalBody(Buffer.from(body, "base64"), type));
  const difference = valueDifference(a, b, "body");
  return difference === undefined ? [] : [difference];
}

/** The first difference between two outcomes, or undefined. Two exceptions agree: each side refuses in its own words. */
export function outcomeDifference(theirs: Outcome, ours: Outcome, operation: string): string | undefined {
  if (theirs.exception !== undefined || ours.exception !== undefined) {
    if (theirs.exception !== undefined && ours.exception !== undefined) return undefined;
    return `exception: ${theirs.exception ?? "none"} / ${ours.exception ?? "none"}`;
  }
  if (theirs.error || ours.error) return errorDifference(theirs, ours, operation);
  if (theirs.url !== undefined && ours.url !== undefined) return urlDifferences(theirs.url, ours.url)[0];
  return (
    valueDifference(theirs.output, ours.output, "output") ??
    valueDifference(readable(theirs.post), readable(ours.post), "post")
  );
}

/** A form with its policy as the document that it is. */
function readable(post: unknown): unknown {
  if (!isObject(post) || !isObject(post.fields) || typeof post.fields.policy !== "string") return post;
  const policy: unknown = JSON.parse(Buffer.from(post.fields.policy, "base64").toString("utf8"));
  // The signature is of the policy's text: how that is spelled is each client's own.
  return { ...post, fields: { ...post.fields, policy, "x-amz-signature": "" } };
}

function errorDifference(
  { error: theirs }: Outcome,
  { error: ours }: Outcome,
  operation: string,
): string | undefined {
  if (theirs === undefined || ours === undefined)
    return `error: ${JSON.stringify(theirs)} / ${JSON.stringify(ours)}`;
  if (theirs.code !== ours.code) return `error code: ${theirs.code} / ${ours.code}`;
  // An error inside an event stream comes after the response's status: botocore has none for it.
  if (theirs.status !== null && theirs.status !== ours.status)
    return `error status: ${theirs.status} / ${ours.status}`;
  if (theirs.message !== ours.message && !isFallback(theirs.message, ours, operation))
    return `error message: ${theirs.message} / ${ours.message}`;
  return theirs.status === null ? undefined : valueDifference(theirs.members, ours.members, "error");
}

/** Where a response has no message, trivet says what failed and botocore nothing or the status's phrase. */
function isFallback(theirs: string, ours: NonNullable<Outcome["error"]>, operation: string): boolean {
  return (
    (theirs === "" || theirs === STATUS_CODES[ours.status ?? 0]) &&
    (ours.message === `${operation} failed with status ${ours.status}` ||
      ours.message === `The event stream failed: ${ours.code}`)
  );
}

/** The first difference between two values, with the path to it. */
export function valueDifference(theirs: unknown, ours: unknown, path: string): string | undefined {
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    if (theirs.length !== ours.length) return `${path}: ${theirs.length} / ${ours.length} elements`;
    return first(theirs.keys(), (index) => valueDifference(theirs[index], ours[index], `${path}[${index}]`));
  }
  if (isObject(theirs) && isObject(ours)) {
    const keys = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
    return first(keys, (key) => valueDifference(theirs[key], ours[key], `${path}.${key}`));
  }
  return Object.is(theirs, ours) || theirs === ours
    ? undefined
    : `${path}: ${clip(JSON.stringify(theirs))} / ${clip(JSON.stringify(ours))}`;
}

function first<T>(keys: Iterable<T>, differenceAt: (key: T) => string | undefined): string | undefined {
  for (const key of keys) {
    const difference = differenceAt(key);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
