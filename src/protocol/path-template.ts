/** `/{Bucket}/{Key+}?uploads`: a path with labels and a literal query, rendered by the client and matched by the router. */
import { invalidInput } from "../internal/cloud-error.js";
import { escapePath, escapeUri, parseQuery, unescapeUri } from "./codec/uri.js";

export interface PathTemplate {
  readonly parts: readonly PathPart[];
  /** As sent, without `?`. */
  readonly query: string;
  readonly literals: readonly (readonly [name: string, value: string])[];
}

/** Text of the path, or a label that stands for a member's value. */
export type PathPart = string | { readonly label: string; readonly greedy: boolean };

export function parseTemplate(template: string): PathTemplate {
  const mark = template.indexOf("?");
  const path = mark === -1 ? template : template.slice(0, mark);
  const query = mark === -1 ? "" : template.slice(mark + 1);
  const parts: PathPart[] = [];
  for (let at = 0; at < path.length; ) {
    const end = path.charAt(at) === "{" ? path.indexOf("}", at) : -1;
    if (end === -1) {
      const next = path.indexOf("{", at + 1);
      parts.push(path.slice(at, next === -1 ? path.length : next));
      at = next === -1 ? path.length : next;
    } else {
      const greedy = path.charAt(end - 1) === "+";
      parts.push({ label: path.slice(at + 1, greedy ? end - 1 : end), greedy });
      at = end + 1;
    }
  }
  return { parts, query, literals: parseQuery(query) };
}

/** The path of a request. Fails with `invalidInput` where a label has no value: the request would reach another resource. */
export function renderPath({ parts }: PathTemplate, textOf: (label: string) => string | undefined): string {
  let path = "";
  for (const part of parts) {
    if (typeof part === "string") {
      path += part;
      continue;
    }
    const value = textOf(part.label);
    if (value === undefined || value === "") {
      throw invalidInput(`input.${part.label} must not be empty: it is part of the request's path`);
    }
    path += part.greedy ? escapePath(value) : escapeUri(value);
  }
  return path;
}

/** Values of the labels, or undefined when the path is not of this form. */
export function matchPath({ parts }: PathTemplate, path: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  let at = 0;
  for (const [index, part] of parts.entries()) {
    if (typeof part === "string") {
      if (!path.startsWith(part, at)) return undefined;
      at += part.length;
      continue;
    }
    const end = endOfLabel(parts, index, path, at);
    if (end === undefined || end === at) return undefined;
    labels[part.label] = unescapeUri(path.slice(at, end));
    at = end;
  }
  // A bucket may be asked for as `/bucket` and as `/bucket/`.
  return at === path.length || (at === path.length - 1 && path.endsWith("/")) ? labels : undefined;
}

function endOfLabel(parts: readonly PathPart[], index: number, path: string, at: number): number | undefined {
  const part = parts[index];
  const next = parts[index + 1];
  if (typeof part === "object" && part.greedy) {
    if (typeof next !== "string") return path.length;
    const end = path.lastIndexOf(next);
    return end < at ? undefined : end;
  }
  const slash = path.indexOf("/", at);
  const limit = slash === -1 ? path.length : slash;
  // Text that follows within the segment (`{id}:cancel`) ends the label.
  if (typeof next !== "string" || next.startsWith("/")) return limit;
  const end = path.indexOf(next, at);
  return end === -1 || end > limit ? undefined : end;
}
