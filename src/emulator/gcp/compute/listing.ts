/** Lists: filtered, ordered, and given out in pages; aggregated ones by zone or region. */
import { EmulatorError } from "../../service.js";
import { REGIONS, ZONES } from "./catalog.js";
import { filterOf } from "./filter.js";
import { lastPart } from "./store.js";

export interface ListInput {
  readonly filter?: string | undefined;
  readonly orderBy?: string | undefined;
  readonly pageToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

interface Listed {
  readonly name?: string | undefined;
  readonly zone?: string | undefined;
  readonly region?: string | undefined;
  readonly creationTimestamp?: string | undefined;
}

const RESULTS_MAX = 500;

export interface Page<T> {
  readonly items: T[];
  readonly nextPageToken: string | undefined;
}

/** By name, or the newest first. A token names the last one of the page before. */
export function pageOf<T extends Listed>(all: readonly T[], input: ListInput): Page<T> {
  const { orderBy, pageToken, maxResults = RESULTS_MAX } = input;
  if (maxResults < 0 || maxResults > RESULTS_MAX) {
    throw new EmulatorError(
      "invalid",
      `Invalid value for field 'maxResults': '${maxResults}'. Must be within the bounds [0, ${RESULTS_MAX}].`,
      400,
    );
  }
  const isNewestFirst = /^creationTimestamp\s+desc$/.test(orderBy?.trim() ?? "");
  if (!isNewestFirst && orderBy !== undefined && !/^(name( asc)?)?$/.test(orderBy.trim()))
    throw new EmulatorError("invalid", `Invalid value for field 'orderBy': '${orderBy}'.`, 400);
  const keyOf = (each: T) => `${each.name}\n${each.zone ?? each.region ?? ""}`;
  const compare = (a: T, b: T) =>
    (isNewestFirst ? compareText(b.creationTimestamp ?? "", a.creationTimestamp ?? "") : 0) ||
    compareText(keyOf(a), keyOf(b));
  const fits = filterOf(input.filter);
  const found = all.filter((each) => fits(each as Readonly<Record<string, unknown>>)).sort(compare);
  const after = pageToken ? readToken<T>(pageToken) : undefined;
  const first = after === undefined ? 0 : found.findIndex((each) => compare(each, after) > 0);
  const start = first === -1 ? found.length : first;
  const items = found.slice(start, start + Math.max(1, maxResults));
  const last = items[items.length - 1];
  const more = last !== undefined && start + items.length < found.length;
  return { items, nextPageToken: more ? writeToken(last) : undefined };
}

function writeToken({ name, zone, region, creationTimestamp }: Listed): string {
  return Buffer.from(JSON.stringify({ name, zone, region, creationTimestamp })).toString("base64");
}

function readToken<T extends Listed>(token: string): T {
  try {
    return JSON.parse(Buffer.from(token, "base64").toString()) as T;
  } catch {
    throw new EmulatorError("invalid", `Invalid value for field 'pageToken': '${token}'.`, 400);
  }
}

/** One page of all places, each place with what it has on it, or a warning that it has nothing. */
export function aggregated<T extends Listed>(
  member: string,
  scopes: "zone" | "region",
  all: readonly T[],
  input: ListInput,
) {
  const { items, nextPageToken } = pageOf(all, input);
  const places = scopes === "zone" ? ZONES : Object.keys(REGIONS);
  const entries = places.map((place) => {
    const here = items.filter((each) => lastPart(each[scopes] ?? "") === place);
    const scope = `${scopes}s/${place}`;
    return [scope, here.length > 0 ? { [member]: here } : { warning: noResults(scope) }] as const;
  });
  return { items: Object.fromEntries(entries), nextPageToken };
}

function noResults(scope: string) {
  return {
    code: "NO_RESULTS_ON_PAGE",
    message: `There are no results for scope '${scope}' on this page.`,
    data: [{ key: "scope", value: scope }],
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
