/** Tags of blobs: as a header, and the language of conditions and searches. https://learn.microsoft.com/azure/storage/blobs/storage-manage-find-blobs */
import { blobError } from "./errors.js";

/** `a=b&c=d`, form-encoded. */
export function parseTags(text: string | undefined): Record<string, string> {
  return text === undefined || text === "" ? {} : Object.fromEntries(new URLSearchParams(text));
}

type Test = (tags: Readonly<Record<string, string>>, container: string) => boolean;

/** `"status" = 'done' AND "rank" >= '05'`, `@container = 'c'`; conditions also know OR. */
export function parseTagQuery(text: string): Test {
  const alternatives = splitOutsideQuotes(text, "OR").map((part) =>
    splitOutsideQuotes(part, "AND").map(parseTerm),
  );
  return (tags, container) => alternatives.some((terms) => terms.every((term) => term(tags, container)));
}

export function matchesTags(text: string, tags: Readonly<Record<string, string>>): boolean {
  return parseTagQuery(text)(tags, "");
}

/** Of the tags, not of the container. */
export function tagsNamed(text: string): string[] {
  return Array.from(
    text.matchAll(/(?:"([^"]+)"|(\w+))\s*(?:=|<>|>=|<=|>|<)\s*'/g),
    ([, quoted, bare]) => quoted ?? bare ?? "",
  );
}

function parseTerm(text: string): Test {
  const parsed = /^\s*(@container|"(?:[^"])+"|[\w]+)\s*(=|<>|>=|<=|>|<)\s*'([^']*)'\s*$/.exec(text);
  if (parsed === null)
    throw blobError("InvalidQueryParameterValue", `Cannot read the condition on tags: ${text.trim()}`);
  const [, quoted = "", operator, value = ""] = parsed;
  const name = quoted.replaceAll('"', "");
  return (tags, container) => {
    const actual = name === "@container" ? container : tags[name];
    if (actual === undefined) return operator === "<>";
    switch (operator) {
      case "=":
        return actual === value;
      case "<>":
        return actual !== value;
      case ">":
        return actual > value;
      case ">=":
        return actual >= value;
      case "<":
        return actual < value;
      default:
        return actual <= value;
    }
  };
}

function splitOutsideQuotes(text: string, word: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if (char === "'" || char === '"') quote = char;
    else if (/\s/.test(char) && new RegExp(`^\\s+${word}\\s`, "i").test(text.slice(at))) {
      parts.push(text.slice(start, at));
      start = at + (/^\s+/.exec(text.slice(at)) as RegExpExecArray)[0].length + word.length;
      at = start - 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
