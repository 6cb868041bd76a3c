/** Templates: parameters checked, expressions evaluated, resources put in the order that they depend on each other. https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax */
import { EmulatorError } from "../../service.js";
import { type Call, evaluate, invalidTemplate } from "./expressions.js";
import { joinResourceId } from "./resource-id.js";
import type { ResourceBody } from "./store.js";
import { TEMPLATE_FUNCTIONS } from "./template-functions.js";

/** Where a template is deployed. */
export interface Place {
  /** `/subscriptions/s`, or a group in it. */
  readonly scope: string;
  readonly subscription: Readonly<Record<string, unknown>>;
  readonly group: Readonly<Record<string, unknown>> | undefined;
  readonly deployment: Readonly<Record<string, unknown>>;
  /** Properties of a resource that is there; undefined where none is. */
  reference(id: string): unknown;
}

export interface PlannedResource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly apiVersion: string;
  readonly body: ResourceBody;
}

export interface Output {
  readonly type: string;
  readonly value?: unknown;
}

export interface Plan {
  readonly resources: readonly PlannedResource[];
  /** As they are told: none of a secret. */
  readonly parameters: Readonly<Record<string, Output>>;
  readonly outputs: Readonly<Record<string, Output>>;
}

type Values = Readonly<Record<string, unknown>>;

/** @throws `InvalidTemplate`, and 501 for what is not built: loops, nested deployments, some functions. */
export function planTemplate(template: Values, given: Values, place: Place): Plan {
  if (typeof template.$schema !== "string" || template.resources === undefined)
    throw invalidTemplate("The template must have '$schema', 'contentVersion' and 'resources'");
  for (const name of ["functions", "imports", "extensions"])
    if (template[name] !== undefined) throw notBuilt(name);
  const made = new Map<string, unknown>();
  const call = callOf(template, given, {
    ...place,
    reference: (id) => made.get(id.toLowerCase()) ?? place.reference(id),
  });
  const resources = inOrder(declared(template.resources, call, place)).map((each) => {
    const planned = evaluated(each, call);
    made.set(planned.id.toLowerCase(), planned.body.properties ?? {});
    return planned;
  });
  const outputs = Object.entries(objectOf(template.outputs)).flatMap(([name, said]) => {
    const { type, value, condition = true } = objectOf(said);
    if (evaluate(condition, call) !== true) return [];
    return [[name, told(String(type), evaluate(value, call))] as const];
  });
  const parameters = Object.entries(objectOf(template.parameters)).map(
    ([name, said]) => [name, told(String(objectOf(said).type), call("parameters", [name]))] as const,
  );
  return { resources, parameters: Object.fromEntries(parameters), outputs: Object.fromEntries(outputs) };
}

/** A secret's value is not told. */
function told(type: string, value: unknown): Output {
  return /^secure/i.test(type) ? { type } : { type, value };
}

interface Declared {
  readonly symbol: string | undefined;
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly said: Values;
}

function declared(said: unknown, call: Call, { scope, subscription }: Place): Declared[] {
  const named: (readonly [string | undefined, unknown])[] = Array.isArray(said)
    ? said.map((each) => [undefined, each] as const)
    : Object.entries(objectOf(said));
  return named.flatMap(([symbol, each]) => {
    const resource = objectOf(each);
    for (const part of ["copy", "resources", "existing", "scope", "resourceGroup", "subscriptionId"])
      if (resource[part] !== undefined) throw notBuilt(`${part} of a resource`);
    if (evaluate(resource.condition ?? true, call) !== true) return [];
    const type = String(resource.type);
    if (/^microsoft\.resources\/deployments$/i.test(type)) throw notBuilt("deployments in deployments");
    const name = String(evaluate(resource.name, call));
    const isGroup = /^microsoft\.resources\/resourcegroups$/i.test(type);
    const id = isGroup
      ? `/subscriptions/${String(subscription.subscriptionId)}/resourceGroups/${name}`
      : joinResourceId(scope, type, name);
    const dependsOn = evaluate(resource.dependsOn ?? [], call) as readonly string[];
    return [{ symbol, id, type, name, dependsOn, said: resource }];
  });
}

function evaluated({ id, type, name, said }: Declared, call: Call): PlannedResource {
  const { apiVersion, location, tags, properties, kind, managedBy, sku, identity, plan } = said;
  const body = { location, tags, properties, kind, managedBy, sku, identity, plan };
  return { id, type, name, apiVersion: String(apiVersion), body: evaluate(body, call) as ResourceBody };
}

/** Each after those that it depends on. */
function inOrder(all: readonly Declared[]): Declared[] {
  const ordered = new Set<Declared>();
  const open = new Set<Declared>();
  const visit = (each: Declared): void => {
    if (ordered.has(each)) return;
    if (open.has(each)) throw invalidTemplate(`Circular dependency detected on resource: '${each.id}'`);
    open.add(each);
    for (const wanted of each.dependsOn) {
      const text = wanted.toLowerCase();
      const found = all.find(
        ({ id, name, symbol }) =>
          id.toLowerCase() === text || name.toLowerCase() === text || symbol?.toLowerCase() === text,
      );
      if (found === undefined)
        throw invalidTemplate(`The resource '${wanted}' is not defined in the template`);
      visit(found);
    }
    ordered.add(each);
  };
  for (const each of all) visit(each);
  return [...ordered];
}

function callOf(template: Values, given: Values, place: Place): Call {
  const definitions = objectOf(template.parameters);
  const unknown = Object.keys(given).find((name) => definitions[name] === undefined);
  if (unknown !== undefined)
    throw invalidTemplate(
      `The following parameters were supplied, but do not correspond to any parameters defined in the template: '${unknown}'`,
    );
  const variables = objectOf(template.variables);
  if (variables.copy !== undefined) throw notBuilt("copy of variables");
  const call: Call = (name, args) => {
    const text = String(args[0]);
    const at = args.findIndex((arg) => String(arg).includes("/"));
    switch (name) {
      case "parameters":
        return parameterOf(text, definitions, given, call);
      case "variables":
        if (!Object.hasOwn(variables, text))
          throw invalidTemplate(`The template variable '${text}' is not found`);
        return evaluate(variables[text], call);
      case "resourcegroup":
        if (place.group === undefined)
          throw invalidTemplate("The template function 'RESOURCEGROUP' is not expected at this location");
        return place.group;
      case "subscription":
        return place.subscription;
      case "deployment":
        return place.deployment;
      case "resourceid":
        return joinResourceId(
          scopeOf(args.slice(0, at), place),
          String(args[at]),
          args.slice(at + 1).join("/"),
        );
      case "subscriptionresourceid":
        return joinResourceId(
          `/subscriptions/${at === 0 ? String(place.subscription.subscriptionId) : text}`,
          String(args[at]),
          args.slice(at + 1).join("/"),
        );
      case "reference":
        return referenced(text, place);
    }
    const known = Object.hasOwn(TEMPLATE_FUNCTIONS, name) ? TEMPLATE_FUNCTIONS[name] : undefined;
    if (known === undefined) throw notBuilt(`the template function ${name}`);
    return known(args);
  };
  for (const name of Object.keys(definitions)) call("parameters", [name]);
  return call;
}

/** `resourceId([subscriptionId], [resourceGroupName], type, names...)` */
function scopeOf(named: readonly unknown[], { scope, subscription }: Place): string {
  const [, own] = /^(\/subscriptions\/[^/]+)/i.exec(scope) ?? [];
  if (named.length === 0) return scope;
  if (named.length === 1) return `${own}/resourceGroups/${String(named[0])}`;
  return `/subscriptions/${String(named[0] ?? subscription.subscriptionId)}/resourceGroups/${String(named[1])}`;
}

function referenced(id: string, place: Place): unknown {
  const properties = place.reference(id);
  if (properties !== undefined) return properties;
  throw invalidTemplate(
    `The resource '${id}' that is referred to is neither there nor in the template before it`,
  );
}

function parameterOf(name: string, definitions: Values, given: Values, call: Call): unknown {
  if (!Object.hasOwn(definitions, name))
    throw invalidTemplate(`The template parameter '${name}' is not found`);
  const definition = objectOf(definitions[name]);
  const said = given[name] === undefined ? undefined : objectOf(given[name]);
  if (said?.reference !== undefined) throw notBuilt("parameters from a key vault");
  const value = said?.value ?? evaluate(definition.defaultValue, call);
  if (value === undefined || value === null) {
    if (definition.nullable === true) return null;
    throw invalidTemplate(`The value for the template parameter '${name}' is not provided`);
  }
  checkParameter(name, value, definition);
  return value;
}

const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  securestring: (value) => typeof value === "string",
  int: (value) => Number.isInteger(value),
  bool: (value) => typeof value === "boolean",
  array: (value) => Array.isArray(value),
  object: (value) => typeof value === "object" && !Array.isArray(value),
  secureobject: (value) => typeof value === "object" && !Array.isArray(value),
};

function checkParameter(name: string, value: unknown, definition: Values): void {
  const { type, allowedValues, minValue, maxValue, minLength, maxLength } = definition;
  const isKind = KINDS[String(type).toLowerCase()];
  if (isKind === undefined)
    throw invalidTemplate(`The type of the template parameter '${name}' is not valid`);
  const length = typeof value === "string" || Array.isArray(value) ? value.length : 0;
  const isAllowed =
    isKind(value) &&
    (!Array.isArray(allowedValues) || allowedValues.includes(value)) &&
    !(typeof minValue === "number" && Number(value) < minValue) &&
    !(typeof maxValue === "number" && Number(value) > maxValue) &&
    !(typeof minLength === "number" && length < minLength) &&
    !(typeof maxLength === "number" && length > maxLength);
  if (!isAllowed)
    throw invalidTemplate(`The provided value for the template parameter '${name}' is not valid`);
}

function objectOf(value: unknown): Values {
  return typeof value === "object" && value !== null ? (value as Values) : {};
}

function notBuilt(what: string): EmulatorError {
  return new EmulatorError("NotImplemented", `The emulator does not implement ${what} in templates`, 501);
}
