/** Subscriptions, tenants and locations. */
import type { Resources } from "../../../gen/azure/resources.js";
import type { Handlers } from "../../service.js";
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
};

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
