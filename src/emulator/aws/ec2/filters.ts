/** `Filters` of describe operations: names, values with wildcards, tags; and pages. */
import { invalidParameter } from "./errors.js";

export interface Filter {
  readonly Name?: string;
  readonly Values?: readonly string[];
}

type FilterValue = string | number | boolean | undefined;

/** Values of a thing by the name of the filter that looks at them. */
export type FilterFields<T> = Readonly<Record<string, (thing: T) => FilterValue | readonly FilterValue[]>>;

/** Keeps what fits all filters; each fits when one of its values does. */
export function applyFilters<T>(
  things: readonly T[],
  filters: readonly Filter[] | undefined,
  fields: FilterFields<T>,
  tagsOf: (thing: T) => ReadonlyMap<string, string>,
): T[] {
  let kept = [...things];
  for (const { Name = "", Values = [] } of filters ?? []) {
    const patterns = Values.map(wildcard);
    const valuesOf = fieldOf(Name, fields, tagsOf);
    kept = kept.filter((thing) =>
      valuesOf(thing).some((value) => patterns.some((pattern) => pattern.test(value))),
    );
  }
  return kept;
}

function fieldOf<T>(
  name: string,
  fields: FilterFields<T>,
  tagsOf: (thing: T) => ReadonlyMap<string, string>,
): (thing: T) => string[] {
  if (name.startsWith("tag:")) {
    const key = name.slice(4);
    return (thing) => [tagsOf(thing).get(key)].filter((value) => value !== undefined);
  }
  if (name === "tag-key") return (thing) => [...tagsOf(thing).keys()];
  if (name === "tag-value") return (thing) => [...tagsOf(thing).values()];
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) throw invalidParameter(`The filter '${name}' is invalid`);
  return (thing) => {
    const found = field(thing);
    const values: readonly FilterValue[] = Array.isArray(found) ? found : [found];
    return values.filter((value) => value !== undefined).map(String);
  };
}

/** `*` is any text, `?` any character, a backslash makes either one plain. */
function wildcard(value: string): RegExp {
  const source = value.replace(/\\([*?\\])|[.*+?^${}()|[\]\\]/g, (match, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    if (match === "*") return "[^]*";
    return match === "?" ? "[^]" : `\\${match}`;
  });
  return new RegExp(`^${source}$`);
}

interface PageInput {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** A page of a list, and the token of the next. */
export function page<T>(all: readonly T[], { MaxResults, NextToken }: PageInput, minimum = 5) {
  if (MaxResults !== undefined && (MaxResults < minimum || MaxResults > 1000)) {
    throw invalidParameter(
      `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value between ${minimum} and 1000.`,
    );
  }
  const start = NextToken ? readToken(NextToken) : 0;
  const end = start + (MaxResults ?? 1000);
  return { items: all.slice(start, end), NextToken: end < all.length ? makeToken(end) : undefined };
}

function makeToken(offset: number): string {
  return Buffer.from(`offset:${offset}`).toString("base64");
}

function readToken(token: string): number {
  const offset = /^offset:(\d+)$/.exec(Buffer.from(token, "base64").toString())?.[1];
  if (offset === undefined) throw invalidParameter("Unable to parse pagination token");
  return Number(offset);
}

export interface TagSpecification {
  readonly ResourceType?: string;
  readonly Tags?: readonly { readonly Key?: string; readonly Value?: string }[];
}

/** Tags that a create operation gives the kind of thing that it makes. */
export function requestedTags(
  specifications: readonly TagSpecification[] | undefined,
  type: string,
): Map<string, string> {
  const tags = new Map<string, string>();
  for (const { ResourceType, Tags = [] } of specifications ?? []) {
    if (ResourceType !== type) continue;
    for (const { Key = "", Value = "" } of Tags) tags.set(Key, Value);
  }
  return tags;
}

export function tagList(tags: ReadonlyMap<string, string>): { Key: string; Value: string }[] | undefined {
  return tags.size === 0 ? undefined : Array.from(tags, ([Key, Value]) => ({ Key, Value }));
}

/** `i-` and 17 digits. */
export function newId(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return `${prefix}-${Buffer.from(bytes).toString("hex").slice(0, 17)}`;
}
