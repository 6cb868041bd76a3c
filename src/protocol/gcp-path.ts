/** Paths of Google's operations: templates filled, read back, and found again among all of a service. */
import { invalidInput } from "../internal/cloud-error.js";
import type { Model, OperationModel } from "../model/model.js";
import type { Values } from "./protocol.js";

/** `/b/{bucket}/o/{object}`, `/v1/{name+}:publish`. */
export class PathTemplate {
  readonly #literals: readonly string[];
  readonly #parameters: readonly { readonly name: string; readonly greedy: boolean }[];
  #pattern: RegExp | undefined;

  constructor(template: string) {
    const parts = template.split(/\{([^}]+)\}/);
    this.#literals = parts.filter((_, index) => index % 2 === 0);
    this.#parameters = parts
      .filter((_, index) => index % 2 === 1)
      .map((part) =>
        part.endsWith("+") ? { name: part.slice(0, -1), greedy: true } : { name: part, greedy: false },
      );
  }

  fill(input: Values): string {
    let path = this.#literals[0] as string;
    this.#parameters.forEach(({ name, greedy }, index) => {
      const value = input[name];
      if (value === undefined || value === null || value === "") {
        throw invalidInput(`input.${name} is required: it is part of the URL's path`);
      }
      path += (greedy ? encodeGreedy : encodeSegment)(String(value)) + (this.#literals[index + 1] as string);
    });
    return path;
  }

  /** The parameters of a path that this template made, or undefined. */
  read(path: string): Record<string, string> | undefined {
    this.#pattern ??= this.#compile();
    const match = this.#pattern.exec(path);
    if (match === null) return undefined;
    const values: Record<string, string> = {};
    this.#parameters.forEach(({ name }, index) => {
      values[name] = decodeSegment(match[index + 1] as string);
    });
    return values;
  }

  #compile(): RegExp {
    let source = escapeRegExp(this.#literals[0] as string);
    this.#parameters.forEach(({ greedy }, index) => {
      source += (greedy ? "(.+)" : "([^/]+)") + escapeRegExp(this.#literals[index + 1] as string);
    });
    return new RegExp(`^${source}$`);
  }
}

/** RFC 3986's unreserved characters stay, all else is escaped. */
function encodeSegment(text: string): string {
  const encoded = encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  // A name of dots would be taken for a step in the path by whatever normalises URLs on the way.
  return encoded === "." || encoded === ".." ? encoded.replaceAll(".", "%2E") : encoded;
}

/** A resource name keeps its slashes, and the colons and at-signs that it is written with. */
function encodeGreedy(text: string): string {
  return text.split("/").map(encodeSegment).join("/").replaceAll("%3A", ":").replaceAll("%40", "@");
}

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidInput(`The path has a malformed escape: ${text}`);
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** One step of a path: literal text, any segment, any segment that ends in `:verb`. */
interface Node {
  readonly literals: Map<string, Node>;
  readonly verbs: Map<string, Node>;
  any: Node | undefined;
  /** Matches all that is left. */
  rest: Node | undefined;
  readonly operations: Map<string, string>;
}

/** Finds the operation of a method and a path. Built once a model, when the emulator first serves it. */
export class OperationRouter {
  readonly #root: Node = node();

  constructor(model: Model) {
    for (const name of model.operationNames) {
      const operation = model.operation(name) as OperationModel;
      const { gcp } = operation.traits;
      const [path = "/"] = operation.path.split("?");
      // The download of a method has its path: told apart by the query, not here.
      if (gcp?.download) continue;
      this.#add(operation.method, gcp?.flat ?? path, name);
      if (gcp?.upload?.simple) this.#add(operation.method, gcp.upload.simple, name);
      if (gcp?.upload?.resumable) this.#add(operation.method, gcp.upload.resumable, name);
    }
  }

  find(method: string, path: string): string | undefined {
    return search(this.#root, method, path.split("/"), 1);
  }

  #add(method: string, path: string, name: string): void {
    let at = this.#root;
    for (const segment of path.split("/").slice(1)) {
      const parameter = /^\{([^}]*)\}(:.*)?$/.exec(segment);
      if (parameter === null) at = child(at.literals, segment);
      else if (parameter[2] !== undefined) at = child(at.verbs, parameter[2]);
      else if (parameter[1]?.endsWith("+")) at = at.rest ??= node();
      else at = at.any ??= node();
    }
    if (!at.operations.has(method)) at.operations.set(method, name);
  }
}

function node(): Node {
  return { literals: new Map(), verbs: new Map(), any: undefined, rest: undefined, operations: new Map() };
}

function child(children: Map<string, Node>, key: string): Node {
  let next = children.get(key);
  if (next === undefined) {
    next = node();
    children.set(key, next);
  }
  return next;
}

/** Literal text wins over a parameter, the longer over the shorter. */
function search(at: Node, method: string, segments: readonly string[], index: number): string | undefined {
  if (index === segments.length) return at.operations.get(method);
  const segment = segments[index] as string;
  if (segment === "") return undefined;
  const step = (next: Node | undefined) => (next ? search(next, method, segments, index + 1) : undefined);
  const colon = segment.lastIndexOf(":");
  return (
    step(at.literals.get(segment)) ??
    (colon > 0 ? step(at.verbs.get(segment.slice(colon))) : undefined) ??
    step(at.any) ??
    at.rest?.operations.get(method)
  );
}
