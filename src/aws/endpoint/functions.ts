/** The functions of endpoint rule sets (smithy.io, "Rules engine standard library", and AWS's own). They answer undefined where they do not apply. */

export type Scalar = string | number | boolean;

type RuleFunction = (...args: unknown[]) => unknown;

export const FUNCTIONS: Readonly<Record<string, RuleFunction>> = {
  isSet: (value) => value !== undefined && value !== null,
  not: (value) => !value,
  booleanEquals: (a, b) => a === b,
  stringEquals: (a, b) => a === b,
  getAttr: (value, path) => getAttr(value, String(path)),
  substring: (text, start, stop, reverse) =>
    substring(String(text), Number(start), Number(stop), reverse === true),
  isValidHostLabel: (value, dots) => isHostLabel(String(value), dots === true),
  uriEncode: (value) => uriEncode(String(value)),
  parseURL: (value) => parseUrl(String(value)),
  coalesce: (...values) => values.find((value) => value !== undefined && value !== null),
  split: (value, separator, limit) => split(String(value), String(separator), Number(limit)),
  ite: (condition, yes, no) => (condition === true ? yes : no),
  "aws.parseArn": (value) => parseArn(String(value)),
  "aws.isVirtualHostableS3Bucket": (value, dots) => isVirtualHostableBucket(String(value), dots === true),
};

/** `a.b[0]` */
export function getAttr(value: unknown, path: string): unknown {
  if (!path.includes(".") && !path.includes("["))
    return (value as Record<string, unknown> | undefined)?.[path];
  let found = value;
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[(-?\d+)\]/g))
    found =
      name === undefined
        ? (found as readonly unknown[] | undefined)?.at(Number(index))
        : (found as Record<string, unknown> | undefined)?.[name];
  return found;
}

function substring(text: string, start: number, stop: number, reverse: boolean): string | undefined {
  if (start >= stop || text.length < stop || !isAscii(text)) return undefined;
  return reverse ? text.slice(text.length - stop, text.length - start) : text.slice(start, stop);
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) return false;
  return true;
}

function isHostLabel(value: string, dots: boolean): boolean {
  const labels = dots ? value.split(".") : [value];
  return labels.every((label) => /^(?!-)[a-zA-Z\d-]{1,63}(?<!-)$/.test(label));
}

function isVirtualHostableBucket(bucket: string, dots: boolean): boolean {
  if (bucket.length < 3 || bucket !== bucket.toLowerCase() || isIp(bucket)) return false;
  return isHostLabel(bucket, dots);
}

function uriEncode(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

type UrlParts = readonly [
  url: string,
  scheme: string,
  authority: string,
  host: string,
  port?: string,
  path?: string,
];

type ParsedUrl = Record<string, unknown>;

const PORT_MAX = 65_535;
const URLS_MAX = 100;
/** A set asks about the one endpoint that it was given in each of its branches. */
const urls = /* @__PURE__ */ new Map<string, ParsedUrl | undefined>();

function parseUrl(value: string): ParsedUrl | undefined {
  if (urls.has(value)) return urls.get(value);
  if (urls.size >= URLS_MAX) urls.clear();
  const parsed = readUrl(value);
  urls.set(value, parsed);
  return parsed;
}

/** As botocore: credentials in a URL stay, a fragment goes, a query or an impossible port is refused. */
function readUrl(value: string): ParsedUrl | undefined {
  const match = /^(https?):\/\/((?:[^/?#@]*@)?(\[[^/?#\]]+\]|[^/?#:@]+)(?::(\d+))?)(\/[^?#]*)?(#|$)/i.exec(
    value,
  );
  if (match === null) return undefined;
  const [, scheme, authority, host, port, path = ""] = match as unknown as UrlParts;
  if (Number(port) > PORT_MAX) return undefined;
  return {
    scheme: scheme.toLowerCase(),
    authority,
    path,
    // Without dots and empty segments, and with a slash at its end.
    normalizedPath: new URL(`http://a${`${path}/`.replace(/\/+/g, "/")}`).pathname,
    isIp: isIp(host),
  };
}

/** An IPv6 address stands in brackets. */
function isIp(host: string): boolean {
  return /^(\[|(\d{1,3}\.){3}\d{1,3}$)/.test(host);
}

function split(value: string, separator: string, limit: number): string[] {
  const parts = value.split(separator);
  if (limit <= 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly accountId: string;
  /** The resource split at `:` and `/`. */
  readonly resourceId: readonly string[];
}

function parseArn(value: string): Arn | undefined {
  const [prefix, partition, service, region, accountId, ...resource] = value.split(":");
  if (prefix !== "arn" || !partition || !service || region === undefined || accountId === undefined)
    return undefined;
  const resourceId = resource.join(":");
  return resourceId === ""
    ? undefined
    : { partition, service, region, accountId, resourceId: resourceId.split(/[:/]/) };
}
