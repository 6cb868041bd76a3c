/** Pages and items of an operation that answers in parts, driven by the model's paging trait. */
import { CloudError, invalidInput } from "../internal/cloud-error.js";
import type { PageTraits } from "../model/ir.js";
import type { OperationModel } from "../model/model.js";
import type { Values } from "../protocol/protocol.js";
import { call, callForAnswer } from "./call.js";
import { search } from "./jmespath.js";
import type { CallOptions } from "./options.js";
import type { ClientCore } from "./service.js";
import type { PageOptions } from "./types.js";

export async function* pages(
  core: ClientCore,
  operation: OperationModel,
  page: PageTraits,
  input: Values = {},
  options: PageOptions = {},
): AsyncGenerator<Values> {
  const { pageSize, maxItems, startingToken, ...callOptions } = options;
  const inputTokens = listOf(page.inputToken);
  let next: Values = { ...input };
  for (const [path, value] of Object.entries(startFrom(page, startingToken)))
    next = withValue(next, path, value);
  for (const [path, value] of Object.entries(sized(page, operation, pageSize)))
    next = withValue(next, path, value);
  let link = page.link ? startingToken : undefined;
  let previous: string | undefined;
  let seen = 0;
  for (;;) {
    const output: Values = link
      ? (await callForAnswer(core, operation, next, callOptions, { url: link, decode: true })).output
      : await call(core, operation, next, callOptions);
    yield output;
    if (maxItems !== undefined) {
      seen += itemsOf(page, output).length;
      if (seen >= maxItems) return;
    }
    const tokens = nextTokens(page, output);
    if (tokens === undefined) return;
    const fingerprint = JSON.stringify(tokens);
    // A service that answers the token it was given would be asked for ever.
    if (fingerprint === previous) throw repeated(operation);
    previous = fingerprint;
    if (page.link) link = String(tokens[0]);
    else {
      inputTokens.forEach((path, index) => {
        next = withValue(next, path, tokens[index] ?? undefined);
      });
    }
  }
}

export async function* items(
  core: ClientCore,
  operation: OperationModel,
  page: PageTraits,
  input?: Values,
  options: PageOptions = {},
): AsyncGenerator<unknown> {
  let left = options.maxItems ?? Number.POSITIVE_INFINITY;
  if (left <= 0) return;
  for await (const output of pages(core, operation, page, input, options)) {
    for (const item of itemsOf(page, output)) {
      yield item;
      if (--left <= 0) return;
    }
  }
}

export async function all(
  core: ClientCore,
  operation: OperationModel,
  page: PageTraits,
  input?: Values,
  options: PageOptions & CallOptions = {},
): Promise<unknown[]> {
  const { maxItems = Number.POSITIVE_INFINITY } = options;
  const list: unknown[] = [];
  if (maxItems <= 0) return list;
  for await (const output of pages(core, operation, page, input, options)) {
    for (const item of itemsOf(page, output)) list.push(item);
  }
  return list.length > maxItems ? list.slice(0, maxItems) : list;
}

/** The first result list of the trait. A map (aggregated lists) yields its values. */
function itemsOf(page: PageTraits, output: Values): readonly unknown[] {
  const [path] = page.items;
  if (path === undefined) return [];
  const found = read(path, output);
  if (Array.isArray(found)) return found;
  if (typeof found === "object" && found !== null) return Object.entries(found);
  return found === undefined || found === null ? [] : [found];
}

function nextTokens(page: PageTraits, output: Values): unknown[] | undefined {
  if (page.more !== undefined && !read(page.more, output)) return undefined;
  const tokens = listOf(page.outputToken).map((path) => read(path, output));
  return tokens.some(isToken) ? tokens : undefined;
}

/** A copy with the value at a path; undefined removes it. Searches of Google's have their token in the body: `body.pageToken`. */
function withValue(input: Values, path: string, value: unknown): Values {
  const dot = path.indexOf(".");
  if (dot !== -1) {
    const name = path.slice(0, dot);
    return { ...input, [name]: withValue((input[name] ?? {}) as Values, path.slice(dot + 1), value) };
  }
  const { [path]: _, ...rest } = input;
  return value === undefined ? rest : { ...rest, [path]: value };
}

function isToken(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/** A plain member is read as such: most paths are one. */
function read(path: string, output: Values): unknown {
  return path in output ? output[path] : search(path, output);
}

function startFrom(page: PageTraits, token: string | undefined): Values {
  if (token === undefined || page.link) return {};
  const [name, ...others] = listOf(page.inputToken);
  if (others.length === 0) return { [name as string]: token };
  // Several tokens travel as one JSON list, as they came out of a page.
  const parts: unknown = parseList(token);
  if (!Array.isArray(parts))
    throw invalidInput(`options.startingToken must be a JSON list of ${1 + others.length} tokens`);
  return Object.fromEntries(
    listOf(page.inputToken).flatMap((each, i) => (isToken(parts[i]) ? [[each, parts[i]]] : [])),
  );
}

function parseList(token: string): unknown {
  try {
    return JSON.parse(token);
  } catch {
    return undefined;
  }
}

function sized(page: PageTraits, operation: OperationModel, pageSize: number | undefined): Values {
  if (pageSize === undefined) return {};
  if (page.limit === undefined)
    throw invalidInput(`options.pageSize cannot be set: ${operation.name} has no page size`);
  const isText = operation.input?.member(page.limit)?.shape.type === "string";
  return { [page.limit]: isText ? String(pageSize) : pageSize };
}

function repeated(operation: OperationModel): CloudError {
  return new CloudError(`Cannot page ${operation.name}: the service answered the same token twice`, {
    kind: "internal",
    code: "RepeatedToken",
    cloud: operation.service.cloud,
    service: operation.service.id,
    operation: operation.name,
  });
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
