/** What discovery does not say about its methods: which answer in pages of what, and which go on after they answered. */
import type { LongRunningTraits, PageTraits, ShapeTraits } from "../../src/model/ir.js";
import type { DiscoveryDocument, Method, Schema } from "./discovery.js";
import { eachMethod } from "./discovery.js";

type Shapes = Readonly<Record<string, ShapeTraits>>;

/** Arrays that accompany the result. */
const BESIDE = /^(unreachables?|unreachableLocations|warnings?|prefixes|errors?|failedLocations|missing\w*)$/;

export function pageOf(method: Method, resource: string, shapes: Shapes): PageTraits | undefined {
  const inputToken = inputMember(method, shapes, ["pageToken"]);
  const output = shapes[method.response?.$ref ?? ""]?.members;
  if (inputToken === undefined || output === undefined) return undefined;
  const outputToken = ["nextPageToken", "pageToken"].find((name) => name in output);
  const items = itemsOf(output, resource, shapes);
  if (outputToken === undefined || items === undefined) return undefined;
  const limit = inputMember(method, shapes, ["maxResults", "pageSize"]);
  return { inputToken, outputToken, items: [items], ...(limit !== undefined && { limit }) };
}

/** A query parameter, or a member of the request body for searches that are a POST. */
function inputMember(method: Method, shapes: Shapes, names: readonly string[]): string | undefined {
  const parameter = names.find((name) => method.parameters?.[name] !== undefined);
  if (parameter !== undefined) return parameter;
  const body = shapes[method.request?.$ref ?? ""]?.members;
  const member = names.find((name) => body !== undefined && name in body);
  return member === undefined ? undefined : `body.${member}`;
}

function itemsOf(
  output: NonNullable<ShapeTraits["members"]>,
  resource: string,
  shapes: Shapes,
): string | undefined {
  const lists: string[] = [];
  for (const [name, member] of Object.entries(output)) {
    const shape = shapes[member.shape];
    if (shape?.type === "list" && !BESIDE.test(name)) lists.push(name);
    // Compute's aggregatedList: a map of scopes, each with one list.
    if (shape?.type === "map" && name === "items") {
      const scope = shapes[shape.member?.shape ?? ""]?.members ?? {};
      const inner = Object.keys(scope).find(
        (key) => shapes[(scope[key] as { shape: string }).shape]?.type === "list",
      );
      if (inner !== undefined) return `items.*.${inner}[]`;
    }
  }
  const named = lists.find((name) => name.toLowerCase() === resource.toLowerCase());
  if (lists.length <= 1) return lists[0];
  return (
    named ??
    (lists.includes("items")
      ? "items"
      : (lists.find((name) => isListOfStructures(output, name, shapes)) ?? lists[0]))
  );
}

function isListOfStructures(
  output: NonNullable<ShapeTraits["members"]>,
  name: string,
  shapes: Shapes,
): boolean {
  const list = shapes[output[name]?.shape ?? ""];
  return shapes[list?.member?.shape ?? ""]?.type === "structure";
}

/** How the operations of one document run on. Undefined for those that do not. */
export class LongRunningStyles {
  readonly #document: DiscoveryDocument;
  readonly #polls: readonly { readonly name: string; readonly method: Method }[];

  constructor(document: DiscoveryDocument) {
    this.#document = document;
    const polls: { name: string; method: Method }[] = [];
    eachMethod(document, (path, method) => {
      const resource = path.at(-2) ?? "";
      const reads = method.httpMethod === "GET" && path.at(-1) === "get" && /operations$/i.test(resource);
      if (reads && this.#style(method) !== undefined) polls.push({ name: path.join("."), method });
    });
    this.#polls = polls;
  }

  of(path: readonly string[], method: Method): LongRunningTraits | undefined {
    const style = this.#style(method);
    if (style === undefined) return undefined;
    const resource = path.at(-2) ?? "";
    // Of the operations on operations, only the one that reads has something to wait for.
    if (/operations$/i.test(resource) && path.at(-1) !== "get") return undefined;
    if (style === "gcp-compute") return { style };
    const poll = this.#pollFor(path, method);
    return poll === undefined ? undefined : { style, poll };
  }

  #style(method: Method): LongRunningTraits["style"] | undefined {
    const schema: Schema | undefined = this.#document.schemas?.[method.response?.$ref ?? ""];
    const has = (...names: string[]) => names.every((name) => schema?.properties?.[name] !== undefined);
    if (!/Operation$/.test(method.response?.$ref ?? "")) return undefined;
    if (has("done", "name", "response", "error")) return "gcp-longrunning";
    if (has("status", "selfLink", "operationType", "httpErrorStatusCode")) return "gcp-compute";
    if (has("status", "selfLink", "operationType", "targetProject")) return "gcp-sql";
    return undefined;
  }

  /** The reader of operations whose path is nearest: several exist where operations live under several parents. */
  #pollFor(path: readonly string[], method: Method): string | undefined {
    const same = this.#polls.filter((poll) => poll.method.response?.$ref === method.response?.$ref);
    const candidates = same.length > 0 ? same : this.#polls;
    const common = (name: string) => {
      const parts = name.split(".");
      const differs = parts.findIndex((part, index) => part !== path[index]);
      return differs === -1 ? parts.length : differs;
    };
    return [...candidates].sort((a, b) => common(b.name) - common(a.name))[0]?.name;
  }
}
