/**
 * Azure Storage's shared key: signs with an account's key, and verifies.
 * https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
 */
import type { HeaderMap, HttpRequest } from "../http/message.js";
import { bodyLength } from "../http/request-body.js";
import { invalidInput } from "../internal/cloud-error.js";
import { fromBase64, hmacSha256, sameSignature, toBase64 } from "./digest.js";

export interface SharedKeyOptions {
  readonly account: string;
  /** Base64, as the portal shows it. */
  readonly accountKey: string;
  /** Time of signing. Default now. */
  readonly at?: Date | undefined;
}

/** The request with `x-ms-date` and `authorization`. A stream needs a `content-length` header, or is sent without one. */
export function signSharedKey(request: HttpRequest, options: SharedKeyOptions): HttpRequest {
  const headers: HeaderMap = { ...request.headers, "x-ms-date": (options.at ?? new Date()).toUTCString() };
  const length = bodyLength(request.body);
  if (headers["content-length"] === undefined && length !== undefined && length > 0) {
    headers["content-length"] = String(length);
  }
  const text = sharedKeyText({ ...request, headers }, options.account);
  headers.authorization = `SharedKey ${options.account}:${hmacBase64(options.accountKey, text)}`;
  return { ...request, headers };
}

/** Base64 of the HMAC-SHA256 by a key that is Base64 itself. */
export function hmacBase64(key: string, text: string): string {
  const bytes = fromBase64(key);
  if (bytes === undefined) throw invalidInput("Cannot sign: the account key must be Base64");
  return toBase64(hmacSha256(bytes, text));
}

type Signable = Pick<HttpRequest, "method" | "path" | "query"> & { readonly headers: Readonly<HeaderMap> };

const COVERED = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-md5",
  "content-type",
  "date",
  "if-modified-since",
  "if-match",
  "if-none-match",
  "if-unmodified-since",
  "range",
] as const;

function sharedKeyText({ method, path, query, headers }: Signable, account: string): string {
  const fields = COVERED.map((name) => {
    const value = headers[name] ?? "";
    // x-ms-date stands in for Date; a length of 0 counts as none since version 2015-02-21.
    if (name === "date" && headers["x-ms-date"] !== undefined) return "";
    return name === "content-length" && value === "0" ? "" : value;
  });
  const covered = `${method}\n${fields.join("\n")}\n`;
  return `${covered}${canonicalHeaders(headers)}${canonicalResource(account, path, query)}`;
}

function canonicalHeaders(headers: Readonly<HeaderMap>): string {
  const fields = Object.entries(headers)
    .filter(([name]) => name.startsWith("x-ms-"))
    .map(([name, value]) => [name.toLowerCase(), value] as const);
  let text = "";
  for (const [name, value] of fields.sort(([a], [b]) => compareNames(a, b))) {
    text += `${name}:${/^\s|\s$|[\r\n\t]/.test(value) ? value.replace(/\s+/g, " ").trim() : value}\n`;
  }
  return text;
}

/**
 * The order of the service, which sorts as .NET does in English: `_` before digits before letters, `-` not counted unless
 * nothing else differs, and then the name without it first.
 */
function compareNames(a: string, b: string): number {
  const weighA = a.replaceAll("-", "").replaceAll("_", "!");
  const weighB = b.replaceAll("-", "").replaceAll("_", "!");
  if (weighA !== weighB) return weighA < weighB ? -1 : 1;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return a[i] === "-" ? 1 : -1;
  }
  return 0;
}

function canonicalResource(account: string, path: string, query: string): string {
  let text = `/${account}${path}`;
  if (query === "") return text;
  const values = new Map<string, string[]>();
  // The service reads the query as a form: a plus sign is a space.
  for (const pair of query.replaceAll("+", " ").split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = decode(at === -1 ? pair : pair.slice(0, at)).toLowerCase();
    const value = at === -1 ? "" : decode(pair.slice(at + 1));
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  for (const name of [...values.keys()].sort()) text += `\n${name}:${values.get(name)?.sort().join(",")}`;
  return text;
}

/** A plus sign is a plus sign here: signatures are pasted as they are. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export interface VerifySharedKeyOptions {
  /** The keys of an account, one of which must have signed; undefined when there is no such account. */
  keysOf(account: string): readonly string[] | undefined;
  readonly now: Date;
  /** How far the client's clock may be off, ms. Default 15 minutes. */
  readonly skewMs?: number | undefined;
}

/**
 * - `missing`: no shared key in the request, or no date
 * - `malformed`: it cannot be read
 * - `unknownAccount`: `keysOf` does not know it
 * - `skewed`: the date is too far from `now`
 * - `mismatch`: none of the keys gives this signature
 */
export type SharedKeyProblem = "missing" | "malformed" | "unknownAccount" | "skewed" | "mismatch";

export type SharedKeyVerification =
  | { readonly ok: true; readonly account: string }
  | {
      readonly ok: false;
      readonly problem: SharedKeyProblem;
      readonly message: string;
      /** What the service would have signed, for its error's body. No secret is in it. */
      readonly stringToSign?: string;
    };

const SKEW_MS = 15 * 60_000;

export function verifySharedKey(request: Signable, options: VerifySharedKeyOptions): SharedKeyVerification {
  const { authorization, date } = request.headers;
  if (authorization === undefined || !/^SharedKey(Lite)? /.test(authorization)) {
    return bad("missing", "The request is not signed by a shared key");
  }
  const [, account, signature] = /^SharedKey ([^:\s]+):(\S+)$/.exec(authorization) ?? [];
  if (account === undefined || signature === undefined) {
    return bad("malformed", "Authorization must be in the form SharedKey account:signature");
  }
  const stamp = request.headers["x-ms-date"] ?? date;
  if (stamp === undefined) return bad("missing", "The request has neither x-ms-date nor Date");
  const at = Date.parse(stamp);
  if (Number.isNaN(at)) return bad("malformed", "The date of the request cannot be read");
  const keys = options.keysOf(account);
  if (keys === undefined) return bad("unknownAccount", `There is no storage account ${account}`);
  if (Math.abs(at - options.now.getTime()) > (options.skewMs ?? SKEW_MS)) {
    return bad("skewed", "The date of the request is too far from the server's time");
  }
  const text = sharedKeyText(request, account);
  if (keys.some((key) => sameSignature(hmacBase64(key, text), signature))) return { ok: true, account };
  return {
    ...bad("mismatch", "The signature is not the one that the account's key gives"),
    stringToSign: text,
  };
}

function bad(problem: SharedKeyProblem, message: string): SharedKeyVerification & { readonly ok: false } {
  return { ok: false, problem, message };
}
