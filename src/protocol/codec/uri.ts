/** Percent-encoding as RFC 3986 has it: unreserved characters stand, everything else is escaped. */
import { invalidInput } from "../../internal/cloud-error.js";
import { badResponse } from "./bad-response.js";

/** One segment of a path, or a name or value of a query. */
export function escapeUri(text: string): string {
  return /^[\w.~-]*$/.test(text) ? text : escapeAll(text);
}

/** A greedy label: its slashes stand. */
export function escapePath(text: string): string {
  return /^[\w.~/-]*$/.test(text) ? text : escapeAll(text).replaceAll("%2F", "/");
}

export function unescapeUri(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw badResponse(`Cannot decode "${text.slice(0, 80)}": not percent-encoded UTF-8`, cause);
  }
}

/** Pairs of a query or of a form, in order. A plus sign is a space. */
export function parseQuery(query: string): [name: string, value: string][] {
  if (query === "") return [];
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const [name, value] = equals === -1 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return [unescapeUri(name.replaceAll("+", " ")), unescapeUri(value.replaceAll("+", " "))];
    });
}

function escapeAll(text: string): string {
  try {
    return encodeURIComponent(text).replace(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  } catch (cause) {
    throw invalidInput("Cannot encode the input: text with half a surrogate pair", { cause });
  }
}
