/** Resource groups: created at once, deleted in time. */
import type { Resources } from "../../../gen/azure/resources.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { checkLocks } from "./locks.js";
import {
  type ManagerStore,
  managerStore,
  originOf,
  type ResourceGroup,
  type Subscription,
  settle,
  subscriptionOf,
} from "./store.js";

/** How long a group takes to go, by the emulator's clock. */
const DELETION_MS = 2_000;
const PAGE_SIZE_MAX = 1_000;
const NAME = /^[-\w._()]{1,90}$/;

export const resourceGroupHandlers: Handlers<Resources> = {
  "resourceGroups.createOrUpdate": ({ subscriptionId, resourceGroupName, parameters }, context) => {
    const { group, isNew } = putGroup(context, subscriptionId, resourceGroupName, parameters);
    context.responseStatus = isNew ? 201 : 200;
    return shown(open(context, subscriptionId).subscription, group);
  },

  "resourceGroups.get": ({ subscriptionId, resourceGroupName }, context) => {
    const { subscription } = open(context, subscriptionId);
    return shown(subscription, findGroup(subscription, resourceGroupName));
  },

  "resourceGroups.checkExistence": ({ subscriptionId, resourceGroupName }, context) => {
    const { subscription } = open(context, subscriptionId);
    context.responseStatus = subscription.groups.has(resourceGroupName.toLowerCase()) ? 204 : 404;
    return {};
  },

  "resourceGroups.update": ({ subscriptionId, resourceGroupName, parameters }, context) => {
    const { subscription } = open(context, subscriptionId);
    const group = findGroup(subscription, resourceGroupName);
    if (parameters.tags !== undefined) group.tags = parameters.tags;
    if (parameters.managedBy !== undefined) group.managedBy = parameters.managedBy;
    return shown(subscription, group);
  },

  "resourceGroups.list": ({ subscriptionId, $filter, $top }, context) => {
    const { subscription } = open(context, subscriptionId);
    const groups = [...subscription.groups.values()]
      .filter(tagFilter($filter))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const query = new URLSearchParams(context.request.query);
    const start = Number(query.get("$skiptoken") ?? 0);
    const size = Math.min($top ?? PAGE_SIZE_MAX, PAGE_SIZE_MAX);
    const value = groups.slice(start, start + size).map((group) => shown(subscription, group));
    if (start + size >= groups.length) return { value };
    query.set("$skiptoken", String(start + size));
    return { value, nextLink: `${originOf(context.request)}${context.request.path}?${query}` };
  },

  "resourceGroups.delete": ({ subscriptionId, resourceGroupName }, context) => {
    const { store, subscription } = open(context, subscriptionId);
    const group = findGroup(subscription, resourceGroupName);
    const scope = `/subscriptions/${subscription.id}/resourceGroups/${group.name}`;
    checkLocks(store, scope, "delete");
    const id = `GROUP-${crypto.randomUUID()}`;
    if (group.provisioningState !== "Deleting") {
      group.provisioningState = "Deleting";
      store.operations.set(id, {
        id,
        endsAt: context.clock.now() + DELETION_MS,
        finished: false,
        finish: () => {
          subscription.groups.delete(group.name.toLowerCase());
          for (const key of [...store.resources.keys()])
            if (key.startsWith(`${scope.toLowerCase()}/`)) store.resources.delete(key);
          for (const key of [...store.deployments.keys()])
            if (key.startsWith(`${scope.toLowerCase()}/`)) store.deployments.delete(key);
        },
      });
    }
    const version = new URLSearchParams(context.request.query).get("api-version") ?? "";
    context.responseStatus = 202;
    context.responseHeaders.location = `${originOf(context.request)}/subscriptions/${subscription.id}/operationresults/${id}?api-version=${version}`;
    context.responseHeaders["retry-after"] = "1";
    return {};
  },
};

interface GroupBody {
  readonly location?: string | undefined;
  readonly managedBy?: string | undefined;
  readonly tags?: Record<string, string> | undefined;
}

/** Makes a resource group, or changes it. */
export function putGroup(
  context: Context,
  subscriptionId: string | undefined,
  name: string,
  body: GroupBody,
): { group: ResourceGroup; isNew: boolean } {
  const { subscription } = open(context, subscriptionId);
  if (!NAME.test(name) || name.endsWith("."))
    throw new EmulatorError(
      "InvalidResourceGroupName",
      `The provided resource group name '${name}' is not valid.`,
      400,
    );
  const location = normalized(body.location);
  if (location === "")
    throw new EmulatorError(
      "LocationRequired",
      "The location property is required for this definition.",
      400,
    );
  const known = subscription.groups.get(name.toLowerCase());
  if (known?.provisioningState === "Deleting") throw beingDeleted(known);
  if (known !== undefined && known.location !== location)
    throw new EmulatorError(
      "InvalidResourceGroupLocation",
      `Invalid resource group location '${location}'. The Resource group already exists in location '${known.location}'.`,
      409,
    );
  const group: ResourceGroup = known ?? {
    name,
    location,
    managedBy: undefined,
    tags: undefined,
    provisioningState: "Succeeded",
  };
  group.tags = body.tags;
  group.managedBy = body.managedBy;
  subscription.groups.set(name.toLowerCase(), group);
  return { group, isNew: known === undefined };
}

export function open(
  context: Context,
  subscriptionId = "",
): { store: ManagerStore; subscription: Subscription } {
  const store = context.store(managerStore);
  settle(store, context.clock.now());
  return { store, subscription: subscriptionOf(store, subscriptionId) };
}

export function findGroup({ groups }: Subscription, name: string): ResourceGroup {
  const group = groups.get(name.toLowerCase());
  if (group !== undefined) return group;
  throw new EmulatorError("ResourceGroupNotFound", `Resource group '${name}' could not be found.`, 404);
}

export function beingDeleted({ name }: ResourceGroup): EmulatorError {
  return new EmulatorError(
    "ResourceGroupBeingDeleted",
    `The resource group '${name}' is in deprovisioning state and cannot perform this operation.`,
    409,
  );
}

function shown(
  subscription: Subscription,
  { name, location, managedBy, tags, provisioningState }: ResourceGroup,
) {
  return {
    id: `/subscriptions/${subscription.id}/resourceGroups/${name}`,
    name,
    type: "Microsoft.Resources/resourceGroups",
    location,
    managedBy,
    tags,
    properties: { provisioningState },
  };
}

/** `West Europe` is `westeurope`. */
function normalized(location: string | undefined): string {
  return (location ?? "").replaceAll(" ", "").toLowerCase();
}

/** `tagName eq 'a' and tagValue eq 'b'` */
function tagFilter(filter: string | undefined): (group: ResourceGroup) => boolean {
  if (filter === undefined || filter === "") return () => true;
  const parsed = /^tagName eq '([^']*)'(?: and tagValue eq '([^']*)')?$/i.exec(filter.trim());
  if (parsed === null) {
    throw new EmulatorError(
      "InvalidFilterInQueryString",
      `Invalid $filter '${filter}' specified in the query string.`,
      400,
    );
  }
  const [, name = "", value] = parsed;
  return ({ tags }) => tags?.[name] !== undefined && (value === undefined || tags[name] === value);
}
