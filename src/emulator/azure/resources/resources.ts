/**
 * Resources of any provider: kept as they are said, by id. Nothing runs behind them; what a provider does beyond reading and
 * writing a resource answers 501.
 */
import type { Resources } from "../../../gen/azure/resources.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { beingDeleted, findGroup, open } from "./groups.js";
import { checkLocks } from "./locks.js";
import { type ResourceId, resourceIdOf } from "./resource-id.js";
import { applyToStorage } from "./storage-settings.js";
import { type ManagerStore, originOf, type Resource, type ResourceBody } from "./store.js";

const MOVE_MS = 1_000;

export const resourceHandlers: Handlers<Resources> = {
  "resources.createOrUpdateById": ({ parameters }, context) => put(context, parameters),
  "resources.createOrUpdate": ({ parameters }, context) => put(context, parameters),
  "resources.updateById": ({ parameters }, context) => patch(context, parameters),
  "resources.update": ({ parameters }, context) => patch(context, parameters),
  "resources.getById": (_input, context) => shown(find(context)),
  "resources.get": (_input, context) => shown(find(context)),
  "resources.deleteById": (_input, context) => remove(context),
  "resources.delete": (_input, context) => remove(context),
  "resources.checkExistenceById": (_input, context) => exists(context),
  "resources.checkExistence": (_input, context) => exists(context),

  "resources.list": ({ subscriptionId, $filter, $top }, context) => {
    const { store, subscription } = open(context, subscriptionId);
    return listed(store, `/subscriptions/${subscription.id}/`, $filter, $top, context);
  },
  "resources.listByResourceGroup": ({ subscriptionId, resourceGroupName, $filter, $top }, context) => {
    const { store, subscription } = open(context, subscriptionId);
    const { name } = findGroup(subscription, resourceGroupName);
    const scope = `/subscriptions/${subscription.id}/resourceGroups/${name}/`;
    return listed(store, scope, $filter, $top, context);
  },

  "resources.validateMoveResources": (input, context) => {
    moved(input, context);
    context.responseStatus = 204;
    return {};
  },
  "resources.moveResources": (input, context) => {
    const { store, subscription } = open(context, input.subscriptionId);
    const moves = moved(input, context);
    const id = `MOVE-${crypto.randomUUID()}`;
    const finish = () => {
      for (const { from, to } of moves) {
        store.resources.delete(from.at.key);
        store.resources.set(to.key, { ...from, at: to });
      }
    };
    store.operations.set(id, { id, endsAt: context.clock.now() + MOVE_MS, finished: false, finish });
    const version = new URLSearchParams(context.request.query).get("api-version") ?? "";
    context.responseStatus = 202;
    context.responseHeaders.location = `${originOf(context.request)}/subscriptions/${subscription.id}/operationresults/${id}?api-version=${version}`;
    context.responseHeaders["retry-after"] = "1";
    return {};
  },
};

/** Makes or replaces a resource. Returns whether it is new. */
export function putResource(context: Context, at: ResourceId, body: ResourceBody): boolean {
  const { store } = open(context, at.subscriptionId);
  checkPlace(store, at, context);
  const known = store.resources.get(at.key);
  const { location, tags, properties, kind, managedBy, sku, identity, plan } = body;
  const said = { location, tags, properties, kind, managedBy, sku, identity, plan };
  const createdOn = known?.createdOn ?? context.clock.date();
  const resource: Resource = { at: known?.at ?? at, body: said, createdOn, changedOn: context.clock.date() };
  checkLocks(store, resource.at.key, "write");
  store.resources.set(at.key, resource);
  applyToStorage(context, resource);
  return known === undefined;
}

export function removeResource(store: ManagerStore, at: ResourceId): boolean {
  checkLocks(store, at.key, "delete");
  for (const key of [...store.resources.keys()])
    if (key.startsWith(`${at.key}/`)) store.resources.delete(key);
  return store.resources.delete(at.key);
}

/** As an answer says it. */
export function shown({ at, body }: Resource) {
  const { id, name, type } = at;
  const properties = { ...body.properties, provisioningState: "Succeeded" };
  return { id, name: name.split("/").at(-1), type, ...body, properties };
}

function put(context: Context, body: ResourceBody) {
  const at = addressed(context);
  context.responseStatus = putResource(context, at, body) ? 201 : 200;
  return shown(find(context));
}

function patch(context: Context, change: ResourceBody) {
  const { at, body } = find(context);
  const said = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const properties = { ...body.properties, ...change.properties };
  putResource(context, at, { ...body, ...said, properties });
  return shown(find(context));
}

function remove(context: Context) {
  const at = addressed(context);
  const { store } = open(context, at.subscriptionId);
  context.responseStatus = removeResource(store, at) ? 200 : 204;
  return {};
}

function exists(context: Context) {
  const at = addressed(context);
  context.responseStatus = open(context, at.subscriptionId).store.resources.has(at.key) ? 204 : 404;
  return {};
}

function addressed({ request, operation }: Context): ResourceId {
  const at = resourceIdOf(request.path);
  if (at?.subscriptionId !== undefined) return at;
  throw new EmulatorError(
    "NotImplemented",
    `The emulator does not implement resources ${operation?.name} of ${request.path}`,
    501,
  );
}

function find(context: Context): Resource {
  const at = addressed(context);
  const { store, subscription } = open(context, at.subscriptionId);
  if (at.groupName !== undefined) findGroup(subscription, at.groupName);
  const resource = store.resources.get(at.key);
  if (resource === undefined) throw notFound(at);
  return resource;
}

function notFound({ type, name, groupName }: ResourceId): EmulatorError {
  const place = groupName === undefined ? "" : ` under resource group '${groupName}'`;
  return new EmulatorError("ResourceNotFound", `The Resource '${type}/${name}'${place} was not found.`, 404);
}

/** Its group, and the resource that it is a child of, must be there. */
function checkPlace(store: ManagerStore, at: ResourceId, context: Context): void {
  const { subscription } = open(context, at.subscriptionId);
  if (at.groupName !== undefined) {
    const group = findGroup(subscription, at.groupName);
    if (group.provisioningState === "Deleting") throw beingDeleted(group);
  }
  if (at.parentKey === undefined || store.resources.has(at.parentKey)) return;
  throw new EmulatorError(
    "ParentResourceNotFound",
    `Can not perform requested operation on nested resource. Parent resource '${at.parentKey.split("/").at(-1)}' not found.`,
    404,
  );
}

function listed(
  store: ManagerStore,
  scope: string,
  filter: string | undefined,
  top: number | undefined,
  context: Context,
) {
  const test = filterOf(filter);
  const all = [...store.resources.values()]
    .filter(({ at }) => at.key.startsWith(scope.toLowerCase()) && at.parentKey === undefined)
    .filter(test)
    .sort((a, b) => (a.at.key < b.at.key ? -1 : 1))
    .map((resource) => ({
      ...shown(resource),
      // Listings leave out what only the provider tells.
      properties: undefined,
      createdTime: resource.createdOn,
      changedTime: resource.changedOn,
      provisioningState: "Succeeded",
    }));
  const query = new URLSearchParams(context.request.query);
  const start = Number(query.get("$skiptoken") ?? 0);
  const size = top ?? all.length;
  const value = all.slice(start, start + size);
  if (start + size >= all.length) return { value };
  query.set("$skiptoken", String(start + size));
  return { value, nextLink: `${originOf(context.request)}${context.request.path}?${query}` };
}

/** `resourceType eq 'a' and name eq 'b'`, `tagName eq 'a' and tagValue eq 'b'`, `location eq 'x'`. */
function filterOf(filter: string | undefined): (resource: Resource) => boolean {
  if (filter === undefined || filter === "") return () => true;
  const terms = filter.split(/\s+and\s+/i).map((text) => {
    const [, name, value] =
      /^(resourceType|name|location|resourceGroup|tagName|tagValue) eq '([^']*)'$/i.exec(text.trim()) ?? [];
    if (name === undefined || value === undefined)
      throw new EmulatorError(
        "InvalidFilterInQueryString",
        `Invalid $filter '${filter}' specified in the query string.`,
        400,
      );
    return [name.toLowerCase(), value.toLowerCase()] as const;
  });
  return ({ at, body }) =>
    terms.every(([name, value]) => {
      const tags = Object.entries(body.tags ?? {});
      if (name === "tagname") return tags.some(([tag]) => tag.toLowerCase() === value);
      if (name === "tagvalue") return tags.some(([, each]) => each.toLowerCase() === value);
      const members: Readonly<Record<string, string | undefined>> = {
        resourcetype: at.type,
        name: at.name,
        location: body.location,
        resourcegroup: at.groupName,
      };
      return members[name]?.toLowerCase() === value;
    });
}

interface MoveInput {
  readonly subscriptionId?: string | undefined;
  readonly sourceResourceGroupName: string;
  readonly parameters: {
    readonly resources?: readonly string[] | undefined;
    readonly targetResourceGroup?: string | undefined;
  };
}

/** Where each resource goes, with its children. */
function moved(
  { subscriptionId, sourceResourceGroupName, parameters }: MoveInput,
  context: Context,
): { from: Resource; to: ResourceId }[] {
  const { store, subscription } = open(context, subscriptionId);
  const source = findGroup(subscription, sourceResourceGroupName);
  const target = (parameters.targetResourceGroup ?? "").replace(/\/+$/, "");
  const [, targetSubscription, targetName] =
    /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)$/i.exec(target) ?? [];
  if (targetSubscription === undefined || targetName === undefined)
    throw new EmulatorError("InvalidTargetResourceGroup", `'${target}' is not a resource group.`, 400);
  findGroup(open(context, targetSubscription).subscription, targetName);
  const scope = `/subscriptions/${subscription.id}/resourceGroups/${source.name}`;
  return (parameters.resources ?? []).flatMap((id) => {
    const at = resourceIdOf(id);
    if (at === undefined || at.scope.toLowerCase() !== scope.toLowerCase() || !store.resources.has(at.key))
      throw new EmulatorError("ResourceNotFound", `The Resource '${id}' was not found.`, 404);
    checkLocks(store, at.key, "delete");
    return [...store.resources.values()]
      .filter(({ at: { key } }) => key === at.key || key.startsWith(`${at.key}/`))
      .map((from) => ({ from, to: resourceIdOf(target + from.at.id.slice(scope.length)) as ResourceId }));
  });
}
