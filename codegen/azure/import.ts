/** A loaded Azure package to operations of the IR. */
import type { MemberTraits, OperationTraits, PageTraits, ShapeTraits } from "../../src/model/ir.js";
import type { Mapper, OperationSpec, Parameter } from "./autorest.js";
import type { LoadedPackage, RecordedOperation } from "./load.js";
import { capital, flags, type Shapes } from "./shapes.js";

export interface OperationPatch {
  /** Wire name in the IR; null leaves the operation out. */
  readonly name?: string | null;
  /** Set over what the package says. */
  readonly traits?: Partial<OperationTraits>;
  /** Member names of the input that are required, or not, against what the package says. */
  readonly required?: Readonly<Record<string, boolean>>;
}

export interface ImportRules {
  readonly xml: boolean;
  /** `group.name` to what is done to it. */
  readonly operations: Readonly<Record<string, OperationPatch>>;
  /** Groups renamed: `tagsOperations` is `tags`. */
  readonly groups: Readonly<Record<string, string>>;
  /** Placeholders of paths that the package leaves to its hand-written part: `{blob}` is `blobName`, slashes kept. */
  readonly placeholders: Readonly<Record<string, string>>;
}

/** Parts of a path that a resource of the first level does not have. */
const MAY_BE_EMPTY = new Set(["parentResourcePath"]);

/** Parameters that the backend sets on every request. */
const NOT_MEMBERS = new Set(["$host", "url", "Accept", "x-ms-client-request-id", "x-ms-version"]);

export function importOperations(
  loaded: LoadedPackage,
  shapes: Shapes,
  rules: ImportRules,
): Record<string, OperationTraits> {
  const operations: Record<string, OperationTraits> = {};
  for (const recorded of loaded.operations) {
    const key = recorded.group === "" ? recorded.name : `${recorded.group}.${recorded.name}`;
    const patch = rules.operations[key];
    if (patch?.name === null) continue;
    const group = rules.groups[recorded.group] ?? recorded.group;
    const name = patch?.name ?? (group === "" ? recorded.name : `${group}.${recorded.name}`);
    if (operations[name] !== undefined) throw new Error(`Cannot import ${key}: ${name} exists`);
    operations[name] = { ...importOperation(name, recorded, loaded, shapes, rules, patch), ...patch?.traits };
  }
  return operations;
}

function importOperation(
  name: string,
  recorded: RecordedOperation,
  loaded: LoadedPackage,
  shapes: Shapes,
  rules: ImportRules,
  patch: OperationPatch | undefined,
): OperationTraits {
  const { spec, next, longRunning } = recorded;
  const shapeName = name.split(".").map(capital).join("");
  const { path, members, payload } = importInput(shapeName, spec, loaded, shapes, rules);
  for (const [member, required] of Object.entries(patch?.required ?? {})) {
    const traits = members[member];
    if (traits === undefined) throw new Error(`Cannot patch ${name}: no member ${member}`);
    const { required: _, ...rest } = traits;
    members[member] = required ? { ...rest, required: true } : rest;
  }
  const input =
    Object.keys(members).length === 0
      ? undefined
      : shapes.define(`${shapeName}Input`, { type: "structure", ...(payload && { payload }), members });
  const output = importOutput(shapeName, spec, shapes, rules.xml);
  const page = next === undefined ? undefined : importPage(name, spec, next, rules.xml);
  return {
    ...(spec.httpMethod !== "POST" && { method: spec.httpMethod }),
    path,
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...statusOf(spec),
    ...(page && { page }),
    ...(longRunning && { lro: { style: "azure-arm" as const, ...longRunning } }),
  };
}

/** The status of success where it is not 200: the lowest of those that the package names. */
function statusOf(spec: OperationSpec): { status?: number } {
  const [lowest] = Object.keys(spec.responses)
    .map(Number)
    .filter((status) => status >= 200 && status < 300)
    .sort((a, b) => a - b);
  return lowest === undefined || lowest === 200 ? {} : { status: lowest };
}

interface ImportedInput {
  readonly path: string;
  readonly members: Record<string, MemberTraits>;
  readonly payload: string | undefined;
}

function importInput(
  owner: string,
  spec: OperationSpec,
  loaded: LoadedPackage,
  shapes: Shapes,
  rules: ImportRules,
): ImportedInput {
  const members: Record<string, MemberTraits> = {};
  const constants: string[] = [];
  let path = spec.path;
  const add = (name: string, traits: MemberTraits): void => {
    if (members[name] !== undefined) throw new Error(`Cannot import ${owner}: two members ${name}`);
    members[name] = traits;
  };
  for (const [, wire] of spec.path.matchAll(/\{(\w+)\}/g)) {
    const parameter = spec.urlParameters?.find(({ mapper }) => mapper.serializedName === wire);
    const renamed = rules.placeholders[wire as string] ?? (wire as string);
    const member = renamed.replace("+", "");
    const greedy = renamed.endsWith("+") || parameter?.skipEncoding === true;
    path = path.replace(`{${wire}}`, greedy ? `{${member}+}` : `{${member}}`);
    const shape = parameter
      ? shapes.nameOf(parameter.mapper, `${owner}${capital(member)}`)
      : shapes.nameOf({ type: { name: "String" } }, "");
    add(member, {
      shape,
      at: "path",
      ...(!MAY_BE_EMPTY.has(member) && { required: true as const }),
      ...(member === "subscriptionId" && { session: "subscriptionId" }),
    });
  }
  for (const parameter of spec.queryParameters ?? []) {
    const constant = constantOf(parameter, loaded);
    if (constant !== undefined) constants.push(`${parameter.mapper.serializedName}=${constant}`);
    else {
      const wire = parameter.mapper.serializedName as string;
      const name = rules.xml || wire === "api-version" ? clientName(parameter) : wire;
      add(name, {
        ...located(name, parameter, "query", owner, shapes),
        ...(parameter.collectionFormat === "CSV" && { join: "," }),
      });
    }
  }
  for (const parameter of spec.headerParameters ?? []) {
    const wire = parameter.mapper.serializedName as string;
    if (NOT_MEMBERS.has(wire)) continue;
    const name = clientName(parameter);
    if (wire === "Content-Type" && constantOf(parameter, loaded) !== undefined) continue;
    // The XML protocol measures bodies itself.
    if (wire === "Content-Length") continue;
    add(name, located(name, parameter, "header", owner, shapes));
  }
  const payload = spec.requestBody && clientName(spec.requestBody);
  if (spec.requestBody && payload !== undefined) {
    const { mapper } = spec.requestBody;
    const isList = mapper.type.name === "Sequence";
    const wire = rules.xml ? mapper.xmlName : undefined;
    add(payload, {
      shape: shapes.nameOf(mapper, `${owner}${capital(payload)}`),
      ...flags(mapper),
      // Optional parameters are those that the package takes in `options`.
      ...(typeof spec.requestBody.parameterPath === "string" && { required: true as const }),
      ...(wire !== undefined &&
        (isList || mapper.type.name === "Composite") &&
        wire !== payload && { name: wire }),
    });
  }
  if (constants.length > 0) path += `?${constants.join("&")}`;
  return { path, members, payload };
}

function located(
  name: string,
  { mapper }: Parameter,
  at: "query" | "header",
  owner: string,
  shapes: Shapes,
): MemberTraits {
  const prefix = mapper.headerCollectionPrefix;
  const wire = prefix ?? (mapper.serializedName as string);
  return {
    shape: shapes.nameOf(mapper, `${owner}${capital(name)}`),
    ...(wire !== name && { name: wire }),
    at: prefix === undefined ? at : "headers",
    ...flags(mapper),
    ...(prefix === undefined && mapper.type.name === "Sequence" && { join: "," }),
  };
}

/** The value of a parameter that never changes, or that the client sets. */
function constantOf({ parameterPath, mapper }: Parameter, loaded: LoadedPackage): string | undefined {
  if (mapper.isConstant) return String(mapper.defaultValue);
  // Resources of any provider are called by the version of their own: the caller's matter.
  if (mapper.required) return undefined;
  const own = typeof parameterPath === "string" ? loaded.constants[parameterPath] : undefined;
  return parameterPath === "apiVersion" || parameterPath === "version"
    ? (own as string | undefined)
    : undefined;
}

function clientName({ parameterPath, mapper }: Parameter): string {
  if (typeof parameterPath === "string") return parameterPath;
  if (Array.isArray(parameterPath)) return parameterPath[parameterPath.length - 1] as string;
  return mapper.serializedName ?? "body";
}

function importOutput(owner: string, spec: OperationSpec, shapes: Shapes, xml: boolean): string | undefined {
  const successes = Object.entries(spec.responses)
    .filter(([status]) => status.startsWith("2"))
    .map(([, response]) => response);
  const body = successes.find(({ bodyMapper }) => bodyMapper)?.bodyMapper;
  const headers = successes.find(({ headersMapper }) => headersMapper)?.headersMapper;
  // Headers of an ARM answer steer the polling of a long-running operation: `.untilDone()` reads them itself.
  const headerMembers = headers && xml ? importHeaders(owner, headers, shapes) : {};
  if (body === undefined) {
    if (Object.keys(headerMembers).length === 0) return undefined;
    return shapes.define(`${owner}Output`, { type: "structure", members: headerMembers });
  }
  const shape = shapes.nameOf(body, `${owner}Output`);
  const traits = shapes.table[shape] as ShapeTraits;
  if (traits.type !== "structure") {
    const member = traits.type === "list" && !xml ? "value" : "body";
    const wire = xml ? body.xmlName : undefined;
    return shapes.define(`${owner}Output`, {
      type: "structure",
      payload: member,
      members: { ...headerMembers, [member]: { shape, required: true, ...(wire && { name: wire }) } },
    });
  }
  if (Object.keys(headerMembers).length === 0) return shape;
  return shapes.define(`${owner}Output`, {
    ...traits,
    ...(xml && { xmlName: body.xmlName ?? traits.xmlName ?? shape }),
    members: { ...headerMembers, ...traits.members },
  });
}

function importHeaders(owner: string, mapper: Mapper, shapes: Shapes): Record<string, MemberTraits> {
  const properties =
    mapper.type.modelProperties ??
    shapes.mapperOf(mapper.type.className as string)?.type.modelProperties ??
    {};
  const members: Record<string, MemberTraits> = {};
  for (const [name, each] of Object.entries(properties)) {
    if (name === "errorCode") continue;
    members[name] = located(name, { parameterPath: name, mapper: each }, "header", owner, shapes);
  }
  return members;
}

function importPage(name: string, spec: OperationSpec, next: OperationSpec | null, xml: boolean): PageTraits {
  const body = Object.entries(spec.responses).find(
    ([status, { bodyMapper }]) => status.startsWith("2") && bodyMapper,
  )?.[1];
  const type = body?.bodyMapper?.type;
  if (type?.name === "Sequence") return { inputToken: [], outputToken: [], items: ["value"] };
  const properties = Object.values(type?.modelProperties ?? {});
  const items = properties.find((each) => each.type.name === "Sequence")?.serializedName;
  if (items === undefined || xml) throw new Error(`Cannot page ${name}: no list in the answer`);
  if (next === null) return { inputToken: [], outputToken: [], items: [items] };
  const link = properties.find((each) => /nextlink$/i.test(each.serializedName ?? ""))?.serializedName;
  if (link === undefined) throw new Error(`Cannot page ${name}: no nextLink in the answer`);
  return { inputToken: [], outputToken: link, items: [items], link: true };
}
