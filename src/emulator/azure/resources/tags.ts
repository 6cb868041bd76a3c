/** Tags of any scope, and the names and values that a subscription sets aside for tags. */
import type { Resources } from "../../../gen/azure/resources.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { open } from "./groups.js";
import { managerStore, type ResourceGroup, type Subscription } from "./store.js";

type TagMap = Record<string, string>;

export const tagHandlers: Handlers<Resources> = {
  "tags.getAtScope": ({ scope }, context) => tagsShown(scope, tagsOf(context, scope)),
  "tags.createOrUpdateAtScope": ({ scope, parameters }, context) =>
    setTags(context, scope, { ...parameters.properties?.tags }),
  "tags.updateAtScope": ({ scope, parameters }, context) => {
    const given = parameters.properties?.tags ?? {};
    return setTags(context, scope, changed(parameters.operation ?? "Merge", tagsOf(context, scope), given));
  },
  "tags.deleteAtScope": ({ scope }, context) => {
    setTags(context, scope, {});
    return {};
  },

  "tags.list": ({ subscriptionId }, context) => {
    const { subscription } = open(context, subscriptionId);
    return { value: [...subscription.tagNames.keys()].sort().map((name) => nameShown(subscription, name)) };
  },
  "tags.createOrUpdate": ({ subscriptionId, tagName }, context) => {
    const { subscription } = open(context, subscriptionId);
    const { tagNames } = subscription;
    context.responseStatus = tagNames.has(tagName) ? 200 : 201;
    if (!tagNames.has(tagName)) tagNames.set(tagName, new Set());
    return nameShown(subscription, tagName);
  },
  "tags.createOrUpdateValue": ({ subscriptionId, tagName, tagValue }, context) => {
    const { subscription } = open(context, subscriptionId);
    const values = subscription.tagNames.get(tagName);
    if (values === undefined)
      throw new EmulatorError("TagNotFound", `The tag '${tagName}' was not found.`, 404);
    context.responseStatus = values.has(tagValue) ? 200 : 201;
    values.add(tagValue);
    return valueShown(subscription, tagName, tagValue);
  },
  "tags.delete": ({ subscriptionId, tagName }, context) => {
    const { tagNames } = open(context, subscriptionId).subscription;
    const values = tagNames.get(tagName);
    if (values !== undefined && values.size > 0)
      throw new EmulatorError("TagHasValues", `The tag '${tagName}' still has values.`, 409);
    context.responseStatus = tagNames.delete(tagName) ? 200 : 204;
    return {};
  },
  "tags.deleteValue": ({ subscriptionId, tagName, tagValue }, context) => {
    const { tagNames } = open(context, subscriptionId).subscription;
    context.responseStatus = tagNames.get(tagName)?.delete(tagValue) ? 200 : 204;
    return {};
  },
};

/** Tags of resources and of resource groups are their own member. */
function taggedAt(context: Context, scope: string): { tags?: TagMap | undefined } | undefined {
  const resource = context.store(managerStore).resources.get(`/${key(scope)}`);
  if (resource === undefined) return groupAt(context, scope);
  return {
    get tags() {
      return resource.body.tags;
    },
    set tags(tags) {
      resource.body = { ...resource.body, tags };
    },
  };
}

function groupAt(context: Context, scope: string): ResourceGroup | undefined {
  const [, id, name] = /^\/*subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/*$/i.exec(scope) ?? [];
  if (id === undefined || name === undefined) return undefined;
  const group = open(context, id).subscription.groups.get(name.toLowerCase());
  if (group !== undefined) return group;
  throw new EmulatorError("ResourceGroupNotFound", `Resource group '${name}' could not be found.`, 404);
}

function tagsOf(context: Context, scope: string): TagMap {
  return taggedAt(context, scope)?.tags ?? context.store(managerStore).scopeTags.get(key(scope)) ?? {};
}

/** Replaces the tags of a scope. */
export function setTags(context: Context, scope: string, tags: TagMap) {
  const tagged = taggedAt(context, scope);
  if (tagged === undefined) context.store(managerStore).scopeTags.set(key(scope), tags);
  else tagged.tags = tags;
  return tagsShown(scope, tags);
}

function key(scope: string): string {
  return scope.toLowerCase().replace(/^\/+|\/+$/g, "");
}

function changed(operation: string, known: TagMap, given: TagMap): TagMap {
  switch (operation) {
    case "Merge":
      return { ...known, ...given };
    case "Replace":
      return { ...given };
    case "Delete":
      return Object.fromEntries(Object.entries(known).filter(([name]) => !(name in given)));
    default:
      throw new EmulatorError(
        "InvalidTagPatchOperation",
        `The tag operation '${operation}' is not valid.`,
        400,
      );
  }
}

function tagsShown(scope: string, tags: TagMap) {
  return {
    id: `/${scope.replace(/^\/+/, "")}/providers/Microsoft.Resources/tags/default`,
    name: "default",
    type: "Microsoft.Resources/tags",
    properties: { tags },
  };
}

const NEVER_USED = { type: "Total", value: 0 };

function nameShown(subscription: Subscription, tagName: string) {
  return {
    id: `/subscriptions/${subscription.id}/tagNames/${tagName}`,
    tagName,
    count: NEVER_USED,
    values: [...(subscription.tagNames.get(tagName) ?? [])].map((value) =>
      valueShown(subscription, tagName, value),
    ),
  };
}

function valueShown({ id }: Subscription, tagName: string, tagValue: string) {
  return {
    id: `/subscriptions/${id}/tagNames/${tagName}/tagValues/${tagValue}`,
    tagValue,
    count: NEVER_USED,
  };
}
