/**
 * Where members travel in a request and response of Azure's protocols (path, query, headers, body), and which operation a
 * request calls. XML and JSON services differ in bodies alone.
 */
import type { HeaderMap } from "../http/message.js";
import { invalidInput } from "../internal/cloud-error.js";
import type { Member, Model, OperationModel, Shape } from "../model/model.js";
import { blobBytes, decodeBase64, encodeBase64 } from "./codec/bytes.js";
import { decodeNumber, decodeTimestamp, encodeScalar, encodeTimestamp } from "./codec/scalars.js";
import type { EncodedRequest, ReceivedRequest, Values } from "./protocol.js";

/** Members of one shape by place. */
export interface Binding {
  readonly query: readonly Member[];
  readonly headers: readonly Member[];
  /** Maps whose entries are headers of one prefix: `x-ms-meta-`. */
  readonly prefixed: readonly Member[];
  /** The member that is the whole body. */
  readonly payload: Member | undefined;
  /** Whether members without a place make up the body. */
  readonly hasBody: boolean;
}

type PathPart = string | { readonly member: string; readonly greedy: boolean };

export interface AzurePlan {
  readonly path: readonly PathPart[];
  /** Constant query, encoded: `comp=list&restype=container`. */
  readonly query: string;
  readonly input: Binding;
  readonly output: Binding;
}

/** The plan of an operation, made once. Azure's services speak one protocol, so that the slot is theirs alone. */
export function planOf(operation: OperationModel): AzurePlan {
  operation.plan ??= makePlan(operation);
  return operation.plan as AzurePlan;
}

function makePlan(operation: OperationModel): AzurePlan {
  const [path = "/", query = ""] = operation.path.split("?");
  const parts = path.split(/(\{[^}]+\})/).filter((part) => part !== "");
  return {
    path: parts.map((part) =>
      part.startsWith("{") ? { member: part.replace(/[{}+]/g, ""), greedy: part.endsWith("+}") } : part,
    ),
    query,
    input: bindingOf(operation.input),
    output: bindingOf(operation.output),
  };
}

function bindingOf(shape: Shape | undefined): Binding {
  const members = shape?.members ?? [];
  const payload = shape?.traits.payload;
  return {
    query: members.filter(({ traits }) => traits.at === "query"),
    headers: members.filter(({ traits }) => traits.at === "header"),
    prefixed: members.filter(({ traits }) => traits.at === "headers"),
    payload: payload === undefined ? undefined : shape?.member(payload),
    hasBody: payload === undefined && members.some(({ traits }) => traits.at === undefined),
  };
}

export function isStreaming(member: Member): boolean {
  return member.traits.streaming === true || member.shape.traits.streaming === true;
}

/** Method, path, query and headers of a request. */
export function encodeHead(operation: OperationModel, input: Values): EncodedRequest {
  const plan = planOf(operation);
  const query: string[] = plan.query === "" ? [] : [plan.query];
  for (const member of plan.input.query) {
    const value = input[member.name] ?? member.traits.value;
    if (value === undefined || value === null) continue;
    const name = encodeURIComponent(member.wireName).replaceAll("%24", "$");
    const texts =
      Array.isArray(value) && member.traits.join === undefined
        ? value.map((each) => encodeText(member.shape.element as Member, each, "iso8601"))
        : [encodeText(member, value, "iso8601")];
    for (const text of texts) query.push(`${name}=${encodeUriPart(text)}`);
  }
  return {
    method: operation.method,
    path: plan.path.map((part) => (typeof part === "string" ? part : encodePathMember(part, input))).join(""),
    query: query.join("&"),
    headers: encodeHeaders(plan.input, input),
  };
}

function encodePathMember({ member, greedy }: { member: string; greedy: boolean }, input: Values): string {
  const text = String(input[member] ?? "");
  return greedy ? text.split("/").map(encodeUriPart).join("/") : encodeUriPart(text);
}

/** RFC 3986: all but unreserved characters. */
function encodeUriPart(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function encodeHeaders(binding: Binding, values: Values): HeaderMap {
  const headers: HeaderMap = {};
  for (const member of binding.headers) {
    const value = values[member.name] ?? member.traits.value;
    if (value === undefined || value === null) continue;
    const text = encodeText(member, value, "rfc822");
    if (/[\r\n]/.test(text)) throw invalidInput(`input.${member.name} must be one line: it is a header`);
    headers[member.wireName.toLowerCase()] = text;
  }
  for (const member of binding.prefixed) {
    for (const [key, value] of Object.entries((values[member.name] ?? {}) as Values)) {
      if (value === undefined || value === null) continue;
      const text = encodeScalar(value);
      if (/[\r\n]/.test(text))
        throw invalidInput(`input.${member.name}.${key} must be one line: it is a header`);
      // The service keeps the case of metadata's names, and so do its other clients.
      headers[member.wireName.toLowerCase() + key] = text;
    }
  }
  return headers;
}

function encodeText(member: Member, value: unknown, dates: "rfc822" | "iso8601"): string {
  const { shape } = member;
  switch (shape.type) {
    case "list":
      return (value as unknown[])
        .map((each) => encodeText(shape.element as Member, each, dates))
        .join(member.traits.join ?? ",");
    case "timestamp":
      return encodeTimestamp(value, member.traits.format ?? shape.traits.format ?? dates);
    case "blob": {
      const bytes = blobBytes(value);
      if (bytes === undefined) throw invalidInput(`input.${member.name} must be bytes or text`);
      return encodeBase64(bytes);
    }
    default:
      return encodeScalar(value);
  }
}

export function decodeHeaders(binding: Binding, headers: Readonly<HeaderMap>, values: Values): void {
  for (const member of binding.headers) {
    const text = headers[member.wireName.toLowerCase()];
    if (text !== undefined) setDefined(values, member.name, decodeText(member, text));
  }
  for (const member of binding.prefixed) {
    const prefix = member.wireName.toLowerCase();
    const map: Values = {};
    for (const name in headers) if (name.startsWith(prefix)) map[name.slice(prefix.length)] = headers[name];
    if (Object.keys(map).length > 0) values[member.name] = map;
  }
}

function decodeText(member: Member, text: string): unknown {
  const { shape } = member;
  switch (shape.type) {
    case "list":
      return text === ""
        ? []
        : text
            .split(member.traits.join ?? ",")
            .map((each) => decodeText(shape.element as Member, each.trim()));
    case "integer":
    case "long":
    case "float":
    case "double":
      return decodeNumber(text);
    case "boolean":
      return text.toLowerCase() === "true";
    case "timestamp":
      return decodeTimestamp(text);
    case "blob":
      return decodeBase64(text);
    default:
      return text;
  }
}

function setDefined(values: Values, name: string, value: unknown): void {
  if (value !== undefined) values[name] = value;
}

/** Members of a received request's head. */
export function decodeHead(operation: OperationModel, request: ReceivedRequest): Values {
  const plan = planOf(operation);
  const values: Values = {};
  const matched = pathPattern(plan).exec(request.path);
  const names = plan.path.flatMap((part) => (typeof part === "string" ? [] : [part.member]));
  names.forEach((name, index) => {
    const text = matched?.[index + 1];
    const member = operation.input?.member(name);
    if (member !== undefined && text !== undefined && text !== "") {
      setDefined(values, name, decodeText(member, decodeUriPart(text)));
    }
  });
  const query = new URLSearchParams(request.query);
  for (const member of plan.input.query) {
    const texts = query.getAll(member.wireName);
    if (texts.length === 0) continue;
    const repeated = member.shape.type === "list" && member.traits.join === undefined;
    const value = repeated
      ? texts.map((text) => decodeText(member.shape.element as Member, text))
      : decodeText(member, texts[0] as string);
    setDefined(values, member.name, value);
  }
  decodeHeaders(plan.input, request.headers, values);
  return values;
}

function decodeUriPart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidInput("Cannot decode the path: it is not percent-encoded UTF-8");
  }
}

function pathPattern(plan: AzurePlan): RegExp {
  const source = plan.path.map((part) => {
    if (typeof part === "string") return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return part.greedy ? "(.*)" : "([^/]+)";
  });
  // Resource Manager takes the fixed parts of its paths in any case.
  return new RegExp(`^${source.join("")}/?$`, "i");
}

interface Route {
  readonly operation: OperationModel;
  readonly pattern: RegExp;
  /** Query and headers that name the operation. */
  readonly query: readonly (readonly [string, string])[];
  readonly headers: readonly (readonly [string, string])[];
  readonly requiredQuery: readonly string[];
  readonly requiredHeaders: readonly string[];
  /** Of two that fit, the one with more fixed parts is meant. */
  readonly weight: number;
}

const tables = new WeakMap<Model, Map<string, Route[]>>();
/** Name operations of the storage services: a request that has them calls no operation that does not. */
const SELECTORS = ["comp", "restype"];

/** The operation that a request calls: by method, path, constants, then by required parameters. */
export function routeByHttp(model: Model, request: ReceivedRequest): OperationModel | undefined {
  let table = tables.get(model);
  if (table === undefined) {
    table = routesOf(model);
    tables.set(model, table);
  }
  const query = new URLSearchParams(request.query);
  const fitting = (table.get(request.method) ?? []).filter(
    (route) =>
      route.query.every(([name, value]) => query.get(name)?.toLowerCase() === value.toLowerCase()) &&
      route.headers.every(([name, value]) => request.headers[name]?.toLowerCase() === value.toLowerCase()) &&
      SELECTORS.every((name) => !query.has(name) || route.query.some(([each]) => each === name)) &&
      route.pattern.test(request.path),
  );
  const complete = fitting.filter(
    (route) =>
      route.requiredQuery.every((name) => query.has(name)) &&
      route.requiredHeaders.every((name) => request.headers[name] !== undefined),
  );
  return (complete.length > 0 ? complete : fitting).reduce<Route | undefined>(
    (best, route) => (best === undefined || route.weight > best.weight ? route : best),
    undefined,
  )?.operation;
}

function routesOf(model: Model): Map<string, Route[]> {
  const table = new Map<string, Route[]>();
  for (const name of model.operationNames) {
    const operation = model.operation(name) as OperationModel;
    const routes = table.get(operation.method) ?? [];
    routes.push(routeOf(operation));
    table.set(operation.method, routes);
  }
  return table;
}

function routeOf(operation: OperationModel): Route {
  const plan = planOf(operation);
  const { input } = plan;
  // Any version of the interface is answered alike.
  const isVersion = (name: string) => name === "api-version";
  const isRequired = ({ wireName, traits }: Member) =>
    traits.required === true && traits.value === undefined && !isVersion(wireName);
  const query = [...new URLSearchParams(plan.query)].filter(([name]) => !isVersion(name));
  const headers = input.headers.flatMap(({ wireName, traits }): [string, string][] =>
    traits.value === undefined ? [] : [[wireName.toLowerCase(), String(traits.value)]],
  );
  const requiredQuery = input.query.filter(isRequired).map(({ wireName }) => wireName);
  const requiredHeaders = input.headers.filter(isRequired).map(({ wireName }) => wireName.toLowerCase());
  const fixed = plan.path.reduce((length, part) => length + (typeof part === "string" ? part.length : 0), 0);
  const named = query.length + headers.length + requiredQuery.length + requiredHeaders.length;
  return {
    operation,
    pattern: pathPattern(plan),
    query,
    headers,
    requiredQuery,
    requiredHeaders,
    weight: named * 1000 + fixed,
  };
}
