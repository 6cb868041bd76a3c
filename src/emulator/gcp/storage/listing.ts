/** Pages of a sorted list, and objects listed by prefix and delimiter. */

import { EmulatorError } from "../../service.js";
import { contextFilter } from "./contexts.js";
import type { StoredBucket, StoredObject } from "./store.js";
import { byUtf8 } from "./store.js";

/** A token names the last key of the page before. */
export function page<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  pageToken: string | undefined,
  maxResults: number,
): { items: T[]; nextPageToken: string | undefined } {
  const after = readToken(pageToken);
  const start = after === undefined ? 0 : all.findIndex((item) => byUtf8(keyOf(item), after) > 0);
  if (start === -1) return { items: [], nextPageToken: undefined };
  const items = all.slice(start, start + Math.max(1, maxResults));
  const last = items[items.length - 1];
  const more = last !== undefined && start + items.length < all.length;
  return { items, nextPageToken: more ? writeToken(keyOf(last)) : undefined };
}

export interface ObjectQuery {
  readonly prefix?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly pageToken?: string | undefined;
  readonly maxResults?: number | undefined;
  readonly versions?: boolean | undefined;
  readonly startOffset?: string | undefined;
  readonly endOffset?: string | undefined;
  readonly includeTrailingDelimiter?: boolean | undefined;
  readonly matchGlob?: string | undefined;
  readonly softDeleted?: boolean | undefined;
  readonly filter?: string | undefined;
  readonly includeFoldersAsPrefixes?: boolean | undefined;
}

export interface ObjectPage {
  readonly objects: readonly StoredObject[];
  readonly prefixes: readonly string[];
  readonly nextPageToken: string | undefined;
}

const MAX_RESULTS = 1000;

/** Objects and prefixes count together towards a page, as they come in the order of names. */
export function listObjects(bucket: StoredBucket, query: ObjectQuery): ObjectPage {
  const { prefix = "", delimiter, versions = false, startOffset } = query;
  // What is empty is not asked for: Go's client says each of them.
  const endOffset = query.endOffset || undefined;
  const limit = Math.min(Math.max(query.maxResults ?? MAX_RESULTS, 1), MAX_RESULTS);
  const deleted = query.softDeleted ? byName(bucket.softDeleted.list()) : undefined;
  const folders = query.includeFoldersAsPrefixes && delimiter === "/" ? foldersOf(bucket) : undefined;
  const names = namesOf(bucket, deleted, folders);
  const glob = query.matchGlob ? globPattern(query.matchGlob) : undefined;
  const fits = query.filter ? contextFilter(query.filter) : undefined;
  const objects: StoredObject[] = [];
  const prefixes: string[] = [];
  const after = readToken(query.pageToken);
  let at = lowerBound(names, [prefix, startOffset ?? "", after ?? ""].sort(byUtf8)[2] as string);
  let last: string | undefined = after;
  for (; at < names.length; at++) {
    const name = names[at] as string;
    if (!name.startsWith(prefix) || (endOffset !== undefined && byUtf8(name, endOffset) >= 0)) break;
    if (
      after !== undefined &&
      (name === after || (isGroup(after, prefix, delimiter) && name.startsWith(after)))
    )
      continue;
    if (glob !== undefined && !glob.test(name)) continue;
    const all =
      deleted?.get(name) ??
      (versions ? bucket.versions(name) : [bucket.find(name)].filter((each) => each !== undefined));
    const found = fits === undefined ? all : all.filter(({ resource }) => fits(resource.contexts));
    if (found.length === 0 && !folders?.has(name)) continue;
    const cut = delimiter ? name.indexOf(delimiter, prefix.length) : -1;
    const group = cut === -1 ? undefined : name.slice(0, cut + (delimiter as string).length);
    if (group !== undefined && group === prefixes[prefixes.length - 1]) continue;
    if (objects.length + prefixes.length >= limit)
      return { objects, prefixes, nextPageToken: writeToken(last as string) };
    if (group === undefined) objects.push(...found);
    else {
      prefixes.push(group);
      if (query.includeTrailingDelimiter === true && name === group) objects.push(...found);
    }
    last = group ?? name;
  }
  return { objects, prefixes, nextPageToken: undefined };
}

function foldersOf({ folders, managedFolders }: StoredBucket): ReadonlySet<string> {
  return new Set([...folders.keys(), ...managedFolders.keys()]);
}

function namesOf(
  bucket: StoredBucket,
  deleted: ReadonlyMap<string, unknown> | undefined,
  folders: ReadonlySet<string> | undefined,
): readonly string[] {
  if (deleted !== undefined) return [...deleted.keys()].sort(byUtf8);
  if (folders === undefined) return bucket.names();
  return [...new Set([...bucket.names(), ...folders])].sort(byUtf8);
}

function byName(objects: readonly StoredObject[]): Map<string, StoredObject[]> {
  const found = new Map<string, StoredObject[]>();
  for (const object of objects) {
    const name = object.resource.name as string;
    found.set(name, [...(found.get(name) ?? []), object]);
  }
  return found;
}

/** A token that names a group skips all of it. */
function isGroup(token: string, prefix: string, delimiter: string | undefined): boolean {
  return Boolean(delimiter) && token.length > prefix.length && token.endsWith(delimiter as string);
}

function lowerBound(names: readonly string[], wanted: string): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byUtf8(names[middle] as string, wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function writeToken(key: string): string {
  return Buffer.from(key).toString("base64");
}

/** An empty token is none: so Go's client asks for the first page. */
function readToken(token: string | undefined): string | undefined {
  if (token === undefined || token === "") return undefined;
  if (!/^[A-Za-z0-9+/_-]+=*$/.test(token))
    throw new EmulatorError("invalid", "Invalid value for: pageToken", 400);
  return Buffer.from(token, "base64").toString();
}

/** https://cloud.google.com/storage/docs/json_api/v1/objects/list#list-object-glob */
function globPattern(glob: string): RegExp {
  let source = "";
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at] as string;
    // No folder at all counts as some.
    if (glob.startsWith("**/", at)) {
      source += "(?:.*/)?";
      at += 2;
    } else if (glob.startsWith("**", at)) {
      source += ".*";
      at++;
    } else if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "{") source += "(?:";
    else if (char === "}") source += ")";
    else if (char === ",") source += "|";
    else if (char === "[" || char === "]") source += glob.startsWith("[!", at) ? "[^" : char;
    else if (char === "!" && glob[at - 1] === "[") continue;
    else source += char.replace(/[.+^$()|\\]/g, "\\$&");
  }
  return new RegExp(`^${source}$`, "s");
}
