/** Resource groups: created at once, deleted in time. */
import type { Resources } from "../../../gen/azure/resources.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
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
    const { subscription } = open(context, subscriptionId);
    if (!NAME.test(resourceGroupName) || resourceGroupName.endsWith(".")) {
      throw new EmulatorError(
        "InvalidResourceGroupName",
        `The provided resource group name '${resourceGroupName}' is not valid.`,
        400,
      );
    }
    const location = normalized(parameters.location);
    if (location === "")
      throw new EmulatorError(
        "LocationRequired",
        "The location property is required for this definition.",
        400,
      );
    const known = subscription.groups.get(resourceGroupName.toLowerCase());
    if (known?.provisioningState === "Deleting") throw beingDeleted(known);
    if (known !== undefined && known.location !== location) {
      throw new EmulatorError(
        "InvalidResourceGroupLocation",
        `Invalid resource group location '${location}'. The Resource group already exists in location '${known.location}'.`,
        409,
      );
    }
    const group: ResourceGroup = known ?? {
      name: resourceGroupName,
      location,
      managedBy: undefined,
      tags: undefined,
      provisioningState: "Succeeded",
    };
    group.tags = parameters.tags;
    group.managedBy = parameters.managedBy;
    subscription.groups.set(resourceGroupName.toLowerCase(), group);
    context.responseStatus = known === undefined ? 201 : 200;
    return shown(subscription, group);
  },

  "resourceGroups.get": ({ subscriptionId, resourceGroupName }, context) => {
    const { subscription } = open(context, subscriptionId);
    return shown(subscription, find(subscription, resourceGroupName));
  },

  "resourceGroups.checkExistence": ({ subscriptionId, resourceGroupName }, context) => {
    const { subscription } = open(context, subscriptionId);
    context.responseStatus = subscription.groups.has(resourceGroupName.toLowerCase()) ? 204 : 404;
    return {};
  },

  "resourceGroups.update": ({ subscriptionId, resourceGroupName, parameters }, context) => {
    const { subscription } = open(context, subscriptionId);
    const group = find(subscription, resourceGroupName);
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
    const group = find(subscription, resourceGroupName);
    const id = `GROUP-${crypto.randomUUID()}`;
    if (group.provisioningState !== "Deleting") {
      group.provisioningState = "Deleting";
      store.operations.set(id, {
        id,
        endsAt: context.clock.now() + DELETION_MS,
        finished: false,
        finish: () => subscription.groups.delete(group.name.toLowerCase()),
      });
    }
    const version = new URLSearchParams(context.request.query).get("api-version") ?? "";
    context.responseStatus = 202;
    context.responseHeaders.location = `${originOf(context.request)}/subscriptions/${subscription.id}/operationresults/${id}?api-version=${version}`;
    context.responseHeaders["retry-after"] = "1";
    return {};
  },
};

export function open(
  context: Context,
  subscriptionId = "",
): { store: ManagerStore; subscription: Subscription } {
  const store = context.store(managerStore);
  settle(store, context.clock.now());
  return { store, subscription: subscriptionOf(store, subscriptionId) };
}

function find({ groups }: Subscription, name: string): ResourceGroup {
  const group = groups.get(name.toLowerCase());
  if (group !== undefined) return group;
  throw new EmulatorError("ResourceGroupNotFound", `Resource group '${name}' could not be found.`, 404);
}

function beingDeleted({ name }: ResourceGroup): EmulatorError {
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
