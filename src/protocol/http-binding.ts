/**
 * Members of a structure that travel outside the body: in path, query, headers and status. The rest protocols share it, and
 * it has both directions; bodies are theirs.
 */

import type { HeaderMap } from "../http/message.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { Member, OperationModel, Shape } from "../model/model.js";
import { decodeHeaderList, decodeText, encodeHeaderList, encodeText } from "./codec/header.js";
import { setOwn } from "./codec/own-property.js";
import { escapeUri, parseQuery } from "./codec/uri.js";
import { matchPath, type PathTemplate, parseTemplate, renderPath } from "./path-template.js";
import { operationPlans, plansOf } from "./plan.js";
import type { EncodedRequest, ReceivedRequest, Values } from "./protocol.js";

/** Members of a structure by place. */
export interface HttpBinding {
  readonly labels: ReadonlyMap<string, Member>;
  readonly query: readonly Member[];
  /** Maps whose entries are query parameters. */
  readonly queryMaps: readonly Member[];
  readonly headers: readonly HeaderMember[];
  /** Maps whose entries are headers with a common prefix, which is their name. */
  readonly headerMaps: readonly HeaderMember[];
  readonly status: Member | undefined;
  /** The one member that is the whole body. */
  readonly payload: Member | undefined;
  /** Names of the members of the body where there is no payload. */
  readonly bodyNames: ReadonlySet<string>;
  /** Whether a response has members in its body: it has no path and no query, so those of these places too. */
  readonly hasResponseBody: boolean;
}

/** A member with its header's name in lower case. */
export interface HeaderMember {
  readonly member: Member;
  readonly name: string;
}

export function bindingOf(shape: Shape): HttpBinding {
  const plans = plansOf(shape);
  plans.http ??= bind(shape);
  return plans.http;
}

export function templateOf(operation: OperationModel): PathTemplate {
  const plans = operationPlans(operation);
  plans.template ??= parseTemplate(operation.path);
  return plans.template;
}

function bind(shape: Shape): HttpBinding {
  const at = (place: Member["traits"]["at"]) => shape.members.filter(({ traits }) => traits.at === place);
  const query = at("query");
  const payload = shape.traits.payload === undefined ? undefined : shape.member(shape.traits.payload);
  return {
    labels: new Map(at("path").map((member) => [member.wireName, member])),
    query: query.filter((member) => member.shape.type !== "map"),
    queryMaps: query.filter((member) => member.shape.type === "map"),
    headers: at("header").map((member) => ({ member, name: member.wireName.toLowerCase() })),
    headerMaps: at("headers").map((member) => ({ member, name: (member.traits.name ?? "").toLowerCase() })),
    status: at("status")[0],
    payload,
    bodyNames: new Set(payload === undefined ? at(undefined).map(({ name }) => name) : []),
    hasResponseBody: shape.members.some(
      ({ traits }) => !["header", "headers", "status"].includes(traits.at ?? ""),
    ),
  };
}

/** The request but for its body. */
export function encodeParts(operation: OperationModel, input: Values): EncodedRequest {
  const template = templateOf(operation);
  const binding = operation.input && bindingOf(operation.input);
  if (binding === undefined) {
    return {
      method: operation.method,
      path: renderPath(template, () => undefined),
      query: template.query,
      headers: {},
    };
  }
  const path = renderPath(template, (label) => {
    const member = binding.labels.get(label);
    const value = member && input[member.name];
    return member === undefined || value === undefined || value === null
      ? undefined
      : encodeText(member, value, "iso8601");
  });
  return {
    method: operation.method,
    path,
    query: encodeQuery(template, binding, input),
    headers: encodeHeaders(binding, input),
  };
}

function encodeQuery(template: PathTemplate, { query, queryMaps }: HttpBinding, input: Values): string {
  const pairs: string[] = template.query === "" ? [] : [template.query];
  const add = (name: string, value: string) => pairs.push(`${escapeUri(name)}=${escapeUri(value)}`);
  const named = new Set<string>(template.literals.map(([name]) => name));
  for (const member of query) {
    const value = input[member.name];
    if (value === undefined || value === null) continue;
    named.add(member.wireName);
    if (Array.isArray(value) && member.shape.element !== undefined) {
      for (const each of value) {
        if (each !== null && each !== undefined)
          add(member.wireName, encodeText(member.shape.element, each, "iso8601"));
      }
    } else {
      add(member.wireName, encodeText(member, value, "iso8601"));
    }
  }
  for (const member of queryMaps) {
    for (const [name, value] of Object.entries((input[member.name] ?? {}) as Values)) {
      // A parameter that has a member of its own wins over the map.
      if (named.has(name) || value === null || value === undefined) continue;
      for (const each of Array.isArray(value) ? value : [value]) add(name, String(each));
    }
  }
  return pairs.join("&");
}

/** Headers of an input or an output. */
export function encodeHeaders({ headers, headerMaps }: HttpBinding, values: Values): HeaderMap {
  const encoded: HeaderMap = {};
  for (const { member, name } of headers) {
    const value = values[member.name];
    if (value === undefined || value === null) continue;
    if (!Array.isArray(value) || member.traits.jsonValue)
      encoded[name] = headerText(encodeText(member, value, "rfc822"));
    else if (value.length > 0) encoded[name] = headerText(encodeHeaderList(member, value));
  }
  for (const { member, name: prefix } of headerMaps) {
    for (const [name, value] of Object.entries((values[member.name] ?? {}) as Values)) {
      if (value === undefined || value === null) continue;
      encoded[prefix + name.toLowerCase()] ??= headerText(String(value));
    }
  }
  return encoded;
}

/** A line break would start another header. */
function headerText(text: string): string {
  if (/[\r\n\0]/.test(text)) throw invalidInput("Cannot encode a header: its value has a line break");
  return text;
}

/** Members that a response or a request holds in its headers. */
export function decodeHeaders({ headers, headerMaps }: HttpBinding, from: HeaderMap, values: Values): void {
  for (const { member, name } of headers) {
    const text = from[name];
    if (text === undefined) continue;
    const value = member.shape.type === "list" ? decodeHeaderList(member, text) : decodeText(member, text);
    if (value !== undefined) values[member.name] = value;
  }
  for (const { member, name: prefix } of headerMaps) {
    const entries = Object.entries(from).filter(([name]) => name.startsWith(prefix));
    values[member.name] = Object.fromEntries(
      entries.map(([name, value]) => [name.slice(prefix.length), value]),
    );
  }
}

/** The emulator's: members in path, query and headers. */
export function decodeParts(operation: OperationModel, request: ReceivedRequest): Values {
  const values: Values = {};
  if (operation.input === undefined) return values;
  const binding = bindingOf(operation.input);
  const template = templateOf(operation);
  const labels = matchPath(template, request.path) ?? {};
  for (const [label, text] of Object.entries(labels)) {
    const member = binding.labels.get(label);
    if (member !== undefined) values[member.name] = decodeText(member, text);
  }
  decodeQuery(template, binding, request.query, values);
  decodeHeaders(binding, request.headers, values);
  for (const { member } of binding.headerMaps) {
    if (Object.keys(values[member.name] as Values).length === 0) delete values[member.name];
  }
  return values;
}

function decodeQuery(
  template: PathTemplate,
  { query, queryMaps }: HttpBinding,
  text: string,
  values: Values,
): void {
  const literals = new Set(template.literals.map(([name]) => name));
  const byName = new Map(query.map((member) => [member.wireName, member]));
  for (const [name, value] of parseQuery(text)) {
    const member = byName.get(name);
    if (member?.shape.element !== undefined) {
      values[member.name] ??= [];
      (values[member.name] as unknown[]).push(decodeText(member.shape.element, value));
    } else if (member !== undefined) {
      values[member.name] = decodeText(member, value);
    } else if (!literals.has(name)) {
      for (const each of queryMaps) addToMap(each, name, value, values);
    }
  }
}

function addToMap(member: Member, name: string, value: string, values: Values): void {
  values[member.name] ??= {};
  const map = values[member.name] as Values;
  const isList = member.shape.element?.shape.type === "list";
  const known = Object.hasOwn(map, name) ? (map[name] as string[]) : [];
  setOwn(map, name, isList ? [...known, value] : value);
}

/** Members of the body alone, in the order given. */
export function bodyValues({ bodyNames }: HttpBinding, values: Values): Values {
  const inBody: Values = {};
  for (const name in values) {
    const value = values[name];
    if (bodyNames.has(name) && value !== undefined && value !== null) inBody[name] = value;
  }
  return inBody;
}
