/** The one resource provider that there is, whose resources have behaviour; those of others are kept as they are said. */
import type { Resources } from "../../../gen/azure/resources.js";
import { EmulatorError, type Handlers } from "../../service.js";

const NAMESPACE = "Microsoft.Resources";
const TYPES = [
  "resourceGroups",
  "subscriptions",
  "subscriptions/resourceGroups",
  "tags",
  "tenants",
  "operations",
];
const API_VERSIONS = ["2025-03-01", "2024-03-01", "2022-09-01", "2021-04-01", "2020-06-01"];

export const providerHandlers: Handlers<Resources> = {
  "providers.list": ({ subscriptionId }) => ({ value: [provider(subscriptionId)] }),
  "providers.listAtTenantScope": () => ({ value: [provider(undefined)] }),
  "providers.get": ({ subscriptionId, resourceProviderNamespace: name }) =>
    known(name, provider(subscriptionId)),
  "providers.getAtTenantScope": ({ resourceProviderNamespace: name }) => known(name, provider(undefined)),
  "providers.register": ({ subscriptionId, resourceProviderNamespace: name }) =>
    known(name, provider(subscriptionId)),
  "providerResourceTypes.list": ({ resourceProviderNamespace: name }) =>
    known(name, { value: provider(undefined).resourceTypes }),
};

function provider(subscriptionId: string | undefined) {
  const scope = subscriptionId === undefined ? "" : `/subscriptions/${subscriptionId}`;
  return {
    id: `${scope}/providers/${NAMESPACE}`,
    namespace: NAMESPACE,
    // It cannot be left.
    registrationPolicy: "RegistrationFree",
    registrationState: "Registered",
    resourceTypes: TYPES.map((resourceType) => ({ resourceType, locations: [], apiVersions: API_VERSIONS })),
  };
}

function known<T>(name: string, answer: T): T {
  if (name.toLowerCase() === NAMESPACE.toLowerCase()) return answer;
  throw new EmulatorError("InvalidResourceNamespace", `The resource namespace '${name}' is invalid.`, 404);
}
