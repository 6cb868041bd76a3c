/** Tags of blobs: as a header, and the language of conditions and searches. https://learn.microsoft.com/azure/storage/blobs/storage-manage-find-blobs */
import { EmulatorError } from "../../service.js";
import { blobError } from "./errors.js";

const TAGS_MAX = 10;
const NAME_LENGTH_MAX = 128;
const VALUE_LENGTH_MAX = 256;
const CHARACTERS = /^[A-Za-z0-9 +\-./:=_]*$/;

/** `a=b&c=d`, form-encoded. */
export function parseTags(text: string | undefined): Record<string, string> {
  return text === undefined || text === "" ? {} : checkTags([...new URLSearchParams(text)]);
}

/** @throws `InvalidTags` */
export function checkTags(tags: readonly (readonly [string, string])[]): Record<string, string> {
  const isValid = tags.every(([name, value]) => name !== "" && isTag(name, value));
  if (!isValid || tags.length > TAGS_MAX || new Set(tags.map(([name]) => name)).size < tags.length)
    throw new EmulatorError("InvalidTags", "The tags specified are invalid.", 400);
  return Object.fromEntries(tags);
}

function isTag(name: string, value: string): boolean {
  return (
    name.length <= NAME_LENGTH_MAX &&
    value.length <= VALUE_LENGTH_MAX &&
    CHARACTERS.test(name) &&
    CHARACTERS.test(value)
  );
}

type Test = (tags: Readonly<Record<string, string>>, container: string) => boolean;

/** A search: conditions joined by AND, `@container` among them, of at most ten tags. */
export function parseTagSearch(text: string): Test {
  const names = new Set(tagsNamed(text));
  const isConditionOnly = splitOutsideQuotes(text, "OR").length > 1 || /<>\s*'/.test(text);
  if (isConditionOnly || names.size > TAGS_MAX) throw blobError("InvalidQueryParameterValue");
  return parseTagQuery(text);
}

/** `"status" = 'done' AND "rank" >= '05'`, `@container = 'c'`; conditions also know OR and `<>`. */
function parseTagQuery(text: string): Test {
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
  if (name !== "@container" && !isTag(name, value))
    throw blobError("InvalidQueryParameterValue", `Not the name and value of a tag: ${text.trim()}`);
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
