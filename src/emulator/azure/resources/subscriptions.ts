/** Subscriptions, tenants, locations, and tags of any scope. */
import type { Resources } from "../../../gen/azure/resources.js";
import { EmulatorError, type Handlers } from "../../service.js";
import { TENANT_ID } from "../identity.js";
import { open } from "./groups.js";
import { managerStore, type Subscription } from "./store.js";

const LOCATIONS: readonly (readonly [name: string, displayName: string])[] = [
  ["eastus", "East US"],
  ["eastus2", "East US 2"],
  ["westus2", "West US 2"],
  ["northeurope", "North Europe"],
  ["westeurope", "West Europe"],
  ["uksouth", "UK South"],
  ["germanywestcentral", "Germany West Central"],
  ["southeastasia", "Southeast Asia"],
  ["japaneast", "Japan East"],
  ["australiaeast", "Australia East"],
];

export const subscriptionHandlers: Handlers<Resources> = {
  "subscriptions.list": (_input, context) => ({
    value: [...context.store(managerStore).subscriptions.values()].map(shown),
  }),
  "subscriptions.get": ({ subscriptionId }, context) => shown(open(context, subscriptionId).subscription),
  "subscriptions.listLocations": ({ subscriptionId }) => ({
    value: LOCATIONS.map(([name, displayName]) => ({
      id: `/subscriptions/${subscriptionId}/locations/${name}`,
      subscriptionId,
      name,
      type: "Region" as const,
      displayName,
      regionalDisplayName: displayName,
    })),
  }),
  "tenants.list": () => ({
    value: [
      {
        id: `/tenants/${TENANT_ID}`,
        tenantId: TENANT_ID,
        displayName: "trivet",
        tenantCategory: "Home" as const,
      },
    ],
  }),
  "tags.getAtScope": ({ scope }, context) =>
    tagsShown(scope, context.store(managerStore).scopeTags.get(key(scope)) ?? {}),
  "tags.createOrUpdateAtScope": ({ scope, parameters }, context) => {
    const tags = parameters.properties?.tags ?? {};
    context.store(managerStore).scopeTags.set(key(scope), { ...tags });
    return tagsShown(scope, tags);
  },
  "tags.updateAtScope": ({ scope, parameters }, context) => {
    const { scopeTags } = context.store(managerStore);
    const given = parameters.properties?.tags ?? {};
    const known = scopeTags.get(key(scope)) ?? {};
    const tags = changed(parameters.operation ?? "Merge", known, given);
    scopeTags.set(key(scope), tags);
    return tagsShown(scope, tags);
  },
  "tags.deleteAtScope": ({ scope }, context) => {
    context.store(managerStore).scopeTags.delete(key(scope));
    return {};
  },
};

function key(scope: string): string {
  return scope.toLowerCase().replace(/^\/+|\/+$/g, "");
}

function changed(
  operation: string,
  known: Record<string, string>,
  given: Record<string, string>,
): Record<string, string> {
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

function tagsShown(scope: string, tags: Record<string, string>) {
  return {
    id: `/${scope.replace(/^\/+/, "")}/providers/Microsoft.Resources/tags/default`,
    name: "default",
    type: "Microsoft.Resources/tags",
    properties: { tags },
  };
}

function shown({ id }: Subscription) {
  return {
    id: `/subscriptions/${id}`,
    subscriptionId: id,
    tenantId: TENANT_ID,
    displayName: "trivet",
    state: "Enabled" as const,
    authorizationSource: "RoleBased",
    subscriptionPolicies: {
      locationPlacementId: "Public_2014-09-01",
      quotaId: "PayAsYouGo_2014-09-01",
      spendingLimit: "Off" as const,
    },
  };
}
