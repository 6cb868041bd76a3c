/** What collections of resources have in common: made, read, listed, labelled, changed and deleted, each change an operation. */
import type { Values } from "../../../protocol/protocol.js";
import { type AnyHandler, type Context, EmulatorError } from "../../service.js";
import { REGIONS, ZONES } from "./catalog.js";
import { aggregated, type ListInput, pageOf } from "./listing.js";
import { beginOperation, repeated } from "./operations.js";
import {
  computeStore,
  fingerprint,
  link,
  notFound,
  type Place,
  pathOf,
  type Resource,
  type StoredResource,
} from "./store.js";

export type Scope = "zone" | "region" | "global";

/** What a new resource is made with. */
export interface Making {
  readonly context: Context;
  readonly place: Place;
  readonly path: string;
  readonly name: string;
  /** The request's query. */
  readonly input: Values;
}

export interface Collection {
  /** The group of its operations: `globalAddresses`. */
  readonly group: string;
  /** In paths: `addresses`. */
  readonly segment: string;
  /** The parameter that names one: `address`. */
  readonly parameter: string;
  /** `compute#address`. */
  readonly kind: string;
  readonly scope: Scope;
  /** Operations beside insert, get, list and delete. */
  readonly verbs: readonly ("aggregatedList" | "setLabels" | "patch" | "update" | "policy")[];
  /** Its status until the operation of its insert is over, and then. */
  readonly statuses?: readonly [before: string, after: string];
  /** What it has beside what its body says. Throws for a body that cannot be. */
  create(body: Resource, making: Making): Resource;
  /** What follows from the state of others. */
  describe?(stored: StoredResource, context: Context): Resource;
  /** After it is made, and before it is gone. */
  inserted?(stored: StoredResource, context: Context): void;
  deleted?(stored: StoredResource, context: Context): void;
  /** Paths of what uses it, beside its member `users`. */
  usersOf?(stored: StoredResource, context: Context): readonly string[];
}

const NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Handlers of a collection's operations by their members: `disks.insert`. */
export function handlersOf(collection: Collection): Record<string, AnyHandler> {
  const { group, parameter, verbs } = collection;
  const find = (input: Values, context: Context) =>
    findResource(context, collection, placeOf(collection, input), String(input[parameter]));
  const on = (input: Values) => String(input[parameter] ?? input.resource);
  const at = (input: Values, context: Context) =>
    findResource(context, collection, placeOf(collection, input), on(input));
  const handlers: Record<string, AnyHandler> = {
    insert: (input, context) => insert(context, collection, input),
    get: (input, context) => shown(collection, find(input, context), context),
    list: (input, context) => list(context, collection, input),
    delete: (input, context) => remove(context, collection, input),
  };
  if (verbs.includes("aggregatedList"))
    handlers.aggregatedList = (input, context) => aggregatedList(context, collection, input);
  if (verbs.includes("setLabels"))
    handlers.setLabels = (input, context) =>
      changed(context, "setLabels", input, () => at(input, context), setLabels(input));
  if (verbs.includes("patch"))
    handlers.patch = (input, context) =>
      changed(context, "patch", input, () => find(input, context), merge(input));
  if (verbs.includes("update"))
    handlers.update = (input, context) =>
      changed(context, "update", input, () => find(input, context), merge(input));
  if (verbs.includes("policy")) Object.assign(handlers, policyHandlers(at));
  return Object.fromEntries(Object.entries(handlers).map(([verb, handler]) => [`${group}.${verb}`, handler]));
}

function policyHandlers(
  at: (input: Values, context: Context) => StoredResource,
): Readonly<Record<string, AnyHandler>> {
  const shownPolicy = ({ policy }: StoredResource) => ({
    version: 1,
    ...policy,
    etag: fingerprint(policy ?? {}),
  });
  return {
    getIamPolicy: (input, context) => shownPolicy(at(input, context)),
    setIamPolicy(input, context) {
      const stored = at(input, context);
      const { policy, ...older } = (input.body ?? {}) as { readonly policy?: object };
      const { etag, ...next } = (policy ?? older) as { readonly etag?: string };
      if (etag !== undefined && etag !== shownPolicy(stored).etag)
        throw new EmulatorError("conditionNotMet", "The supplied policy etag does not match.", 412);
      stored.policy = next;
      return shownPolicy(stored);
    },
    testIamPermissions(input, context) {
      at(input, context);
      return { permissions: (input.body as { readonly permissions?: readonly string[] })?.permissions ?? [] };
    },
  };
}

export function placeOf({ scope }: Collection, input: Values): Place {
  const project = String(input.project ?? "");
  if (scope === "global") return { project };
  const name = String(input[scope] ?? "");
  const isThere = scope === "zone" ? ZONES.includes(name) : Object.hasOwn(REGIONS, name);
  if (!isThere) throw notFound(`projects/${project}/${scope}s/${name}`);
  return scope === "zone" ? { project, zone: name } : { project, region: name };
}

export function folderOf({ segment }: Collection, { project, zone, region }: Place): string {
  if (zone !== undefined) return `projects/${project}/zones/${zone}/${segment}`;
  if (region !== undefined) return `projects/${project}/regions/${region}/${segment}`;
  return `projects/${project}/global/${segment}`;
}

export function findResource(
  context: Context,
  collection: Collection,
  place: Place,
  name: string,
): StoredResource {
  const store = context.store(computeStore);
  store.settle();
  const path = `${folderOf(collection, place)}/${name}`;
  const found =
    store.resources.get(path) ??
    inCollection(context, collection).find(
      ({ resource, path: own }) => resource.id === name && own.startsWith(folderOf(collection, place)),
    );
  if (found === undefined) throw notFound(path);
  return found;
}

function inCollection(context: Context, { group }: Collection): StoredResource[] {
  const store = context.store(computeStore);
  store.settle();
  return [...store.resources.values()].filter(({ collection }) => collection === group);
}

/** What a member refers to, by any form of its address. */
export function referred(
  context: Context,
  { field, url, project, what }: { field: string; url: string; project: string; what: string },
): StoredResource {
  const store = context.store(computeStore);
  store.settle();
  const path = pathOf(url, project);
  const found = store.resources.get(path);
  if (found !== undefined) return found;
  throw new EmulatorError(
    "invalid",
    `Invalid value for field 'resource.${field}': '${url}'. The referenced ${what} resource cannot be found.`,
    400,
  );
}

export function checkName(name: unknown): asserts name is string {
  if (typeof name === "string" && NAME.test(name)) return;
  throw new EmulatorError(
    "invalid",
    `Invalid value for field 'resource.name': '${name ?? ""}'. Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'`,
    400,
  );
}

export function alreadyExists(path: string): EmulatorError {
  return new EmulatorError("alreadyExists", `The resource '${path}' already exists`, 409);
}

/** Puts a resource into the store, without an operation of its own. */
export function make(
  context: Context,
  collection: Collection,
  place: Place,
  body: Resource,
  input: Values = {},
): StoredResource {
  const store = context.store(computeStore);
  const { name } = body;
  checkName(name);
  const path = `${folderOf(collection, place)}/${name}`;
  if (store.resources.has(path)) throw alreadyExists(path);
  const { project, zone, region } = place;
  const resource: Resource = {
    ...collection.create(body, { context, place, path, name, input }),
    kind: collection.kind,
    id: store.nextId(),
    creationTimestamp: context.clock.date().toISOString(),
    name,
    selfLink: link(context, path),
    ...(zone !== undefined && { zone: link(context, `projects/${project}/zones/${zone}`) }),
    ...(region !== undefined && { region: link(context, `projects/${project}/regions/${region}`) }),
    ...(collection.verbs.includes("setLabels") && { labelFingerprint: fingerprint(body.labels) }),
  };
  const stored: StoredResource = {
    collection: collection.group,
    place,
    path,
    resource,
    policy: undefined,
  };
  store.resources.set(path, stored);
  collection.inserted?.(stored, context);
  return stored;
}

function insert(context: Context, collection: Collection, input: Values) {
  const again = repeated(context, input.requestId as string | undefined);
  if (again) return again;
  const stored = make(
    context,
    collection,
    placeOf(collection, input),
    { ...(input.body as Resource) },
    input,
  );
  const [before, after] = collection.statuses ?? [];
  if (before !== undefined) stored.resource.status = before;
  return begin(context, stored, "insert", input, () => {
    if (after !== undefined && stored.resource.status === before) stored.resource.status = after;
  });
}

export function begin(
  context: Context,
  { place, resource }: Pick<StoredResource, "place" | "resource">,
  type: string,
  input: Values,
  effect: () => void = () => undefined,
) {
  return beginOperation(context, {
    place,
    type,
    targetLink: resource.selfLink ?? "",
    targetId: resource.id ?? "",
    requestId: input.requestId as string | undefined,
    effect,
  });
}

/** One change, or the operation of the same request before. */
export function changed(
  context: Context,
  type: string,
  input: Values,
  find: () => StoredResource,
  apply: (stored: StoredResource) => void,
) {
  const again = repeated(context, input.requestId as string | undefined);
  if (again) return again;
  const stored = find();
  apply(stored);
  return begin(context, stored, type, input);
}

function setLabels({ body }: Values) {
  const { labels, labelFingerprint } = (body ?? {}) as Resource;
  return ({ resource }: StoredResource) => {
    checkFingerprint(labelFingerprint, resource.labelFingerprint, "labels");
    resource.labels = labels ?? {};
    resource.labelFingerprint = fingerprint(labels);
  };
}

const FIXED = ["kind", "id", "name", "selfLink", "creationTimestamp", "zone", "region", "status"];

/** Members of the body take the place of those that are there. */
function merge({ body }: Values) {
  const next = Object.entries((body ?? {}) as Resource).filter(([member]) => !FIXED.includes(member));
  return ({ resource }: StoredResource) => {
    const given = Object.fromEntries(next);
    if (given.fingerprint !== undefined)
      checkFingerprint(String(given.fingerprint), resource.fingerprint, "resource");
    for (const [member, value] of next) {
      if (value === null) delete resource[member];
      else resource[member] = value;
    }
    if (resource.fingerprint !== undefined)
      resource.fingerprint = fingerprint({ ...resource, fingerprint: "" });
  };
}

/** A caller that read before another wrote would undo what it did not see. */
export function checkFingerprint(given: string | undefined, actual: string | undefined, what: string): void {
  if (given === actual || actual === undefined) return;
  throw new EmulatorError(
    "conditionNotMet",
    `Supplied fingerprint does not match current ${what} fingerprint.`,
    412,
  );
}

function remove(context: Context, collection: Collection, input: Values) {
  const again = repeated(context, input.requestId as string | undefined);
  if (again) return again;
  const { parameter } = collection;
  const stored = findResource(context, collection, placeOf(collection, input), String(input[parameter]));
  const { project } = stored.place;
  const users = [
    ...(stored.resource.users ?? []).map((url) => pathOf(url, project)),
    ...(collection.usersOf?.(stored, context) ?? []),
  ];
  if (users[0] !== undefined) {
    throw new EmulatorError(
      "resourceInUseByAnotherResource",
      `The ${parameter} resource '${stored.path}' is already being used by '${users[0]}'`,
      400,
    );
  }
  if (collection.statuses !== undefined) stored.resource.status = "DELETING";
  return begin(context, stored, "delete", input, () => discard(context, collection, stored));
}

export function discard(context: Context, collection: Collection, stored: StoredResource): void {
  collection.deleted?.(stored, context);
  context.store(computeStore).resources.delete(stored.path);
}

function shown({ describe }: Collection, stored: StoredResource, context: Context): Resource {
  return describe ? describe(stored, context) : stored.resource;
}

function list(context: Context, collection: Collection, input: Values) {
  const folder = folderOf(collection, placeOf(collection, input));
  const all = inCollection(context, collection)
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .map((stored) => shown(collection, stored, context));
  return {
    kind: `${collection.kind}List`,
    id: folder,
    selfLink: link(context, folder),
    ...pageOf(all, input as ListInput),
  };
}

function aggregatedList(context: Context, collection: Collection, input: Values) {
  const project = String(input.project ?? "");
  const all = inCollection(context, collection)
    .filter(({ place }) => place.project === project)
    .map((stored) => shown(collection, stored, context));
  const { segment, scope, kind } = collection;
  const folder = `projects/${project}/aggregated/${segment}`;
  return {
    kind: `${kind}AggregatedList`,
    id: folder,
    selfLink: link(context, folder),
    ...aggregated(segment, scope === "zone" ? "zone" : "region", all, input as ListInput),
  };
}
